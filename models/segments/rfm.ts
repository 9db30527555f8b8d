import type { Snapshot } from '../scores/index.ts'

/**
 * The segment that `gold.dim_rfm` would give each household among the others, in the same order: recency and frequency in
 * fifths by rank, equals sharing the lower one.
 */
export function rfmSegments(rows: readonly Snapshot[]): readonly string[] {
  const [r, f] = [fifths(rows.map(({ recencyDays }) => -recencyDays)), fifths(rows.map(({ baskets90 }) => baskets90))]
  return rows.map((_, n) => rfmSegment(r[n] ?? 0, f[n] ?? 0))
}

/** 1 … 5 of each value by its rank, 5 for the highest; equals have the lowest of theirs. */
function fifths(values: readonly number[]): readonly number[] {
  const sorted = [...values].sort((a, b) => a - b)
  const below = new Map<number, number>()
  for (const [n, value] of sorted.entries()) if (!below.has(value)) below.set(value, n)
  return values.map((value) => 1 + Math.floor(((below.get(value) ?? 0) * 5) / values.length))
}

function rfmSegment(r: number, f: number): string {
  if (r >= 4 && f >= 4) return 'Champions'
  if (r >= 3 && f >= 4) return 'Fidèles'
  if (r >= 4 && f <= 2) return 'Récents'
  if (r >= 4) return 'Prometteurs'
  if (r === 3) return 'À surveiller'
  if (f >= 4) return 'À risque'
  return r === 2 ? 'En sommeil' : 'Perdus'
}
