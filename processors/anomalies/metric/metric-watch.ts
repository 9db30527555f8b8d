import { type Daily, dailyOf, newDaily } from './daily.ts'
import { type Discord, discordOf, newDiscord } from './discord.ts'
import { type History, newHistory, remember } from './history.ts'
import { type Level, newLevel, type Shift, shiftOf } from './level.ts'
import { type Novelty, newNovelty, noveltyOf } from './novelty.ts'

/**
 * Watches any metric series, row by row, without looking ahead and without a setting per series. Four kinds of evidence
 * are put together: a value never seen, a level that shifted (suddenly or slowly), a shape never seen, and a value out of
 * the day's usual. Each is measured by what it would be worth alone, and their root of squares by `ALARM`: no single one
 * suffices unless it is strong, and weak ones that agree do.
 *
 * All of it is plain data of bounded size (about `REMEMBERED` rows), so it can be the state of a stateful operator.
 */
export interface MetricWatch {
  readonly history: History
  readonly novelty: Novelty
  readonly sudden: Level
  readonly slow: Level
  readonly discord: Discord
  readonly daily: Daily
  /** Rows since the last alarm; null before the first. */
  since: number | null
}

/** What was found, strongest first. */
export type Evidence = 'never-seen' | 'sudden-shift' | 'slow-shift' | 'unknown-shape' | 'unusual-for-the-hour'

export interface MetricVerdict {
  /** From 0 to 1; half and more is an alarm. */
  readonly score: number
  readonly alarm: boolean
  /** What speaks for it, strongest first; empty for an ordinary row. */
  readonly evidence: readonly Evidence[]
  /** What was expected: the day's usual, or the present level where no day is known. */
  readonly expected: number
  readonly lower: number
  readonly upper: number
}

const SUDDEN = { length: 10, compared: 500, apart: 10 }
const SLOW = { length: 30, compared: 1_000, apart: 30 }

/** Strength of each evidence that speaks for an anomaly, in its own measure. */
const WORTH: Readonly<Record<Evidence, number>> = {
  'never-seen': 0.03,
  'sudden-shift': 4.5,
  'slow-shift': 4,
  'unknown-shape': 1.02,
  'unusual-for-the-hour': 1.1,
}
/** No evidence counts for more than this. */
const STRONGEST = 3
const ALARM = 2
/** Rows after an alarm that belong to it. */
export const REFRACTORY = 60
/** A series is judged once so many rows and a whole day were seen, or so many rows that no day is waited for. */
const FEWEST = 150
const A_DAY = 86_400_000
const ENOUGH = 750
/** Deviations of the level that bound what is expected where no day is known. */
const BAND = 4.5

export const newMetricWatch = (): MetricWatch => ({
  history: newHistory(),
  novelty: newNovelty(),
  sudden: newLevel(),
  slow: newLevel(),
  discord: newDiscord(),
  daily: newDaily(),
  since: null,
})

/** Takes the next row. A value that is not finite is left out and judged ordinary. */
export function watchMetric(watch: MetricWatch, time: number, value: number): MetricVerdict {
  const { history } = watch
  if (!Number.isFinite(value)) return { score: 0, alarm: false, evidence: [], expected: 0, lower: 0, upper: 0 }
  remember(history, time, value)
  const settled = history.rows > ENOUGH || (history.rows > FEWEST && time - history.first >= A_DAY)
  const sudden = shiftOf(watch.sudden, history.values, SUDDEN)
  const slow = shiftOf(watch.slow, history.values, SLOW)
  const shape = discordOf(watch.discord, history.values)
  const novelty = noveltyOf(watch.novelty, value)
  const daily = dailyOf(watch.daily, history, value)
  const found: Record<Evidence, number> = {
    'never-seen': settled ? novelty : 0,
    'sudden-shift': settled ? sudden.deviations : 0,
    'slow-shift': settled ? slow.deviations : 0,
    'unknown-shape': settled ? shape : 0,
    'unusual-for-the-hour': daily.ratio,
  }
  return { ...judged(watch, found), ...bandOf(sudden, daily.usual) }
}

function judged(watch: MetricWatch, found: Readonly<Record<Evidence, number>>) {
  const weighed = (Object.keys(WORTH) as Evidence[])
    .map((name) => ({ name, weight: Math.min(STRONGEST, found[name] / WORTH[name]) }))
    .sort((a, b) => b.weight - a.weight)
  const strength = Math.sqrt(weighed.reduce((sum, { weight }) => sum + weight * weight, 0))
  const rests = watch.since !== null && watch.since + 1 < REFRACTORY
  const alarm = strength >= ALARM && !rests
  watch.since = alarm ? 0 : watch.since === null ? null : watch.since + 1
  const score = strength / (strength + ALARM)
  return {
    score: rests ? 0 : score,
    alarm,
    evidence: weighed.filter(({ weight }) => weight >= 1).map(({ name }) => name),
  }
}

function bandOf({ mean, deviation }: Shift, usual: ReturnType<typeof dailyOf>['usual']) {
  if (usual) return { expected: usual.middle, lower: usual.lower, upper: usual.upper }
  return { expected: mean, lower: mean - BAND * deviation, upper: mean + BAND * deviation }
}
