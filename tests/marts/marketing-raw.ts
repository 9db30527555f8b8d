import { type AnyTopic, createTable } from '#engine/schema'
import {
  type AdCampaign,
  type AdClick,
  type AdSpend,
  adCampaigns,
  adClicks,
  adSpend,
  codes,
  type DiscountCode,
  type Fee,
  fees,
  type Influencer,
  identities,
  influencers,
  type Order,
  type OrderCause,
  type OrderLine,
  orderCauses,
  orderLines,
  orders,
  orderTouches,
  type PageView,
  type Post,
  type Promotion,
  type PromotionEffect,
  type Purchase,
  pageViews,
  posts,
  promotionEffects,
  promotions,
  purchases,
  type Redemption,
  redemptions,
  touches,
} from '#schemas'
import { domains, eventsOf, type World } from '../../producers/world/index.ts'
import { promotionsAnnounced } from '../../producers/world/promotions.ts'
import { attributed } from '../processors/attributed.ts'
import { insert } from './insert.ts'

/** What advertising, influencers, the web log and customer relations tell. */
export interface MarketingRaw {
  readonly campaigns: readonly AdCampaign[]
  readonly spend: readonly AdSpend[]
  readonly clicks: readonly AdClick[]
  readonly influencers: readonly Influencer[]
  readonly codes: readonly DiscountCode[]
  readonly posts: readonly Post[]
  readonly fees: readonly Fee[]
  readonly redemptions: readonly Redemption[]
  readonly orders: readonly Order[]
  readonly causes: readonly OrderCause[]
  readonly orderLines: readonly OrderLine[]
  readonly promotions: readonly Promotion[]
  readonly effects: readonly PromotionEffect[]
  readonly pageViews: readonly PageView[]
  readonly purchases: readonly Purchase[]
}

const DAY = 86_400_000
/** Visits and advertisements are told for so many days: they are most of a world's events. */
const DAYS_OF_WEB = 14
/** Orders, influencers and promotions; of orders before, nothing is known but what the retailer's table says. */
const DAYS_OF_ORDERS = 150

/** A world's marketing up to `end`: orders and influencers, advertising and the web log at its end, and what is odd. */
export function marketingOf(world: World, end: number): MarketingRaw {
  const start = end - DAYS_OF_ORDERS * DAY
  const found = new Map<string, unknown[]>()
  const collect = (names: readonly string[], from: number, tables: boolean): void => {
    const chosen = domains.filter(({ name }) => names.includes(name))
    const span = { domains: chosen, start: from, days: (end - from) / DAY, tables }
    for (const events of eventsOf(world, span))
      for (const { topic, value } of events) {
        const known = found.get(topic.name)
        if (known) known.push(value)
        else found.set(topic.name, [value])
      }
  }
  collect(['crm', 'influencers', 'truth'], start, true)
  collect(['ads', 'web'], end - DAYS_OF_WEB * DAY, true)
  const of = <V>(topic: { readonly name: string }): V[] => (found.get(topic.name) ?? []) as V[]
  const planned = promotionsAnnounced(world.settings, world.categories, start, end)
  const spend = of<AdSpend>(adSpend)
  const redeemed = of<Redemption>(redemptions)
  const [first] = redeemed
  const [spent] = spend
  if (first === undefined || spent === undefined) throw new Error('the world has no marketing')
  return {
    campaigns: of<AdCampaign>(adCampaigns).slice(1),
    // A report that a later one replaces, and one of a campaign that nobody booked.
    spend: [{ ...spent, spend: spent.spend + 999n }, ...spend, { ...spent, campaignId: 'cmp-unbooked', spend: 77n }],
    clicks: of<AdClick>(adClicks),
    influencers: of<Influencer>(influencers).slice(1),
    codes: of<DiscountCode>(codes).slice(2),
    posts: of<Post>(posts),
    fees: of<Fee>(fees),
    redemptions: redeemed,
    orders: of<Order>(orders),
    causes: of<OrderCause>(orderCauses),
    orderLines: of<OrderLine>(orderLines),
    promotions: planned.map(({ orderFactor: _, ...promotion }) => promotion),
    // Of one promotion nobody knows what it does.
    effects: planned.slice(1).map(({ promotionId, category, orderFactor, startsAt, endsAt, announcedAt }) => {
      return { promotionId, category, orderFactor, startsAt, endsAt, announcedAt }
    }),
    pageViews: of<PageView>(pageViews),
    purchases: of<Purchase>(purchases),
  }
}

const tables: readonly AnyTopic[] = [
  ...[adCampaigns, adSpend, influencers, codes, posts, fees, redemptions, orderCauses],
  ...[orders, orderLines, promotions, promotionEffects, identities, touches, orderTouches],
]

/** The statements that bring these rows in, and what the processors make of them. */
export async function* marketingStatements(raw: MarketingRaw): AsyncGenerator<string> {
  for (const topic of tables) yield* createTable(topic)
  const made = await attributed(raw, { partitions: 1 })
  if (made.refused > 0) throw new Error(`the processors refused ${made.refused} events`)
  const rows: readonly (readonly [AnyTopic, readonly object[]])[] = [
    [adCampaigns, raw.campaigns],
    [adSpend, raw.spend],
    [influencers, raw.influencers],
    [codes, raw.codes],
    [posts, raw.posts],
    [fees, raw.fees],
    [orderCauses, raw.causes],
    [redemptions, raw.redemptions],
    [orders, raw.orders],
    [orderLines, raw.orderLines],
    [promotions, raw.promotions],
    [promotionEffects, raw.effects],
    [identities, made.identities],
    [touches, made.touches],
    [orderTouches, made.orderTouches],
  ]
  for (const [topic, values] of rows) yield insert(topic, values)
}

/** The rows as the Python side reads them: what it does not look at left out, for there are many page views. */
export const toldToPython = (raw: MarketingRaw): object => ({
  pageViews: raw.pageViews.map(({ visitorId, sessionId, customerId, referrer, country, occurredAt }) => {
    return { visitorId, sessionId, customerId, referrer, country, occurredAt }
  }),
  purchases: raw.purchases.map(({ visitorId, sessionId, customerId, country, occurredAt }) => {
    return { visitorId, sessionId, customerId, country, occurredAt }
  }),
})
