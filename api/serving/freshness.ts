import { createHash } from 'node:crypto'
import type { Clock } from '#engine/time'
import { unavailable } from './refusal.ts'
import type { Store } from './store/contract.ts'

/** Versions this old are looked up again, while the ones known still answer. */
const FRESH_MS = 1_000
/** And are not answered with when they are older than this: an answer is at most so much behind the store. */
const STALE_MS = 3_000

/** What the store's tables hold now, looked up once for everybody. */
export class Freshness {
  readonly #store: Store
  readonly #clock: Clock
  #known: ReadonlyMap<string, string> = new Map()
  #lookedAt = Number.NEGATIVE_INFINITY
  #looking: Promise<void> | undefined

  constructor(store: Store, clock: Clock) {
    this.#store = store
    this.#clock = clock
  }

  /** One text for the state of these tables. Throws a 503 that names one that is not there. */
  async of(tables: readonly string[]): Promise<string> {
    const age = this.#clock.now() - this.#lookedAt
    if (age > STALE_MS) await this.#look()
    else if (age > FRESH_MS) this.#look().catch(() => {}) // Whoever asks when it is too old hears of it.
    const hash = createHash('sha256')
    for (const table of tables) {
      const version = this.#known.get(table)
      if (version === undefined) throw unavailable(`there is no ${table} yet (${howToMake(table)})`, 60)
      hash.update(`${table} ${version}\n`)
    }
    return hash.digest('base64url').slice(0, 16)
  }

  #look(): Promise<void> {
    this.#looking ??= this.#lookNow().finally(() => {
      this.#looking = undefined
    })
    return this.#looking
  }

  async #lookNow(): Promise<void> {
    // From before the question: what changes while it is answered is seen by the next look.
    const at = this.#clock.now()
    this.#known = await this.#store.versions()
    this.#lookedAt = at
  }
}

const howToMake = (table: string): string =>
  table.startsWith('gold.') ? 'kappa marts build' : 'kappa sink run clickhouse'
