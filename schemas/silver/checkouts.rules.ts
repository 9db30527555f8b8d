import { checkouts, maskedPurchases } from '../generated/index.ts'
import { finds, outside, ruleSet, sourceOf, unlisted } from '../rules.ts'
import { USUAL_RATES } from './currencies.ts'

/** In euros: nobody fills a basket of this shop beyond it. */
const MOST_EUROS = 5_000
const CENTS = 100

/** Checkouts of the web shop. A refused one should say why; an order that is tried again is another checkout, no duplicate. */
export const checkoutsRules = ruleSet(checkouts, {
  name: 'checkouts',
  doc: 'Checkouts of the web shop under standard names, judged, without duplicates.',
  identity: ['visitorId', 'checkoutId'],
  remember: '30 days',
  sources: [
    sourceOf(checkouts, maskedPurchases, {
      name: 'web',
      pass: {
        checkoutId: 'eventId',
        visitorId: 'visitorId',
        sessionId: 'sessionId',
        customerId: 'customerId',
        orderId: 'orderId',
        country: 'country',
        device: 'device',
        status: 'status',
        refusalReason: 'refusalReason',
        amount: 'amount',
        currency: 'currency',
        items: 'items',
        paymentMethod: 'paymentMethod',
        occurredAt: 'occurredAt',
      },
      wanted: ['checkoutId', 'visitorId', 'sessionId', 'customerId', 'orderId', 'amount', 'currency', 'items'],
      wantedWhen: [{ column: 'refusalReason', when: { status: ['REFUSED'] } }],
      expect: { completeness: 0.99, uniqueness: 0.98, validity: 0.98 },
    }),
  ],
  checks: [
    outside('items', { min: 1, max: 100 }),
    unlisted('currency', Object.keys(USUAL_RATES)),
    finds(
      'outlier:amount',
      ['amount', 'currency'],
      ({ amount, currency }: { amount: bigint; currency: string }) => {
        const rate = USUAL_RATES[currency]
        return amount <= 0n || (rate !== undefined && Number(amount) > MOST_EUROS * CENTS * rate)
      },
      { rates: USUAL_RATES, mostEuros: MOST_EUROS },
    ),
  ],
})
