import { codes, codeUses, redemptions } from '../generated/index.ts'
import { finds, made, refersTo, ruleSet, sourceOf, unlisted } from '../rules.ts'
import { USUAL_RATES } from './currencies.ts'

const UNKNOWN = 'unknown'
/** In euros: a code takes a share off a basket. */
const MOST_EUROS = 1_000
const CENTS = 100

/** Uses of discount codes. One of a code that nobody has, or before it could be used, is kept and flagged. */
export const codeUsesRules = ruleSet(codeUses, {
  name: 'code-uses',
  doc: 'Uses of discount codes with the influencer whose code it is, judged, without duplicates.',
  identity: ['code', 'redemptionId'],
  remember: '60 days',
  sources: [
    sourceOf(codeUses, redemptions, {
      name: 'influencers',
      pass: {
        redemptionId: 'redemptionId',
        code: 'code',
        orderId: 'orderId',
        customerId: 'customerId',
        discount: 'discount',
        currency: 'currency',
        usedAt: 'redeemedAt',
      },
      wanted: ['redemptionId', 'code', 'orderId', 'customerId', 'discount', 'currency'],
      expect: { completeness: 0.99, uniqueness: 0.98, validity: 0.95 },
    }),
  ],
  references: [refersTo(codes, { by: 'code', take: { owner: 'influencerId' } })],
  derived: { influencerId: made(['owner'], (row: { owner: string | null }) => row.owner ?? UNKNOWN) },
  checks: [
    unlisted('currency', Object.keys(USUAL_RATES)),
    finds(
      'outlier:discount',
      ['discount', 'currency'],
      ({ discount, currency }: { discount: bigint; currency: string }) => {
        const rate = USUAL_RATES[currency]
        return discount <= 0n || (rate !== undefined && Number(discount) > MOST_EUROS * CENTS * rate)
      },
      { rates: USUAL_RATES, mostEuros: MOST_EUROS },
    ),
  ],
})
