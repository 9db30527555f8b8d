import { DAY_MS } from '../calendar.ts'
import { busyness, MARKETS, type Market } from './markets.ts'
import type { Random } from './random.ts'

export interface Arrival {
  readonly market: Market
  /** Instant, milliseconds. */
  readonly at: number
}

const SLOTS = 96
const SLOT_MS = DAY_MS / SLOTS

/** Draws when and where sessions of a UTC day begin: by each market's share and local time. */
export function arrivalsOf(dayStart: number): (random: Random) => Arrival {
  const sums = new Float64Array(MARKETS.length * SLOTS)
  let sum = 0
  for (const [m, market] of MARKETS.entries()) {
    for (let slot = 0; slot < SLOTS; slot++) {
      sum += market.share * busyness(market, dayStart + (slot + 0.5) * SLOT_MS)
      sums[m * SLOTS + slot] = sum
    }
  }
  return (random) => {
    const index = firstAbove(sums, random.next() * sum)
    const at = dayStart + ((index % SLOTS) + random.next()) * SLOT_MS
    return { market: MARKETS[Math.floor(index / SLOTS)] as Market, at: Math.floor(at) }
  }
}

/** Which market a session that begins now is of. */
export function marketAt(instant: number, random: Random): Market {
  const weights = MARKETS.map((market) => market.share * busyness(market, instant))
  let rest = random.next() * weights.reduce((sum, weight) => sum + weight, 0)
  for (const [i, weight] of weights.entries()) {
    rest -= weight
    if (rest < 0) return MARKETS[i] as Market
  }
  return MARKETS[0] as Market
}

/** Index of the first of ascending sums that is above a value. */
function firstAbove(sums: Float64Array, value: number): number {
  let [low, high] = [0, sums.length - 1]
  while (low < high) {
    const middle = (low + high) >> 1
    if ((sums[middle] as number) > value) high = middle
    else low = middle + 1
  }
  return low
}
