import type { ConsentPurpose, CustomerChange } from '#schemas'
import { DAY_MS } from '../calendar.ts'
import { MARKETS } from '../shop/markets.ts'
import { type Person, type Visitor, visitorOf } from '../shop/people.ts'
import { randomOf } from '../shop/random.ts'
import { Cache } from './cache.ts'
import type { Population, Shopper } from './population.ts'
import type { WorldSettings } from './settings.ts'

export const PURPOSES: readonly ConsentPurpose[] = ['EMAIL', 'ADVERTISING', 'PROFILING']

/** Within a season of so many days a customer moves at most once, and changes one consent at most once. */
const SEASON_DAYS = 180
const MOVES = 0.06
const RECONSIDERS = 0.08

/** A change of a customer's record. */
export interface CustomerEvent {
  readonly shopper: Shopper
  readonly at: number
  readonly change: CustomerChange | 'CONSENT'
}

interface Season {
  readonly movesAt: number | undefined
  readonly reconsidersAt: number | undefined
  readonly purpose: ConsentPurpose
}

/** How customers change: moves, consents, closed accounts. Every answer is a function of the world and the question. */
export class Changes {
  private readonly settings: WorldSettings
  private readonly population: Population
  private readonly days = new Cache<ReadonlyMap<number, readonly CustomerEvent[]>>(4)

  constructor(settings: WorldSettings, population: Population) {
    this.settings = settings
    this.population = population
  }

  /** Changes of customers on the UTC day, registrations left out, in the order of time. */
  ofDay(dayStart: number): readonly CustomerEvent[] {
    const season = this.seasonAt(dayStart)
    const byDay = this.days.get(season, () => this.ofSeason(season))
    return byDay.get(dayStart) ?? []
  }

  /** The customer as the shop has them at an instant: the address moves with them. */
  visitorAt(shopper: Shopper, instant: number): Visitor {
    const version = this.moves(shopper, instant).length
    if (version === 0) return shopper.visitor
    const { visitor, market } = shopper
    const seed = this.settings.seed
    const moved = visitorOf(`${visitor.visitorId.slice(2)}#${version}`, market, seed)
    const person = (): Person => ({ ...visitor.person(), address: moved.person().address })
    return { ...visitor, person }
  }

  /** When the customer moved, up to an instant. */
  moves(shopper: Shopper, instant: number): readonly number[] {
    const found: number[] = []
    for (let season = Math.max(0, this.seasonAt(shopper.registeredAt)); season <= this.seasonAt(instant); season++) {
      const { movesAt } = this.season(shopper, season)
      if (movesAt !== undefined && movesAt > shopper.registeredAt && movesAt <= instant) found.push(movesAt)
    }
    return found
  }

  /** The answer to a purpose at an instant, and since when it holds. */
  consentAt(
    shopper: Shopper,
    purpose: ConsentPurpose,
    instant: number,
  ): { readonly granted: boolean; readonly changedAt: number } {
    const share = purpose === 'EMAIL' ? 0.6 : 0.4
    let granted = randomOf(this.settings.seed, 'consent', shopper.visitor.visitorId, purpose).chance(share)
    let changedAt = shopper.registeredAt
    for (let season = Math.max(0, this.seasonAt(shopper.registeredAt)); season <= this.seasonAt(instant); season++) {
      const { reconsidersAt, purpose: changed } = this.season(shopper, season)
      if (changed !== purpose || reconsidersAt === undefined) continue
      if (reconsidersAt <= shopper.registeredAt || reconsidersAt > instant) continue
      granted = !granted
      changedAt = reconsidersAt
    }
    return { granted, changedAt }
  }

  /** What the customer reconsiders in the season of an instant. */
  purposeAt(shopper: Shopper, instant: number): ConsentPurpose {
    return this.season(shopper, this.seasonAt(instant)).purpose
  }

  private seasonAt(instant: number): number {
    return Math.floor((instant - this.settings.start) / (SEASON_DAYS * DAY_MS))
  }

  private season(shopper: Shopper, season: number): Season {
    const random = randomOf(this.settings.seed, 'season', shopper.visitor.visitorId, season)
    const begin = this.settings.start + season * SEASON_DAYS * DAY_MS
    const [moves, reconsiders] = [random.chance(MOVES), random.chance(RECONSIDERS)]
    const [one, other] = [random.next(), random.next()]
    const instant = (part: number) => Math.floor(begin + part * SEASON_DAYS * DAY_MS)
    return {
      movesAt: moves ? instant(one) : undefined,
      reconsidersAt: reconsiders ? instant(other) : undefined,
      purpose: random.pick(PURPOSES),
    }
  }

  private ofSeason(season: number): ReadonlyMap<number, readonly CustomerEvent[]> {
    const begin = this.settings.start + season * SEASON_DAYS * DAY_MS
    const end = begin + SEASON_DAYS * DAY_MS
    const byDay = new Map<number, CustomerEvent[]>()
    for (const market of MARKETS.keys()) {
      const count = this.population.countAt(market, end)
      for (let number = 0; number < count; number++) {
        const shopper = this.population.shopper(market, number)
        const { movesAt, reconsidersAt } = this.season(shopper, season)
        const { closesAt } = shopper
        const add = (at: number | undefined, change: CustomerEvent['change']) => {
          if (at === undefined || at < begin || at >= end || at <= shopper.registeredAt) return
          if (change !== 'CLOSED' && at >= closesAt) return
          const day = Math.floor(at / DAY_MS) * DAY_MS
          byDay.set(day, [...(byDay.get(day) ?? []), { shopper, at, change }])
        }
        add(movesAt, 'MOVED')
        add(reconsidersAt, 'CONSENT')
        add(closesAt, 'CLOSED')
      }
    }
    for (const events of byDay.values()) events.sort((a, b) => a.at - b.at)
    return byDay
  }
}
