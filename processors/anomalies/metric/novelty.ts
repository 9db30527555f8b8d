/** How far a value lies outside everything seen before, in parts of the range seen before. */
export interface Novelty {
  low: number | null
  high: number | null
}

/** Keeps the ratio finite where nothing has moved yet. */
const LEAST_RANGE = 1e-9

export const newNovelty = (): Novelty => ({ low: null, high: null })

export function noveltyOf(novelty: Novelty, value: number): number {
  const { low, high } = novelty
  novelty.low = low === null ? value : Math.min(low, value)
  novelty.high = high === null ? value : Math.max(high, value)
  if (low === null || high === null) return 0
  return Math.max(0, value - high, low - value) / (high - low || LEAST_RANGE)
}
