import { campaigns, couponRedemptions, households, products, purchaseLines } from '#schemas'
import { type BoundedSource, type Part, rangeOf, rowsOf } from '../connectors/bounded.ts'
import type { OpenDataSet } from '../connectors/dataset.ts'
import { rowsAtHand } from '../connectors/sections.ts'
import { STORE_TIME_ZONE } from './dataset.ts'
import { lineSection } from './lines.ts'
import { tableRows } from './tables.ts'

export { completeJourney } from './dataset.ts'
export { offerSource, offerTopics } from './offers.ts'
export { promotionSource, promotionTopics, startOfWeek } from './store-promotions.ts'

/** What the year is written to. */
export const retailTopics = [products, households, campaigns, couponRedemptions, purchaseLines]

/**
 * The retailer's year as a bounded source: products, households, campaigns and redemptions, then the purchase lines in the
 * order of their instants. Everything in the data set is kept: quantities of zero, and lines whose product it does not
 * describe. Throws CONFIG_INVALID for a part that cannot be.
 */
export async function retailSource(data: OpenDataSet, part: Part = {}): Promise<BoundedSource> {
  const range = rangeOf(part, STORE_TIME_ZONE)
  const tables = rowsAtHand(await tableRows(data.path))
  const lines = await lineSection(data.path, range)
  return {
    importId: `retail${range.label}`,
    name: 'retail',
    source: { name: data.name, sha256: data.sha256 },
    topics: retailTopics,
    ...rowsOf([tables, lines]),
  }
}
