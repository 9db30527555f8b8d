import { processor } from '#engine'
import { type RevenueAnomaly, revenueAnomalies, revenuePerMinute } from '#schemas'
import {
  ASLEEP_AFTER,
  addRevenue,
  closeRevenue,
  newRevenueState,
  REVENUE_WINDOW,
  type RevenueState,
  sleepUntil,
} from './anomalies/revenue.ts'
import type { Verdict } from './anomalies/watch.ts'
import { directionOf, reasonText, severityOf } from './anomalies/words.ts'

/** Cents of the exact decimal as the statistics take them. */
const unitsOf = (revenue: bigint): number => Number(revenue) / 100

/**
 * Revenue per country and currency that is out of the ordinary for its hour and for the present level, in windows of five
 * minutes. Minutes without a row are minutes without revenue: a timer closes each window at its end in event time.
 */
export default processor('revenue-anomalies', ({ from }) =>
  from(revenuePerMinute, { idleAfter: '3 minutes' })
    .keyBy('country', 'currency')
    .process({
      name: 'revenue',
      reads: ['windowStart', 'orders', 'revenue'],
      state: { initial: newRevenueState },
      onEvent({ setTimer }, { windowStart, orders, revenue }, state) {
        const asleep = state.start !== -1 && state.silent >= ASLEEP_AFTER
        if (asleep) sleepUntil(state, windowStart)
        const wakes = asleep || state.start === -1
        addRevenue(state, windowStart, orders, unitsOf(revenue))
        if (wakes) setTimer(state.start + REVENUE_WINDOW)
        return []
      },
      onTimer({ key, setTimer }, state: RevenueState) {
        const verdict = closeRevenue(state)
        if (state.silent < ASLEEP_AFTER) setTimer(state.start + REVENUE_WINDOW)
        return verdict ? [anomalyOf(key.country, key.currency, verdict)] : []
      },
    })
    .to(revenueAnomalies),
)

function anomalyOf(country: string, currency: string, verdict: Verdict): RevenueAnomaly {
  const { start, end, actual, expected, lower, upper, score } = verdict
  const show = (value: number): string => `${value.toFixed(2)} ${currency}`
  return {
    anomalyId: `revenue/${country}/${currency}/${start}-${end}`,
    metric: 'revenue',
    country,
    currency,
    windowStart: start,
    windowEnd: end,
    actual,
    expected,
    lower,
    upper,
    score,
    severity: severityOf(verdict),
    direction: directionOf(verdict),
    reason: reasonText(`Revenue in ${country}`, verdict, show),
    detectedAt: end,
  }
}
