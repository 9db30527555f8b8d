import type { AnyTopic } from '#engine/schema'
import type { Clock } from '#engine/time'
import {
  cartAbandonmentAnomalies,
  cartAbandonmentPerMinute,
  delayByWeather,
  departureDelayPerHour,
  funnelPerMinute,
  quality,
  revenueAnomalies,
  revenuePerDay,
  revenuePerMinute,
  stockAlerts,
  trendingProducts,
} from '#schemas'
import type { Mart } from '../../marts/index.ts'
import { Freshness } from './freshness.ts'
import { goldRelations, scopeOf } from './gold.ts'
import type { LiveFeed } from './live/feed.ts'
import type { Relation } from './relation.ts'
import { campaigns, flights } from './results.ts'
import type { AnyRoute } from './route.ts'
import { clientRoute } from './routes/client.ts'
import { type Completion, listing } from './routes/listing.ts'
import { liveRoute } from './routes/live.ts'
import { type ProductSearch, productsRoute } from './routes/products.ts'
import { recommendationsRoute } from './routes/recommendations.ts'
import { type LatestRows, nowRoute, resultListing } from './routes/results.ts'
import { tablesRoute } from './routes/tables.ts'
import type { Store } from './store/contract.ts'

/** Results that `/live` sends. */
export const liveTopics: readonly AnyTopic[] = [
  revenuePerMinute,
  funnelPerMinute,
  cartAbandonmentPerMinute,
  revenueAnomalies,
  cartAbandonmentAnomalies,
  trendingProducts,
  stockAlerts,
  departureDelayPerHour,
  delayByWeather,
  revenuePerDay,
  quality,
]

/** Rows of these are in Redis, too, and of one minute each. */
const hasMinutes = ({ name, contract }: AnyTopic): boolean =>
  contract.topic.serving !== undefined && /-per-minute\.v\d+$/.test(name)

export interface RouteSources {
  readonly marts: readonly Mart[]
  readonly store: Store
  readonly clock: Clock
  readonly products: ProductSearch
  readonly feed: LiveFeed
  readonly view: LatestRows
  /** How complete the results of a topic are, as far as is known. */
  readonly completion: (topic: AnyTopic) => Promise<Completion | undefined>
}

/** Every path of the API. */
export function routesOf({ marts, store, clock, products, feed, view, completion }: RouteSources): readonly AnyRoute[] {
  const freshness = new Freshness(store, clock)
  const gold = goldRelations(marts)
  const relation = (name: string): Relation => {
    const found = gold.get(name)
    if (found === undefined) throw new Error(`there is no mart ${name}`)
    return found
  }
  const [clients, achats, revenueDay] = [relation('dim_clients'), relation('fact_achats'), relation('fact_ca_jour')]
  const figures = marts.flatMap(({ name, english, grain, description }) =>
    [name, ...(english === undefined ? [] : [english])].map((own) =>
      listing(
        {
          ...{ path: `/gold/${own}`, tag: own === name ? 'Gold' : 'Gold, in English', relation: relation(own) },
          ...{ scope: scopeOf(relation(own)), summary: `${own}: ${grain}`, description },
        },
        store,
        freshness,
      ),
    ),
  )
  return [
    listing(
      {
        ...{ path: '/clients', tag: 'Customers', scope: 'customers', relation: clients },
        summary: 'Customers',
        description: 'Every customer, from the retailer’s table or only from a purchase (`gold.dim_clients`).',
      },
      store,
      freshness,
    ),
    clientRoute({ clients, achats, revenueDay, clv: relation('kpi_clv'), rfm: relation('dim_rfm') }, store, freshness),
    listing(
      {
        ...{ path: '/achats', tag: 'Customers', scope: 'customers', relation: achats, completeIn: revenueDay },
        ...{ summary: 'Purchase lines', newestFirst: true },
        description: 'Every purchase line once, the latest first (`gold.fact_achats`).',
      },
      store,
      freshness,
    ),
    listing(
      {
        ...{ path: '/kpis', tag: 'Figures', scope: 'figures', relation: relation('kpi_synthese') },
        ...{ completeIn: revenueDay, summary: 'The shop in one line' },
        description: 'Key figures as of the latest purchase (`gold.kpi_synthese`); each in detail below `/gold`.',
      },
      store,
      freshness,
    ),
    listing(
      {
        ...{ path: '/campaigns', tag: 'Marketing', scope: 'campaigns', relation: campaigns },
        summary: 'Campaigns with what they cost',
        description:
          'Campaigns as booked, with impressions, clicks and spend as their networks report them. What they bring, by model of attribution, is at `/gold/kpi_campaigns`.',
      },
      store,
      freshness,
    ),
    listing(
      {
        ...{ path: '/flights', tag: 'Aviation', scope: 'flights', relation: flights, newestFirst: true },
        summary: 'Flights and delays now',
        description: 'The live timetable, the latest departure first, with what has become of each so far.',
      },
      store,
      freshness,
    ),
    recommendationsRoute(
      { households: relation('dim_households'), products: relation('dim_store_products') },
      store,
      freshness,
    ),
    productsRoute(products),
    liveRoute(feed, liveTopics),
    ...liveTopics.map((topic) => resultListing(topic, store, freshness, completion)),
    ...liveTopics.filter(hasMinutes).map((topic) => nowRoute(topic, view, clock)),
    tablesRoute(marts, new Map(marts.map(({ name }) => [name, scopeOf(relation(name))]))),
    ...figures,
  ]
}
