/**
 * The latest rows of a metric series, oldest first, in plain arrays, so that it can be state. Times are event times in
 * milliseconds; they never go back.
 */
export interface History {
  /** Event time of the very first row. */
  first: number
  /** Rows ever taken. */
  rows: number
  readonly times: number[]
  readonly values: number[]
}

/** Rows that are remembered: two weeks of five-minute rows. */
export const REMEMBERED = 4_000
/** Forgetting goes in lots of so many: moving an array for every row would cost more than looking at it. */
const LOT = 1_000

export const newHistory = (): History => ({ first: 0, rows: 0, times: [], values: [] })

export function remember(history: History, time: number, value: number): void {
  if (history.rows++ === 0) history.first = time
  history.times.push(time)
  history.values.push(value)
  if (history.values.length < REMEMBERED + LOT) return
  history.times.splice(0, LOT)
  history.values.splice(0, LOT)
}

/** Mean time between rows so far, milliseconds; NaN for a single row. */
export const stepOf = ({ first, rows, times }: History): number => ((times.at(-1) ?? first) - first) / (rows - 1)

/** Index of the first remembered row at or after `time`. */
export function indexAt({ times }: History, time: number): number {
  let low = 0
  let high = times.length
  while (low < high) {
    const middle = (low + high) >>> 1
    if ((times[middle] ?? 0) < time) low = middle + 1
    else high = middle
  }
  return low
}
