import type { CartAction, PageType, PaymentMethod } from '#schemas'
import type { Product } from './catalogue.ts'
import type { Conditions } from './incidents.ts'
import type { Random } from './random.ts'
import { type Deed, Step, type Visit } from './step.ts'

export interface SessionStart extends Visit {
  /** Milliseconds. */
  readonly at: number
  readonly catalogue: readonly Product[]
  readonly conditions: (instant: number) => Conditions
}

const REFERRERS = [null, null, 'search.example', 'search.example', 'social.example', 'news.example', 'prices.example']
const ELEMENTS = ['gallery', 'reviews', 'size-guide', 'compare']
const METHODS: readonly PaymentMethod[] = ['CARD', 'CARD', 'CARD', 'PAYPAL', 'PAYPAL', 'INVOICE', 'VOUCHER']
const REASONS = ['insufficient-funds', 'card-expired', 'suspected-fraud', 'limit-exceeded']
/** Above this share of refusals the provider is to blame, not the card. */
const PROVIDER_DOWN = 0.5

/** One visit, from the landing page down the funnel as far as this visitor goes. Steps are in the order of time. */
export const sessionSteps = (start: SessionStart, random: Random): readonly Step[] => new Session(start, random).walk()

/** What a bot does in a visit: one product page, and the product into the cart. */
export const botSteps = (start: SessionStart, random: Random): readonly Step[] => new Session(start, random).rob()

class Session {
  private readonly steps: Step[] = []
  private readonly cart: { product: Product; quantity: number }[] = []
  private now: number
  private signedIn: boolean
  private readonly start: SessionStart
  private readonly random: Random

  constructor(start: SessionStart, random: Random) {
    this.start = start
    this.random = random
    this.now = start.at
    this.signedIn = start.visitor.signedIn
  }

  walk(): readonly Step[] {
    this.land()
    while (this.random.chance(0.74)) this.browse()
    if (this.cart.length > 0) this.leaveOrPay()
    return this.steps
  }

  rob(): readonly Step[] {
    const product = this.random.pick(this.start.catalogue)
    this.view('PRODUCT', product.path, product.productId, null)
    this.now += 400 + this.random.integer(900)
    this.change('ADD', product, 1)
    return this.steps
  }

  private land(): void {
    const referrer = this.random.pick(REFERRERS)
    const product = this.random.chance(0.5) ? undefined : this.random.pick(this.start.catalogue)
    if (product) this.view('PRODUCT', product.path, product.productId, referrer)
    else this.view('HOME', '/', null, referrer)
  }

  private browse(): void {
    const product = this.random.pick(this.start.catalogue)
    if (this.random.chance(0.3)) {
      this.pause(9)
      this.view('CATEGORY', `/${product.category}`, null, null)
    }
    this.pause(14)
    this.view('PRODUCT', product.path, product.productId, null)
    if (this.random.chance(0.35)) {
      this.pause(8)
      this.press(this.random.pick(ELEMENTS), product.path, product.productId)
    }
    if (this.ready(0.11)) this.put(product)
  }

  private put(product: Product): void {
    this.pause(10)
    this.press('add-to-cart', product.path, product.productId)
    const quantity = this.random.chance(0.85) ? 1 : 2
    this.cart.push({ product, quantity })
    this.change('ADD', product, quantity)
  }

  private leaveOrPay(): void {
    if (!this.random.chance(0.75)) return
    this.pause(12)
    this.view('CART', '/cart', null, null)
    if (this.random.chance(0.12)) this.takeOut()
    if (this.cart.length === 0 || !this.ready(0.58)) return
    this.pause(10)
    this.press('checkout', '/cart', null)
    this.signedIn = true
    this.view('CHECKOUT', '/checkout', null, null)
    if (this.ready(0.85)) this.pay()
  }

  private takeOut(): void {
    const taken = this.cart.pop()
    if (!taken) return
    this.pause(9)
    this.change('REMOVE', taken.product, taken.quantity)
  }

  /** A refused shopper tries again now and then. */
  private pay(): void {
    for (let attempt = 0; attempt < 3; attempt++) {
      this.pause(35)
      const { refusal } = this.start.conditions(this.now)
      const refused = this.random.chance(refusal)
      const reason = refusal > PROVIDER_DOWN ? 'payment-provider-unavailable' : this.random.pick(REASONS)
      this.attempt(refused ? reason : null)
      if (!refused || !this.random.chance(0.6)) return
    }
  }

  private pause(medianSeconds: number): void {
    this.now += 500 + Math.round(Math.min(300, this.random.logNormal(medianSeconds, 0.6)) * 1_000)
  }

  private ready(probability: number): boolean {
    return this.random.chance(Math.min(0.95, probability * this.start.conditions(this.now).readiness))
  }

  private price(product: Product): bigint {
    const { currency, priceFactor } = this.start.visitor.market
    const cents = Math.round(product.cents * priceFactor)
    return BigInt(currency === 'JPY' ? Math.round(cents / 100) * 100 : cents)
  }

  private push(deed: Deed): void {
    this.steps.push(new Step(this.start, this.steps.length, this.now, this.signedIn, deed))
  }

  private view(pageType: PageType, path: string, productId: string | null, referrer: string | null): void {
    this.push({ kind: 'view', pageType, path, productId, referrer })
  }

  private press(element: string, path: string, productId: string | null): void {
    this.push({ kind: 'press', element, path, productId })
  }

  private change(action: CartAction, product: Product, quantity: number): void {
    this.push({ kind: 'change', action, productId: product.productId, quantity, price: this.price(product) })
  }

  private attempt(refusalReason: string | null): void {
    const paymentMethod = this.random.pick(METHODS)
    let amount = 0n
    let items = 0
    for (const { product, quantity } of this.cart) {
      amount += this.price(product) * BigInt(quantity)
      items += quantity
    }
    this.push({ kind: 'pay', amount, items, paymentMethod, refusalReason })
  }
}
