import { processor } from '#engine'
import { type CartAbandonmentAnomaly, cartAbandonmentAnomalies, cartAbandonmentPerMinute } from '#schemas'
import {
  ASLEEP_AFTER,
  addCarts,
  closeShare,
  newShareState,
  SHARE_WINDOW,
  type ShareState,
  sleepUntil,
} from './anomalies/share.ts'
import type { Verdict } from './anomalies/watch.ts'
import { directionOf, reasonText, severityOf } from './anomalies/words.ts'

/**
 * Countries whose share of abandoned carts is out of the ordinary: suddenly, in windows of a quarter of an hour, or
 * slowly, in windows of six hours. A share does not care how many shoppers there are, so nights and holidays are quiet.
 */
export default processor('cart-abandonment-anomalies', ({ from }) =>
  from(cartAbandonmentPerMinute, { idleAfter: '3 minutes' })
    .keyBy('country')
    .process({
      name: 'share',
      reads: ['windowStart', 'carts', 'abandoned'],
      state: { initial: newShareState },
      onEvent({ setTimer }, { windowStart, carts, abandoned }, state) {
        const asleep = state.start !== -1 && state.silent >= ASLEEP_AFTER
        if (asleep) sleepUntil(state, windowStart)
        const wakes = asleep || state.start === -1
        addCarts(state, windowStart, carts, abandoned)
        if (wakes) setTimer(state.start + SHARE_WINDOW)
        return []
      },
      onTimer({ key, setTimer }, state: ShareState) {
        const verdicts = closeShare(state)
        if (state.silent < ASLEEP_AFTER) setTimer(state.start + SHARE_WINDOW)
        return verdicts.map((verdict) => anomalyOf(key.country, verdict))
      },
    })
    .to(cartAbandonmentAnomalies),
)

const percent = (share: number): string => `${(100 * share).toFixed(1)} %`

function anomalyOf(country: string, verdict: Verdict): CartAbandonmentAnomaly {
  const { start, end, actual, expected, lower, upper, score } = verdict
  return {
    anomalyId: `cart-abandonment/${country}/${start}-${end}`,
    metric: 'cart-abandonment',
    country,
    windowStart: start,
    windowEnd: end,
    actual,
    expected,
    lower,
    upper,
    score,
    severity: severityOf(verdict),
    direction: directionOf(verdict),
    reason: reasonText(`A share of abandoned carts in ${country}`, verdict, percent),
    detectedAt: end,
  }
}
