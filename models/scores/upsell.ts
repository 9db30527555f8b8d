import type { Score } from './score.ts'
import { ACTIVE_DAYS, basketsIn, daysBefore, OUTCOME_MS, RECENT_DAYS, tenureOf } from './snapshot.ts'
import type { History } from './visits.ts'

const log = (value: number): number => Math.log1p(Math.max(0, value))
/** Log dollars of a basket; of none undefined. */
const logBasket = ({ cents, baskets }: { readonly cents: number; readonly baskets: number }): number | undefined =>
  baskets === 0 ? undefined : log(cents / baskets / 100)

/**
 * That a household pays at least a fifth more a basket in the 28 days from an instant on than in the 90 days before it. Who
 * buys nothing in them did not. Values of baskets, by themselves and against what is usual for the household: who bought less
 * than usual lately tends to come back to it. Squares, because both who buys seldom, and may not come, and who buys often, and
 * whose mean hardly scatters, raise it less than those between.
 */
export const upsell: Score = {
  name: 'upsell',
  features: [
    'log dollars a basket of 90 days',
    'log dollars a basket of 28 days, by those of 90',
    'log dollars of the latest basket, by those of 90 days',
    'log dollars a basket before 90 days, by those of 90',
    'deviation of dollars a basket of 90 days, by their mean',
    'log baskets of 90 days',
    'log baskets of 28 days, by those of a month before',
    'log days since the latest basket',
    'log days since the first basket',
    'log baskets of 90 days, squared',
    'log days since the latest basket, squared',
  ],
  featuresOf(history, instant, { recencyDays, baskets28, baskets90 }) {
    const long = basketsIn(history, daysBefore(instant, ACTIVE_DAYS), instant)
    const usual = logBasket(long) ?? 0
    const against = (from: number, to: number): number => {
      const value = logBasket(basketsIn(history, from, to))
      return value === undefined ? 0 : value - usual
    }
    const monthBefore = (baskets90 - baskets28) * (RECENT_DAYS / (ACTIVE_DAYS - RECENT_DAYS))
    return [
      usual,
      against(daysBefore(instant, RECENT_DAYS), instant),
      log(centsOf(history, long.to - 1) / 100) - usual,
      against(Number.NEGATIVE_INFINITY, daysBefore(instant, ACTIVE_DAYS)),
      variationOf(history, long.from, long.to),
      log(baskets90),
      log(baskets28) - log(monthBefore),
      log(recencyDays),
      log(tenureOf(history, instant)),
      log(baskets90) ** 2,
      log(recencyDays) ** 2,
    ]
  },
  cameAfter(history, instant) {
    const before = basketsIn(history, daysBefore(instant, ACTIVE_DAYS), instant)
    const after = basketsIn(history, instant, instant + OUTCOME_MS)
    // after.cents / after.baskets ≥ 1.2 × before.cents / before.baskets, in whole numbers: no rounding decides.
    return after.cents > 0 && 5 * after.cents * before.baskets >= 6 * before.cents * after.baskets
  },
}

/** Cents of one basket. */
const centsOf = ({ paidBefore }: History, place: number): number =>
  (paidBefore[place + 1] ?? 0) - (paidBefore[place] ?? 0)

/** Standard deviation by mean of the baskets' values; 0 where nothing was paid. */
function variationOf(history: History, from: number, to: number): number {
  const values = Array.from({ length: to - from }, (_, n) => centsOf(history, from + n))
  const mean = values.reduce((sum, value) => sum + value, 0) / (values.length || 1)
  if (mean <= 0) return 0
  return Math.sqrt(values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / values.length) / mean
}
