import type { Accumulator } from './accumulator.ts'
import { misfitOf, plus, type Summand, zeroOf } from './summand.ts'

/** The sum in the field's own type; of nothing it is 0. */
export function summing(kind: Summand): Accumulator {
  const add = plus(kind)
  const zero = zeroOf(kind)
  return {
    width: 1,
    ordered: kind === 'double',
    start(slots, at) {
      slots[at] = zero
    },
    misfit: misfitOf[kind],
    add(slots, at, value) {
      if (value !== null) slots[at] = add(slots[at], value)
    },
    merge(slots, at, from) {
      slots[at] = add(slots[at], from[at])
    },
    result: (slots, at) => slots[at],
  }
}
