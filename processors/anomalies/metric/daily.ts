import { type History, indexAt, stepOf } from './history.ts'

/**
 * Out of the day's usual: how far a row lies outside the values of the same time on the days before, on average over the
 * last rows, over the largest such excess so far.
 */
export interface Daily {
  largest: number
  /** Excesses of the last rows, oldest first. */
  readonly excesses: number[]
  /** Rows judged so far. */
  judged: number
}

export interface Usual {
  readonly lower: number
  readonly middle: number
  readonly upper: number
}

export interface DailyVerdict {
  readonly ratio: number
  /** What the same time of the days before was like; undefined before two days were seen. */
  readonly usual: Usual | undefined
}

const DAY = 86_400_000
const DAYS = 5
const LEAST_DAYS = 2
/** Rows around the same time of day that count as the same time. */
const AROUND = 2.5
/** Rows that an excess is averaged over. */
const SMOOTHED = 3
/** Rows judged before a verdict is given: the largest excess has to be known first. */
const SILENT = 30
const FIRST = 5

export const newDaily = (): Daily => ({ largest: 0, excesses: [], judged: 0 })

/** @param history the rows up to and with the present one */
export function dailyOf(daily: Daily, history: History, value: number): DailyVerdict {
  const usual = usualOf(history)
  if (usual === undefined) return { ratio: 0, usual }
  daily.excesses.push(Math.max(0, value - usual.upper, usual.lower - value))
  if (daily.excesses.length > SMOOTHED) daily.excesses.shift()
  const excess = daily.excesses.reduce((sum, one) => sum + one, 0) / SMOOTHED
  const { largest } = daily
  daily.largest = Math.max(largest, excess)
  if (daily.judged++ < SILENT) return { ratio: 0, usual }
  return { ratio: largest === 0 ? (excess > 0 ? FIRST : 0) : excess / largest, usual }
}

function usualOf(history: History): Usual | undefined {
  const now = history.times.at(-1) ?? 0
  const step = stepOf(history)
  if (!(now - history.first >= LEAST_DAYS * DAY) || step > DAY / 4) return undefined
  const seen: number[] = []
  for (let days = 1; days <= DAYS; days++) {
    const at = now - days * DAY
    const end = indexAt(history, at + AROUND * step)
    for (let n = indexAt(history, at - AROUND * step); n < end; n++) seen.push(history.values[n] ?? 0)
  }
  if (seen.length === 0) return undefined
  seen.sort((a, b) => a - b)
  return { lower: seen[0] ?? 0, middle: seen[seen.length >> 1] ?? 0, upper: seen.at(-1) ?? 0 }
}
