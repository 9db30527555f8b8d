import type { PageType } from '#schemas'
import type { Product } from '../shop/catalogue.ts'
import type { Visitor } from '../shop/people.ts'
import { type Random, randomOf } from '../shop/random.ts'
import { type Deed, Step } from '../shop/step.ts'
import type { BasketLine } from './baskets.ts'
import { choose } from './baskets.ts'
import type { Cause, OrderPlan } from './orders.ts'
import { type VisitPlan, visitsOfHour } from './visits.ts'
import type { World } from './world.ts'

/** A search: what `Deed` has no word for. */
export interface Searched {
  readonly at: number
  readonly query: string
  readonly results: number
  readonly signedIn: boolean
}

/** A visit as it happens, step by step. */
export interface Journey {
  readonly sessionId: string
  readonly visitor: Visitor
  readonly cause: Cause
  readonly first: number
  readonly last: number
  readonly steps: readonly Step[]
  readonly searches: readonly Searched[]
  /** A cart that is left; undefined where none is. */
  readonly left:
    | { readonly lines: readonly BasketLine[]; readonly changedAt: number; readonly signedIn: boolean }
    | undefined
}

/** Visits that begin in the hour, and those whose payment falls into it; both last less than an hour. */
export function journeysOfHour(world: World, hour: number): readonly Journey[] {
  const orders = world.orders(hour).map((order) => orderJourney(world, order))
  return [...orders, ...visitsOfHour(world, hour).map((visit) => visitJourney(world, visit))]
}

function orderJourney(world: World, order: OrderPlan): Journey {
  const { name, at, buyer, cause } = order
  const random = randomOf(world.settings.seed, 'journey', name)
  const visitor = world.changes.visitorAt(buyer, at)
  const walk = new Walk(world, visitor, buyer.taste, !order.first && visitor.signedIn, cause, random)
  walk.land()
  walk.browse(0.55, order.lines[0]?.product)
  for (const line of order.lines) walk.put(line)
  walk.checkOut(order)
  return walk.end(`s-${name}`, { endsAt: at })
}

function visitJourney(world: World, visit: VisitPlan): Journey {
  const { name, at, visitor, customer, lines, bot, cause } = visit
  const random = randomOf(world.settings.seed, 'journey', name)
  const now = customer === undefined ? visitor : world.changes.visitorAt(customer, at)
  const walk = new Walk(world, now, customer?.taste ?? 0, customer !== undefined && visitor.signedIn, cause, random)
  if (bot) walk.rob(lines)
  else {
    walk.land()
    walk.browse(0.72, lines[0]?.product)
    if (customer !== undefined && random.chance(0.15)) walk.signIn()
    for (const line of lines) walk.put(line)
    if (lines.length > 0 && random.chance(0.6)) walk.lookAtCart()
  }
  return walk.end(`s-${name}`, { beginsAt: at, ...(lines.length > 0 ? { left: lines } : {}) })
}

const REFERRERS = [null, null, 'search.example', 'search.example', 'news.example', 'prices.example']
const ELEMENTS = ['gallery', 'reviews', 'size-guide', 'compare']
/** Nobody looks around longer before putting something into the cart: visits stay shorter than an hour. */
const LOOK_AROUND_MS = 20 * 60_000
const LONGEST_PAUSE_S = 150

interface Draft {
  readonly after: number
  readonly signedIn: boolean
  readonly deed: Deed
}

/** Collects what is done and when, counted from the beginning; `end` says when that was. */
class Walk {
  private readonly drafts: Draft[] = []
  private readonly searches: Searched[] = []
  private now = 0
  private changedAt = 0
  private signedIn: boolean
  private readonly world: World
  private readonly visitor: Visitor
  private readonly taste: number
  private readonly cause: Cause
  private readonly random: Random

  constructor(world: World, visitor: Visitor, taste: number, signedIn: boolean, cause: Cause, random: Random) {
    this.world = world
    this.visitor = visitor
    this.taste = taste
    this.signedIn = signedIn
    this.cause = cause
    this.random = random
  }

  land(): void {
    const { kind } = this.cause
    const referrer =
      kind === 'CAMPAIGN' ? 'ads.example' : kind === 'INFLUENCER' ? 'social.example' : this.random.pick(REFERRERS)
    if (this.random.chance(0.5)) this.view('HOME', '/', null, referrer)
    else {
      const product = this.any()
      this.view('PRODUCT', product.path, product.productId, referrer)
    }
  }

  /** Looks around, at each step with the probability to go on; on the way a search for what is wanted. */
  browse(goOn: number, wanted: Product | undefined): void {
    const { random } = this
    if (random.chance(0.25)) this.search((wanted ?? this.any()).path)
    while (random.chance(goOn) && this.now < LOOK_AROUND_MS) {
      const product = this.any()
      if (random.chance(0.3)) {
        this.pause(9)
        this.view('CATEGORY', `/${product.category}`, null, null)
      }
      this.pause(14)
      this.view('PRODUCT', product.path, product.productId, null)
      if (random.chance(0.35)) {
        this.pause(8)
        this.press(random.pick(ELEMENTS), product.path, product.productId)
      }
    }
  }

  put({ product, quantity, unitPrice }: BasketLine): void {
    this.pause(14)
    this.view('PRODUCT', product.path, product.productId, null)
    this.pause(10)
    this.press('add-to-cart', product.path, product.productId)
    this.changedAt = this.now
    this.push({ kind: 'change', action: 'ADD', productId: product.productId, quantity, price: unitPrice })
  }

  lookAtCart(): void {
    this.pause(12)
    this.view('CART', '/cart', null, null)
  }

  signIn(): void {
    this.pause(20)
    this.press('sign-in', '/sign-in', null)
    this.signedIn = true
  }

  /** To the checkout, and every attempt to pay; the last one ends the visit. Newcomers are known only once they have paid. */
  checkOut({ amount, lines, paymentMethod, refusals, paid, first }: OrderPlan): void {
    this.lookAtCart()
    this.pause(10)
    this.press('checkout', '/cart', null)
    if (!first) this.signedIn = true
    this.view('CHECKOUT', '/checkout', null, null)
    const items = lines.reduce((sum, { quantity }) => sum + quantity, 0)
    const attempts: readonly (string | null)[] = paid ? [...refusals, null] : refusals
    for (const refusalReason of attempts) {
      this.pause(35)
      this.push({ kind: 'pay', amount, items, paymentMethod, refusalReason })
    }
  }

  rob(lines: readonly BasketLine[]): void {
    for (const { product, quantity, unitPrice } of lines) {
      this.view('PRODUCT', product.path, product.productId, null)
      this.now += 400 + this.random.integer(900)
      this.changedAt = this.now
      this.push({ kind: 'change', action: 'ADD', productId: product.productId, quantity, price: unitPrice })
    }
  }

  end(
    sessionId: string,
    when: { readonly beginsAt: number; readonly left?: readonly BasketLine[] } | { readonly endsAt: number },
  ): Journey {
    const first = 'beginsAt' in when ? when.beginsAt : when.endsAt - this.now
    const visit = { sessionId, visitor: this.visitor }
    const lines = 'left' in when ? when.left : undefined
    return {
      sessionId,
      visitor: this.visitor,
      cause: this.cause,
      first,
      last: first + this.now,
      steps: this.drafts.map(({ after, signedIn, deed }, i) => new Step(visit, i, first + after, signedIn, deed)),
      searches: this.searches.map((search) => ({ ...search, at: first + search.at })),
      left: lines && { lines, changedAt: first + this.changedAt, signedIn: this.signedIn },
    }
  }

  /** Searches for the words of a product's path. */
  private search(path: string): void {
    const [, category = '', slug = ''] = path.split('/')
    const words = slug.split('-').slice(0, 2)
    const query = this.random.chance(0.5) ? category : [this.random.pick(words), category].join(' ')
    this.pause(8)
    this.searches.push({
      at: this.now,
      query,
      results: this.random.chance(0.06) ? 0 : 1 + this.random.integer(30),
      signedIn: this.signedIn,
    })
  }

  private any(): Product {
    const shelf = this.world.shelves.get(this.random.pick(this.world.categories)) ?? []
    return choose(shelf, this.taste, this.random)
  }

  private pause(medianSeconds: number): void {
    this.now += 500 + Math.round(Math.min(LONGEST_PAUSE_S, this.random.logNormal(medianSeconds, 0.6)) * 1_000)
  }

  private push(deed: Deed): void {
    this.drafts.push({ after: this.now, signedIn: this.signedIn, deed })
  }

  private view(pageType: PageType, path: string, productId: string | null, referrer: string | null): void {
    this.push({ kind: 'view', pageType, path, productId, referrer })
  }

  private press(element: string, path: string, productId: string | null): void {
    this.push({ kind: 'press', element, path, productId })
  }
}
