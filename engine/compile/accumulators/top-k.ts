import type { TopKColumn } from '#engine/topology'
import type { Accumulator } from './accumulator.ts'
import { countableOf, uncountable } from './countable.ts'
import { Frequent } from './frequent.ts'
import { Kind } from './living.ts'

/** One slot: counts by value. Only a bounded summary depends on the order of values. */
export function ranking({ k, capacity = Number.POSITIVE_INFINITY, yields }: TopKColumn, bytes: boolean): Accumulator {
  const kind = new Kind(Frequent, (state) => Frequent.read(capacity, state as unknown[]))
  const shown = (value: unknown): unknown => (bytes ? Buffer.from(value as string, 'latin1') : value)
  return {
    width: 1,
    ordered: Number.isFinite(capacity),
    start(slots, at) {
      slots[at] = new Frequent(capacity)
    },
    misfit: uncountable,
    add(slots, at, value) {
      if (value !== null) kind.in(slots, at).add(countableOf(value))
    },
    merge: (slots, at, from) => kind.in(slots, at).merge(kind.of(from, at)),
    result(slots, at) {
      const top = kind.of(slots, at).top(k)
      return top.map(([value, count]) => (yields === 'counts' ? count : shown(value)))
    },
  }
}
