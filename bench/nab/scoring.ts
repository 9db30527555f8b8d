import type { LabelledSeries } from './corpus.ts'

/**
 * The score of the Numenta Anomaly Benchmark (Lavin & Ahmad, "Evaluating Real-time Anomaly Detection Algorithms", ICMLA
 * 2015): early detections in a window count most, detections outside cost, the more the further behind a window they are.
 */
export interface Profile {
  readonly name: 'standard' | 'low-fp' | 'low-fn'
  readonly hit: number
  readonly missed: number
  readonly wrong: number
}

export const PROFILES: readonly Profile[] = [
  { name: 'standard', hit: 1, missed: 1, wrong: 0.11 },
  { name: 'low-fp', hit: 1, missed: 1, wrong: 0.22 },
  { name: 'low-fn', hit: 1, missed: 2, wrong: 0.11 },
]

const PROBATION = 0.15
const LONGEST_PROBATION = 750

/** Rows at the beginning of a series that are not scored. */
export const probationOf = (rows: number): number => Math.min(Math.floor(PROBATION * rows), LONGEST_PROBATION)

const sigmoid = (y: number): number => (y > 3 ? -1 : 2 / (1 + Math.exp(5 * y)) - 1)

/** What a detection at `row` is worth: for which window, if any, it counts, and how much. */
export function worthOf(
  { windows }: LabelledSeries,
  row: number,
  profile: Profile,
): { readonly window: number; readonly value: number } {
  const window = windows.findIndex(([first, last]) => row >= first && row <= last)
  const [first, last] = windows[window] ?? [0, 0]
  if (window >= 0) {
    const y = -(last - row + 1) / (last - first + 1)
    return { window, value: (profile.hit * sigmoid(y)) / sigmoid(-1) }
  }
  const before = windows.findLast(([, end]) => end < row)
  if (!before) return { window, value: -profile.wrong }
  return { window, value: profile.wrong * sigmoid((row - before[1]) / Math.max(1, before[1] - before[0])) }
}

/** The raw score of a growing set of detections: of a window the best one counts, outside every one. */
class Tally {
  readonly #profile: Profile
  readonly #best = new Map<LabelledSeries, number[]>()
  raw = 0

  constructor(corpus: readonly Scored[], profile: Profile) {
    this.#profile = profile
    for (const { series } of corpus) {
      this.#best.set(
        series,
        series.windows.map(() => -profile.missed),
      )
      this.raw -= series.windows.length * profile.missed
    }
  }

  add(series: LabelledSeries, row: number): void {
    const { window, value } = worthOf(series, row, this.#profile)
    const best = this.#best.get(series)
    const held = best?.[window]
    if (best === undefined || held === undefined) this.raw += value
    else if (value > held) {
      best[window] = value
      this.raw += value - held
    }
  }
}

/** A series with the detector's score of each row. */
export interface Scored {
  readonly series: LabelledSeries
  readonly scores: readonly number[]
}

interface Row {
  readonly series: LabelledSeries
  readonly row: number
  readonly score: number
}

/** Rows behind the probation, the highest scores first. */
const rowsOf = (corpus: readonly Scored[]): Row[] =>
  corpus
    .flatMap(({ series, scores }) =>
      scores.flatMap((score, row) => (row >= probationOf(scores.length) ? [{ series, row, score }] : [])),
    )
    .sort((a, b) => b.score - a.score)

export function rawScore(corpus: readonly Scored[], threshold: number, profile: Profile): number {
  const tally = new Tally(corpus, profile)
  for (const { series, row, score } of rowsOf(corpus)) if (score >= threshold) tally.add(series, row)
  return tally.raw
}

/** From 0, a detector that finds nothing, to 100, one that finds every window at its first row and nothing else. */
export function normalised(corpus: readonly Scored[], raw: number, { hit, missed }: Profile): number {
  const windows = corpus.reduce((sum, { series }) => sum + series.windows.length, 0)
  if (windows === 0) return Number.NaN
  return (100 * (raw + windows * missed)) / (windows * (hit + missed))
}

/** The threshold with the highest score over the whole corpus: one for a profile, as the benchmark has it. */
export function bestThreshold(corpus: readonly Scored[], profile: Profile): number {
  const tally = new Tally(corpus, profile)
  const rows = rowsOf(corpus)
  let best = { threshold: Number.POSITIVE_INFINITY, raw: tally.raw }
  for (const [n, { series, row, score }] of rows.entries()) {
    tally.add(series, row)
    const whole = rows[n + 1]?.score !== score
    if (whole && tally.raw > best.raw) best = { threshold: score, raw: tally.raw }
  }
  return best.threshold
}
