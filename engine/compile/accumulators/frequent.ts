import type { Countable } from './countable.ts'
import type { Living } from './living.ts'

/**
 * How often each value came; with a capacity a Misra–Gries summary: when a value comes that no counter is free for, every
 * counter loses one. Such a count is too low by at most n / (capacity + 1), whatever the order, and never too high; merged
 * it keeps that bound (Agarwal et al., "Mergeable Summaries", PODS 2012, who show Space-Saving to be the same summary).
 */
export class Frequent implements Living {
  readonly capacity: number
  readonly counts: Map<Countable, number>

  constructor(capacity: number, counts: Iterable<readonly [Countable, number]> = []) {
    this.capacity = capacity
    this.counts = new Map(counts)
  }

  add(value: Countable): void {
    const { counts } = this
    const count = counts.get(value)
    if (count !== undefined) counts.set(value, count + 1)
    else if (counts.size < this.capacity) counts.set(value, 1)
    else this.#lower(1)
  }

  #lower(by: number): void {
    for (const [value, count] of this.counts) {
      if (count <= by) this.counts.delete(value)
      else this.counts.set(value, count - by)
    }
  }

  merge(other: Frequent): void {
    const { counts } = this
    for (const [value, count] of other.counts) counts.set(value, (counts.get(value) ?? 0) + count)
    if (counts.size <= this.capacity) return
    // The greatest count that finds no room is taken off all of them.
    const largest = [...counts.values()].sort((a, b) => b - a)
    this.#lower(largest[this.capacity] as number)
  }

  /** The most frequent first, equals by value. */
  top(k: number): (readonly [Countable, number])[] {
    const ranked = [...this.counts].sort(([a, m], [b, n]) => n - m || (a < b ? -1 : a > b ? 1 : 0))
    return ranked.slice(0, k)
  }

  toState(): unknown {
    return [...this.counts].flat()
  }

  static read(capacity: number, state: readonly unknown[]): Frequent {
    const frequent = new Frequent(capacity)
    for (let n = 0; n < state.length; n += 2) frequent.counts.set(state[n] as Countable, state[n + 1] as number)
    return frequent
  }
}
