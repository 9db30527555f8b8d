// Generated from the contracts by `kappa schemas generate`. Do not edit.

import { type Topic, topic } from '#engine/schema'

export type TouchChannel = 'SEARCH' | 'SOCIAL' | 'DISPLAY' | 'VIDEO' | 'EMAIL' | 'AFFILIATE' | 'INFLUENCER' | 'ORGANIC_SEARCH' | 'ORGANIC_SOCIAL' | 'REFERRAL' | 'DIRECT'

export type IdentityEvidence = 'SIGNED_IN' | 'CHECKOUT'

/** A touch of somebody known as a customer, the visits before they were known included, or a discount code of an influencer. */
export interface CustomerTouch {
  /** As in marketing.touches.v1, or `code:` and the redemption. */
  readonly touchId: string
  /** The customer. */
  readonly customerId: string
  /** The browser or app installation; null for a code. */
  readonly visitorId: string | null
  /** What led here. */
  readonly channel: TouchChannel
  /** The campaign of a click on an advertisement. */
  readonly campaignId: string | null
  /** The discount code redeemed. */
  readonly code: string | null
  /** Whose code it is; null where no table says, and for other touches. */
  readonly influencerId: string | null
  /** When. Milliseconds since 1970 UTC. */
  readonly touchedAt: number
}

/** Who a visitor turned out to be: from `linkedAt` on, and for the touches before that nobody else was known for. */
export interface Identity {
  /** The browser or app installation, known before anybody signs in. */
  readonly visitorId: string
  /** The customer who signed in or paid. */
  readonly customerId: string
  /** What told it. */
  readonly evidence: IdentityEvidence
  /** The visit in which it was told. */
  readonly sessionId: string
  /** When it was told. Milliseconds since 1970 UTC. */
  readonly linkedAt: number
}

/** A touch within thirty days before an order of the same customer, with its share in the order by four models of attribution. Published again, whole, when a touch comes late. */
export interface OrderTouch {
  /** The order, as in crm.orders.v1. */
  readonly orderId: string
  /** Place among the order's touches by time, from 1. */
  readonly touchNumber: number
  /** How many touches the order has. */
  readonly touches: number
  /** Who ordered. */
  readonly customerId: string
  /** ISO 3166-1 alpha-2 code of the market. */
  readonly country: string
  /** ISO 4217 code. */
  readonly currency: string
  /** Total paid for the order, tax included, in `currency`. Unscaled: 2 decimal places. */
  readonly amount: bigint
  /** The touch, as in marketing.customer-touches.v1. */
  readonly touchId: string
  /** What led here. */
  readonly channel: TouchChannel
  /** The campaign of a click on an advertisement. */
  readonly campaignId: string | null
  /** Whose code it is. */
  readonly influencerId: string | null
  /** All to the first touch: share of exactly 1 over the touches of an order. Unscaled: 9 decimal places. */
  readonly firstTouchWeight: bigint
  /** All to the last touch: share of exactly 1 over the touches of an order. Unscaled: 9 decimal places. */
  readonly lastTouchWeight: bigint
  /** Equal shares: share of exactly 1 over the touches of an order. Unscaled: 9 decimal places. */
  readonly linearWeight: bigint
  /** Half as much for each seven days before the order: share of exactly 1 over the touches of an order. Unscaled: 9 decimal places. */
  readonly timeDecayWeight: bigint
  /** The amount by that share, in `currency`; over the touches of an order it adds up to `amount`, to the cent. Unscaled: 2 decimal places. */
  readonly firstTouchAmount: bigint
  /** The amount by that share, in `currency`; over the touches of an order it adds up to `amount`, to the cent. Unscaled: 2 decimal places. */
  readonly lastTouchAmount: bigint
  /** The amount by that share, in `currency`; over the touches of an order it adds up to `amount`, to the cent. Unscaled: 2 decimal places. */
  readonly linearAmount: bigint
  /** The amount by that share, in `currency`; over the touches of an order it adds up to `amount`, to the cent. Unscaled: 2 decimal places. */
  readonly timeDecayAmount: bigint
  /** When the touch was. Milliseconds since 1970 UTC. */
  readonly touchedAt: number
  /** When the order was paid for. Milliseconds since 1970 UTC. */
  readonly placedAt: number
}

/** A visitor came into touch with the shop: by a click on an advertisement, or by a visit of which advertising knows nothing. Published again, with the customer, when the visitor is first known to be one. */
export interface Touch {
  /** `click:` and the click, or `visit:` and the session. */
  readonly touchId: string
  /** The browser or app installation, known before anybody signs in. */
  readonly visitorId: string
  /** The customer that the visitor is known to be; null while nobody knows. */
  readonly customerId: string | null
  /** What led here; INFLUENCER stands with the customer alone, in marketing.customer-touches.v1. */
  readonly channel: TouchChannel
  /** The campaign of a click on an advertisement. */
  readonly campaignId: string | null
  /** The visit; null for a click. */
  readonly sessionId: string | null
  /** Host name that led here, where it is known. */
  readonly referrer: string | null
  /** ISO 3166-1 alpha-2 code of the market. */
  readonly country: string
  /** When: the click, or the first page of the visit. Milliseconds since 1970 UTC. */
  readonly touchedAt: number
}

/** A click on an advertisement, by the visitor who landed with it: ads.ad-clicks.v1 under another key. */
export interface VisitorClick {
  /** Unique per click. */
  readonly clickId: string
  /** The browser or app installation, known before anybody signs in. */
  readonly visitorId: string
  /** Where it was shown. */
  readonly channel: TouchChannel
  /** The campaign. */
  readonly campaignId: string
  /** ISO 3166-1 alpha-2 code of the market. */
  readonly country: string
  /** When it was clicked. Milliseconds since 1970 UTC. */
  readonly clickedAt: number
}

/** marketing.customer-touches.v1: A touch of somebody known as a customer, the visits before they were known included, or a discount code of an influencer. */
export const customerTouches: Topic<CustomerTouch> = topic<CustomerTouch>({
  type: "record",
  name: "CustomerTouch",
  namespace: "marketing",
  doc: "A touch of somebody known as a customer, the visits before they were known included, or a discount code of an influencer.",
  topic: {"name":"marketing.customer-touches.v1","kind":"facts","key":"customerId","time":"touchedAt","id":"touchId","partitions":12,"retention":"400 days","owner":"marketing"},
  fields: [
    {"name":"touchId","type":"string","doc":"As in marketing.touches.v1, or `code:` and the redemption.","rule":{"notEmpty":true}},
    {"name":"customerId","type":"string","doc":"The customer.","rule":{"notEmpty":true}},
    {"name":"visitorId","type":["null","string"],"default":null,"doc":"The browser or app installation; null for a code."},
    {"name":"channel","type":{"type":"enum","name":"TouchChannel","symbols":["SEARCH","SOCIAL","DISPLAY","VIDEO","EMAIL","AFFILIATE","INFLUENCER","ORGANIC_SEARCH","ORGANIC_SOCIAL","REFERRAL","DIRECT"]},"doc":"What led here."},
    {"name":"campaignId","type":["null","string"],"default":null,"doc":"The campaign of a click on an advertisement."},
    {"name":"code","type":["null","string"],"default":null,"doc":"The discount code redeemed."},
    {"name":"influencerId","type":["null","string"],"default":null,"doc":"Whose code it is; null where no table says, and for other touches."},
    {"name":"touchedAt","type":{"type":"long","logicalType":"timestamp-millis"},"doc":"When."},
  ],
})

/** marketing.identities.v1: Who a visitor turned out to be: from `linkedAt` on, and for the touches before that nobody else was known for. */
export const identities: Topic<Identity> = topic<Identity>({
  type: "record",
  name: "Identity",
  namespace: "marketing",
  doc: "Who a visitor turned out to be: from `linkedAt` on, and for the touches before that nobody else was known for.",
  topic: {"name":"marketing.identities.v1","kind":"table","key":"visitorId","time":"linkedAt","id":"visitorId","partitions":12,"retention":"400 days","owner":"marketing"},
  fields: [
    {"name":"visitorId","type":"string","doc":"The browser or app installation, known before anybody signs in.","rule":{"notEmpty":true}},
    {"name":"customerId","type":"string","doc":"The customer who signed in or paid.","rule":{"notEmpty":true}},
    {"name":"evidence","type":{"type":"enum","name":"IdentityEvidence","symbols":["SIGNED_IN","CHECKOUT"]},"doc":"What told it."},
    {"name":"sessionId","type":"string","doc":"The visit in which it was told.","rule":{"notEmpty":true}},
    {"name":"linkedAt","type":{"type":"long","logicalType":"timestamp-millis"},"doc":"When it was told."},
  ],
})

/** marketing.order-touches.v1: A touch within thirty days before an order of the same customer, with its share in the order by four models of attribution. Published again, whole, when a touch comes late. */
export const orderTouches: Topic<OrderTouch> = topic<OrderTouch>({
  type: "record",
  name: "OrderTouch",
  namespace: "marketing",
  doc: "A touch within thirty days before an order of the same customer, with its share in the order by four models of attribution. Published again, whole, when a touch comes late.",
  topic: {"name":"marketing.order-touches.v1","kind":"results","key":"customerId","time":"placedAt","id":["orderId","touchNumber"],"partitions":12,"retention":"forever","owner":"marketing"},
  fields: [
    {"name":"orderId","type":"string","doc":"The order, as in crm.orders.v1.","rule":{"notEmpty":true}},
    {"name":"touchNumber","type":"int","doc":"Place among the order's touches by time, from 1.","rule":{"min":1}},
    {"name":"touches","type":"int","doc":"How many touches the order has.","rule":{"min":1}},
    {"name":"customerId","type":"string","doc":"Who ordered.","rule":{"notEmpty":true}},
    {"name":"country","type":"string","doc":"ISO 3166-1 alpha-2 code of the market.","rule":{"pattern":"^[A-Z]{2}$"}},
    {"name":"currency","type":"string","doc":"ISO 4217 code.","rule":{"pattern":"^[A-Z]{3}$"}},
    {"name":"amount","type":{"type":"bytes","logicalType":"decimal","precision":18,"scale":2},"doc":"Total paid for the order, tax included, in `currency`."},
    {"name":"touchId","type":"string","doc":"The touch, as in marketing.customer-touches.v1.","rule":{"notEmpty":true}},
    {"name":"channel","type":{"type":"enum","name":"TouchChannel","symbols":["SEARCH","SOCIAL","DISPLAY","VIDEO","EMAIL","AFFILIATE","INFLUENCER","ORGANIC_SEARCH","ORGANIC_SOCIAL","REFERRAL","DIRECT"]},"doc":"What led here."},
    {"name":"campaignId","type":["null","string"],"default":null,"doc":"The campaign of a click on an advertisement."},
    {"name":"influencerId","type":["null","string"],"default":null,"doc":"Whose code it is."},
    {"name":"firstTouchWeight","type":{"type":"bytes","logicalType":"decimal","precision":10,"scale":9},"doc":"All to the first touch: share of exactly 1 over the touches of an order.","rule":{"min":0,"max":1}},
    {"name":"lastTouchWeight","type":{"type":"bytes","logicalType":"decimal","precision":10,"scale":9},"doc":"All to the last touch: share of exactly 1 over the touches of an order.","rule":{"min":0,"max":1}},
    {"name":"linearWeight","type":{"type":"bytes","logicalType":"decimal","precision":10,"scale":9},"doc":"Equal shares: share of exactly 1 over the touches of an order.","rule":{"min":0,"max":1}},
    {"name":"timeDecayWeight","type":{"type":"bytes","logicalType":"decimal","precision":10,"scale":9},"doc":"Half as much for each seven days before the order: share of exactly 1 over the touches of an order.","rule":{"min":0,"max":1}},
    {"name":"firstTouchAmount","type":{"type":"bytes","logicalType":"decimal","precision":18,"scale":2},"doc":"The amount by that share, in `currency`; over the touches of an order it adds up to `amount`, to the cent."},
    {"name":"lastTouchAmount","type":{"type":"bytes","logicalType":"decimal","precision":18,"scale":2},"doc":"The amount by that share, in `currency`; over the touches of an order it adds up to `amount`, to the cent."},
    {"name":"linearAmount","type":{"type":"bytes","logicalType":"decimal","precision":18,"scale":2},"doc":"The amount by that share, in `currency`; over the touches of an order it adds up to `amount`, to the cent."},
    {"name":"timeDecayAmount","type":{"type":"bytes","logicalType":"decimal","precision":18,"scale":2},"doc":"The amount by that share, in `currency`; over the touches of an order it adds up to `amount`, to the cent."},
    {"name":"touchedAt","type":{"type":"long","logicalType":"timestamp-millis"},"doc":"When the touch was."},
    {"name":"placedAt","type":{"type":"long","logicalType":"timestamp-millis"},"doc":"When the order was paid for."},
  ],
})

/** marketing.touches.v1: A visitor came into touch with the shop: by a click on an advertisement, or by a visit of which advertising knows nothing. Published again, with the customer, when the visitor is first known to be one. */
export const touches: Topic<Touch> = topic<Touch>({
  type: "record",
  name: "Touch",
  namespace: "marketing",
  doc: "A visitor came into touch with the shop: by a click on an advertisement, or by a visit of which advertising knows nothing. Published again, with the customer, when the visitor is first known to be one.",
  topic: {"name":"marketing.touches.v1","kind":"results","key":"visitorId","time":"touchedAt","id":"touchId","partitions":12,"retention":"400 days","owner":"marketing"},
  fields: [
    {"name":"touchId","type":"string","doc":"`click:` and the click, or `visit:` and the session.","rule":{"notEmpty":true}},
    {"name":"visitorId","type":"string","doc":"The browser or app installation, known before anybody signs in.","rule":{"notEmpty":true}},
    {"name":"customerId","type":["null","string"],"default":null,"doc":"The customer that the visitor is known to be; null while nobody knows."},
    {"name":"channel","type":{"type":"enum","name":"TouchChannel","symbols":["SEARCH","SOCIAL","DISPLAY","VIDEO","EMAIL","AFFILIATE","INFLUENCER","ORGANIC_SEARCH","ORGANIC_SOCIAL","REFERRAL","DIRECT"]},"doc":"What led here; INFLUENCER stands with the customer alone, in marketing.customer-touches.v1."},
    {"name":"campaignId","type":["null","string"],"default":null,"doc":"The campaign of a click on an advertisement."},
    {"name":"sessionId","type":["null","string"],"default":null,"doc":"The visit; null for a click."},
    {"name":"referrer","type":["null","string"],"default":null,"doc":"Host name that led here, where it is known."},
    {"name":"country","type":"string","doc":"ISO 3166-1 alpha-2 code of the market.","rule":{"pattern":"^[A-Z]{2}$"}},
    {"name":"touchedAt","type":{"type":"long","logicalType":"timestamp-millis"},"doc":"When: the click, or the first page of the visit."},
  ],
})

/** marketing.visitor-clicks.v1: A click on an advertisement, by the visitor who landed with it: ads.ad-clicks.v1 under another key. */
export const visitorClicks: Topic<VisitorClick> = topic<VisitorClick>({
  type: "record",
  name: "VisitorClick",
  namespace: "marketing",
  doc: "A click on an advertisement, by the visitor who landed with it: ads.ad-clicks.v1 under another key.",
  topic: {"name":"marketing.visitor-clicks.v1","kind":"facts","key":"visitorId","time":"clickedAt","id":"clickId","partitions":12,"retention":"400 days","owner":"marketing"},
  fields: [
    {"name":"clickId","type":"string","doc":"Unique per click.","rule":{"notEmpty":true}},
    {"name":"visitorId","type":"string","doc":"The browser or app installation, known before anybody signs in.","rule":{"notEmpty":true}},
    {"name":"channel","type":{"type":"enum","name":"TouchChannel","symbols":["SEARCH","SOCIAL","DISPLAY","VIDEO","EMAIL","AFFILIATE","INFLUENCER","ORGANIC_SEARCH","ORGANIC_SOCIAL","REFERRAL","DIRECT"]},"doc":"Where it was shown."},
    {"name":"campaignId","type":"string","doc":"The campaign.","rule":{"notEmpty":true}},
    {"name":"country","type":"string","doc":"ISO 3166-1 alpha-2 code of the market.","rule":{"pattern":"^[A-Z]{2}$"}},
    {"name":"clickedAt","type":{"type":"long","logicalType":"timestamp-millis"},"doc":"When it was clicked."},
  ],
})
