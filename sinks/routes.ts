import type { AnyTopic } from '#engine/schema'
import {
  abandonedCarts,
  achats,
  adCampaigns,
  adClicks,
  adSpend,
  airports,
  campaigns,
  cartAbandonmentAnomalies,
  cartAbandonmentPerMinute,
  cartChanges,
  cartOutcomes,
  catalogueItems,
  clicks,
  clients,
  codes,
  consents,
  couponRedemptions,
  customers,
  delays,
  departureDelayPerHour,
  fees,
  flights,
  flowRuns,
  funnelPerMinute,
  households,
  influencers,
  interactions,
  maskedCartChanges,
  maskedClicks,
  maskedClients,
  maskedCustomers,
  maskedPageViews,
  maskedPurchases,
  observations,
  orderCauses,
  orderLines,
  orderRows,
  orders,
  pageViews,
  positions,
  posts,
  products,
  promotionEffects,
  promotions,
  purchaseLines,
  purchases,
  redemptions,
  reports,
  revenueAnomalies,
  revenuePerDay,
  revenuePerMinute,
  schedules,
  searches,
  stagedIncidents,
  stockLevels,
  stockMovements,
} from '#schemas'
import type { SilverBy } from './s3/index.ts'

/** Where one topic's records go. */
export interface Route {
  readonly topic: AnyTopic
  readonly clickhouse: boolean
  /** Bronze holds every topic, results too: a replay of what comes after them reads them there. */
  readonly bronze: true
  /** Folders of silver: by day for what flows live; by month where one cut of an import may hold a year. */
  readonly silver: SilverBy | undefined
}

const live = (topic: AnyTopic): Route => ({ topic, clickhouse: true, bronze: true, silver: 'day' })
const history = (topic: AnyTopic): Route => ({ topic, clickhouse: true, bronze: true, silver: 'month' })
/** Personal fields are sealed: kept as they are for replays. Analysts get the masked topic. */
const sealed = (topic: AnyTopic): Route => ({ topic, clickhouse: false, bronze: true, silver: undefined })

/** Every topic and where it goes. */
export const routes: readonly Route[] = [
  sealed(pageViews),
  sealed(clicks),
  sealed(cartChanges),
  sealed(purchases),
  sealed(customers),
  sealed(clients),
  live(maskedPageViews),
  live(maskedClicks),
  live(maskedCartChanges),
  live(maskedPurchases),
  live(revenuePerMinute),
  live(funnelPerMinute),
  live(cartOutcomes),
  live(cartAbandonmentPerMinute),
  live(revenueAnomalies),
  live(cartAbandonmentAnomalies),

  live(searches),
  live(abandonedCarts),
  live(promotions),
  live(maskedCustomers),
  live(consents),
  live(orders),
  live(orderLines),
  live(orderRows),
  live(interactions),
  live(adCampaigns),
  live(adSpend),
  live(adClicks),
  live(influencers),
  live(posts),
  live(codes),
  live(fees),
  live(redemptions),
  live(catalogueItems),
  live(stockMovements),
  live(stockLevels),
  live(maskedClients),
  live(achats),
  live(schedules),
  live(positions),
  live(delays),
  live(reports),
  live(promotionEffects),
  live(orderCauses),
  live(stagedIncidents),

  live(flowRuns),

  history(purchaseLines),
  history(products),
  history(households),
  history(campaigns),
  history(couponRedemptions),
  history(revenuePerDay),

  history(flights),
  history(airports),
  history(observations),
  history(departureDelayPerHour),
]
