import { type Accumulator, fits } from './accumulator.ts'

/** Events, whatever they hold. */
export const counting: Accumulator = {
  width: 1,
  ordered: false,
  start(slots, at) {
    slots[at] = 0
  },
  misfit: fits,
  add(slots, at) {
    slots[at] = (slots[at] as number) + 1
  },
  merge(slots, at, from) {
    slots[at] = (slots[at] as number) + (from[at] as number)
  },
  result: (slots, at) => slots[at],
}
