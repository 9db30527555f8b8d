import { type Row, squaredDistance } from './kmeans.ts'

/**
 * How alike two ways of grouping the same things are (Hubert, Arabie 1985, "Comparing partitions"): 1 the same groups, about 0
 * as alike as by chance. Where neither way parts anything it is 1.
 */
export function adjustedRandIndex(a: readonly (number | string)[], b: readonly (number | string)[]): number {
  const pairs = (n: number): number => (n * (n - 1)) / 2
  const pairsIn = (labels: readonly unknown[]): number => {
    const counts = new Map<unknown, number>()
    for (const label of labels) counts.set(label, (counts.get(label) ?? 0) + 1)
    return [...counts.values()].reduce((sum, count) => sum + pairs(count), 0)
  }
  const both = pairsIn(a.map((label, n) => JSON.stringify([label, b[n]])))
  const [inA, inB] = [pairsIn(a), pairsIn(b)]
  const byChance = (inA * inB) / (pairs(a.length) || 1)
  const most = (inA + inB) / 2
  return most === byChance ? 1 : (both - byChance) / (most - byChance)
}

/**
 * How much nearer rows are to their own group than to the next one, the mean of −1 … 1 over them (Rousseeuw 1987, "Silhouettes").
 * A row alone in its group counts 0. Undefined with fewer than two groups. Labels are
 * small whole numbers. Its time goes by the square of the rows.
 */
export function silhouetteOf(rows: readonly Row[], labels: readonly number[]): number | undefined {
  const sizes = new Map<number, number>()
  for (const label of labels) sizes.set(label, (sizes.get(label) ?? 0) + 1)
  if (sizes.size < 2) return undefined
  let total = 0
  for (const [n, row] of rows.entries()) {
    const own = labels[n] as number
    const others = (sizes.get(own) as number) - 1
    if (others === 0) continue
    const sums: number[] = []
    for (let m = 0; m < rows.length; m++) {
      const label = labels[m] as number
      sums[label] = (sums[label] ?? 0) + Math.sqrt(squaredDistance(row, rows[m] as Row))
    }
    const within = (sums[own] as number) / others
    let next = Number.POSITIVE_INFINITY
    for (const [label, size] of sizes) if (label !== own) next = Math.min(next, (sums[label] as number) / size)
    const most = Math.max(within, next)
    if (most > 0) total += (next - within) / most
  }
  return total / rows.length
}

/** Share of the values' variance that lies between the groups (eta²), 0 … 1; undefined where all values are equal. */
export function explainedBy(labels: readonly (number | string)[], values: readonly number[]): number | undefined {
  const mean = (of: readonly number[]): number => of.reduce((sum, value) => sum + value, 0) / (of.length || 1)
  const middle = mean(values)
  const whole = values.reduce((sum, value) => sum + (value - middle) ** 2, 0)
  if (whole === 0) return undefined
  const groups = new Map<number | string, number[]>()
  for (const [n, label] of labels.entries()) {
    const own = groups.get(label) ?? []
    own.push(values[n] as number)
    groups.set(label, own)
  }
  return [...groups.values()].reduce((sum, own) => sum + own.length * (mean(own) - middle) ** 2, 0) / whole
}
