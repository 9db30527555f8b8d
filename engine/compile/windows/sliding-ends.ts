import { firstFrom, type Mark } from '#engine/state'

/**
 * Which sliding windows there are, by the times of a key's events alone. Windows are named by their end, which is
 * included; they begin `size` before it. An event has a left window, which ends with it (the windows of events in the
 * first `size` of 1970 are one, `[0, size]`), and a right one, which begins 1 ms after it.
 */
export const leftEnd = (time: number, size: number): number => (time >= 0 && time < size ? size : time)

export const rightEnd = (time: number, size: number): number => time + 1 + size

/** The least end after `after` that a window of these events may have; Infinity where none is left. */
export function nextEnd(marks: readonly Mark[], after: number, size: number): number {
  let next = Number.POSITIVE_INFINITY
  const left = marks[firstFrom(marks, after + 1)]
  if (left !== undefined) next = leftEnd(left.time, size)
  const right = marks[firstFrom(marks, after - size)]
  if (right !== undefined) next = Math.min(next, rightEnd(right.time, size))
  if (after >= 0 && after < size) {
    const early = marks[firstFrom(marks, 0)]
    if (early !== undefined && early.time <= after) next = Math.min(next, size)
  }
  return next
}

/** True where a window of these events ends at `end`. */
export function hasEnd(marks: readonly Mark[], end: number, size: number): boolean {
  const before = marks[firstFrom(marks, end - size - 1)]
  if (before?.time === end - size - 1) return true
  // Ends within the first `size` of 1970 are nobody's left end.
  if (end >= 0 && end < size) return false
  for (let n = firstFrom(marks, end === size ? 0 : end); n < marks.length; n++) {
    const mark = marks[n] as Mark
    if (mark.time > end) return false
    if (mark.from <= end) return true
  }
  return false
}

/** Ends, ascending, from `from` on, of the windows that hold `time`, and of the one right behind it. */
export function endsAround(marks: readonly Mark[], time: number, from: number, size: number): number[] {
  const ends = new Set<number>()
  const add = (end: number): void => {
    if (end >= from) ends.add(end)
  }
  for (let n = firstFrom(marks, time - size - 1); n < marks.length; n++) {
    const mark = marks[n] as Mark
    if (mark.time > time) break
    add(rightEnd(mark.time, size))
  }
  for (let n = firstFrom(marks, time); n < marks.length; n++) {
    const mark = marks[n] as Mark
    const end = leftEnd(mark.time, size)
    if (end > time + size) break
    if (mark.from <= end) add(end)
  }
  return [...ends].sort((a, b) => a - b)
}
