import { randomFrom } from '../random.ts'

export type Row = readonly number[]

export interface Clusters {
  readonly centres: readonly Row[]
  /** Sum of squared distances to the nearest centre. */
  readonly inertia: number
}

export interface KMeansSettings {
  readonly clusters: number
  readonly seed: number
  /** Beginnings, of which the one with the least inertia is kept; of equals the first. */
  readonly starts: number
}

const MOST_ROUNDS = 200

/**
 * Lloyd's k-means, begun by k-means++ (Arthur, Vassilvitskii 2007, "k-means++: the advantages of careful seeding"). Sums go in the
 * order of the rows and chance comes from the seed alone: the same rows and settings give the same centres, bit for bit.
 * Undefined where fewer different rows than clusters are given.
 */
export function kMeans(rows: readonly Row[], { clusters, seed, starts }: KMeansSettings): Clusters | undefined {
  const random = randomFrom(seed)
  let best: Clusters | undefined
  for (let start = 0; start < starts; start++) {
    const begun = careful(rows, clusters, random)
    if (begun === undefined) return undefined
    const found = settled(rows, begun)
    if (best === undefined || found.inertia < best.inertia) best = found
  }
  return best
}

export const squaredDistance = (a: Row, b: Row): number => {
  let sum = 0
  for (let j = 0; j < a.length; j++) sum += ((a[j] as number) - (b[j] as number)) ** 2
  return sum
}

/** The nearest centre's number, of equals the first, and its squared distance. */
export function nearest(centres: readonly Row[], row: Row): { readonly cluster: number; readonly squared: number } {
  let [cluster, squared] = [0, Number.POSITIVE_INFINITY]
  for (const [n, centre] of centres.entries()) {
    const own = squaredDistance(row, centre)
    if (own < squared) [cluster, squared] = [n, own]
  }
  return { cluster, squared }
}

/** Centres among the rows, each drawn with a chance in proportion to its squared distance from those before it. */
function careful(rows: readonly Row[], clusters: number, random: () => number): readonly Row[] | undefined {
  const first = rows[Math.floor(random() * rows.length)]
  if (first === undefined) return undefined
  const centres = [first]
  const distances = rows.map((row) => squaredDistance(row, first))
  while (centres.length < clusters) {
    const drawn = random() * distances.reduce((sum, distance) => sum + distance, 0)
    const next = rows[drawnAt(distances, drawn)]
    if (next === undefined) return undefined
    centres.push(next)
    for (const [n, row] of rows.entries()) distances[n] = Math.min(distances[n] as number, squaredDistance(row, next))
  }
  return centres
}

/** Where the running sum passes what was drawn; as rounding may keep it from that, at worst the last one that is above zero. */
function drawnAt(distances: readonly number[], drawn: number): number {
  let sum = 0
  let last = -1
  for (const [n, distance] of distances.entries()) {
    if (distance === 0) continue
    last = n
    sum += distance
    if (sum > drawn) break
  }
  return last
}

/** Moves every centre to the mean of its rows until none of them changes; one without rows stays. */
function settled(rows: readonly Row[], begun: readonly Row[]): Clusters {
  let centres = begun
  let before: readonly number[] = []
  for (let round = 0; round < MOST_ROUNDS; round++) {
    const own = rows.map((row) => nearest(centres, row).cluster)
    if (own.every((cluster, n) => cluster === before[n])) break
    before = own
    const sums = centres.map((centre) => ({ rows: 0, sum: centre.map(() => 0) }))
    for (const [n, row] of rows.entries()) {
      const to = sums[own[n] as number] as (typeof sums)[number]
      to.rows += 1
      for (const [j, value] of row.entries()) to.sum[j] = (to.sum[j] as number) + value
    }
    centres = centres.map((centre, n) => {
      const { rows, sum } = sums[n] as (typeof sums)[number]
      return rows === 0 ? centre : sum.map((value) => value / rows)
    })
  }
  return { centres, inertia: rows.reduce((sum, row) => sum + nearest(centres, row).squared, 0) }
}
