import { createHash, randomBytes, timingSafeEqual } from 'node:crypto'
import { mkdirSync, readFileSync, renameSync, statSync, writeFileSync } from 'node:fs'
import { dirname } from 'node:path'
import { z } from 'zod'
import { KappaError } from '#engine/errors'
import { type Clock, systemClock } from '#engine/time'
import { type Scope, scopeNames } from './scopes.ts'

const entry = z.strictObject({
  id: z.string(),
  name: z.string(),
  scopes: z.array(z.enum(scopeNames)).readonly(),
  createdAt: z.iso.datetime(),
  /** Absent: never. */
  expiresAt: z.iso.datetime().optional(),
  /** SHA-256 of the token's secret, hexadecimal: 256 random bits need no salt and no slow hash. */
  hash: z.string(),
})
type Entry = z.infer<typeof entry>
const file = z.strictObject({ tokens: z.array(entry) })

/** A token as the list shows it: nothing that lets anybody in. */
export type KnownToken = Omit<Entry, 'hash'>

export interface NewToken {
  readonly name: string
  readonly scopes: readonly Scope[]
  /** Milliseconds from now; absent: it does not expire. */
  readonly lifetimeMs?: number
}

/** A token that is about to be made or refused from now on. */
export interface TokenChange {
  readonly action: 'token.created' | 'token.revoked'
  readonly token: KnownToken
  /** Milliseconds. */
  readonly at: number
}

/** What is known of a token that somebody used. */
export type Judged =
  | { readonly holder: KnownToken }
  /** `known` where it is of a token that has expired; a wrong secret is no knowledge of a token. */
  | { readonly refused: 'unknown' | 'expired'; readonly id: string | undefined; readonly known?: KnownToken }

/** A running API looks at the file again this often: a token that was revoked is refused so long after at most. */
const LOOK_MS = 1_000

/**
 * The tokens of an installation: a file that only its owner can read, with hashes. A token is `kappa_<id>_<secret>`, and is
 * told once, when it is made. Reads and writes throw CONFIG_INVALID where the file cannot be used.
 */
export class Tokens {
  readonly #path: string
  readonly #clock: Clock
  readonly #noting: (change: TokenChange) => void
  #known: ReadonlyMap<string, Entry> = new Map()
  #changed: number | undefined
  #lookedAt = Number.NEGATIVE_INFINITY

  /**
   * @param noting is told of a change before it is made, and a change that cannot be noted is not made: a crash in between
   * leaves a note of a change that was not, never a change without its note
   */
  constructor(path: string, clock: Clock = systemClock, noting: (change: TokenChange) => void = () => {}) {
    this.#path = path
    this.#clock = clock
    this.#noting = noting
  }

  /** The token in full; it cannot be had again. */
  create({ name, scopes, lifetimeMs }: NewToken): string {
    const now = this.#clock.now()
    const id = randomBytes(6).toString('hex')
    const secret = randomBytes(32).toString('base64url')
    const made: Entry = {
      ...{ id, name, scopes: [...new Set(scopes)], createdAt: iso(now), hash: hashOf(secret) },
      ...(lifetimeMs === undefined ? {} : { expiresAt: iso(now + lifetimeMs) }),
    }
    const known = this.#read()
    this.#noting({ action: 'token.created', token: shown(made), at: now })
    this.#write([...known.values(), made])
    return `kappa_${id}_${secret}`
  }

  list(): readonly KnownToken[] {
    return [...this.#read().values()].map(shown)
  }

  /** False where there is none of that id. */
  revoke(id: string): boolean {
    const known = this.#read()
    const token = known.get(id)
    if (token === undefined) return false
    this.#noting({ action: 'token.revoked', token: shown(token), at: this.#clock.now() })
    this.#write([...known.values()].filter((one) => one.id !== id))
    return true
  }

  /** Who a token belongs to and what it may, or why it is refused. */
  judge(token: string): Judged {
    const [, id = '', secret = ''] = /^kappa_([0-9a-f]{12})_([A-Za-z0-9_-]{43})$/.exec(token) ?? []
    const found = this.#recent().get(id)
    const given = Buffer.from(hashOf(secret))
    // One comparison whether or not there is such a token.
    const wanted = Buffer.from(found?.hash ?? hashOf(''))
    const refused = { id: id === '' ? undefined : id }
    if (!timingSafeEqual(given, wanted) || found === undefined) return { refused: 'unknown', ...refused }
    if (found.expiresAt !== undefined && Date.parse(found.expiresAt) <= this.#clock.now())
      return { refused: 'expired', ...refused, known: shown(found) }
    return { holder: shown(found) }
  }

  #recent(): ReadonlyMap<string, Entry> {
    const now = this.#clock.now()
    if (now - this.#lookedAt < LOOK_MS) return this.#known
    this.#lookedAt = now
    const changed = statSync(this.#path, { throwIfNoEntry: false })?.mtimeMs
    if (changed !== this.#changed) this.#known = this.#read()
    this.#changed = changed
    return this.#known
  }

  #read(): ReadonlyMap<string, Entry> {
    let text: string
    try {
      text = readFileSync(this.#path, 'utf8')
    } catch (cause) {
      if ((cause as NodeJS.ErrnoException).code === 'ENOENT') return new Map()
      throw new KappaError('CONFIG_INVALID', `reading the API's tokens in ${this.#path}`, { cause })
    }
    try {
      return new Map(file.parse(JSON.parse(text)).tokens.map((token) => [token.id, token]))
    } catch (cause) {
      throw new KappaError('CONFIG_INVALID', `reading the API's tokens in ${this.#path}`, { cause })
    }
  }

  /** Whole or not at all: a reader sees the file before or after. */
  #write(tokens: readonly Entry[]): void {
    mkdirSync(dirname(this.#path), { recursive: true })
    const temporary = `${this.#path}.${process.pid}`
    writeFileSync(temporary, `${JSON.stringify({ tokens }, undefined, 2)}\n`, { mode: 0o600 })
    renameSync(temporary, this.#path)
    this.#lookedAt = Number.NEGATIVE_INFINITY
  }
}

const shown = ({ hash: _, ...token }: Entry): KnownToken => token
const hashOf = (secret: string): string => createHash('sha256').update(secret).digest('hex')
const iso = (at: number): string => new Date(at).toISOString()
