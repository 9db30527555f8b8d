import type { CartAction, PageType, PaymentMethod } from '#schemas'
import { cartChange, click, pageView, purchase, type ShopEvent } from './event.ts'
import type { Visitor } from './people.ts'

/** The visit that a step belongs to. */
export interface Visit {
  readonly sessionId: string
  readonly visitor: Visitor
}

/** What is done, without who does it when. */
export type Deed =
  | {
      readonly kind: 'view'
      readonly pageType: PageType
      readonly path: string
      readonly productId: string | null
      readonly referrer: string | null
    }
  | { readonly kind: 'press'; readonly element: string; readonly path: string; readonly productId: string | null }
  | {
      readonly kind: 'change'
      readonly action: CartAction
      readonly productId: string
      readonly quantity: number
      readonly price: bigint
    }
  | {
      readonly kind: 'pay'
      readonly amount: bigint
      readonly items: number
      readonly paymentMethod: PaymentMethod
      readonly refusalReason: string | null
    }

/** One thing that a visitor does. The event is built when it is asked for: most of a day's events wait long. */
export class Step {
  /** Milliseconds. */
  readonly at: number
  private readonly visit: Visit
  private readonly index: number
  private readonly signedIn: boolean
  private readonly deed: Deed

  constructor(visit: Visit, index: number, at: number, signedIn: boolean, deed: Deed) {
    this.visit = visit
    this.index = index
    this.at = at
    this.signedIn = signedIn
    this.deed = deed
  }

  event(): ShopEvent {
    const { sessionId, visitor } = this.visit
    const { visitorId, market, device, ip } = visitor
    const person = this.signedIn ? visitor.person() : undefined
    const eventId = `${sessionId}-${this.index}`
    const customerId = person?.customerId ?? null
    const email = person?.email ?? null
    const { deed, at: occurredAt } = this
    const { country, currency } = market
    switch (deed.kind) {
      case 'view': {
        const { pageType, path, productId, referrer } = deed
        return pageView({
          eventId,
          sessionId,
          visitorId,
          customerId,
          country,
          device,
          pageType,
          path,
          productId,
          referrer,
          ip,
          email,
          occurredAt,
        })
      }
      case 'press': {
        const { element, path, productId } = deed
        return click({
          eventId,
          sessionId,
          visitorId,
          customerId,
          country,
          device,
          element,
          path,
          productId,
          ip,
          email,
          occurredAt,
        })
      }
      case 'change': {
        const { action, productId, quantity, price } = deed
        return cartChange({
          eventId,
          sessionId,
          visitorId,
          customerId,
          country,
          device,
          action,
          productId,
          quantity,
          price,
          currency,
          ip,
          email,
          occurredAt,
        })
      }
      case 'pay': {
        const { amount, items, paymentMethod, refusalReason } = deed
        const { name, address, ...buyer } = visitor.person()
        return purchase({
          eventId,
          sessionId,
          visitorId,
          customerId: buyer.customerId,
          country,
          device,
          orderId: `o-${sessionId.slice(2)}`,
          status: refusalReason === null ? 'PAID' : 'REFUSED',
          amount,
          currency,
          items,
          paymentMethod,
          refusalReason,
          ip,
          email: buyer.email,
          name,
          address,
          occurredAt,
        })
      }
    }
  }
}
