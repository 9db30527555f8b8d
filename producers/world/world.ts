import { catalogueOf, type Product } from '../shop/catalogue.ts'
import { MARKETS } from '../shop/markets.ts'
import { Cache } from './cache.ts'
import { Changes } from './changes.ts'
import { clicksOfHour, type PlannedClick } from './clicks.ts'
import { changesByHour, type OrderChange } from './fates.ts'
import { flightsOfHour, type PlannedFlight } from './flights.ts'
import { type Journey, journeysOfHour } from './journeys.ts'
import { Marketing } from './marketing.ts'
import { type Movement, movementsOfHour } from './movements.ts'
import { type OrderPlan, ordersOfHour } from './orders.ts'
import { Population, type Shopper } from './population.ts'
import { type PlannedPromotion, promotionsAt } from './promotions.ts'
import { dayStartOf } from './seasons.ts'
import { checkSettings, HOUR_MS, type WorldSettings } from './settings.ts'

/** Events of all domains for a visit of an ordinary day: counted (domains.test.ts), not derived. */
const EVENTS_PER_VISIT = 9.1

/** Hours after which nothing follows from an order any more: it was returned by then, if ever. */
export const ORDER_HOURS = 21 * 24
/** A visit is over within so many hours of its beginning, the lapse of its cart included. */
export const VISIT_HOURS = 2

/**
 * A shop with its customers, products, suppliers, campaigns and influencers. Whatever happens in an hour is a function of
 * the settings and the hour: days can be made in any order, in pieces or live, and agree. What is remembered here only
 * saves work.
 */
export class World {
  readonly settings: WorldSettings
  readonly population: Population
  readonly changes: Changes
  readonly marketing: Marketing
  readonly catalogue: readonly Product[]
  readonly shelves: ReadonlyMap<string, readonly Product[]>
  readonly categories: readonly string[]
  /** Visits of an ordinary day at the world's start. */
  readonly visitsPerDay: number
  private readonly orderHours = new Cache<readonly OrderPlan[]>(ORDER_HOURS + 30)
  private readonly changeHours = new Cache<ReadonlyMap<number, readonly OrderChange[]>>(ORDER_HOURS + 30)
  private readonly journeyHours = new Cache<readonly Journey[]>(VISIT_HOURS + 4)
  private readonly clickHours = new Cache<readonly PlannedClick[]>(30)
  private readonly movementHours = new Cache<readonly Movement[]>(60)
  private readonly flightHours = new Cache<readonly PlannedFlight[]>(60)
  private readonly newcomerDays = new Cache<ReadonlyMap<number, readonly Shopper[]>>(30)
  private readonly promotionDays = new Cache<readonly PlannedPromotion[]>(30)

  constructor(settings: WorldSettings) {
    checkSettings(settings)
    this.settings = settings
    this.population = new Population(settings)
    this.changes = new Changes(settings, this.population)
    this.catalogue = catalogueOf(settings.seed)
    const shelves = new Map<string, Product[]>()
    for (const product of this.catalogue)
      shelves.set(product.category, [...(shelves.get(product.category) ?? []), product])
    this.shelves = shelves
    this.categories = [...shelves.keys()]
    this.visitsPerDay = settings.eventsPerDay / EVENTS_PER_VISIT
    this.marketing = new Marketing(settings, this.visitsPerDay, this.categories)
  }

  /** Orders paid, or given up, in an hour (since 1970, UTC). */
  orders(hour: number): readonly OrderPlan[] {
    return this.orderHours.get(hour, () => ordersOfHour(this, hour))
  }

  /** What becomes of orders in an hour, placed then or in the three weeks before. */
  *orderChanges(hour: number): Generator<OrderChange> {
    const { seed, start } = this.settings
    for (let placed = Math.max(start / HOUR_MS, hour - ORDER_HOURS); placed <= hour; placed++) {
      const changes = this.changeHours.get(placed, () => changesByHour(this.orders(placed), seed))
      yield* changes.get(hour) ?? []
    }
  }

  /** Visits planned for an hour: those that begin in it, and those whose payment falls into it. */
  journeys(hour: number): readonly Journey[] {
    return this.journeyHours.get(hour, () => journeysOfHour(this, hour))
  }

  /** Every visit that may have an event in the hour. */
  *journeysAround(hour: number): Generator<Journey> {
    for (let planned = hour - VISIT_HOURS; planned <= hour + 1; planned++) yield* this.journeys(planned)
  }

  /** Clicks on advertisements in an hour. */
  clicks(hour: number): readonly PlannedClick[] {
    return this.clickHours.get(hour, () => clicksOfHour(this, hour))
  }

  /** What moved in the warehouses in an hour, deliveries left out. */
  movements(hour: number): readonly Movement[] {
    return this.movementHours.get(hour, () => movementsOfHour(this, hour))
  }

  /** Flights that are scheduled to depart in an hour. */
  flights(hour: number): readonly PlannedFlight[] {
    return this.flightHours.get(hour, () => flightsOfHour(this.settings, hour))
  }

  /** Promotions that run on the day of an instant: they begin and end with UTC days. */
  promotionsAt(instant: number): readonly PlannedPromotion[] {
    const day = dayStartOf(instant)
    return this.promotionDays.get(day, () => promotionsAt(this.settings, this.categories, day))
  }

  /** Those who register in an hour. */
  newcomersOf(hour: number): readonly Shopper[] {
    const day = dayStartOf(hour * HOUR_MS)
    const hours = this.newcomerDays.get(day, () => {
      const byHour = new Map<number, Shopper[]>()
      for (const market of MARKETS.keys())
        for (const shopper of this.population.newcomers(market, day)) {
          const own = Math.floor(shopper.registeredAt / HOUR_MS)
          byHour.set(own, [...(byHour.get(own) ?? []), shopper])
        }
      return byHour
    })
    return hours.get(hour) ?? []
  }
}
