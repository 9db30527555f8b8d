import type { CauseKind, PaymentMethod } from '#schemas'
import { conditionsAt } from '../shop/incidents.ts'
import { MARKETS, type Market } from '../shop/markets.ts'
import { type Random, randomOf } from '../shop/random.ts'
import { amountOf, type BasketLine, basketOf } from './baskets.ts'
import { poisson, weighted } from './chance.ts'
import type { Shopper } from './population.ts'
import type { PlannedPromotion } from './promotions.ts'
import { categoryDemandAt, dayStartOf, demandAt, hourShare } from './seasons.ts'
import { HOUR_MS } from './settings.ts'
import type { World } from './world.ts'

/** Why an order is placed. */
export interface Cause {
  readonly kind: CauseKind
  readonly campaignId: string | null
  readonly postId: string | null
}

export const ORGANIC: Cause = { kind: 'ORGANIC', campaignId: null, postId: null }

/** An order before it happens: everything that is known of it in whatever domain follows from this. */
export interface OrderPlan {
  /** Unique; orders, visits and events are named after it. */
  readonly name: string
  /** When it is paid, or refused for the last time, milliseconds. */
  readonly at: number
  readonly buyer: Shopper
  readonly lines: readonly BasketLine[]
  /** To pay, in hundredths of the market's currency. */
  readonly amount: bigint
  readonly code: string | null
  /** What the code takes off, in hundredths of the market's currency. */
  readonly codeDiscount: bigint
  readonly paymentMethod: PaymentMethod
  /** Reasons of attempts that were refused, in order. */
  readonly refusals: readonly string[]
  readonly paid: boolean
  readonly cause: Cause
  /** The order with which the buyer registers. */
  readonly first: boolean
}

export const orderIdOf = ({ name }: OrderPlan): string => `o-${name}`
export const customerIdOf = ({ visitor }: Shopper): string => `c-${visitor.visitorId.slice(2)}`

/** Organic orders for a visit of an ordinary day. */
export const ORDERS_PER_VISIT = 0.032

const METHODS: readonly PaymentMethod[] = ['CARD', 'CARD', 'CARD', 'PAYPAL', 'PAYPAL', 'INVOICE', 'VOUCHER']
const REASONS = ['insufficient-funds', 'card-expired', 'suspected-fraud', 'limit-exceeded']
/** Above this share of refusals the provider is to blame, not the card. */
const PROVIDER_DOWN = 0.5
/** Share of orders that come with a code their buyer has from somewhere. */
const STRAY_CODES = 0.004

/** Every order that is paid, or given up, in an hour. A function of the world and the hour alone. */
export function ordersOfHour(world: World, hour: number): readonly OrderPlan[] {
  const start = hour * HOUR_MS
  if (start < world.settings.start) return []
  const plans: OrderPlan[] = []
  const promotions = world.promotionsAt(start)
  for (const [index, market] of MARKETS.entries()) organic(world, index, market, hour, promotions, plans)
  caused(world, hour, promotions, plans)
  newcomers(world, hour, promotions, plans)
  return plans
}

/** Orders that people place anyway, and those that a promotion adds: by category, so that its effect is exact. */
function organic(
  world: World,
  index: number,
  market: Market,
  hour: number,
  promotions: readonly PlannedPromotion[],
  plans: OrderPlan[],
): void {
  const { settings, categories } = world
  const start = hour * HOUR_MS
  const middle = start + HOUR_MS / 2
  const { traffic, readiness } = conditionsAt(settings.incidents, middle)
  const random = randomOf(settings.seed, 'orders', index, hour)
  const demands = categories.map((category) => categoryDemandAt(category, middle) / categories.length)
  const factors = demands.map((demand, c) => {
    const running = promotions.find((one) => one.category === categories[c] && one.countries.includes(market.country))
    return demand * (running?.orderFactor ?? 1)
  })
  const sum = factors.reduce((total, factor) => total + factor, 0)
  const expected = world.visitsPerDay * ORDERS_PER_VISIT * demandAt(middle, settings.start) * hourShare(market, start)
  const count = poisson(random, expected * sum * traffic * readiness)
  for (let i = 0; i < count; i++) {
    const category = categories[weighted(random, factors, sum)] ?? ''
    const buyer = world.population.buyer(index, dayStartOf(start), random)
    const name = `${hour.toString(36)}-${market.country.toLowerCase()}${i.toString(36)}-${settings.seed.toString(36)}`
    plans.push(
      planOf(world, { name, at: start + random.integer(HOUR_MS), buyer, category, cause: ORGANIC }, promotions, random),
    )
  }
}

/** Orders that would not be placed without a campaign or a post. */
function caused(world: World, hour: number, promotions: readonly PlannedPromotion[], plans: OrderPlan[]): void {
  const { settings, categories } = world
  const start = hour * HOUR_MS
  for (const { name, market, mean, from, cause, code } of world.marketing.ordersCaused(hour)) {
    const random = randomOf(settings.seed, 'caused', name, hour)
    const count = poisson(random, mean)
    for (let i = 0; i < count; i++) {
      const buyer = world.population.buyer(market, dayStartOf(start), random)
      const id = `${hour.toString(36)}-${name}${i.toString(36)}-${settings.seed.toString(36)}`
      const at = from + random.integer(start + HOUR_MS - from)
      const wish = { name: id, at, buyer, category: random.pick(categories), cause }
      const typed = code !== undefined && random.chance(0.8) ? { code } : {}
      plans.push(planOf(world, { ...wish, ...typed }, promotions, random))
    }
  }
}

/** First orders: everybody registers with one. */
function newcomers(world: World, hour: number, promotions: readonly PlannedPromotion[], plans: OrderPlan[]): void {
  const { settings, categories } = world
  const start = hour * HOUR_MS
  for (const buyer of world.newcomersOf(hour)) {
    const random = randomOf(settings.seed, 'first order', buyer.visitor.visitorId)
    const { cause, code } = world.marketing.broughtBy(buyer, random)
    const name = `${hour.toString(36)}-n${buyer.market.country.toLowerCase()}${buyer.number.toString(36)}-${settings.seed.toString(36)}`
    const wish = { name, at: buyer.registeredAt, buyer, category: random.pick(categories), cause, first: true }
    const typed = code === undefined ? {} : { code }
    if (start <= wish.at) plans.push(planOf(world, { ...wish, ...typed }, promotions, random))
  }
}

interface Wish extends Pick<OrderPlan, 'name' | 'at' | 'buyer' | 'cause'> {
  readonly category: string
  readonly code?: { readonly code: string; readonly discountPercent: number }
  readonly first?: boolean
}

function planOf(world: World, wish: Wish, promotions: readonly PlannedPromotion[], random: Random): OrderPlan {
  const { name, at, buyer, cause, first = false } = wish
  const lines = basketOf(world.shelves, wish.category, buyer, promotions, random)
  const code = wish.code ?? (random.chance(STRAY_CODES) ? world.marketing.codeAt(random) : undefined)
  const gross = amountOf(lines)
  const whole = buyer.market.currency === 'JPY' ? 100n : 1n
  const codeDiscount = code === undefined ? 0n : ((gross * BigInt(code.discountPercent)) / 100n / whole) * whole
  const { refusal } = conditionsAt(world.settings.incidents, at)
  const refusals: string[] = []
  let paid = first
  for (let attempt = 0; attempt < 3 && !paid; attempt++) {
    paid = !random.chance(refusal)
    if (!paid) refusals.push(refusal > PROVIDER_DOWN ? 'payment-provider-unavailable' : random.pick(REASONS))
    if (!paid && !random.chance(0.6)) break
  }
  return {
    name,
    at,
    buyer,
    lines,
    amount: gross - codeDiscount,
    code: code?.code ?? null,
    codeDiscount,
    paymentMethod: random.pick(METHODS),
    refusals,
    paid,
    cause,
    first,
  }
}
