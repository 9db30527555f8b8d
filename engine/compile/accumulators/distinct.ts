import type { Accumulator } from './accumulator.ts'
import { type Countable, countableOf, uncountable } from './countable.ts'
import { Kind, type Living } from './living.ts'

/** Different values, as a set. */
class Distinct implements Living {
  readonly values: Set<Countable>

  constructor(values: Iterable<Countable>) {
    this.values = new Set(values)
  }

  toState(): unknown {
    return [...this.values]
  }
}

const kind = new Kind(Distinct, (state) => new Distinct(state as Countable[]))

/** One slot: every value once. */
export const distinctly: Accumulator = {
  width: 1,
  ordered: false,
  start(slots, at) {
    slots[at] = new Distinct([])
  },
  misfit: uncountable,
  add(slots, at, value) {
    if (value !== null) kind.in(slots, at).values.add(countableOf(value))
  },
  merge(slots, at, from) {
    const { values } = kind.in(slots, at)
    for (const value of kind.of(from, at).values) values.add(value)
  },
  result: (slots, at) => kind.of(slots, at).values.size,
}
