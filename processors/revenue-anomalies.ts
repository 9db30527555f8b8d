import { processor } from '#engine'
import { type RevenueAnomaly, type RevenuePart, revenueAnomalies, revenuePartsPerMinute } from '#schemas'
import type { Part } from './anomalies/parts/split.ts'
import {
  ASLEEP_AFTER,
  addRevenue,
  closeRevenue,
  newRevenueState,
  REVENUE_WINDOW,
  type RevenueState,
  type RevenueVerdict,
  sleepUntil,
} from './anomalies/revenue.ts'
import { causeText, directionOf, reasonText, severityOf } from './anomalies/words.ts'

/** Cents of the exact decimal as the statistics take them. */
const unitsOf = (revenue: bigint): number => Number(revenue) / 100

const partsOf = (parts: readonly RevenuePart[]): readonly Part[] =>
  parts.map(({ dimension, value, revenue }) => ({ dimension, value, amount: Number(revenue) }))

/**
 * Revenue per country and currency that is out of the ordinary for its hour and for the present level, in windows of five
 * minutes. Minutes without a row are minutes without revenue: a timer closes each window at its end in event time. Each says
 * which payment methods and devices the deviation comes from.
 */
export default processor('revenue-anomalies', ({ from }) =>
  from(revenuePartsPerMinute, { idleAfter: '3 minutes' })
    .keyBy('country', 'currency')
    .process({
      name: 'revenue',
      reads: ['windowStart', 'orders', 'revenue', 'parts'],
      state: { initial: newRevenueState },
      onEvent({ setTimer }, { windowStart, orders, revenue, parts }, state) {
        const asleep = state.start !== -1 && state.silent >= ASLEEP_AFTER
        if (asleep) sleepUntil(state, windowStart)
        const wakes = asleep || state.start === -1
        addRevenue(state, windowStart, orders, unitsOf(revenue), partsOf(parts))
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

function anomalyOf(country: string, currency: string, verdict: RevenueVerdict): RevenueAnomaly {
  const { start, end, actual, expected, lower, upper, score, contributions } = verdict
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
    reason: reasonText(`Revenue in ${country}`, verdict, show) + causeText(contributions),
    detectedAt: end,
    contributions,
  }
}
