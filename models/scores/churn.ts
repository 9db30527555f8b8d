import type { Score } from './score.ts'
import { ACTIVE_DAYS, basketsIn, OUTCOME_MS, RECENT_DAYS, tenureOf } from './snapshot.ts'

const log = (value: number): number => Math.log1p(Math.max(0, value))

/**
 * That a household buys nothing in the 28 days from an instant on. Recency, frequency, monetary value and trend; logarithms
 * where the tenth more says less than the first.
 */
export const churn: Score = {
  name: 'churn',
  features: [
    'log days since the latest basket',
    'log days since it, by the usual days between baskets',
    'log baskets of 28 days',
    'log baskets of 90 days',
    'log dollars of 90 days',
    'log baskets of 28 days, by those of a month before',
    'log days since the first basket',
  ],
  featuresOf(history, instant, { recencyDays, baskets28, baskets90, spend90 }) {
    const before = basketsIn(history, Number.NEGATIVE_INFINITY, instant).baskets
    const tenure = tenureOf(history, instant)
    const [first = 0, latest = 0] = [history.at[0], history.at[before - 1]]
    const usualGap = before > 1 ? (latest - first) / 86_400_000 / (before - 1) : RECENT_DAYS
    const monthBefore = (baskets90 - baskets28) * (RECENT_DAYS / (ACTIVE_DAYS - RECENT_DAYS))
    return [
      log(recencyDays),
      log(recencyDays) - log(usualGap),
      log(baskets28),
      log(baskets90),
      log(spend90 / 100),
      log(baskets28) - log(monthBefore),
      log(tenure),
    ]
  },
  cameAfter: (history, instant) => basketsIn(history, instant, instant + OUTCOME_MS).baskets === 0,
}
