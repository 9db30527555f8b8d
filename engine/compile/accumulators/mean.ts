import type { Accumulator } from './accumulator.ts'
import { misfitOf, plus, type Summand, zeroOf } from './summand.ts'

/** Slots: sum, number of values. */
export function averaging(kind: Summand, scale: number): Accumulator {
  const add = plus(kind)
  const zero = zeroOf(kind)
  return {
    width: 2,
    ordered: kind === 'double',
    start(slots, at) {
      slots[at] = zero
      slots[at + 1] = 0
    },
    misfit: misfitOf[kind],
    add(slots, at, value) {
      if (value === null) return
      slots[at] = add(slots[at], value)
      slots[at + 1] = (slots[at + 1] as number) + 1
    },
    merge(slots, at, from) {
      slots[at] = add(slots[at], from[at])
      slots[at + 1] = (slots[at + 1] as number) + (from[at + 1] as number)
    },
    result(slots, at) {
      const count = slots[at + 1] as number
      return count === 0 ? null : Number(slots[at]) / 10 ** scale / count
    },
  }
}
