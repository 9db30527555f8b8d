/**
 * What a day looks like: events per window for every quarter of an hour (UTC), learned online and robustly, times the
 * level at which the present hours run. All of it plain numbers, so that it is state.
 */
export interface Season {
  /** Expected events of a window in each quarter of an hour; -1 where none was seen yet. */
  readonly quarters: number[]
  /** Windows that each quarter was learned from, up to `MEMORY_DAYS`'s worth. */
  readonly learned: number[]
  /** Events seen and expected lately, fading by half every `LEVEL_HALF_LIFE`: their ratio is the present level. */
  seen: number
  expected: number
}

const QUARTER = 15 * 60_000
const QUARTERS = 96

/** How far back the profile looks, in days: each day weighs `1 / MEMORY_DAYS` once that many were seen. */
const MEMORY_DAYS = 7

/** Hours after which a past window counts half in the present level. */
const LEVEL_HALF_LIFE = 90 * 60_000

/** Events that the profile's own word weighs against the present hours': days differ by about a third. */
const PRIOR = 12

/** Neighbouring quarters lend their counts: weights of the distances 0, 1, 2. */
const KERNEL = [3, 2, 1]

/** A window changes what is learned by no more than this factor: what is odd is not learned from at full weight. */
const CLIP = 3

export const newSeason = (): Season => ({
  quarters: new Array<number>(QUARTERS).fill(-1),
  learned: new Array<number>(QUARTERS).fill(0),
  seen: 0,
  expected: 0,
})

export interface Forecast {
  /** Expected events of the window; undefined while the hour was never seen. */
  readonly mean: number
  /** Its squared relative uncertainty: from the profile's few days, and from the level's few events. */
  readonly spread: number
  /** The part of `mean` that the profile alone says. */
  readonly profile: number
}

/** Windows of a quarter of an hour that have to be seen, with its neighbours', before anything is said of it: two days. */
const ENOUGH = 30

/** The forecast for the window that starts at `start`; undefined while too little was seen of this time of day. */
export function forecast(season: Season, start: number): Forecast | undefined {
  const at = Math.floor(start / QUARTER) % QUARTERS
  let weights = 0
  let sum = 0
  let windows = 0
  for (let distance = -2; distance <= 2; distance++) {
    const quarter = (at + distance + QUARTERS) % QUARTERS
    const value = season.quarters[quarter] ?? -1
    if (value < 0) continue
    const weight = KERNEL[Math.abs(distance)] ?? 0
    weights += weight
    sum += weight * value
    windows += season.learned[quarter] ?? 0
  }
  if (windows < ENOUGH) return undefined
  const profile = sum / weights
  const level = (PRIOR + season.seen) / (PRIOR + season.expected)
  const spread = 1 / (1 + profile * windows) + 1 / (PRIOR + season.expected)
  return { mean: profile * level, spread, profile }
}

/** Learns from a window of `size` milliseconds that was not anomalous. */
export function learn(season: Season, start: number, size: number, seen: number, said: Forecast | undefined): void {
  const at = Math.floor(start / QUARTER) % QUARTERS
  const perDay = QUARTER / size
  const windows = season.learned[at] ?? 0
  const known = season.quarters[at] ?? -1
  if (said === undefined || known < 0) season.quarters[at] = known < 0 ? seen : known + (seen - known) / (windows + 1)
  else {
    const clipped = clip(seen, said.profile)
    season.quarters[at] = known + (clipped - known) / Math.min(windows + 1, MEMORY_DAYS * perDay)
    const fading = 0.5 ** (size / LEVEL_HALF_LIFE)
    season.seen = season.seen * fading + clip(seen, said.profile)
    season.expected = season.expected * fading + said.profile
  }
  season.learned[at] = Math.min(windows + 1, MEMORY_DAYS * perDay)
}

/** Forgets the present level, so that the next windows set it anew. */
export function relevel(season: Season): void {
  season.seen = 0
  season.expected = 0
}

const clip = (seen: number, expected: number): number =>
  Math.min(Math.max(seen, expected / CLIP), Math.max(expected * CLIP, expected + 3 * Math.sqrt(expected) + 3))
