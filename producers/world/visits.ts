import { BOT_TRAFFIC, conditionsAt } from '../shop/incidents.ts'
import { MARKETS, type Market } from '../shop/markets.ts'
import { addressOf, type Visitor, visitorOf } from '../shop/people.ts'
import { type Random, randomOf } from '../shop/random.ts'
import { type BasketLine, basketOf } from './baskets.ts'
import { poisson } from './chance.ts'
import { type Cause, ORGANIC } from './orders.ts'
import type { Shopper } from './population.ts'
import { dayStartOf, demandAt, hourShare } from './seasons.ts'
import { HOUR_MS } from './settings.ts'
import type { World } from './world.ts'

/** A visit that ends without an attempt to pay. */
export interface VisitPlan {
  readonly name: string
  /** When it begins, milliseconds. */
  readonly at: number
  readonly visitor: Visitor
  /** The customer, where the visitor is one already. */
  readonly customer: Shopper | undefined
  /** What is put into the cart and left there. */
  readonly lines: readonly BasketLine[]
  readonly cause: Cause
  readonly bot: boolean
}

/** Of visits without an attempt to pay, those that leave a cart. */
const LEAVE_A_CART = 0.065
/** Strangers never register; they come back now and then: so many for a customer at the start. */
const STRANGERS = 3
const BOT_ADDRESSES = 12

/** Every visit that begins in an hour and does not come to paying. A function of the world and the hour alone. */
export function visitsOfHour(world: World, hour: number): readonly VisitPlan[] {
  const start = hour * HOUR_MS
  const { settings } = world
  if (start < settings.start) return []
  const plans: VisitPlan[] = []
  const { traffic, readiness } = conditionsAt(settings.incidents, start + HOUR_MS / 2)
  for (const [index, market] of MARKETS.entries()) {
    const random = randomOf(settings.seed, 'visits', index, hour)
    const mean = world.visitsPerDay * demandAt(start, settings.start) * hourShare(market, start) * traffic
    const count = poisson(random, mean)
    const cc = market.country.toLowerCase()
    for (let i = 0; i < count; i++) {
      const name = `${hour.toString(36)}-v${cc}${i.toString(36)}-${settings.seed.toString(36)}`
      const at = start + random.integer(HOUR_MS)
      plans.push(visitOf(world, { name, at, index, market, cause: ORGANIC, readiness }, random))
    }
  }
  for (const [i, campaign] of world.marketing.campaigns.at(start).entries()) {
    const random = randomOf(settings.seed, 'clicks', campaign.campaignId, hour)
    const count = poisson(random, world.marketing.clicks(campaign, hour) * (1 - campaign.conversion))
    const market = MARKETS[campaign.market] as Market
    const cause: Cause = { kind: 'CAMPAIGN', campaignId: campaign.campaignId, postId: null }
    for (let k = 0; k < count; k++) {
      const name = `${hour.toString(36)}-c${i.toString(36)}.${k.toString(36)}-${settings.seed.toString(36)}`
      const at = start + random.integer(HOUR_MS)
      plans.push(visitOf(world, { name, at, index: campaign.market, market, cause, readiness }, random))
    }
  }
  bots(world, hour, plans)
  return plans
}

interface Beginning extends Pick<VisitPlan, 'name' | 'at' | 'cause'> {
  readonly index: number
  readonly market: Market
  readonly readiness: number
}

function visitOf(world: World, { name, at, index, market, cause, readiness }: Beginning, random: Random): VisitPlan {
  const { population } = world
  const dayStart = dayStartOf(at)
  const who = random.next()
  const customer = who < 0.5 ? population.buyer(index, dayStart, random) : undefined
  const known = customer ?? (who < 0.58 ? population.prospect(index, dayStart, random) : undefined)
  const visitor = known?.visitor ?? strangerOf(world, market, random)
  const leaves = random.chance(LEAVE_A_CART * Math.min(3, 2 - readiness))
  const buyer = { market, taste: known?.taste ?? random.integer(5) }
  const lines = leaves
    ? basketOf(world.shelves, random.pick(world.categories), buyer, world.promotionsAt(at), random)
    : []
  return { name, at, visitor, customer, lines, cause, bot: false }
}

function strangerOf({ settings }: World, market: Market, random: Random): Visitor {
  const number = random.integer(Math.ceil(STRANGERS * settings.initialCustomers * market.share))
  return visitorOf(
    `${settings.seed.toString(36)}-${market.country.toLowerCase()}-x${number.toString(36)}`,
    market,
    settings.seed,
  )
}

/** Bots come at an even pace, with few addresses; each looks at one product and puts it into the cart. */
function bots(world: World, hour: number, plans: VisitPlan[]): void {
  const { settings, visitsPerDay, categories } = world
  const start = hour * HOUR_MS
  for (const [i, incident] of settings.incidents.entries()) {
    const [from, to] = [Math.max(incident.start, start), Math.min(incident.end, start + HOUR_MS)]
    if (incident.kind !== 'bot-burst' || to <= from) continue
    const random = randomOf(settings.seed, 'bots', i, hour)
    const count = poisson(random, ((visitsPerDay * BOT_TRAFFIC) / 24) * ((to - from) / HOUR_MS))
    for (let k = 0; k < count; k++) {
      const market = random.pick(MARKETS)
      const name = `${hour.toString(36)}-b${i}.${k.toString(36)}-${settings.seed.toString(36)}`
      const visitor: Visitor = {
        visitorId: `v-${name}`,
        market,
        device: 'DESKTOP',
        ip: addressOf(randomOf('bot', random.integer(BOT_ADDRESSES))),
        signedIn: false,
        person: () => ({ customerId: `c-${name}`, email: 'bot@example.com', name: 'bot', address: '' }),
      }
      const [line] = basketOf(world.shelves, random.pick(categories), { market, taste: 0 }, [], random)
      const at = from + random.integer(to - from)
      plans.push({ name, at, visitor, customer: undefined, lines: line ? [line] : [], cause: ORGANIC, bot: true })
    }
  }
}
