// Generated from the contracts by `kappa schemas generate`. Do not edit.

import { type Topic, topic } from '#engine/schema'

export type Severity = 'WARNING' | 'CRITICAL'

export type Direction = 'HIGH' | 'LOW'

export type Device = 'DESKTOP' | 'MOBILE' | 'TABLET'

export type CartAction = 'ADD' | 'REMOVE'

export type CartFate = 'BOUGHT' | 'ABANDONED'

export type FunnelStep = 'PAGE_VIEW' | 'CLICK' | 'ADD_TO_CART' | 'REMOVE_FROM_CART' | 'PURCHASE'

export type PageType = 'HOME' | 'CATEGORY' | 'PRODUCT' | 'CART' | 'CHECKOUT'

export type PurchaseStatus = 'PAID' | 'REFUSED'

export type PaymentMethod = 'CARD' | 'PAYPAL' | 'INVOICE' | 'VOUCHER'

export interface Contribution {
  /** What revenue is divided by, e.g. `paymentMethod`. */
  readonly dimension: string
  /** Its value; null: all other values together. */
  readonly value: string | null
  /** What was expected of it: the whole expectation, divided as revenue was before the anomaly. Unscaled: 2 decimal places. */
  readonly expected: bigint
  /** What was seen. Unscaled: 2 decimal places. */
  readonly actual: bigint
  /** Its part of the deviation, `actual` less `expected`: those of one dimension add up to 1, and a value that went the other way has a negative one. Unscaled: 9 decimal places. */
  readonly share: bigint
  /** How much its part of revenue changed: its term of the Jensen-Shannon divergence, in nats, of what was seen from what was expected; 0: not at all. */
  readonly surprise: number
  /** True for the few values that explain two thirds of the deviation, where the dimension changed by more than chance. */
  readonly cause: boolean
}

export interface RevenuePart {
  /** What revenue is divided by: `device` or `paymentMethod`. */
  readonly dimension: string
  /** Its value. */
  readonly value: string
  /** Paid orders of this value. */
  readonly orders: number
  /** Sum of their amounts. Unscaled: 2 decimal places. */
  readonly revenue: bigint
}

/** A cart that nobody touched for 30 minutes after the visit that filled it, as the cart service of the shop sees it. */
export interface AbandonedCart {
  /** The visit that filled the cart. */
  readonly sessionId: string
  /** The browser or app installation, known before anybody signs in. */
  readonly visitorId: string
  /** The signed-in customer; null for an anonymous visitor. */
  readonly customerId: string | null
  /** ISO 3166-1 alpha-2 code of the shop front visited. */
  readonly country: string
  /** Pieces left in the cart. */
  readonly items: number
  /** What they would have cost, in `currency`. Unscaled: 2 decimal places. */
  readonly amount: bigint
  /** ISO 4217 code. */
  readonly currency: string
  /** When the cart was last changed. Milliseconds since 1970 UTC. */
  readonly lastChangedAt: number
  /** When it counted as abandoned: 30 minutes later. Milliseconds since 1970 UTC. */
  readonly abandonedAt: number
}

/** A window whose share of abandoned carts lies outside the expected band. */
export interface CartAbandonmentAnomaly {
  /** Derived from metric, place and window: the same anomaly always has the same id. */
  readonly anomalyId: string
  /** Name of the metric: `cart-abandonment`. */
  readonly metric: string
  /** ISO 3166-1 alpha-2 code of the shop front visited. */
  readonly country: string
  /** Start of the window judged, inclusive. Milliseconds since 1970 UTC. */
  readonly windowStart: number
  /** End of the window judged, exclusive. Milliseconds since 1970 UTC. */
  readonly windowEnd: number
  /** What was seen. */
  readonly actual: number
  /** What the baseline led to expect. */
  readonly expected: number
  /** Lower edge of the expected band. */
  readonly lower: number
  /** Upper edge of the expected band. */
  readonly upper: number
  /** Distance from the expected value in robust standard deviations; negative below it. */
  readonly score: number
  /** How far outside the band. */
  readonly severity: Severity
  /** Above or below the band. */
  readonly direction: Direction
  /** One sentence for people: what was seen, what was expected, since when. */
  readonly reason: string
  /** Event time at which it was decided. Milliseconds since 1970 UTC. */
  readonly detectedAt: number
}

/** What fates of carts that came too late add to a country and minute. */
export interface CartAbandonmentPerMinuteCorrection {
  /** Processor, identity of the row, and number: the same whenever it is settled again. */
  readonly correctionId: string
  /** Which correction of its row it is, counted from 1. */
  readonly number: number
  /** ISO 3166-1 alpha-2 code of the shop front visited. */
  readonly country: string
  /** Start of the minute, inclusive. Milliseconds since 1970 UTC. */
  readonly windowStart: number
  /** End of the minute, exclusive. Milliseconds since 1970 UTC. */
  readonly windowEnd: number
  /** To be added to the row: carts decided: bought or abandoned. */
  readonly carts: number
  /** To be added to the row: carts that were bought. */
  readonly purchases: number
  /** To be added to the row: carts that were left without a paid checkout. */
  readonly abandoned: number
}

/** Carts whose fate was decided in a minute of event time, per country. */
export interface CartAbandonmentPerMinute {
  /** ISO 3166-1 alpha-2 code of the shop front visited. */
  readonly country: string
  /** Start of the minute, inclusive. Milliseconds since 1970 UTC. */
  readonly windowStart: number
  /** End of the minute, exclusive. Milliseconds since 1970 UTC. */
  readonly windowEnd: number
  /** Carts decided: bought or abandoned. */
  readonly carts: number
  /** Carts that were bought. */
  readonly purchases: number
  /** Carts that were left without a paid checkout. */
  readonly abandoned: number
}

/** A product was put into a cart or taken out of it. Personal fields are sealed by the producer; subscribe to shop.masked-cart-changes.v1 instead. */
export interface CartChange {
  /** Unique per event; a repeated one is the same event sent twice. */
  readonly eventId: string
  /** One visit of one visitor. */
  readonly sessionId: string
  /** The browser or app installation, known before anybody signs in. */
  readonly visitorId: string
  /** The signed-in customer; null for an anonymous visitor. */
  readonly customerId: string | null
  /** ISO 3166-1 alpha-2 code of the shop front visited. */
  readonly country: string
  /** The kind of device used. */
  readonly device: Device
  /** Put in or taken out. */
  readonly action: CartAction
  /** The product. */
  readonly productId: string
  /** Pieces put in or taken out. */
  readonly quantity: number
  /** Price of one piece, in `currency`. Unscaled: 2 decimal places. */
  readonly price: bigint
  /** ISO 4217 code. */
  readonly currency: string
  /** Address that the request came from, sealed. Personal (visitorId), sealed. */
  readonly ip: string
  /** E-mail of the signed-in customer, sealed; null for an anonymous visitor. Personal (visitorId), sealed. */
  readonly email: string | null
  /** When the cart changed, by the shop's clock. Milliseconds since 1970 UTC. */
  readonly occurredAt: number
}

/** What became of a cart: bought, or abandoned because nothing happened to it for a while. */
export interface CartOutcome {
  /** Visitor and opening instant: one cart has one outcome. */
  readonly cartId: string
  /** The browser or app installation that filled the cart. */
  readonly visitorId: string
  /** The visit in which the cart was last changed or bought. */
  readonly sessionId: string
  /** ISO 3166-1 alpha-2 code of the shop front visited. */
  readonly country: string
  /** BOUGHT by a paid checkout; ABANDONED when nothing happened for the time that the processor states. */
  readonly outcome: CartFate
  /** Pieces in the cart when it was decided. */
  readonly pieces: number
  /** When the first product was put into it. Milliseconds since 1970 UTC. */
  readonly openedAt: number
  /** When it was bought, or when it counted as abandoned. Milliseconds since 1970 UTC. */
  readonly decidedAt: number
}

/** A visitor clicked an element of a page. Personal fields are sealed by the producer; subscribe to shop.masked-clicks.v1 instead. */
export interface Click {
  /** Unique per event; a repeated one is the same event sent twice. */
  readonly eventId: string
  /** One visit of one visitor. */
  readonly sessionId: string
  /** The browser or app installation, known before anybody signs in. */
  readonly visitorId: string
  /** The signed-in customer; null for an anonymous visitor. */
  readonly customerId: string | null
  /** ISO 3166-1 alpha-2 code of the shop front visited. */
  readonly country: string
  /** The kind of device used. */
  readonly device: Device
  /** Name of the element clicked, as the shop front labels it. */
  readonly element: string
  /** Path of the page, without query. */
  readonly path: string
  /** The product that the element belongs to, where there is one. */
  readonly productId: string | null
  /** Address that the request came from, sealed. Personal (visitorId), sealed. */
  readonly ip: string
  /** E-mail of the signed-in customer, sealed; null for an anonymous visitor. Personal (visitorId), sealed. */
  readonly email: string | null
  /** When the click happened, by the shop's clock. Milliseconds since 1970 UTC. */
  readonly occurredAt: number
}

/** What events that came too late add to a step of the funnel, by country and minute. */
export interface FunnelPerMinuteCorrection {
  /** Processor, identity of the row, and number: the same whenever it is settled again. */
  readonly correctionId: string
  /** Which correction of its row it is, counted from 1. */
  readonly number: number
  /** The step; PURCHASE counts paid checkouts. */
  readonly type: FunnelStep
  /** ISO 3166-1 alpha-2 code of the shop front visited. */
  readonly country: string
  /** Start of the minute, inclusive. Milliseconds since 1970 UTC. */
  readonly windowStart: number
  /** End of the minute, exclusive. Milliseconds since 1970 UTC. */
  readonly windowEnd: number
  /** To be added to the row: events of this step. */
  readonly events: number
}

/** Events per step of the funnel and country, for each minute of event time. */
export interface FunnelPerMinute {
  /** The step; PURCHASE counts paid checkouts. */
  readonly type: FunnelStep
  /** ISO 3166-1 alpha-2 code of the shop front visited. */
  readonly country: string
  /** Start of the minute, inclusive. Milliseconds since 1970 UTC. */
  readonly windowStart: number
  /** End of the minute, exclusive. Milliseconds since 1970 UTC. */
  readonly windowEnd: number
  /** Events of this step. */
  readonly events: number
}

/** A product was put into a cart or taken out of it. Personal fields are masked. */
export interface MaskedCartChange {
  /** Unique per event; a repeated one is the same event sent twice. */
  readonly eventId: string
  /** One visit of one visitor. */
  readonly sessionId: string
  /** The browser or app installation, known before anybody signs in. */
  readonly visitorId: string
  /** The signed-in customer; null for an anonymous visitor. */
  readonly customerId: string | null
  /** ISO 3166-1 alpha-2 code of the shop front visited. */
  readonly country: string
  /** The kind of device used. */
  readonly device: Device
  /** Put in or taken out. */
  readonly action: CartAction
  /** The product. */
  readonly productId: string
  /** Pieces put in or taken out. */
  readonly quantity: number
  /** Price of one piece, in `currency`. Unscaled: 2 decimal places. */
  readonly price: bigint
  /** ISO 4217 code. */
  readonly currency: string
  /** Stands for the e-mail: equal for equal addresses of one shopper, `erased` after an erasure. Personal (visitorId). */
  readonly emailPseudonym: string | null
  /** Network part of the address: /24 of IPv4, /48 of IPv6; `erased` after an erasure. Personal (visitorId). */
  readonly ipPrefix: string
  /** When the cart changed, by the shop's clock. Milliseconds since 1970 UTC. */
  readonly occurredAt: number
}

/** A visitor clicked an element of a page. Personal fields are masked. */
export interface MaskedClick {
  /** Unique per event; a repeated one is the same event sent twice. */
  readonly eventId: string
  /** One visit of one visitor. */
  readonly sessionId: string
  /** The browser or app installation, known before anybody signs in. */
  readonly visitorId: string
  /** The signed-in customer; null for an anonymous visitor. */
  readonly customerId: string | null
  /** ISO 3166-1 alpha-2 code of the shop front visited. */
  readonly country: string
  /** The kind of device used. */
  readonly device: Device
  /** Name of the element clicked, as the shop front labels it. */
  readonly element: string
  /** Path of the page, without query. */
  readonly path: string
  /** The product that the element belongs to, where there is one. */
  readonly productId: string | null
  /** Stands for the e-mail: equal for equal addresses of one shopper, `erased` after an erasure. Personal (visitorId). */
  readonly emailPseudonym: string | null
  /** Network part of the address: /24 of IPv4, /48 of IPv6; `erased` after an erasure. Personal (visitorId). */
  readonly ipPrefix: string
  /** When the click happened, by the shop's clock. Milliseconds since 1970 UTC. */
  readonly occurredAt: number
}

/** A page of the shop was shown to a visitor. Personal fields are masked. */
export interface MaskedPageView {
  /** Unique per event; a repeated one is the same event sent twice. */
  readonly eventId: string
  /** One visit of one visitor. */
  readonly sessionId: string
  /** The browser or app installation, known before anybody signs in. */
  readonly visitorId: string
  /** The signed-in customer; null for an anonymous visitor. */
  readonly customerId: string | null
  /** ISO 3166-1 alpha-2 code of the shop front visited. */
  readonly country: string
  /** The kind of device used. */
  readonly device: Device
  /** What the page is for. */
  readonly pageType: PageType
  /** Path of the page, without query. */
  readonly path: string
  /** The product shown, where the page shows one. */
  readonly productId: string | null
  /** Host name that led here; null within the shop or where unknown. */
  readonly referrer: string | null
  /** Stands for the e-mail: equal for equal addresses of one shopper, `erased` after an erasure. Personal (visitorId). */
  readonly emailPseudonym: string | null
  /** Network part of the address: /24 of IPv4, /48 of IPv6; `erased` after an erasure. Personal (visitorId). */
  readonly ipPrefix: string
  /** When the page was shown, by the shop's clock. Milliseconds since 1970 UTC. */
  readonly occurredAt: number
}

/** A checkout, paid or refused. Personal fields are masked. */
export interface MaskedPurchase {
  /** Unique per event; a repeated one is the same event sent twice. */
  readonly eventId: string
  /** One visit of one visitor. */
  readonly sessionId: string
  /** The browser or app installation, known before anybody signs in. */
  readonly visitorId: string
  /** The signed-in customer. */
  readonly customerId: string
  /** ISO 3166-1 alpha-2 code of the shop front visited. */
  readonly country: string
  /** The kind of device used. */
  readonly device: Device
  /** The order; one event per attempt to pay it. */
  readonly orderId: string
  /** Whether the payment went through. */
  readonly status: PurchaseStatus
  /** Total to pay, tax included, in `currency`. Unscaled: 2 decimal places. */
  readonly amount: bigint
  /** ISO 4217 code. */
  readonly currency: string
  /** Pieces in the order. */
  readonly items: number
  /** How the shopper pays. */
  readonly paymentMethod: PaymentMethod
  /** Why the payment was refused; null where it was paid. */
  readonly refusalReason: string | null
  /** Stands for the e-mail: equal for equal addresses of one shopper, `erased` after an erasure. Personal (customerId). */
  readonly emailPseudonym: string | null
  /** Network part of the address: /24 of IPv4, /48 of IPv6; `erased` after an erasure. Personal (customerId). */
  readonly ipPrefix: string
  /** City of the delivery address; `erased` after an erasure. Personal (customerId). */
  readonly city: string
  /** When the checkout ended, by the shop's clock. Milliseconds since 1970 UTC. */
  readonly occurredAt: number
}

/** A page of the shop was shown to a visitor. Personal fields are sealed by the producer; subscribe to shop.masked-page-views.v1 instead. */
export interface PageView {
  /** Unique per event; a repeated one is the same event sent twice. */
  readonly eventId: string
  /** One visit of one visitor. */
  readonly sessionId: string
  /** The browser or app installation, known before anybody signs in. */
  readonly visitorId: string
  /** The signed-in customer; null for an anonymous visitor. */
  readonly customerId: string | null
  /** ISO 3166-1 alpha-2 code of the shop front visited. */
  readonly country: string
  /** The kind of device used. */
  readonly device: Device
  /** What the page is for. */
  readonly pageType: PageType
  /** Path of the page, without query. */
  readonly path: string
  /** The product shown, where the page shows one. */
  readonly productId: string | null
  /** Host name that led here; null within the shop or where unknown. */
  readonly referrer: string | null
  /** Address that the request came from, sealed. Personal (visitorId), sealed. */
  readonly ip: string
  /** E-mail of the signed-in customer, sealed; null for an anonymous visitor. Personal (visitorId), sealed. */
  readonly email: string | null
  /** When the page was shown, by the shop's clock. Milliseconds since 1970 UTC. */
  readonly occurredAt: number
}

/** A reduction of the prices of one category in some countries. */
export interface Promotion {
  /** The promotion. */
  readonly promotionId: string
  /** As customers read it. */
  readonly name: string
  /** The category whose prices are reduced. */
  readonly category: string
  /** Markets in which it runs, ISO 3166-1 alpha-2; the others are its control group. */
  readonly countries: readonly string[]
  /** Reduction of every price of the category. */
  readonly discountPercent: number
  /** First instant on which the prices are reduced. Milliseconds since 1970 UTC. */
  readonly startsAt: number
  /** First instant on which they are not any more. Milliseconds since 1970 UTC. */
  readonly endsAt: number
  /** When it was announced. Milliseconds since 1970 UTC. */
  readonly announcedAt: number
}

/** A checkout, paid or refused. Personal fields are sealed by the producer; subscribe to shop.masked-purchases.v1 instead. */
export interface Purchase {
  /** Unique per event; a repeated one is the same event sent twice. */
  readonly eventId: string
  /** One visit of one visitor. */
  readonly sessionId: string
  /** The browser or app installation, known before anybody signs in. */
  readonly visitorId: string
  /** The signed-in customer. */
  readonly customerId: string
  /** ISO 3166-1 alpha-2 code of the shop front visited. */
  readonly country: string
  /** The kind of device used. */
  readonly device: Device
  /** The order; one event per attempt to pay it. */
  readonly orderId: string
  /** Whether the payment went through. */
  readonly status: PurchaseStatus
  /** Total to pay, tax included, in `currency`. Unscaled: 2 decimal places. */
  readonly amount: bigint
  /** ISO 4217 code. */
  readonly currency: string
  /** Pieces in the order. */
  readonly items: number
  /** How the shopper pays. */
  readonly paymentMethod: PaymentMethod
  /** Why the payment was refused; null where it was paid. */
  readonly refusalReason: string | null
  /** Address that the request came from, sealed. Personal (customerId), sealed. */
  readonly ip: string
  /** As typed by the shopper, sealed. Personal (customerId), sealed. */
  readonly email: string
  /** As typed by the shopper, sealed. Personal (customerId), sealed. */
  readonly name: string
  /** Delivery address, sealed. Personal (customerId), sealed. */
  readonly address: string
  /** When the checkout ended, by the shop's clock. Milliseconds since 1970 UTC. */
  readonly occurredAt: number
}

/** A window whose paid revenue lies outside the expected band. */
export interface RevenueAnomaly {
  /** Derived from metric, place and window: the same anomaly always has the same id. */
  readonly anomalyId: string
  /** Name of the metric: `revenue`. */
  readonly metric: string
  /** ISO 3166-1 alpha-2 code of the shop front visited. */
  readonly country: string
  /** ISO 4217 code of `actual`, `expected` and the band, which are statistics, not money booked. */
  readonly currency: string
  /** Start of the window judged, inclusive. Milliseconds since 1970 UTC. */
  readonly windowStart: number
  /** End of the window judged, exclusive. Milliseconds since 1970 UTC. */
  readonly windowEnd: number
  /** What was seen. */
  readonly actual: number
  /** What the baseline led to expect. */
  readonly expected: number
  /** Lower edge of the expected band. */
  readonly lower: number
  /** Upper edge of the expected band. */
  readonly upper: number
  /** Distance from the expected value in robust standard deviations; negative below it. */
  readonly score: number
  /** How far outside the band. */
  readonly severity: Severity
  /** Above or below the band. */
  readonly direction: Direction
  /** One sentence for people: what was seen, what was expected, since when. */
  readonly reason: string
  /** Event time at which it was decided. Milliseconds since 1970 UTC. */
  readonly detectedAt: number
  /** Which values of each dimension the deviation comes from, the dimension that changed most first, in it causes and then the largest first. Those of one dimension add up to `actual` and `expected` in whole cents. Empty: decided before this was told. */
  readonly contributions: readonly Contribution[]
}

/** Paid revenue and orders per country and currency for each minute of event time, and how they are divided by device and payment method. */
export interface RevenuePartsPerMinute {
  /** ISO 3166-1 alpha-2 code of the shop front visited. */
  readonly country: string
  /** ISO 4217 code. */
  readonly currency: string
  /** Start of the minute, inclusive. Milliseconds since 1970 UTC. */
  readonly windowStart: number
  /** End of the minute, exclusive. Milliseconds since 1970 UTC. */
  readonly windowEnd: number
  /** Paid orders. */
  readonly orders: number
  /** Sum of their amounts, in `currency`. Unscaled: 2 decimal places. */
  readonly revenue: bigint
  /** By dimension and value, in this order; those of one dimension add up to `orders` and `revenue`. */
  readonly parts: readonly RevenuePart[]
}

/** What checkouts that came too late add to the revenue of a country, currency and minute. */
export interface RevenuePerMinuteCorrection {
  /** Processor, identity of the row, and number: the same whenever it is settled again. */
  readonly correctionId: string
  /** Which correction of its row it is, counted from 1. */
  readonly number: number
  /** ISO 3166-1 alpha-2 code of the shop front visited. */
  readonly country: string
  /** ISO 4217 code. */
  readonly currency: string
  /** Start of the minute, inclusive. Milliseconds since 1970 UTC. */
  readonly windowStart: number
  /** End of the minute, exclusive. Milliseconds since 1970 UTC. */
  readonly windowEnd: number
  /** To be added to the row: paid orders. */
  readonly orders: number
  /** To be added to the row: sum of their amounts, in `currency`. Unscaled: 2 decimal places. */
  readonly revenue: bigint
}

/** Paid revenue and orders per country and currency, for each minute of event time. */
export interface RevenuePerMinute {
  /** ISO 3166-1 alpha-2 code of the shop front visited. */
  readonly country: string
  /** ISO 4217 code. */
  readonly currency: string
  /** Start of the minute, inclusive. Milliseconds since 1970 UTC. */
  readonly windowStart: number
  /** End of the minute, exclusive. Milliseconds since 1970 UTC. */
  readonly windowEnd: number
  /** Paid orders. */
  readonly orders: number
  /** Sum of their amounts, in `currency`. Unscaled: 2 decimal places. */
  readonly revenue: bigint
}

/** A visitor searched the shop. */
export interface Search {
  /** Unique per event; a repeated one is the same event sent twice. */
  readonly eventId: string
  /** One visit of one visitor. */
  readonly sessionId: string
  /** The browser or app installation, known before anybody signs in. */
  readonly visitorId: string
  /** The signed-in customer; null for an anonymous visitor. */
  readonly customerId: string | null
  /** ISO 3166-1 alpha-2 code of the shop front visited. */
  readonly country: string
  /** The kind of device used. */
  readonly device: Device
  /** What was searched for, in lower case. */
  readonly query: string
  /** Products found. */
  readonly results: number
  /** When the search was sent, by the shop's clock. Milliseconds since 1970 UTC. */
  readonly occurredAt: number
}

/** A visit that is over, with the way it took; the customer is known for all of it once they signed in or paid in it. */
export interface Session {
  /** The visit. */
  readonly sessionId: string
  /** The browser or app installation, known before anybody signs in. */
  readonly visitorId: string
  /** The customer, where they signed in or paid during the visit; null for a visit that stayed anonymous. */
  readonly customerId: string | null
  /** ISO 3166-1 alpha-2 code of the shop front visited. */
  readonly country: string
  /** The kind of device used. */
  readonly device: Device
  /** Host name that led here; null where unknown. */
  readonly referrer: string | null
  /** Path of the first page; empty where no page was seen. */
  readonly entryPath: string
  /** Path of the last page; empty where no page was seen. */
  readonly exitPath: string
  /** The way through the shop, e.g. HOME, PRODUCT, ADD, CART, CHECKOUT, PAID: at most the first 50 steps, one for a step repeated. */
  readonly steps: readonly string[]
  /** Page views. */
  readonly pages: number
  /** Clicks. */
  readonly clicks: number
  /** Changes of the cart. */
  readonly cartChanges: number
  /** Checkouts paid. */
  readonly orders: number
  /** Its first event. Milliseconds since 1970 UTC. */
  readonly startedAt: number
  /** Its last event; known once nothing happened for half an hour. Milliseconds since 1970 UTC. */
  readonly endedAt: number
}

/** What visitors of a country look at and put into the cart most, in the hour before `windowEnd`; every five minutes of event time. */
export interface TrendingProducts {
  /** ISO 3166-1 alpha-2 code of the shop front visited. */
  readonly country: string
  /** Start of the hour, inclusive. Milliseconds since 1970 UTC. */
  readonly windowStart: number
  /** End of the hour, exclusive. Milliseconds since 1970 UTC. */
  readonly windowEnd: number
  /** Product pages seen and products put into a cart. */
  readonly events: number
  /** The ten products with most of them, the first first; equals by id. */
  readonly products: readonly string[]
  /** How many each has. */
  readonly counts: readonly number[]
}

/** shop.abandoned-carts.v1: A cart that nobody touched for 30 minutes after the visit that filled it, as the cart service of the shop sees it. */
export const abandonedCarts: Topic<AbandonedCart> = topic<AbandonedCart>({
  type: "record",
  name: "AbandonedCart",
  namespace: "shop",
  doc: "A cart that nobody touched for 30 minutes after the visit that filled it, as the cart service of the shop sees it.",
  topic: {"name":"shop.abandoned-carts.v1","kind":"facts","key":"visitorId","time":"abandonedAt","id":"sessionId","partitions":12,"retention":"400 days","owner":"web-shop"},
  fields: [
    {"name":"sessionId","type":"string","doc":"The visit that filled the cart.","rule":{"notEmpty":true}},
    {"name":"visitorId","type":"string","doc":"The browser or app installation, known before anybody signs in.","rule":{"notEmpty":true}},
    {"name":"customerId","type":["null","string"],"default":null,"doc":"The signed-in customer; null for an anonymous visitor."},
    {"name":"country","type":"string","doc":"ISO 3166-1 alpha-2 code of the shop front visited.","rule":{"pattern":"^[A-Z]{2}$"}},
    {"name":"items","type":"int","doc":"Pieces left in the cart.","rule":{"min":1}},
    {"name":"amount","type":{"type":"bytes","logicalType":"decimal","precision":18,"scale":2},"doc":"What they would have cost, in `currency`.","rule":{"min":0}},
    {"name":"currency","type":"string","doc":"ISO 4217 code.","rule":{"pattern":"^[A-Z]{3}$"}},
    {"name":"lastChangedAt","type":{"type":"long","logicalType":"timestamp-millis"},"doc":"When the cart was last changed."},
    {"name":"abandonedAt","type":{"type":"long","logicalType":"timestamp-millis"},"doc":"When it counted as abandoned: 30 minutes later."},
  ],
})

/** shop.cart-abandonment-anomalies.v1: A window whose share of abandoned carts lies outside the expected band. */
export const cartAbandonmentAnomalies: Topic<CartAbandonmentAnomaly> = topic<CartAbandonmentAnomaly>({
  type: "record",
  name: "CartAbandonmentAnomaly",
  namespace: "shop",
  doc: "A window whose share of abandoned carts lies outside the expected band.",
  topic: {"name":"shop.cart-abandonment-anomalies.v1","kind":"results","key":"country","time":"detectedAt","id":"anomalyId","partitions":12,"retention":"1100 days","owner":"analytics"},
  fields: [
    {"name":"anomalyId","type":"string","doc":"Derived from metric, place and window: the same anomaly always has the same id.","rule":{"notEmpty":true}},
    {"name":"metric","type":"string","doc":"Name of the metric: `cart-abandonment`.","rule":{"notEmpty":true}},
    {"name":"country","type":"string","doc":"ISO 3166-1 alpha-2 code of the shop front visited.","rule":{"pattern":"^[A-Z]{2}$"}},
    {"name":"windowStart","type":{"type":"long","logicalType":"timestamp-millis"},"doc":"Start of the window judged, inclusive."},
    {"name":"windowEnd","type":{"type":"long","logicalType":"timestamp-millis"},"doc":"End of the window judged, exclusive."},
    {"name":"actual","type":"double","doc":"What was seen."},
    {"name":"expected","type":"double","doc":"What the baseline led to expect."},
    {"name":"lower","type":"double","doc":"Lower edge of the expected band."},
    {"name":"upper","type":"double","doc":"Upper edge of the expected band."},
    {"name":"score","type":"double","doc":"Distance from the expected value in robust standard deviations; negative below it."},
    {"name":"severity","type":{"type":"enum","name":"Severity","symbols":["WARNING","CRITICAL"]},"doc":"How far outside the band."},
    {"name":"direction","type":{"type":"enum","name":"Direction","symbols":["HIGH","LOW"]},"doc":"Above or below the band."},
    {"name":"reason","type":"string","doc":"One sentence for people: what was seen, what was expected, since when.","rule":{"notEmpty":true}},
    {"name":"detectedAt","type":{"type":"long","logicalType":"timestamp-millis"},"doc":"Event time at which it was decided."},
  ],
})

/** shop.cart-abandonment-per-minute-corrections.v1: What fates of carts that came too late add to a country and minute. */
export const cartAbandonmentPerMinuteCorrections: Topic<CartAbandonmentPerMinuteCorrection> = topic<CartAbandonmentPerMinuteCorrection>({
  type: "record",
  name: "CartAbandonmentPerMinuteCorrection",
  namespace: "shop",
  doc: "What fates of carts that came too late add to a country and minute.",
  topic: {"name":"shop.cart-abandonment-per-minute-corrections.v1","kind":"results","key":"country","time":"windowStart","id":["windowStart","correctionId"],"partitions":12,"retention":"1100 days","owner":"analytics"},
  fields: [
    {"name":"correctionId","type":"string","doc":"Processor, identity of the row, and number: the same whenever it is settled again.","rule":{"notEmpty":true}},
    {"name":"number","type":"int","doc":"Which correction of its row it is, counted from 1."},
    {"name":"country","type":"string","doc":"ISO 3166-1 alpha-2 code of the shop front visited.","rule":{"pattern":"^[A-Z]{2}$"}},
    {"name":"windowStart","type":{"type":"long","logicalType":"timestamp-millis"},"doc":"Start of the minute, inclusive."},
    {"name":"windowEnd","type":{"type":"long","logicalType":"timestamp-millis"},"doc":"End of the minute, exclusive."},
    {"name":"carts","type":"long","doc":"To be added to the row: carts decided: bought or abandoned."},
    {"name":"purchases","type":"long","doc":"To be added to the row: carts that were bought."},
    {"name":"abandoned","type":"long","doc":"To be added to the row: carts that were left without a paid checkout."},
  ],
})

/** shop.cart-abandonment-per-minute.v1: Carts whose fate was decided in a minute of event time, per country. */
export const cartAbandonmentPerMinute: Topic<CartAbandonmentPerMinute> = topic<CartAbandonmentPerMinute>({
  type: "record",
  name: "CartAbandonmentPerMinute",
  namespace: "shop",
  doc: "Carts whose fate was decided in a minute of event time, per country.",
  topic: {"name":"shop.cart-abandonment-per-minute.v1","kind":"results","key":"country","time":"windowStart","id":["country","windowStart"],"partitions":12,"retention":"1100 days","owner":"analytics"},
  fields: [
    {"name":"country","type":"string","doc":"ISO 3166-1 alpha-2 code of the shop front visited.","rule":{"pattern":"^[A-Z]{2}$"}},
    {"name":"windowStart","type":{"type":"long","logicalType":"timestamp-millis"},"doc":"Start of the minute, inclusive."},
    {"name":"windowEnd","type":{"type":"long","logicalType":"timestamp-millis"},"doc":"End of the minute, exclusive."},
    {"name":"carts","type":"long","doc":"Carts decided: bought or abandoned.","rule":{"min":0}},
    {"name":"purchases","type":"long","doc":"Carts that were bought.","rule":{"min":0}},
    {"name":"abandoned","type":"long","doc":"Carts that were left without a paid checkout.","rule":{"min":0}},
  ],
})

/** shop.cart-changes.v1: A product was put into a cart or taken out of it. Personal fields are sealed by the producer; subscribe to shop.masked-cart-changes.v1 instead. */
export const cartChanges: Topic<CartChange> = topic<CartChange>({
  type: "record",
  name: "CartChange",
  namespace: "shop",
  doc: "A product was put into a cart or taken out of it. Personal fields are sealed by the producer; subscribe to shop.masked-cart-changes.v1 instead.",
  topic: {"name":"shop.cart-changes.v1","kind":"facts","key":"visitorId","time":"occurredAt","id":"eventId","partitions":12,"retention":"400 days","owner":"web-shop"},
  fields: [
    {"name":"eventId","type":"string","doc":"Unique per event; a repeated one is the same event sent twice.","rule":{"notEmpty":true}},
    {"name":"sessionId","type":"string","doc":"One visit of one visitor.","rule":{"notEmpty":true}},
    {"name":"visitorId","type":"string","doc":"The browser or app installation, known before anybody signs in.","rule":{"notEmpty":true}},
    {"name":"customerId","type":["null","string"],"default":null,"doc":"The signed-in customer; null for an anonymous visitor."},
    {"name":"country","type":"string","doc":"ISO 3166-1 alpha-2 code of the shop front visited.","rule":{"pattern":"^[A-Z]{2}$"}},
    {"name":"device","type":{"type":"enum","name":"Device","symbols":["DESKTOP","MOBILE","TABLET"]},"doc":"The kind of device used."},
    {"name":"action","type":{"type":"enum","name":"CartAction","symbols":["ADD","REMOVE"]},"doc":"Put in or taken out."},
    {"name":"productId","type":"string","doc":"The product.","rule":{"notEmpty":true}},
    {"name":"quantity","type":"int","doc":"Pieces put in or taken out.","rule":{"min":1}},
    {"name":"price","type":{"type":"bytes","logicalType":"decimal","precision":18,"scale":2},"doc":"Price of one piece, in `currency`.","rule":{"min":0}},
    {"name":"currency","type":"string","doc":"ISO 4217 code.","rule":{"pattern":"^[A-Z]{3}$"}},
    {"name":"ip","type":"string","doc":"Address that the request came from, sealed.","rule":{"notEmpty":true},"confluent:tags":["PII"],"pii":{"subject":"visitorId","strategy":"generalise","keep":"ip-prefix","sealed":true}},
    {"name":"email","type":["null","string"],"default":null,"doc":"E-mail of the signed-in customer, sealed; null for an anonymous visitor.","confluent:tags":["PII"],"pii":{"subject":"visitorId","strategy":"pseudonym","sealed":true}},
    {"name":"occurredAt","type":{"type":"long","logicalType":"timestamp-millis"},"doc":"When the cart changed, by the shop's clock."},
  ],
})

/** shop.cart-outcomes.v1: What became of a cart: bought, or abandoned because nothing happened to it for a while. */
export const cartOutcomes: Topic<CartOutcome> = topic<CartOutcome>({
  type: "record",
  name: "CartOutcome",
  namespace: "shop",
  doc: "What became of a cart: bought, or abandoned because nothing happened to it for a while.",
  topic: {"name":"shop.cart-outcomes.v1","kind":"facts","key":"visitorId","time":"decidedAt","id":"cartId","partitions":12,"retention":"400 days","owner":"analytics"},
  fields: [
    {"name":"cartId","type":"string","doc":"Visitor and opening instant: one cart has one outcome.","rule":{"notEmpty":true}},
    {"name":"visitorId","type":"string","doc":"The browser or app installation that filled the cart.","rule":{"notEmpty":true}},
    {"name":"sessionId","type":"string","doc":"The visit in which the cart was last changed or bought.","rule":{"notEmpty":true}},
    {"name":"country","type":"string","doc":"ISO 3166-1 alpha-2 code of the shop front visited.","rule":{"pattern":"^[A-Z]{2}$"}},
    {"name":"outcome","type":{"type":"enum","name":"CartFate","symbols":["BOUGHT","ABANDONED"]},"doc":"BOUGHT by a paid checkout; ABANDONED when nothing happened for the time that the processor states."},
    {"name":"pieces","type":"int","doc":"Pieces in the cart when it was decided.","rule":{"min":1}},
    {"name":"openedAt","type":{"type":"long","logicalType":"timestamp-millis"},"doc":"When the first product was put into it."},
    {"name":"decidedAt","type":{"type":"long","logicalType":"timestamp-millis"},"doc":"When it was bought, or when it counted as abandoned."},
  ],
})

/** shop.clicks.v1: A visitor clicked an element of a page. Personal fields are sealed by the producer; subscribe to shop.masked-clicks.v1 instead. */
export const clicks: Topic<Click> = topic<Click>({
  type: "record",
  name: "Click",
  namespace: "shop",
  doc: "A visitor clicked an element of a page. Personal fields are sealed by the producer; subscribe to shop.masked-clicks.v1 instead.",
  topic: {"name":"shop.clicks.v1","kind":"facts","key":"visitorId","time":"occurredAt","id":"eventId","partitions":12,"retention":"400 days","owner":"web-shop"},
  fields: [
    {"name":"eventId","type":"string","doc":"Unique per event; a repeated one is the same event sent twice.","rule":{"notEmpty":true}},
    {"name":"sessionId","type":"string","doc":"One visit of one visitor.","rule":{"notEmpty":true}},
    {"name":"visitorId","type":"string","doc":"The browser or app installation, known before anybody signs in.","rule":{"notEmpty":true}},
    {"name":"customerId","type":["null","string"],"default":null,"doc":"The signed-in customer; null for an anonymous visitor."},
    {"name":"country","type":"string","doc":"ISO 3166-1 alpha-2 code of the shop front visited.","rule":{"pattern":"^[A-Z]{2}$"}},
    {"name":"device","type":{"type":"enum","name":"Device","symbols":["DESKTOP","MOBILE","TABLET"]},"doc":"The kind of device used."},
    {"name":"element","type":"string","doc":"Name of the element clicked, as the shop front labels it.","rule":{"notEmpty":true}},
    {"name":"path","type":"string","doc":"Path of the page, without query.","rule":{"notEmpty":true}},
    {"name":"productId","type":["null","string"],"default":null,"doc":"The product that the element belongs to, where there is one."},
    {"name":"ip","type":"string","doc":"Address that the request came from, sealed.","rule":{"notEmpty":true},"confluent:tags":["PII"],"pii":{"subject":"visitorId","strategy":"generalise","keep":"ip-prefix","sealed":true}},
    {"name":"email","type":["null","string"],"default":null,"doc":"E-mail of the signed-in customer, sealed; null for an anonymous visitor.","confluent:tags":["PII"],"pii":{"subject":"visitorId","strategy":"pseudonym","sealed":true}},
    {"name":"occurredAt","type":{"type":"long","logicalType":"timestamp-millis"},"doc":"When the click happened, by the shop's clock."},
  ],
})

/** shop.funnel-per-minute-corrections.v1: What events that came too late add to a step of the funnel, by country and minute. */
export const funnelPerMinuteCorrections: Topic<FunnelPerMinuteCorrection> = topic<FunnelPerMinuteCorrection>({
  type: "record",
  name: "FunnelPerMinuteCorrection",
  namespace: "shop",
  doc: "What events that came too late add to a step of the funnel, by country and minute.",
  topic: {"name":"shop.funnel-per-minute-corrections.v1","kind":"results","key":["type","country"],"time":"windowStart","id":["windowStart","correctionId"],"partitions":12,"retention":"1100 days","owner":"analytics"},
  fields: [
    {"name":"correctionId","type":"string","doc":"Processor, identity of the row, and number: the same whenever it is settled again.","rule":{"notEmpty":true}},
    {"name":"number","type":"int","doc":"Which correction of its row it is, counted from 1."},
    {"name":"type","type":{"type":"enum","name":"FunnelStep","symbols":["PAGE_VIEW","CLICK","ADD_TO_CART","REMOVE_FROM_CART","PURCHASE"]},"doc":"The step; PURCHASE counts paid checkouts."},
    {"name":"country","type":"string","doc":"ISO 3166-1 alpha-2 code of the shop front visited.","rule":{"pattern":"^[A-Z]{2}$"}},
    {"name":"windowStart","type":{"type":"long","logicalType":"timestamp-millis"},"doc":"Start of the minute, inclusive."},
    {"name":"windowEnd","type":{"type":"long","logicalType":"timestamp-millis"},"doc":"End of the minute, exclusive."},
    {"name":"events","type":"long","doc":"To be added to the row: events of this step."},
  ],
})

/** shop.funnel-per-minute.v1: Events per step of the funnel and country, for each minute of event time. */
export const funnelPerMinute: Topic<FunnelPerMinute> = topic<FunnelPerMinute>({
  type: "record",
  name: "FunnelPerMinute",
  namespace: "shop",
  doc: "Events per step of the funnel and country, for each minute of event time.",
  topic: {"name":"shop.funnel-per-minute.v1","kind":"results","key":["type","country"],"time":"windowStart","id":["type","country","windowStart"],"partitions":12,"retention":"1100 days","owner":"analytics","serving":{"ttl":"2 days"}},
  fields: [
    {"name":"type","type":{"type":"enum","name":"FunnelStep","symbols":["PAGE_VIEW","CLICK","ADD_TO_CART","REMOVE_FROM_CART","PURCHASE"]},"doc":"The step; PURCHASE counts paid checkouts."},
    {"name":"country","type":"string","doc":"ISO 3166-1 alpha-2 code of the shop front visited.","rule":{"pattern":"^[A-Z]{2}$"}},
    {"name":"windowStart","type":{"type":"long","logicalType":"timestamp-millis"},"doc":"Start of the minute, inclusive."},
    {"name":"windowEnd","type":{"type":"long","logicalType":"timestamp-millis"},"doc":"End of the minute, exclusive."},
    {"name":"events","type":"long","doc":"Events of this step.","rule":{"min":0}},
  ],
})

/** shop.masked-cart-changes.v1: A product was put into a cart or taken out of it. Personal fields are masked. */
export const maskedCartChanges: Topic<MaskedCartChange> = topic<MaskedCartChange>({
  type: "record",
  name: "MaskedCartChange",
  namespace: "shop",
  doc: "A product was put into a cart or taken out of it. Personal fields are masked.",
  topic: {"name":"shop.masked-cart-changes.v1","kind":"facts","key":"visitorId","time":"occurredAt","id":"eventId","partitions":12,"retention":"400 days","owner":"data-protection"},
  fields: [
    {"name":"eventId","type":"string","doc":"Unique per event; a repeated one is the same event sent twice.","rule":{"notEmpty":true}},
    {"name":"sessionId","type":"string","doc":"One visit of one visitor.","rule":{"notEmpty":true}},
    {"name":"visitorId","type":"string","doc":"The browser or app installation, known before anybody signs in.","rule":{"notEmpty":true}},
    {"name":"customerId","type":["null","string"],"default":null,"doc":"The signed-in customer; null for an anonymous visitor."},
    {"name":"country","type":"string","doc":"ISO 3166-1 alpha-2 code of the shop front visited.","rule":{"pattern":"^[A-Z]{2}$"}},
    {"name":"device","type":{"type":"enum","name":"Device","symbols":["DESKTOP","MOBILE","TABLET"]},"doc":"The kind of device used."},
    {"name":"action","type":{"type":"enum","name":"CartAction","symbols":["ADD","REMOVE"]},"doc":"Put in or taken out."},
    {"name":"productId","type":"string","doc":"The product.","rule":{"notEmpty":true}},
    {"name":"quantity","type":"int","doc":"Pieces put in or taken out.","rule":{"min":1}},
    {"name":"price","type":{"type":"bytes","logicalType":"decimal","precision":18,"scale":2},"doc":"Price of one piece, in `currency`.","rule":{"min":0}},
    {"name":"currency","type":"string","doc":"ISO 4217 code.","rule":{"pattern":"^[A-Z]{3}$"}},
    {"name":"emailPseudonym","type":["null","string"],"default":null,"doc":"Stands for the e-mail: equal for equal addresses of one shopper, `erased` after an erasure.","confluent:tags":["PII"],"pii":{"subject":"visitorId","strategy":"pseudonym","sealed":false}},
    {"name":"ipPrefix","type":"string","doc":"Network part of the address: /24 of IPv4, /48 of IPv6; `erased` after an erasure.","confluent:tags":["PII"],"pii":{"subject":"visitorId","strategy":"generalise","keep":"ip-prefix","sealed":false}},
    {"name":"occurredAt","type":{"type":"long","logicalType":"timestamp-millis"},"doc":"When the cart changed, by the shop's clock."},
  ],
})

/** shop.masked-clicks.v1: A visitor clicked an element of a page. Personal fields are masked. */
export const maskedClicks: Topic<MaskedClick> = topic<MaskedClick>({
  type: "record",
  name: "MaskedClick",
  namespace: "shop",
  doc: "A visitor clicked an element of a page. Personal fields are masked.",
  topic: {"name":"shop.masked-clicks.v1","kind":"facts","key":"visitorId","time":"occurredAt","id":"eventId","partitions":12,"retention":"400 days","owner":"data-protection"},
  fields: [
    {"name":"eventId","type":"string","doc":"Unique per event; a repeated one is the same event sent twice.","rule":{"notEmpty":true}},
    {"name":"sessionId","type":"string","doc":"One visit of one visitor.","rule":{"notEmpty":true}},
    {"name":"visitorId","type":"string","doc":"The browser or app installation, known before anybody signs in.","rule":{"notEmpty":true}},
    {"name":"customerId","type":["null","string"],"default":null,"doc":"The signed-in customer; null for an anonymous visitor."},
    {"name":"country","type":"string","doc":"ISO 3166-1 alpha-2 code of the shop front visited.","rule":{"pattern":"^[A-Z]{2}$"}},
    {"name":"device","type":{"type":"enum","name":"Device","symbols":["DESKTOP","MOBILE","TABLET"]},"doc":"The kind of device used."},
    {"name":"element","type":"string","doc":"Name of the element clicked, as the shop front labels it.","rule":{"notEmpty":true}},
    {"name":"path","type":"string","doc":"Path of the page, without query.","rule":{"notEmpty":true}},
    {"name":"productId","type":["null","string"],"default":null,"doc":"The product that the element belongs to, where there is one."},
    {"name":"emailPseudonym","type":["null","string"],"default":null,"doc":"Stands for the e-mail: equal for equal addresses of one shopper, `erased` after an erasure.","confluent:tags":["PII"],"pii":{"subject":"visitorId","strategy":"pseudonym","sealed":false}},
    {"name":"ipPrefix","type":"string","doc":"Network part of the address: /24 of IPv4, /48 of IPv6; `erased` after an erasure.","confluent:tags":["PII"],"pii":{"subject":"visitorId","strategy":"generalise","keep":"ip-prefix","sealed":false}},
    {"name":"occurredAt","type":{"type":"long","logicalType":"timestamp-millis"},"doc":"When the click happened, by the shop's clock."},
  ],
})

/** shop.masked-page-views.v1: A page of the shop was shown to a visitor. Personal fields are masked. */
export const maskedPageViews: Topic<MaskedPageView> = topic<MaskedPageView>({
  type: "record",
  name: "MaskedPageView",
  namespace: "shop",
  doc: "A page of the shop was shown to a visitor. Personal fields are masked.",
  topic: {"name":"shop.masked-page-views.v1","kind":"facts","key":"visitorId","time":"occurredAt","id":"eventId","partitions":12,"retention":"400 days","owner":"data-protection"},
  fields: [
    {"name":"eventId","type":"string","doc":"Unique per event; a repeated one is the same event sent twice.","rule":{"notEmpty":true}},
    {"name":"sessionId","type":"string","doc":"One visit of one visitor.","rule":{"notEmpty":true}},
    {"name":"visitorId","type":"string","doc":"The browser or app installation, known before anybody signs in.","rule":{"notEmpty":true}},
    {"name":"customerId","type":["null","string"],"default":null,"doc":"The signed-in customer; null for an anonymous visitor."},
    {"name":"country","type":"string","doc":"ISO 3166-1 alpha-2 code of the shop front visited.","rule":{"pattern":"^[A-Z]{2}$"}},
    {"name":"device","type":{"type":"enum","name":"Device","symbols":["DESKTOP","MOBILE","TABLET"]},"doc":"The kind of device used."},
    {"name":"pageType","type":{"type":"enum","name":"PageType","symbols":["HOME","CATEGORY","PRODUCT","CART","CHECKOUT"]},"doc":"What the page is for."},
    {"name":"path","type":"string","doc":"Path of the page, without query.","rule":{"notEmpty":true}},
    {"name":"productId","type":["null","string"],"default":null,"doc":"The product shown, where the page shows one."},
    {"name":"referrer","type":["null","string"],"default":null,"doc":"Host name that led here; null within the shop or where unknown."},
    {"name":"emailPseudonym","type":["null","string"],"default":null,"doc":"Stands for the e-mail: equal for equal addresses of one shopper, `erased` after an erasure.","confluent:tags":["PII"],"pii":{"subject":"visitorId","strategy":"pseudonym","sealed":false}},
    {"name":"ipPrefix","type":"string","doc":"Network part of the address: /24 of IPv4, /48 of IPv6; `erased` after an erasure.","confluent:tags":["PII"],"pii":{"subject":"visitorId","strategy":"generalise","keep":"ip-prefix","sealed":false}},
    {"name":"occurredAt","type":{"type":"long","logicalType":"timestamp-millis"},"doc":"When the page was shown, by the shop's clock."},
  ],
})

/** shop.masked-purchases.v1: A checkout, paid or refused. Personal fields are masked. */
export const maskedPurchases: Topic<MaskedPurchase> = topic<MaskedPurchase>({
  type: "record",
  name: "MaskedPurchase",
  namespace: "shop",
  doc: "A checkout, paid or refused. Personal fields are masked.",
  topic: {"name":"shop.masked-purchases.v1","kind":"facts","key":"visitorId","time":"occurredAt","id":"eventId","partitions":12,"retention":"400 days","owner":"data-protection"},
  fields: [
    {"name":"eventId","type":"string","doc":"Unique per event; a repeated one is the same event sent twice.","rule":{"notEmpty":true}},
    {"name":"sessionId","type":"string","doc":"One visit of one visitor.","rule":{"notEmpty":true}},
    {"name":"visitorId","type":"string","doc":"The browser or app installation, known before anybody signs in.","rule":{"notEmpty":true}},
    {"name":"customerId","type":"string","doc":"The signed-in customer.","rule":{"notEmpty":true}},
    {"name":"country","type":"string","doc":"ISO 3166-1 alpha-2 code of the shop front visited.","rule":{"pattern":"^[A-Z]{2}$"}},
    {"name":"device","type":{"type":"enum","name":"Device","symbols":["DESKTOP","MOBILE","TABLET"]},"doc":"The kind of device used."},
    {"name":"orderId","type":"string","doc":"The order; one event per attempt to pay it.","rule":{"notEmpty":true}},
    {"name":"status","type":{"type":"enum","name":"PurchaseStatus","symbols":["PAID","REFUSED"]},"doc":"Whether the payment went through."},
    {"name":"amount","type":{"type":"bytes","logicalType":"decimal","precision":18,"scale":2},"doc":"Total to pay, tax included, in `currency`.","rule":{"min":0}},
    {"name":"currency","type":"string","doc":"ISO 4217 code.","rule":{"pattern":"^[A-Z]{3}$"}},
    {"name":"items","type":"int","doc":"Pieces in the order.","rule":{"min":1}},
    {"name":"paymentMethod","type":{"type":"enum","name":"PaymentMethod","symbols":["CARD","PAYPAL","INVOICE","VOUCHER"]},"doc":"How the shopper pays."},
    {"name":"refusalReason","type":["null","string"],"default":null,"doc":"Why the payment was refused; null where it was paid."},
    {"name":"emailPseudonym","type":["null","string"],"default":null,"doc":"Stands for the e-mail: equal for equal addresses of one shopper, `erased` after an erasure.","confluent:tags":["PII"],"pii":{"subject":"customerId","strategy":"pseudonym","sealed":false}},
    {"name":"ipPrefix","type":"string","doc":"Network part of the address: /24 of IPv4, /48 of IPv6; `erased` after an erasure.","confluent:tags":["PII"],"pii":{"subject":"customerId","strategy":"generalise","keep":"ip-prefix","sealed":false}},
    {"name":"city","type":"string","doc":"City of the delivery address; `erased` after an erasure.","confluent:tags":["PII"],"pii":{"subject":"customerId","strategy":"generalise","keep":"city","sealed":false}},
    {"name":"occurredAt","type":{"type":"long","logicalType":"timestamp-millis"},"doc":"When the checkout ended, by the shop's clock."},
  ],
})

/** shop.page-views.v1: A page of the shop was shown to a visitor. Personal fields are sealed by the producer; subscribe to shop.masked-page-views.v1 instead. */
export const pageViews: Topic<PageView> = topic<PageView>({
  type: "record",
  name: "PageView",
  namespace: "shop",
  doc: "A page of the shop was shown to a visitor. Personal fields are sealed by the producer; subscribe to shop.masked-page-views.v1 instead.",
  topic: {"name":"shop.page-views.v1","kind":"facts","key":"visitorId","time":"occurredAt","id":"eventId","partitions":12,"retention":"400 days","owner":"web-shop"},
  fields: [
    {"name":"eventId","type":"string","doc":"Unique per event; a repeated one is the same event sent twice.","rule":{"notEmpty":true}},
    {"name":"sessionId","type":"string","doc":"One visit of one visitor.","rule":{"notEmpty":true}},
    {"name":"visitorId","type":"string","doc":"The browser or app installation, known before anybody signs in.","rule":{"notEmpty":true}},
    {"name":"customerId","type":["null","string"],"default":null,"doc":"The signed-in customer; null for an anonymous visitor."},
    {"name":"country","type":"string","doc":"ISO 3166-1 alpha-2 code of the shop front visited.","rule":{"pattern":"^[A-Z]{2}$"}},
    {"name":"device","type":{"type":"enum","name":"Device","symbols":["DESKTOP","MOBILE","TABLET"]},"doc":"The kind of device used."},
    {"name":"pageType","type":{"type":"enum","name":"PageType","symbols":["HOME","CATEGORY","PRODUCT","CART","CHECKOUT"]},"doc":"What the page is for."},
    {"name":"path","type":"string","doc":"Path of the page, without query.","rule":{"notEmpty":true}},
    {"name":"productId","type":["null","string"],"default":null,"doc":"The product shown, where the page shows one."},
    {"name":"referrer","type":["null","string"],"default":null,"doc":"Host name that led here; null within the shop or where unknown."},
    {"name":"ip","type":"string","doc":"Address that the request came from, sealed.","rule":{"notEmpty":true},"confluent:tags":["PII"],"pii":{"subject":"visitorId","strategy":"generalise","keep":"ip-prefix","sealed":true}},
    {"name":"email","type":["null","string"],"default":null,"doc":"E-mail of the signed-in customer, sealed; null for an anonymous visitor.","confluent:tags":["PII"],"pii":{"subject":"visitorId","strategy":"pseudonym","sealed":true}},
    {"name":"occurredAt","type":{"type":"long","logicalType":"timestamp-millis"},"doc":"When the page was shown, by the shop's clock."},
  ],
})

/** shop.promotions.v1: A reduction of the prices of one category in some countries. */
export const promotions: Topic<Promotion> = topic<Promotion>({
  type: "record",
  name: "Promotion",
  namespace: "shop",
  doc: "A reduction of the prices of one category in some countries.",
  topic: {"name":"shop.promotions.v1","kind":"table","key":"promotionId","time":"announcedAt","id":"promotionId","partitions":12,"retention":"forever","owner":"web-shop"},
  fields: [
    {"name":"promotionId","type":"string","doc":"The promotion.","rule":{"notEmpty":true}},
    {"name":"name","type":"string","doc":"As customers read it.","rule":{"notEmpty":true}},
    {"name":"category","type":"string","doc":"The category whose prices are reduced.","rule":{"notEmpty":true}},
    {"name":"countries","type":{"type":"array","items":"string"},"doc":"Markets in which it runs, ISO 3166-1 alpha-2; the others are its control group."},
    {"name":"discountPercent","type":"int","doc":"Reduction of every price of the category.","rule":{"min":1,"max":100}},
    {"name":"startsAt","type":{"type":"long","logicalType":"timestamp-millis"},"doc":"First instant on which the prices are reduced."},
    {"name":"endsAt","type":{"type":"long","logicalType":"timestamp-millis"},"doc":"First instant on which they are not any more."},
    {"name":"announcedAt","type":{"type":"long","logicalType":"timestamp-millis"},"doc":"When it was announced."},
  ],
})

/** shop.purchases.v1: A checkout, paid or refused. Personal fields are sealed by the producer; subscribe to shop.masked-purchases.v1 instead. */
export const purchases: Topic<Purchase> = topic<Purchase>({
  type: "record",
  name: "Purchase",
  namespace: "shop",
  doc: "A checkout, paid or refused. Personal fields are sealed by the producer; subscribe to shop.masked-purchases.v1 instead.",
  topic: {"name":"shop.purchases.v1","kind":"facts","key":"visitorId","time":"occurredAt","id":"eventId","partitions":12,"retention":"400 days","owner":"web-shop"},
  fields: [
    {"name":"eventId","type":"string","doc":"Unique per event; a repeated one is the same event sent twice.","rule":{"notEmpty":true}},
    {"name":"sessionId","type":"string","doc":"One visit of one visitor.","rule":{"notEmpty":true}},
    {"name":"visitorId","type":"string","doc":"The browser or app installation, known before anybody signs in.","rule":{"notEmpty":true}},
    {"name":"customerId","type":"string","doc":"The signed-in customer.","rule":{"notEmpty":true}},
    {"name":"country","type":"string","doc":"ISO 3166-1 alpha-2 code of the shop front visited.","rule":{"pattern":"^[A-Z]{2}$"}},
    {"name":"device","type":{"type":"enum","name":"Device","symbols":["DESKTOP","MOBILE","TABLET"]},"doc":"The kind of device used."},
    {"name":"orderId","type":"string","doc":"The order; one event per attempt to pay it.","rule":{"notEmpty":true}},
    {"name":"status","type":{"type":"enum","name":"PurchaseStatus","symbols":["PAID","REFUSED"]},"doc":"Whether the payment went through."},
    {"name":"amount","type":{"type":"bytes","logicalType":"decimal","precision":18,"scale":2},"doc":"Total to pay, tax included, in `currency`.","rule":{"min":0}},
    {"name":"currency","type":"string","doc":"ISO 4217 code.","rule":{"pattern":"^[A-Z]{3}$"}},
    {"name":"items","type":"int","doc":"Pieces in the order.","rule":{"min":1}},
    {"name":"paymentMethod","type":{"type":"enum","name":"PaymentMethod","symbols":["CARD","PAYPAL","INVOICE","VOUCHER"]},"doc":"How the shopper pays."},
    {"name":"refusalReason","type":["null","string"],"default":null,"doc":"Why the payment was refused; null where it was paid."},
    {"name":"ip","type":"string","doc":"Address that the request came from, sealed.","rule":{"notEmpty":true},"confluent:tags":["PII"],"pii":{"subject":"customerId","strategy":"generalise","keep":"ip-prefix","sealed":true}},
    {"name":"email","type":"string","doc":"As typed by the shopper, sealed.","rule":{"notEmpty":true},"confluent:tags":["PII"],"pii":{"subject":"customerId","strategy":"pseudonym","sealed":true}},
    {"name":"name","type":"string","doc":"As typed by the shopper, sealed.","confluent:tags":["PII"],"pii":{"subject":"customerId","strategy":"drop","sealed":true}},
    {"name":"address","type":"string","doc":"Delivery address, sealed.","confluent:tags":["PII"],"pii":{"subject":"customerId","strategy":"generalise","keep":"city","sealed":true}},
    {"name":"occurredAt","type":{"type":"long","logicalType":"timestamp-millis"},"doc":"When the checkout ended, by the shop's clock."},
  ],
})

/** shop.revenue-anomalies.v1: A window whose paid revenue lies outside the expected band. */
export const revenueAnomalies: Topic<RevenueAnomaly> = topic<RevenueAnomaly>({
  type: "record",
  name: "RevenueAnomaly",
  namespace: "shop",
  doc: "A window whose paid revenue lies outside the expected band.",
  topic: {"name":"shop.revenue-anomalies.v1","kind":"results","key":"country","time":"detectedAt","id":"anomalyId","partitions":12,"retention":"1100 days","owner":"analytics"},
  fields: [
    {"name":"anomalyId","type":"string","doc":"Derived from metric, place and window: the same anomaly always has the same id.","rule":{"notEmpty":true}},
    {"name":"metric","type":"string","doc":"Name of the metric: `revenue`.","rule":{"notEmpty":true}},
    {"name":"country","type":"string","doc":"ISO 3166-1 alpha-2 code of the shop front visited.","rule":{"pattern":"^[A-Z]{2}$"}},
    {"name":"currency","type":"string","doc":"ISO 4217 code of `actual`, `expected` and the band, which are statistics, not money booked.","rule":{"pattern":"^[A-Z]{3}$"}},
    {"name":"windowStart","type":{"type":"long","logicalType":"timestamp-millis"},"doc":"Start of the window judged, inclusive."},
    {"name":"windowEnd","type":{"type":"long","logicalType":"timestamp-millis"},"doc":"End of the window judged, exclusive."},
    {"name":"actual","type":"double","doc":"What was seen."},
    {"name":"expected","type":"double","doc":"What the baseline led to expect."},
    {"name":"lower","type":"double","doc":"Lower edge of the expected band."},
    {"name":"upper","type":"double","doc":"Upper edge of the expected band."},
    {"name":"score","type":"double","doc":"Distance from the expected value in robust standard deviations; negative below it."},
    {"name":"severity","type":{"type":"enum","name":"Severity","symbols":["WARNING","CRITICAL"]},"doc":"How far outside the band."},
    {"name":"direction","type":{"type":"enum","name":"Direction","symbols":["HIGH","LOW"]},"doc":"Above or below the band."},
    {"name":"reason","type":"string","doc":"One sentence for people: what was seen, what was expected, since when.","rule":{"notEmpty":true}},
    {"name":"detectedAt","type":{"type":"long","logicalType":"timestamp-millis"},"doc":"Event time at which it was decided."},
    {"name":"contributions","type":{"type":"array","items":{"type":"record","name":"Contribution","fields":[{"name":"dimension","type":"string","doc":"What revenue is divided by, e.g. `paymentMethod`."},{"name":"value","type":["null","string"],"default":null,"doc":"Its value; null: all other values together."},{"name":"expected","type":{"type":"bytes","logicalType":"decimal","precision":18,"scale":2},"doc":"What was expected of it: the whole expectation, divided as revenue was before the anomaly."},{"name":"actual","type":{"type":"bytes","logicalType":"decimal","precision":18,"scale":2},"doc":"What was seen."},{"name":"share","type":{"type":"bytes","logicalType":"decimal","precision":38,"scale":9},"doc":"Its part of the deviation, `actual` less `expected`: those of one dimension add up to 1, and a value that went the other way has a negative one."},{"name":"surprise","type":"double","doc":"How much its part of revenue changed: its term of the Jensen-Shannon divergence, in nats, of what was seen from what was expected; 0: not at all."},{"name":"cause","type":"boolean","doc":"True for the few values that explain two thirds of the deviation, where the dimension changed by more than chance."}]}},"default":[],"doc":"Which values of each dimension the deviation comes from, the dimension that changed most first, in it causes and then the largest first. Those of one dimension add up to `actual` and `expected` in whole cents. Empty: decided before this was told."},
  ],
})

/** shop.revenue-parts-per-minute.v1: Paid revenue and orders per country and currency for each minute of event time, and how they are divided by device and payment method. */
export const revenuePartsPerMinute: Topic<RevenuePartsPerMinute> = topic<RevenuePartsPerMinute>({
  type: "record",
  name: "RevenuePartsPerMinute",
  namespace: "shop",
  doc: "Paid revenue and orders per country and currency for each minute of event time, and how they are divided by device and payment method.",
  topic: {"name":"shop.revenue-parts-per-minute.v1","kind":"results","key":["country","currency"],"time":"windowStart","id":["country","currency","windowStart"],"partitions":12,"retention":"1100 days","owner":"analytics"},
  fields: [
    {"name":"country","type":"string","doc":"ISO 3166-1 alpha-2 code of the shop front visited.","rule":{"pattern":"^[A-Z]{2}$"}},
    {"name":"currency","type":"string","doc":"ISO 4217 code.","rule":{"pattern":"^[A-Z]{3}$"}},
    {"name":"windowStart","type":{"type":"long","logicalType":"timestamp-millis"},"doc":"Start of the minute, inclusive."},
    {"name":"windowEnd","type":{"type":"long","logicalType":"timestamp-millis"},"doc":"End of the minute, exclusive."},
    {"name":"orders","type":"long","doc":"Paid orders.","rule":{"min":0}},
    {"name":"revenue","type":{"type":"bytes","logicalType":"decimal","precision":18,"scale":2},"doc":"Sum of their amounts, in `currency`."},
    {"name":"parts","type":{"type":"array","items":{"type":"record","name":"RevenuePart","fields":[{"name":"dimension","type":"string","doc":"What revenue is divided by: `device` or `paymentMethod`."},{"name":"value","type":"string","doc":"Its value."},{"name":"orders","type":"long","doc":"Paid orders of this value."},{"name":"revenue","type":{"type":"bytes","logicalType":"decimal","precision":18,"scale":2},"doc":"Sum of their amounts."}]}},"doc":"By dimension and value, in this order; those of one dimension add up to `orders` and `revenue`."},
  ],
})

/** shop.revenue-per-minute-corrections.v1: What checkouts that came too late add to the revenue of a country, currency and minute. */
export const revenuePerMinuteCorrections: Topic<RevenuePerMinuteCorrection> = topic<RevenuePerMinuteCorrection>({
  type: "record",
  name: "RevenuePerMinuteCorrection",
  namespace: "shop",
  doc: "What checkouts that came too late add to the revenue of a country, currency and minute.",
  topic: {"name":"shop.revenue-per-minute-corrections.v1","kind":"results","key":["country","currency"],"time":"windowStart","id":["windowStart","correctionId"],"partitions":12,"retention":"1100 days","owner":"analytics"},
  fields: [
    {"name":"correctionId","type":"string","doc":"Processor, identity of the row, and number: the same whenever it is settled again.","rule":{"notEmpty":true}},
    {"name":"number","type":"int","doc":"Which correction of its row it is, counted from 1."},
    {"name":"country","type":"string","doc":"ISO 3166-1 alpha-2 code of the shop front visited.","rule":{"pattern":"^[A-Z]{2}$"}},
    {"name":"currency","type":"string","doc":"ISO 4217 code.","rule":{"pattern":"^[A-Z]{3}$"}},
    {"name":"windowStart","type":{"type":"long","logicalType":"timestamp-millis"},"doc":"Start of the minute, inclusive."},
    {"name":"windowEnd","type":{"type":"long","logicalType":"timestamp-millis"},"doc":"End of the minute, exclusive."},
    {"name":"orders","type":"long","doc":"To be added to the row: paid orders."},
    {"name":"revenue","type":{"type":"bytes","logicalType":"decimal","precision":18,"scale":2},"doc":"To be added to the row: sum of their amounts, in `currency`."},
  ],
})

/** shop.revenue-per-minute.v1: Paid revenue and orders per country and currency, for each minute of event time. */
export const revenuePerMinute: Topic<RevenuePerMinute> = topic<RevenuePerMinute>({
  type: "record",
  name: "RevenuePerMinute",
  namespace: "shop",
  doc: "Paid revenue and orders per country and currency, for each minute of event time.",
  topic: {"name":"shop.revenue-per-minute.v1","kind":"results","key":["country","currency"],"time":"windowStart","id":["country","currency","windowStart"],"partitions":12,"retention":"1100 days","owner":"analytics","serving":{"ttl":"2 days"}},
  fields: [
    {"name":"country","type":"string","doc":"ISO 3166-1 alpha-2 code of the shop front visited.","rule":{"pattern":"^[A-Z]{2}$"}},
    {"name":"currency","type":"string","doc":"ISO 4217 code.","rule":{"pattern":"^[A-Z]{3}$"}},
    {"name":"windowStart","type":{"type":"long","logicalType":"timestamp-millis"},"doc":"Start of the minute, inclusive."},
    {"name":"windowEnd","type":{"type":"long","logicalType":"timestamp-millis"},"doc":"End of the minute, exclusive."},
    {"name":"orders","type":"long","doc":"Paid orders.","rule":{"min":0}},
    {"name":"revenue","type":{"type":"bytes","logicalType":"decimal","precision":18,"scale":2},"doc":"Sum of their amounts, in `currency`."},
  ],
})

/** shop.searches.v1: A visitor searched the shop. */
export const searches: Topic<Search> = topic<Search>({
  type: "record",
  name: "Search",
  namespace: "shop",
  doc: "A visitor searched the shop.",
  topic: {"name":"shop.searches.v1","kind":"facts","key":"visitorId","time":"occurredAt","id":"eventId","partitions":12,"retention":"400 days","owner":"web-shop"},
  fields: [
    {"name":"eventId","type":"string","doc":"Unique per event; a repeated one is the same event sent twice.","rule":{"notEmpty":true}},
    {"name":"sessionId","type":"string","doc":"One visit of one visitor.","rule":{"notEmpty":true}},
    {"name":"visitorId","type":"string","doc":"The browser or app installation, known before anybody signs in.","rule":{"notEmpty":true}},
    {"name":"customerId","type":["null","string"],"default":null,"doc":"The signed-in customer; null for an anonymous visitor."},
    {"name":"country","type":"string","doc":"ISO 3166-1 alpha-2 code of the shop front visited.","rule":{"pattern":"^[A-Z]{2}$"}},
    {"name":"device","type":{"type":"enum","name":"Device","symbols":["DESKTOP","MOBILE","TABLET"]},"doc":"The kind of device used."},
    {"name":"query","type":"string","doc":"What was searched for, in lower case.","rule":{"notEmpty":true}},
    {"name":"results","type":"int","doc":"Products found.","rule":{"min":0}},
    {"name":"occurredAt","type":{"type":"long","logicalType":"timestamp-millis"},"doc":"When the search was sent, by the shop's clock."},
  ],
})

/** shop.sessions.v1: A visit that is over, with the way it took; the customer is known for all of it once they signed in or paid in it. */
export const sessions: Topic<Session> = topic<Session>({
  type: "record",
  name: "Session",
  namespace: "shop",
  doc: "A visit that is over, with the way it took; the customer is known for all of it once they signed in or paid in it.",
  topic: {"name":"shop.sessions.v1","kind":"results","key":"visitorId","time":"endedAt","id":"sessionId","partitions":12,"retention":"400 days","owner":"analytics"},
  fields: [
    {"name":"sessionId","type":"string","doc":"The visit.","rule":{"notEmpty":true}},
    {"name":"visitorId","type":"string","doc":"The browser or app installation, known before anybody signs in.","rule":{"notEmpty":true}},
    {"name":"customerId","type":["null","string"],"default":null,"doc":"The customer, where they signed in or paid during the visit; null for a visit that stayed anonymous."},
    {"name":"country","type":"string","doc":"ISO 3166-1 alpha-2 code of the shop front visited.","rule":{"pattern":"^[A-Z]{2}$"}},
    {"name":"device","type":{"type":"enum","name":"Device","symbols":["DESKTOP","MOBILE","TABLET"]},"doc":"The kind of device used."},
    {"name":"referrer","type":["null","string"],"default":null,"doc":"Host name that led here; null where unknown."},
    {"name":"entryPath","type":"string","doc":"Path of the first page; empty where no page was seen."},
    {"name":"exitPath","type":"string","doc":"Path of the last page; empty where no page was seen."},
    {"name":"steps","type":{"type":"array","items":"string"},"doc":"The way through the shop, e.g. HOME, PRODUCT, ADD, CART, CHECKOUT, PAID: at most the first 50 steps, one for a step repeated."},
    {"name":"pages","type":"int","doc":"Page views.","rule":{"min":0}},
    {"name":"clicks","type":"int","doc":"Clicks.","rule":{"min":0}},
    {"name":"cartChanges","type":"int","doc":"Changes of the cart.","rule":{"min":0}},
    {"name":"orders","type":"int","doc":"Checkouts paid.","rule":{"min":0}},
    {"name":"startedAt","type":{"type":"long","logicalType":"timestamp-millis"},"doc":"Its first event."},
    {"name":"endedAt","type":{"type":"long","logicalType":"timestamp-millis"},"doc":"Its last event; known once nothing happened for half an hour."},
  ],
})

/** shop.trending-products.v1: What visitors of a country look at and put into the cart most, in the hour before `windowEnd`; every five minutes of event time. */
export const trendingProducts: Topic<TrendingProducts> = topic<TrendingProducts>({
  type: "record",
  name: "TrendingProducts",
  namespace: "shop",
  doc: "What visitors of a country look at and put into the cart most, in the hour before `windowEnd`; every five minutes of event time.",
  topic: {"name":"shop.trending-products.v1","kind":"results","key":"country","time":"windowStart","id":["country","windowStart"],"partitions":12,"retention":"400 days","owner":"analytics","serving":{"ttl":"2 days"}},
  fields: [
    {"name":"country","type":"string","doc":"ISO 3166-1 alpha-2 code of the shop front visited.","rule":{"pattern":"^[A-Z]{2}$"}},
    {"name":"windowStart","type":{"type":"long","logicalType":"timestamp-millis"},"doc":"Start of the hour, inclusive."},
    {"name":"windowEnd","type":{"type":"long","logicalType":"timestamp-millis"},"doc":"End of the hour, exclusive."},
    {"name":"events","type":"long","doc":"Product pages seen and products put into a cart.","rule":{"min":0}},
    {"name":"products","type":{"type":"array","items":"string"},"doc":"The ten products with most of them, the first first; equals by id."},
    {"name":"counts","type":{"type":"array","items":"long"},"doc":"How many each has."},
  ],
})
