import type { Clock } from '#engine/time'

/** Which events were taken lately, so that a batch that is sent again is there once. */
export interface Recent {
  /**
   * Resolves when the event is safe where it was taken before, or is being taken; undefined where it is new. Rejects where
   * taking it failed.
   */
  find(id: string): Promise<void> | undefined
  /** `safe` resolves when it is on disk; where it rejects, the event is as if it had never come. */
  add(ids: readonly string[], safe: Promise<void>): void
  /** As `add`, for what was safe at that time already. */
  restore(id: string, at: number): void
  readonly size: number
}

const SAFE = Promise.resolve()

/** Remembers events for `horizonMs`, `most` of them: the oldest go first. */
export function recent(clock: Clock, horizonMs: number, most: number): Recent {
  const known = new Map<string, { readonly at: number; safe: Promise<void> }>()
  const trim = (): void => {
    const oldest = clock.now() - horizonMs
    for (const [id, { at }] of known) {
      if (at >= oldest && known.size <= most) break
      known.delete(id)
    }
  }
  return {
    find: (id) => {
      const one = known.get(id)
      return one === undefined || one.at < clock.now() - horizonMs ? undefined : one.safe
    },
    add(ids, safe) {
      const entry = { at: clock.now(), safe }
      for (const id of ids) {
        known.delete(id)
        known.set(id, entry)
      }
      trim()
      safe.then(
        () => (entry.safe = SAFE),
        () => {
          for (const id of ids) if (known.get(id) === entry) known.delete(id)
        },
      )
    },
    restore(id, at) {
      if (at < clock.now() - horizonMs) return
      known.delete(id)
      known.set(id, { at, safe: SAFE })
      if (known.size > most) trim()
    },
    get size() {
      return known.size
    },
  }
}
