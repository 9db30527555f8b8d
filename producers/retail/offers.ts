import { campaignMailings, coupons } from '#schemas'
import { type BoundedSource, type Part, rowsOf } from '../connectors/bounded.ts'
import type { OpenDataSet } from '../connectors/dataset.ts'
import { rowsAtHand } from '../connectors/sections.ts'
import { VALID_FROM } from './dataset.ts'
import { id, tableReader } from './tables.ts'

/** What offers are written to. */
export const offerTopics = [coupons, campaignMailings]

/** Which coupons of which campaigns are good for which products, and which households were sent which campaigns: whole. */
export async function offerSource(data: OpenDataSet, _: Part = {}): Promise<BoundedSource> {
  const read = tableReader(data.path)
  const rows = [
    ...(await read('coupons', coupons, (at) => ({
      ...{ couponUpc: id(at, 'coupon_upc'), productId: id(at, 'product_id'), campaignId: id(at, 'campaign_id') },
      validFrom: VALID_FROM,
    }))),
    ...(await read('campaigns', campaignMailings, (at) => ({
      ...{ householdId: id(at, 'household_id'), campaignId: id(at, 'campaign_id'), validFrom: VALID_FROM },
    }))),
  ]
  return {
    ...{ importId: 'retail-offers', name: 'retail-offers', source: { name: data.name, sha256: data.sha256 } },
    topics: offerTopics,
    ...rowsOf([rowsAtHand(rows)]),
  }
}
