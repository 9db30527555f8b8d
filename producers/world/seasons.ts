import { DAY_MS } from '../calendar.ts'
import { busyness, MARKETS, type Market } from '../shop/markets.ts'
import { HOUR_MS, YEAR_MS } from './settings.ts'

/** Demand by month, from January: a slow start, a summer dip, weeks of presents. The mean over the year is 1. */
const MONTHS = [0.88, 0.86, 0.94, 0.97, 0.99, 0.96, 0.9, 0.92, 0.98, 1.03, 1.23, 1.34]

/** Demand by category and month beside that of the shop as a whole. */
const CATEGORY_MONTHS: Readonly<Record<string, readonly number[]>> = {
  jackets: [1.4, 1.3, 1.1, 0.9, 0.7, 0.5, 0.4, 0.5, 1, 1.3, 1.5, 1.4],
  shirts: [0.8, 0.8, 0.9, 1.1, 1.2, 1.3, 1.3, 1.2, 1, 0.9, 0.8, 0.7],
  toys: [0.7, 0.7, 0.8, 0.8, 0.8, 0.8, 0.8, 0.8, 0.9, 1.1, 1.7, 2.1],
}

/** Traffic grows by this factor a year. */
const TRAFFIC_GROWTH = 1.1

/** A table of twelve months at an instant, joined by straight lines between the middles of the months. */
function monthly(table: readonly number[], instant: number): number {
  const position = (((instant % YEAR_MS) + YEAR_MS) % YEAR_MS) / (YEAR_MS / 12) - 0.5
  const earlier = Math.floor(position)
  const part = position - earlier
  return (table[(earlier + 12) % 12] ?? 1) * (1 - part) + (table[(earlier + 13) % 12] ?? 1) * part
}

/** Demand of the whole shop at an instant over that of an ordinary day at the world's start: season and growth. */
export const demandAt = (instant: number, start: number): number =>
  monthly(MONTHS, instant) * TRAFFIC_GROWTH ** ((instant - start) / YEAR_MS)

/** Demand for a category at an instant beside that of the shop. */
export const categoryDemandAt = (category: string, instant: number): number => {
  const table = CATEGORY_MONTHS[category]
  return table === undefined ? 1 : monthly(table, instant)
}

const meanBusyness = new Map<string, number>()

/** Share of an ordinary day's traffic that a market has in the hour that begins at an instant: about 1/24 of its own. */
export function hourShare(market: Market, hourStart: number): number {
  let mean = meanBusyness.get(market.country)
  if (mean === undefined) {
    mean = 0
    for (let hour = 0; hour < 168; hour++) mean += busyness(market, (hour + 0.5) * HOUR_MS) / 168
    meanBusyness.set(market.country, mean)
  }
  return (market.share * busyness(market, hourStart + HOUR_MS / 2)) / mean / 24
}

/** The index of a market. */
export const marketIndex = (country: string): number => MARKETS.findIndex((market) => market.country === country)

export const dayStartOf = (instant: number): number => Math.floor(instant / DAY_MS) * DAY_MS

/** Hours from `from` to before `to`. */
export const hoursBetween = (from: number, to: number): readonly number[] =>
  Array.from({ length: Math.max(0, to - from) }, (_, i) => from + i)
