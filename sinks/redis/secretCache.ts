import type { SubjectSecret } from '#engine/governance'
import type { Clock } from '#engine/time'

export interface SecretCache {
  /** The secret, null for an erased subject, undefined where unknown or kept too long. */
  get(subject: string): SubjectSecret | null | undefined
  keep(subject: string, secret: SubjectSecret | null): void
}

/** Holds secrets for `milliseconds` after they were read, `entries` of them at most; the oldest goes first. */
export function secretCache(clock: Clock, milliseconds: number, entries: number): SecretCache {
  const kept = new Map<string, { readonly secret: SubjectSecret | null; readonly until: number }>()
  return {
    get(subject) {
      const entry = kept.get(subject)
      if (entry === undefined) return undefined
      if (entry.until > clock.now()) return entry.secret
      kept.delete(subject)
      return undefined
    },
    keep(subject, secret) {
      kept.delete(subject)
      kept.set(subject, { secret, until: clock.now() + milliseconds })
      if (kept.size <= entries) return
      for (const oldest of kept.keys()) {
        kept.delete(oldest)
        break
      }
    },
  }
}
