import type { Labelled } from './score.ts'
import type { Snapshot } from './snapshot.ts'

/**
 * The plain rule to be better than: recency, frequency and monetary value of 90 days in fifths of the training's households,
 * added up to 3 (long ago, seldom, little) … 15, and the share of which it came true at each sum. Equal values share a fifth.
 */
export interface RfmRule {
  readonly bounds: readonly (readonly number[])[]
  /** By sum. */
  readonly rates: ReadonlyMap<number, number>
  readonly rate: number
}

const valuesOf = ({ recencyDays, baskets90, spend90 }: Snapshot): readonly number[] => [
  -recencyDays,
  baskets90,
  spend90,
]

export function rfmRule(rows: readonly Labelled[]): RfmRule {
  const bounds = [0, 1, 2].map((n) => {
    const sorted = rows.map((row) => valuesOf(row)[n] ?? 0).sort((a, b) => a - b)
    return [1, 2, 3, 4].map((fifth) => sorted[Math.floor((fifth * sorted.length) / 5)] ?? 0)
  })
  const sums = new Map<number, { rows: number; came: number }>()
  for (const row of rows) {
    const sum = sumOf(bounds, row)
    const own = sums.get(sum) ?? { rows: 0, came: 0 }
    own.rows += 1
    if (row.came) own.came += 1
    sums.set(sum, own)
  }
  const rate = rows.filter(({ came }) => came).length / (rows.length || 1)
  return { bounds, rates: new Map([...sums].map(([sum, { rows, came }]) => [sum, came / rows])), rate }
}

const sumOf = (bounds: RfmRule['bounds'], row: Snapshot): number =>
  valuesOf(row).reduce((sum, value, n) => sum + 1 + (bounds[n] ?? []).filter((bound) => value >= bound).length, 0)

export const rfmProbability = ({ bounds, rates, rate }: RfmRule, row: Snapshot): number =>
  rates.get(sumOf(bounds, row)) ?? rate
