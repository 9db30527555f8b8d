import type { Session, SessionKey, SessionStore } from '#engine/state'
import type { Grouping } from '../grouping.ts'

/** Which sessions of a key are within one gap of given times, and what becomes of them. */
export class SessionFinder {
  /** Of the sessions found last: the first one's place, and the place behind the last. */
  from = 0
  to = 0
  readonly #store: SessionStore
  readonly #gapMs: number
  readonly #grouping: Grouping

  constructor(store: SessionStore, gapMs: number, grouping: Grouping) {
    this.#store = store
    this.#gapMs = gapMs
    this.#grouping = grouping
  }

  /** Finds the open sessions within one gap of `start` to `end`; false where there is none. */
  find({ sessions }: SessionKey, start: number, end: number): boolean {
    let to = sessions.length
    while (to > 0 && (sessions[to - 1] as Session).start > end + this.#gapMs) to--
    let from = to
    while (from > 0 && (sessions[from - 1] as Session).end >= start - this.#gapMs) from--
    this.from = from
    this.to = to
    return from < to
  }

  /** Makes the sessions found one that holds `start` to `end`, or opens one. */
  hold(owner: SessionKey, start: number, end: number): Session {
    const { from, to } = this
    const { sessions } = owner
    if (from === to) return this.#store.open(owner, from, start, end, this.#grouping.empty())
    const kept = sessions[from] as Session
    for (let left = to - from - 1; left > 0; left--) {
      const other = sessions[from + 1] as Session
      this.#grouping.merge(kept.slots, other.slots)
      this.#store.widen(kept, kept.start, other.end)
      this.#store.remove(other)
    }
    this.#store.widen(kept, start, end)
    return kept
  }
}
