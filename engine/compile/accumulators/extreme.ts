import type { Accumulator } from './accumulator.ts'

type Comparable = number | bigint

/** The value that no other is better than; null where there is none. */
function choosing(better: (value: Comparable, best: Comparable) => boolean): Accumulator {
  const add = (slots: unknown[], at: number, value: unknown): void => {
    if (value === null) return
    const best = slots[at] as Comparable | null
    if (best === null || better(value as Comparable, best)) slots[at] = value
  }
  return {
    width: 1,
    ordered: false,
    start(slots, at) {
      slots[at] = null
    },
    misfit: (value) => (typeof value === 'number' || typeof value === 'bigint' ? undefined : 'is no number'),
    add,
    merge: (slots, at, from) => add(slots, at, from[at]),
    result: (slots, at) => slots[at],
  }
}

export const least: Accumulator = choosing((value, best) => value < best)
export const greatest: Accumulator = choosing((value, best) => value > best)
