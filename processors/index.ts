import type { AnyTopic, Plan } from '#engine'
import {
  cartAbandonmentPerMinuteCorrections,
  departureDelayPerHourCorrections,
  funnelPerMinuteCorrections,
  revenuePerDayCorrections,
  revenuePerMinuteCorrections,
} from '#schemas'
import { ruleSets } from '../schemas/rule-sets.ts'
import cartAbandonmentAnomalies from './cart-abandonment-anomalies.ts'
import cartAbandonmentPerMinute from './cart-abandonment-per-minute.ts'
import cartOutcomes from './cart-outcomes.ts'
import { cleaning } from './cleaning/index.ts'
import delayByWeather from './delay-by-weather.ts'
import departureDelayPerHour from './departure-delay-per-hour.ts'
import funnelPerMinute from './funnel-per-minute.ts'
import customerTouches from './marketing/customer-touches.ts'
import identities from './marketing/identities.ts'
import orderTouches from './marketing/order-touches.ts'
import touches from './marketing/touches.ts'
import visitorClicks from './marketing/visitor-clicks.ts'
import maskedCartChanges from './masked-cart-changes.ts'
import maskedClicks from './masked-clicks.ts'
import maskedClients from './masked-clients.ts'
import maskedCustomers from './masked-customers.ts'
import maskedPageViews from './masked-page-views.ts'
import maskedPurchases from './masked-purchases.ts'
import quality from './quality.ts'
import basketProducts from './recommendations/basket-products.ts'
import relatedProducts from './recommendations/related-products.ts'
import retailRevenuePerDay from './retail-revenue-per-day.ts'
import revenueAnomalies from './revenue-anomalies.ts'
import revenuePartsPerMinute from './revenue-parts-per-minute.ts'
import revenuePerMinute from './revenue-per-minute.ts'
import sessions from './sessions.ts'
import stockAlerts from './stock-alerts.ts'
import trendingProducts from './trending-products.ts'

export interface Processor {
  readonly plan: Plan
  /** What it publishes, in one line. */
  readonly doc: string
  /** Where `kappa settle` posts what late events add to its rows; absent: late events are made good by a replay. */
  readonly corrections?: AnyTopic
}

/** Every processor of the house, in the order in which data reaches them. */
export const processors: readonly Processor[] = [
  { plan: maskedPageViews, doc: 'Page views with e-mail and address masked.' },
  { plan: maskedClicks, doc: 'Clicks with e-mail and address masked.' },
  { plan: maskedCartChanges, doc: 'Cart changes with e-mail and address masked.' },
  { plan: maskedPurchases, doc: 'Checkouts with e-mail, name and addresses masked.' },
  { plan: maskedCustomers, doc: 'Customers with e-mail and address masked, without name.' },
  { plan: maskedClients, doc: 'Clients with the e-mail masked, without name.' },
  {
    plan: revenuePerMinute,
    doc: 'Paid orders and revenue per minute, country and currency.',
    corrections: revenuePerMinuteCorrections,
  },
  {
    plan: funnelPerMinute,
    doc: 'Views, clicks, cart changes and paid checkouts per minute and country.',
    corrections: funnelPerMinuteCorrections,
  },
  { plan: cartOutcomes, doc: 'What became of every cart: bought or abandoned.' },
  {
    plan: cartAbandonmentPerMinute,
    doc: 'Carts bought and abandoned per minute and country.',
    corrections: cartAbandonmentPerMinuteCorrections,
  },
  { plan: sessions, doc: 'Visits that are over, with the way they took and the customer where known.' },
  { plan: trendingProducts, doc: 'The ten products of each country’s last hour, every five minutes.' },
  { plan: revenuePartsPerMinute, doc: 'Paid revenue per minute, divided by device and payment method.' },
  {
    plan: revenueAnomalies,
    doc: 'Revenue out of the ordinary for its hour, with band, reason and what it comes from.',
  },
  { plan: cartAbandonmentAnomalies, doc: 'Shares of abandoned carts out of the ordinary, sudden or slow.' },
  { plan: identities, doc: 'Who visitors turn out to be, as of when they signed in or paid.' },
  { plan: visitorClicks, doc: 'Clicks on advertisements by visitor.' },
  { plan: touches, doc: 'Clicks and visits by visitor, again with the customer once known.' },
  { plan: customerTouches, doc: 'Touches of customers, codes of influencers included.' },
  { plan: orderTouches, doc: 'What led to each order, with its share by four models of attribution.' },
  { plan: stockAlerts, doc: 'Products at their reorder point, and back above it.' },
  { plan: delayByWeather, doc: 'Departures and delays per airport, hour and weather.' },
  {
    plan: retailRevenuePerDay,
    doc: 'Retail revenue, lines and units per department and New York day.',
    corrections: revenuePerDayCorrections,
  },
  { plan: basketProducts, doc: 'Complete baskets by product, each beside the others.' },
  { plan: relatedProducts, doc: 'What is bought together with each product, as baskets arrive.' },
  {
    plan: departureDelayPerHour,
    doc: 'Departure delays per airport and hour, with that hour’s weather.',
    corrections: departureDelayPerHourCorrections,
  },
  ...ruleSets.map((rules) => ({ plan: cleaning(rules), doc: rules.doc })),
  { plan: quality, doc: 'Completeness, uniqueness, validity and freshness per source and hour.' },
]
