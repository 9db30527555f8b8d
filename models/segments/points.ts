import { ACTIVE_DAYS, basketsIn, daysBefore, type History, type Snapshot, snapshotAt } from '../scores/index.ts'

/** Recency, frequency, monetary value and breadth, as logarithms; the value is a basket's, for a sum would count frequency twice. */
export const segmentFeatures = [
  'log days since the latest basket',
  'log baskets of 90 days',
  'log dollars a basket of 90 days',
  'log different products of 90 days',
] as const

/** A household at an instant, by what came before it. */
export interface Point extends Snapshot {
  /** Different products of the last 90 days. */
  readonly products90: number
  /** As `segmentFeatures`. */
  readonly features: readonly number[]
}

const log = (value: number): number => Math.log1p(Math.max(0, value))

/** Every household that bought within 90 days before the instant. */
export const pointsAt = (histories: readonly History[], instant: number): readonly Point[] =>
  histories.flatMap((history) => {
    const snapshot = snapshotAt(history, instant)
    if (snapshot === undefined) return []
    const { recencyDays, baskets90, spend90 } = snapshot
    const { from, to } = basketsIn(history, daysBefore(instant, ACTIVE_DAYS), instant)
    const products90 = new Set(history.products.slice(history.productsBefore[from], history.productsBefore[to])).size
    const features = [log(recencyDays), log(baskets90), log(spend90 / baskets90 / 100), log(products90)]
    return [{ ...snapshot, products90, features }]
  })

/** What makes features comparable: less their mean, by their standard deviation. */
export interface Scale {
  readonly means: readonly number[]
  readonly deviations: readonly number[]
}

export function scaleOf(rows: readonly (readonly number[])[]): Scale {
  const mean = (values: readonly number[]) => values.reduce((sum, value) => sum + value, 0) / (values.length || 1)
  const columns = (rows[0] ?? []).map((_, j) => rows.map((row) => row[j] ?? 0))
  const means = columns.map(mean)
  const deviations = columns.map(
    (values, j) => Math.sqrt(mean(values.map((value) => (value - (means[j] ?? 0)) ** 2))) || 1,
  )
  return { means, deviations }
}

export const scaled = ({ means, deviations }: Scale, row: readonly number[]): readonly number[] =>
  row.map((value, j) => (value - (means[j] ?? 0)) / (deviations[j] ?? 1))
