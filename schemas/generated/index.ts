// Generated from the contracts by `kappa schemas generate`. Do not edit.

import type { AnyTopic } from '#engine/schema'
import { airports, departureDelayPerHour, flights } from './aviation.ts'
import { campaigns, couponRedemptions, households, products, purchaseLines, revenuePerDay } from './retail.ts'
import { cartAbandonmentAnomalies, cartAbandonmentPerMinute, cartChanges, cartOutcomes, clicks, funnelPerMinute, maskedCartChanges, maskedClicks, maskedPageViews, maskedPurchases, pageViews, purchases, revenueAnomalies, revenuePerMinute } from './shop.ts'
import { observations } from './weather.ts'

export * from './aviation.ts'
export * from './retail.ts'
export * from './shop.ts'
export * from './weather.ts'

/** Every topic that has a contract. */
export const topics: readonly AnyTopic[] = [
  airports,
  departureDelayPerHour,
  flights,
  campaigns,
  couponRedemptions,
  households,
  products,
  purchaseLines,
  revenuePerDay,
  cartAbandonmentAnomalies,
  cartAbandonmentPerMinute,
  cartChanges,
  cartOutcomes,
  clicks,
  funnelPerMinute,
  maskedCartChanges,
  maskedClicks,
  maskedPageViews,
  maskedPurchases,
  pageViews,
  purchases,
  revenueAnomalies,
  revenuePerMinute,
  observations,
]
