import type { AuditEvent } from '#schemas'
import type { Scope } from './scopes.ts'

/** A use of a token that was refused. */
export interface RefusedUse {
  /** As given; undefined where it is no token at all. */
  readonly tokenId: string | undefined
  /** Undefined where the token is not known. */
  readonly name: string | undefined
  readonly reason: 'unknown' | 'expired' | 'scope'
  /** The one that was wanted. */
  readonly scope: Scope
  /** As the API's document names it. */
  readonly path: string
}

/** Different kinds that are counted apart; whoever tries tokens one after the other is one more. */
const KINDS = 100

interface Kind {
  readonly first: number
  readonly use: RefusedUse
  times: number
}

/** Refused uses, counted by token, reason and path: a client that asks again and again is one event, and memory is bounded. */
export class Refusals {
  readonly #instance: string
  #kinds = new Map<string, Kind>()

  /** @param instance differs from one process to the next */
  constructor(instance: string) {
    this.#instance = instance
  }

  add(use: RefusedUse, at: number): void {
    const own = this.#kinds.get(keyOf(use))
    const kind = own !== undefined || this.#kinds.size < KINDS ? use : { ...use, tokenId: undefined, name: undefined }
    const key = keyOf(kind)
    const counted = this.#kinds.get(key)
    if (counted === undefined) this.#kinds.set(key, { first: at, use: kind, times: 1 })
    else counted.times++
  }

  /** What was counted since it was last taken. */
  take(): readonly AuditEvent[] {
    const kinds = this.#kinds
    this.#kinds = new Map()
    return [...kinds].map(([key, { first, use, times }]) => ({
      eventId: `token.refused|${key}|${first}|${this.#instance}`,
      action: 'token.refused',
      subject: use.tokenId ?? 'unknown',
      name: use.name ?? null,
      actor: null,
      scopes: [use.scope],
      reason: use.reason,
      path: use.path,
      times,
      occurredAt: first,
    }))
  }
}

const keyOf = ({ tokenId = '', reason, path }: RefusedUse): string => [tokenId, reason, path].join('|')
