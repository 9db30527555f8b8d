import type { Clock } from '#engine/time'

/**
 * A circuit breaker over one store, shared by every lane of a process.
 *
 *   closed → (so many failures in a row, of any lanes) → open → (its pause is over) → half-open: one lane tries
 *      ↑                                                  ↑                              │
 *      └────────────── it succeeded ──────────────────────┼──────────────────────────────┤
 *                                                         └── it failed: a longer pause ─┘
 *
 * While it is open nobody asks the store, and lanes keep the one cut they have. A success of any lane sets the count of
 * failures back: a table that refuses by itself does not open it while others are taken.
 */
export interface StoreHealth {
  readonly state: 'closed' | 'open' | 'half-open'
  /** Wall clock since when it is not closed; undefined while it is. */
  readonly since: number | undefined
  /** Why the last try failed; undefined while it is closed. */
  readonly reason: string | undefined
  /** Failures in a row. */
  readonly failures: number
}

export interface BreakerOptions {
  readonly clock: Clock
  /** Told once when it opens and once when it closes again. */
  readonly onChange?: (health: StoreHealth) => void
  /** At least 0, below 1. @defaultValue Math.random */
  readonly random?: () => number
  /** Failures in a row that open it. @defaultValue 3 */
  readonly threshold?: number
}

const FIRST_PAUSE_MS = 500
const LONGEST_PAUSE_MS = 15_000
/** How often a lane that waits looks whether it may try, milliseconds. */
const LOOK_MS = 250

/** Half of the pause for certain, the other half by chance: processes that lost a store together do not return together. */
export const jittered = (pause: number, random: () => number): number => Math.round(pause / 2 + (pause / 2) * random())

export class Breaker {
  private readonly clock: Clock
  private readonly onChange: (health: StoreHealth) => void
  readonly random: () => number
  private readonly threshold: number
  private state: StoreHealth['state'] = 'closed'
  private since: number | undefined
  private reason: string | undefined
  private failures = 0
  private pause = FIRST_PAUSE_MS
  private nextTryAt = 0

  constructor({ clock, onChange = () => {}, random = Math.random, threshold = 3 }: BreakerOptions) {
    this.clock = clock
    this.onChange = onChange
    this.random = random
    this.threshold = threshold
  }

  get health(): StoreHealth {
    const { state, since, reason, failures } = this
    return { state, since, reason, failures }
  }

  /** Waits until the caller may ask the store, and must then say how it went; false where `signal` aborted first. */
  async turn(signal: AbortSignal): Promise<boolean> {
    while (this.state !== 'closed') {
      const now = this.clock.now()
      if (this.state === 'open' && now >= this.nextTryAt) {
        this.state = 'half-open'
        break
      }
      const wait = this.state === 'open' ? Math.min(LOOK_MS, this.nextTryAt - now) : LOOK_MS
      await this.clock.sleep(Math.max(1, wait), signal)
      if (signal.aborted) return false
    }
    return true
  }

  /** The store answered, whatever it said of the request. */
  succeeded(): void {
    this.failures = 0
    if (this.state === 'closed') return
    this.state = 'closed'
    const { since } = this
    this.since = undefined
    this.reason = undefined
    this.pause = FIRST_PAUSE_MS
    this.onChange({ ...this.health, since })
  }

  /** The store did not answer, or said that it cannot for now. */
  failed(reason: string): void {
    this.failures++
    this.reason = reason
    if (this.state === 'closed' && this.failures < this.threshold) return
    const now = this.clock.now()
    const opened = this.state === 'closed'
    this.state = 'open'
    this.nextTryAt = now + jittered(this.pause, this.random)
    this.pause = Math.min(this.pause * 2, LONGEST_PAUSE_MS)
    if (!opened) return
    this.since = now
    this.onChange(this.health)
  }

  /** The caller did not come to ask the store: the turn is the next one's. */
  released(): void {
    if (this.state === 'half-open') this.state = 'open'
  }
}
