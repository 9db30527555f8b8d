import { offsetAt } from '../calendar.ts'

/** A shop front: where its shoppers live, and what they pay with. */
export interface Market {
  readonly country: string
  readonly timeZone: string
  readonly currency: string
  /** Share of all sessions. */
  readonly share: number
  /** What costs 1 euro costs so many units of the currency. */
  readonly priceFactor: number
}

export const MARKETS: readonly Market[] = [
  { country: 'US', timeZone: 'America/New_York', currency: 'USD', share: 0.28, priceFactor: 1.1 },
  { country: 'DE', timeZone: 'Europe/Berlin', currency: 'EUR', share: 0.22, priceFactor: 1 },
  { country: 'GB', timeZone: 'Europe/London', currency: 'GBP', share: 0.15, priceFactor: 0.86 },
  { country: 'FR', timeZone: 'Europe/Paris', currency: 'EUR', share: 0.11, priceFactor: 1 },
  { country: 'ES', timeZone: 'Europe/Madrid', currency: 'EUR', share: 0.08, priceFactor: 0.95 },
  { country: 'NL', timeZone: 'Europe/Amsterdam', currency: 'EUR', share: 0.06, priceFactor: 1.02 },
  { country: 'PL', timeZone: 'Europe/Warsaw', currency: 'PLN', share: 0.05, priceFactor: 4.3 },
  { country: 'JP', timeZone: 'Asia/Tokyo', currency: 'JPY', share: 0.05, priceFactor: 160 },
]

/** Relative traffic by local hour: lunch and evening on working days, long afternoons at the weekend. */
const WORKDAY = [8, 5, 3, 2, 2, 4, 10, 22, 38, 48, 54, 60, 68, 64, 56, 54, 56, 62, 72, 86, 98, 90, 58, 24]
const WEEKEND = [14, 9, 6, 4, 3, 3, 5, 10, 22, 42, 60, 72, 76, 74, 74, 76, 78, 78, 80, 86, 90, 80, 54, 28]
/** From Sunday. */
const WEEKDAY = [1.12, 0.98, 0.95, 0.96, 1, 0.97, 1.02]

const HOUR_MS = 3_600_000

/** How busy a market is at an instant, relative to its other hours: smooth, since hours are joined by straight lines. */
export function busyness(market: Market, instant: number): number {
  const local = instant + offsetAt(instant, market.timeZone)
  const hours = local / HOUR_MS - 0.5
  const earlier = Math.floor(hours)
  const part = hours - earlier
  return weightOf(earlier) * (1 - part) + weightOf(earlier + 1) * part
}

/** @param hour local hours since 1970, a Thursday */
function weightOf(hour: number): number {
  const weekday = (Math.floor(hour / 24) + 4) % 7
  const weights = weekday === 0 || weekday === 6 ? WEEKEND : WORKDAY
  return (weights[hour % 24] ?? 0) * (WEEKDAY[weekday] ?? 1)
}
