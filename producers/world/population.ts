import { DAY_MS } from '../calendar.ts'
import { busyness, MARKETS, type Market } from '../shop/markets.ts'
import { type Visitor, visitorOf } from '../shop/people.ts'
import { type Random, randomOf } from '../shop/random.ts'
import { type WorldSettings, YEAR_MS } from './settings.ts'

/** Customers grow by this factor a year. */
const CUSTOMER_GROWTH = 1.25
const LN_GROWTH = Math.log(CUSTOMER_GROWTH)
/** The first customers registered within so long before the world's start. */
const BEFORE_START_MS = 2 * YEAR_MS
/** Half of the customers have bought for the last time after so long. */
const HALF_LIFE_DAYS = 420
/** Of those, so many close their account soon after. */
const CLOSES = 0.3

/** Somebody who is, was or will be a customer. */
export interface Shopper {
  readonly number: number
  readonly market: Market
  /** As the shop meets them: the same visitor that `kappa produce shop` has under this number. */
  readonly visitor: Visitor
  /** How readily they buy, in (0, 1]: few buy much. */
  readonly weight: number
  /** When they register, milliseconds. */
  readonly registeredAt: number
  /** After this instant they hardly buy any more. */
  readonly fadesAt: number
  /** When they close the account; infinity for most. */
  readonly closesAt: number
  /** What they like: shifts which products of a category they choose. */
  readonly taste: number
}

/**
 * The customers of a world, by market and number: who registers when is a formula of the number, so that any day can be
 * asked for without those before it.
 */
export class Population {
  private readonly known = MARKETS.map(() => new Map<number, Shopper>())
  private readonly initial: readonly number[]
  private readonly settings: WorldSettings

  constructor(settings: WorldSettings) {
    this.settings = settings
    this.initial = MARKETS.map(({ share }) => Math.max(1, Math.round(settings.initialCustomers * share)))
  }

  /** Customers of a market who registered before the UTC day that begins at `dayStart`. */
  countAt(market: number, dayStart: number): number {
    const years = Math.max(0, dayStart - this.settings.start) / YEAR_MS
    return Math.floor((this.initial[market] ?? 0) * Math.exp(LN_GROWTH * years) + 1e-6)
  }

  shopper(market: number, number: number): Shopper {
    const known = this.known[market] as Map<number, Shopper>
    let shopper = known.get(number)
    if (!shopper) {
      shopper = this.make(MARKETS[market] as Market, market, number)
      known.set(number, shopper)
    }
    return shopper
  }

  /** One who is a customer on a day, drawn by how readily they buy. */
  buyer(market: number, dayStart: number, random: Random): Shopper {
    const count = this.countAt(market, dayStart)
    let shopper = this.shopper(market, random.integer(count))
    for (let tries = 0; tries < 200; tries++) {
      const faded = dayStart > shopper.fadesAt
      const closing = dayStart + DAY_MS > shopper.closesAt
      if (!closing && (tries > 16 || random.next() < shopper.weight * (faded ? 0.04 : 1))) break
      shopper = this.shopper(market, random.integer(count))
    }
    return shopper
  }

  /** One who will register within the next week: they look around before they do; undefined where there is none. */
  prospect(market: number, dayStart: number, random: Random): Shopper | undefined {
    const [from, to] = [this.countAt(market, dayStart + DAY_MS), this.countAt(market, dayStart + 8 * DAY_MS)]
    return to > from ? this.shopper(market, from + random.integer(to - from)) : undefined
  }

  /** Those who register on the UTC day. */
  newcomers(market: number, dayStart: number): readonly Shopper[] {
    const [from, to] = [this.countAt(market, dayStart), this.countAt(market, dayStart + DAY_MS)]
    return Array.from({ length: Math.max(0, to - from) }, (_, i) => this.shopper(market, from + i))
  }

  private make(market: Market, index: number, number: number): Shopper {
    const { seed } = this.settings
    const id = `${seed.toString(36)}-${market.country.toLowerCase()}-${number.toString(36)}`
    const random = randomOf(seed, 'shopper', id)
    const registeredAt = this.registration(market, index, number, random)
    const fadesAt = registeredAt + random.exponential((HALF_LIFE_DAYS / Math.LN2) * DAY_MS)
    const closesAt = Math.floor(fadesAt + (30 + 60 * random.next()) * DAY_MS)
    return {
      number,
      market,
      visitor: visitorOf(id, market, seed),
      weight: Math.min(1, random.logNormal(0.16, 1)),
      registeredAt,
      fadesAt,
      closesAt: random.chance(CLOSES) && closesAt > this.settings.start ? closesAt : Number.POSITIVE_INFINITY,
      taste: random.integer(5),
    }
  }

  private registration(market: Market, index: number, number: number, random: Random): number {
    const { start } = this.settings
    const initial = this.initial[index] ?? 1
    if (number < initial) return start - 1 - Math.floor(random.next() * BEFORE_START_MS)
    let day = Math.floor(((Math.log((number + 1) / initial) / LN_GROWTH) * YEAR_MS) / DAY_MS)
    while (day > 0 && this.countAt(index, start + day * DAY_MS) > number) day--
    while (this.countAt(index, start + (day + 1) * DAY_MS) <= number) day++
    return timeWithin(market, start + day * DAY_MS, random)
  }
}

const BUSIEST = 112

/** An instant of the UTC day, more likely when the market is busy. */
function timeWithin(market: Market, dayStart: number, random: Random): number {
  let at = dayStart
  for (let tries = 0; tries < 12; tries++) {
    at = dayStart + Math.floor(random.next() * DAY_MS)
    if (random.next() * BUSIEST < busyness(market, at)) break
  }
  return at
}
