// Generated from the contracts by `kappa schemas generate`. Do not edit.

import type { AnyTopic } from '#engine/schema'
import { adCampaigns, adClicks, adSpend } from './ads.ts'
import { airlines, airports, delayByWeather, delays, departureDelayPerHourCorrections, departureDelayPerHour, flights, planes, positions, schedules, usFlights } from './aviation.ts'
import { consents, customers, maskedCustomers, orderLines, orders } from './crm.ts'
import { interactions, orderRows } from './electronics.ts'
import { audit } from './governance.ts'
import { codes, fees, influencers, posts, redemptions } from './influencers.ts'
import { catalogueItems, stockAlerts, stockLevels, stockMovements } from './inventory.ts'
import { customerTouches, identities, orderTouches, touches, visitorClicks } from './marketing.ts'
import { flowRuns, quality, rowDeletions } from './operations.ts'
import { basketProducts, campaignMailings, campaigns, churnModels, churnScores, couponRedemptions, coupons, householdSegments, households, products, purchaseLines, recommendationModels, recommendations, relatedProducts, revenuePerDayCorrections, revenuePerDay, segmentModels, storePromotions, upsellModels, upsellScores } from './retail.ts'
import { abandonedCarts, cartAbandonmentAnomalies, cartAbandonmentPerMinuteCorrections, cartAbandonmentPerMinute, cartChanges, cartOutcomes, clicks, funnelPerMinuteCorrections, funnelPerMinute, maskedCartChanges, maskedClicks, maskedPageViews, maskedPurchases, pageViews, promotions, purchases, revenueAnomalies, revenuePartsPerMinute, revenuePerMinuteCorrections, revenuePerMinute, searches, sessions, trendingProducts } from './shop.ts'
import { adReports, adVisits, buyers, checkouts, codeUses, departures, hourlyWeather, orderedProducts, sales, stockChanges, storeSales, webActions } from './silver.ts'
import { orderCauses, promotionEffects, stagedIncidents } from './truth.ts'
import { achats, clients, maskedClients } from './ventes.ts'
import { observations, reports } from './weather.ts'

export * from './ads.ts'
export * from './aviation.ts'
export * from './crm.ts'
export * from './electronics.ts'
export * from './governance.ts'
export * from './influencers.ts'
export * from './inventory.ts'
export * from './marketing.ts'
export * from './operations.ts'
export * from './retail.ts'
export * from './shop.ts'
export * from './silver.ts'
export * from './truth.ts'
export * from './ventes.ts'
export * from './weather.ts'

/** Every topic that has a contract. */
export const topics: readonly AnyTopic[] = [
  adCampaigns,
  adClicks,
  adSpend,
  airlines,
  airports,
  delayByWeather,
  delays,
  departureDelayPerHourCorrections,
  departureDelayPerHour,
  flights,
  planes,
  positions,
  schedules,
  usFlights,
  consents,
  customers,
  maskedCustomers,
  orderLines,
  orders,
  interactions,
  orderRows,
  audit,
  codes,
  fees,
  influencers,
  posts,
  redemptions,
  catalogueItems,
  stockAlerts,
  stockLevels,
  stockMovements,
  customerTouches,
  identities,
  orderTouches,
  touches,
  visitorClicks,
  flowRuns,
  quality,
  rowDeletions,
  basketProducts,
  campaignMailings,
  campaigns,
  churnModels,
  churnScores,
  couponRedemptions,
  coupons,
  householdSegments,
  households,
  products,
  purchaseLines,
  recommendationModels,
  recommendations,
  relatedProducts,
  revenuePerDayCorrections,
  revenuePerDay,
  segmentModels,
  storePromotions,
  upsellModels,
  upsellScores,
  abandonedCarts,
  cartAbandonmentAnomalies,
  cartAbandonmentPerMinuteCorrections,
  cartAbandonmentPerMinute,
  cartChanges,
  cartOutcomes,
  clicks,
  funnelPerMinuteCorrections,
  funnelPerMinute,
  maskedCartChanges,
  maskedClicks,
  maskedPageViews,
  maskedPurchases,
  pageViews,
  promotions,
  purchases,
  revenueAnomalies,
  revenuePartsPerMinute,
  revenuePerMinuteCorrections,
  revenuePerMinute,
  searches,
  sessions,
  trendingProducts,
  adReports,
  adVisits,
  buyers,
  checkouts,
  codeUses,
  departures,
  hourlyWeather,
  orderedProducts,
  sales,
  stockChanges,
  storeSales,
  webActions,
  orderCauses,
  promotionEffects,
  stagedIncidents,
  achats,
  clients,
  maskedClients,
  observations,
  reports,
]
