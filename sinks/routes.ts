import type { AnyTopic } from '#engine/schema'
import {
  airports,
  campaigns,
  cartAbandonmentAnomalies,
  cartAbandonmentPerMinute,
  cartChanges,
  cartOutcomes,
  clicks,
  couponRedemptions,
  departureDelayPerHour,
  flights,
  funnelPerMinute,
  households,
  maskedCartChanges,
  maskedClicks,
  maskedPageViews,
  maskedPurchases,
  observations,
  pageViews,
  products,
  purchaseLines,
  purchases,
  revenueAnomalies,
  revenuePerDay,
  revenuePerMinute,
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
