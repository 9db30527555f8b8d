/**
 * A shift of level: the mean of the last `length` rows against the distribution of such means before them, in standard
 * deviations. Short means tell sudden shifts, long ones slow drifts.
 */
export interface Level {
  /** Means of the last `length` rows, oldest first. */
  readonly means: number[]
}

export interface Span {
  /** Rows in a mean. */
  readonly length: number
  /** Means compared with. */
  readonly compared: number
  /** Rows between those means and the present one, so that they hold nothing of what is judged. */
  readonly apart: number
}

export interface Shift {
  /** Standard deviations; at least 0. */
  readonly deviations: number
  readonly mean: number
  readonly deviation: number
}

/** A deviation below a thousandth of the level is taken for that: rounding is no event. */
const LEAST_RELATIVE = 0.001
const LEAST = 1e-9

export const newLevel = (): Level => ({ means: [] })

/** @param values the series up to the present row; at least one */
export function shiftOf({ means }: Level, values: readonly number[], { length, compared, apart }: Span): Shift {
  const present = meanOf(values, Math.max(0, values.length - length), values.length)
  means.push(present)
  if (means.length > compared + apart + length) means.shift()
  const to = means.length - 1 - apart
  const from = Math.max(0, to - compared)
  if (to - from < 2) return { deviations: 0, mean: present, deviation: 0 }
  const mean = meanOf(means, from, to)
  let squares = 0
  for (let n = from; n < to; n++) squares += ((means[n] ?? 0) - mean) ** 2
  const deviation = Math.sqrt(squares / (to - from)) + LEAST + LEAST_RELATIVE * Math.abs(mean)
  return { deviations: Math.abs(present - mean) / deviation, mean, deviation }
}

function meanOf(values: readonly number[], from: number, to: number): number {
  let sum = 0
  for (let n = from; n < to; n++) sum += values[n] ?? 0
  return sum / (to - from)
}
