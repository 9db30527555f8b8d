import { type Accumulator, fits } from './accumulator.ts'

/** One value by its place. Slots: value, time, source, offset. */
function placed(wins: (difference: number) => boolean): Accumulator {
  const put = (slots: unknown[], at: number, value: unknown, time: unknown, source: unknown, offset: unknown): void => {
    if (value === null) return
    if (slots[at] !== null) {
      const difference =
        (time as number) - (slots[at + 1] as number) ||
        (source as number) - (slots[at + 2] as number) ||
        (offset as number) - (slots[at + 3] as number)
      if (!wins(difference)) return
    }
    slots[at] = value
    slots[at + 1] = time
    slots[at + 2] = source
    slots[at + 3] = offset
  }
  return {
    width: 4,
    ordered: false,
    start(slots, at) {
      slots[at] = null
      slots[at + 1] = slots[at + 2] = slots[at + 3] = 0
    },
    misfit: fits,
    add: (slots, at, value, place) => put(slots, at, value, place.time, place.source, place.offset),
    merge: (slots, at, from) => put(slots, at, from[at], from[at + 1], from[at + 2], from[at + 3]),
    result: (slots, at) => slots[at],
  }
}

export const earliest: Accumulator = placed((difference) => difference < 0)
export const latest: Accumulator = placed((difference) => difference > 0)
