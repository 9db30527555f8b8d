/**
 * A shape never seen before: the distance from the last `LENGTH` rows to the most similar stretch in memory, over the
 * largest such distance so far (a discord in the sense of Keogh, Lin & Fu, "HOT SAX", ICDM 2005, found online).
 */
export interface Discord {
  /** The largest distance so far, without the last `NEAR` rows' own. */
  largest: number
  /** Distances of the last rows, oldest first: they belong to the stretch that is judged. */
  readonly near: number[]
}

const LENGTH = 24
/** Rows that have to be there before a distance means anything. */
const ENOUGH = 3 * LENGTH
const NEAR = 2
/** What a first difference in a series that repeated itself exactly is worth. */
const FIRST = 5

export const newDiscord = (): Discord => ({ largest: 0, near: [] })

export function discordOf(discord: Discord, values: readonly number[]): number {
  if (values.length < ENOUGH) return 0
  const distance = nearest(values)
  const { largest, near } = discord
  near.push(distance)
  if (near.length > NEAR) discord.largest = Math.max(largest, near.shift() ?? 0)
  if (largest === 0) return distance > 0 ? FIRST : 0
  return distance / largest
}

/** Euclidean distance to the nearest stretch that does not overlap the last one. */
function nearest(values: readonly number[]): number {
  const last = values.length - 1
  let best = Number.POSITIVE_INFINITY
  for (let end = last - LENGTH; end >= LENGTH - 1; end--) {
    let sum = 0
    for (let back = 0; back < LENGTH && sum < best; back++) {
      const difference = (values[last - back] ?? 0) - (values[end - back] ?? 0)
      sum += difference * difference
    }
    if (sum < best) best = sum
  }
  return Math.sqrt(best)
}
