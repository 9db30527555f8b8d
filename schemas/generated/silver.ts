// Generated from the contracts by `kappa schemas generate`. Do not edit.

import { type Topic, topic } from '#engine/schema'

export type AdvertisingChannel = 'SEARCH' | 'SOCIAL' | 'DISPLAY' | 'VIDEO' | 'EMAIL' | 'AFFILIATE'

export type Telling = 'FIRST' | 'AGAIN' | 'CHANGED' | 'ELSEWHERE'

export type BuyerStatus = 'ACTIVE' | 'CLOSED'

export type CheckoutDevice = 'DESKTOP' | 'MOBILE' | 'TABLET'

export type CheckoutStatus = 'PAID' | 'REFUSED'

export type CheckoutMethod = 'CARD' | 'PAYPAL' | 'INVOICE' | 'VOUCHER'

export type StockChangeReason = 'OPENING' | 'SALE' | 'CANCELLATION' | 'RETURN' | 'RECEIPT' | 'WRITE_OFF'

export type WebActionKind = 'PAGE_VIEW' | 'CLICK' | 'PURCHASE'

/** What a network reports of a campaign for a period, cleaned from ads.ad-spend.v1. */
export interface AdReport {
  /** The campaign. */
  readonly campaignId: string
  /** As marketing calls it; `unknown` where it was never booked. */
  readonly campaignName: string
  /** Where it is shown. */
  readonly channel: AdvertisingChannel
  /** Market in which it was shown, ISO 3166-1 alpha-2. */
  readonly country: string
  /** How often it was shown. */
  readonly impressions: number
  /** How often it was clicked. */
  readonly clicks: number
  /** What the network charges, in `currency`. Unscaled: 2 decimal places. */
  readonly spend: bigint
  /** ISO 4217 code; networks charge euros. */
  readonly currency: string
  /** First instant of the period. Milliseconds since 1970 UTC. */
  readonly periodStart: number
  /** First instant behind it. Milliseconds since 1970 UTC. */
  readonly periodEnd: number
  /** What the rules find in the row as it stands, e.g. `outlier:quantity`; empty: nothing. */
  readonly flags: readonly string[]
  /** The system whose record this change is due to. */
  readonly source: string
  /** Systems that told of it so far, the most trusted first. */
  readonly sources: readonly string[]
  /** Records about it so far, of all systems. */
  readonly copies: number
  /** What that record is: the first of all, a duplicate of the same system, its next version, or the first of another system. */
  readonly told: Telling
  /** What the rules find in that record alone. */
  readonly findings: readonly string[]
  /** Columns that it should have filled. */
  readonly wanted: number
  /** When it was written to Kafka. Milliseconds since 1970 UTC. */
  readonly arrivedAt: number
}

/** A click on an advertisement that led to the shop, cleaned from ads.ad-clicks.v1. */
export interface AdVisit {
  /** The click. */
  readonly clickId: string
  /** The campaign. */
  readonly campaignId: string
  /** As marketing calls it; `unknown` where it was never booked. */
  readonly campaignName: string
  /** Where it is shown. */
  readonly channel: AdvertisingChannel
  /** Market in which it was shown, ISO 3166-1 alpha-2. */
  readonly country: string
  /** The browser or app installation that landed in the shop. */
  readonly visitorId: string
  /** What the network charges for it, in `currency`. Unscaled: 2 decimal places. */
  readonly cost: bigint
  /** ISO 4217 code; networks charge euros. */
  readonly currency: string
  /** When it was clicked. Milliseconds since 1970 UTC. */
  readonly clickedAt: number
  /** What the rules find in the row as it stands, e.g. `outlier:quantity`; empty: nothing. */
  readonly flags: readonly string[]
  /** The system whose record this change is due to. */
  readonly source: string
  /** Systems that told of it so far, the most trusted first. */
  readonly sources: readonly string[]
  /** Records about it so far, of all systems. */
  readonly copies: number
  /** What that record is: the first of all, a duplicate of the same system, its next version, or the first of another system. */
  readonly told: Telling
  /** What the rules find in that record alone. */
  readonly findings: readonly string[]
  /** Columns that it should have filled. */
  readonly wanted: number
  /** When it was written to Kafka. Milliseconds since 1970 UTC. */
  readonly arrivedAt: number
}

/** A customer, cleaned and merged from crm.masked-customers.v1 and ventes.masked-clients.v1; the latest version. */
export interface Buyer {
  /** The customer. */
  readonly customerId: string
  /** ISO 3166-1 alpha-2 code. */
  readonly country: string | null
  /** ISO 639-1 code in which the customer is written to; only the CRM knows. */
  readonly language: string | null
  /** CLOSED: the account was closed; only the CRM knows. */
  readonly status: BuyerStatus | null
  /** When the customer registered. Milliseconds since 1970 UTC. */
  readonly registeredAt: number
  /** From when on this version holds. Milliseconds since 1970 UTC. */
  readonly changedAt: number
  /** What the rules find in the row as it stands, e.g. `outlier:quantity`; empty: nothing. */
  readonly flags: readonly string[]
  /** The system whose record this change is due to. */
  readonly source: string
  /** Systems that told of it so far, the most trusted first. */
  readonly sources: readonly string[]
  /** Records about it so far, of all systems. */
  readonly copies: number
  /** What that record is: the first of all, a duplicate of the same system, its next version, or the first of another system. */
  readonly told: Telling
  /** What the rules find in that record alone. */
  readonly findings: readonly string[]
  /** Columns that it should have filled. */
  readonly wanted: number
  /** When it was written to Kafka. Milliseconds since 1970 UTC. */
  readonly arrivedAt: number
}

/** A checkout of the web shop, paid or refused, cleaned from shop.masked-purchases.v1. */
export interface Checkout {
  /** The attempt to pay: `eventId`. */
  readonly checkoutId: string
  /** The browser or app installation. */
  readonly visitorId: string
  /** One visit. */
  readonly sessionId: string
  /** The customer who was signed in. */
  readonly customerId: string
  /** The order that it pays; one may be tried several times. */
  readonly orderId: string
  /** ISO 3166-1 alpha-2 code of the shop front. */
  readonly country: string
  /** The kind of device used. */
  readonly device: CheckoutDevice
  /** Whether the payment went through. */
  readonly status: CheckoutStatus
  /** Why it was refused; null where it was paid. */
  readonly refusalReason: string | null
  /** Total to pay, tax included, in `currency`. Unscaled: 2 decimal places. */
  readonly amount: bigint
  /** ISO 4217 code. */
  readonly currency: string
  /** Pieces in the order. */
  readonly items: number
  /** How the shopper pays. */
  readonly paymentMethod: CheckoutMethod
  /** When the checkout ended. Milliseconds since 1970 UTC. */
  readonly occurredAt: number
  /** What the rules find in the row as it stands, e.g. `outlier:quantity`; empty: nothing. */
  readonly flags: readonly string[]
  /** The system whose record this change is due to. */
  readonly source: string
  /** Systems that told of it so far, the most trusted first. */
  readonly sources: readonly string[]
  /** Records about it so far, of all systems. */
  readonly copies: number
  /** What that record is: the first of all, a duplicate of the same system, its next version, or the first of another system. */
  readonly told: Telling
  /** What the rules find in that record alone. */
  readonly findings: readonly string[]
  /** Columns that it should have filled. */
  readonly wanted: number
  /** When it was written to Kafka. Milliseconds since 1970 UTC. */
  readonly arrivedAt: number
}

/** A discount code that was used with an order, cleaned from influencers.redemptions.v1. */
export interface CodeUse {
  /** The redemption. */
  readonly redemptionId: string
  /** The code as the shop has it. */
  readonly code: string
  /** Whose code it is; `unknown` where nobody has it. */
  readonly influencerId: string
  /** The order it was used with. */
  readonly orderId: string
  /** Who used it. */
  readonly customerId: string
  /** What it took off, in `currency`. Unscaled: 2 decimal places. */
  readonly discount: bigint
  /** ISO 4217 code. */
  readonly currency: string
  /** When the order was placed. Milliseconds since 1970 UTC. */
  readonly usedAt: number
  /** What the rules find in the row as it stands, e.g. `outlier:quantity`; empty: nothing. */
  readonly flags: readonly string[]
  /** The system whose record this change is due to. */
  readonly source: string
  /** Systems that told of it so far, the most trusted first. */
  readonly sources: readonly string[]
  /** Records about it so far, of all systems. */
  readonly copies: number
  /** What that record is: the first of all, a duplicate of the same system, its next version, or the first of another system. */
  readonly told: Telling
  /** What the rules find in that record alone. */
  readonly findings: readonly string[]
  /** Columns that it should have filled. */
  readonly wanted: number
  /** When it was written to Kafka. Milliseconds since 1970 UTC. */
  readonly arrivedAt: number
}

/** A departure of aviation.flights.v1, cleaned; distance in kilometres. */
export interface Departure {
  /** The flight. */
  readonly flightId: string
  /** FAA code of the airport of departure. */
  readonly origin: string
  /** FAA code of the airport of arrival. */
  readonly destination: string
  /** Its usual name; `unknown` where aviation.airports.v1 has no row. */
  readonly destinationName: string
  /** IATA code of the carrier. */
  readonly carrier: string
  /** Registration of the plane. */
  readonly tailNumber: string | null
  /** Negative where early; null where it did not depart. */
  readonly departureDelayMinutes: number | null
  /** Negative where early; null where it did not arrive as planned. */
  readonly arrivalDelayMinutes: number | null
  /** Distance between the airports. */
  readonly distanceKilometers: number
  /** Scheduled instant of departure. Milliseconds since 1970 UTC. */
  readonly scheduledAt: number
  /** What the rules find in the row as it stands, e.g. `outlier:quantity`; empty: nothing. */
  readonly flags: readonly string[]
  /** The system whose record this change is due to. */
  readonly source: string
  /** Systems that told of it so far, the most trusted first. */
  readonly sources: readonly string[]
  /** Records about it so far, of all systems. */
  readonly copies: number
  /** What that record is: the first of all, a duplicate of the same system, its next version, or the first of another system. */
  readonly told: Telling
  /** What the rules find in that record alone. */
  readonly findings: readonly string[]
  /** Columns that it should have filled. */
  readonly wanted: number
  /** When it was written to Kafka. Milliseconds since 1970 UTC. */
  readonly arrivedAt: number
}

/** The weather at an airport in an hour, cleaned and merged from weather.observations.v1 (American units) and weather.reports.v1, in metric units. */
export interface HourlyWeather {
  /** FAA or IATA code. */
  readonly airport: string
  /** Air temperature. */
  readonly temperatureCelsius: number | null
  /** Wind speed. */
  readonly windMetersPerSecond: number | null
  /** Rain and snow of the hour. */
  readonly precipitationMillimeters: number | null
  /** Visibility. */
  readonly visibilityMeters: number | null
  /** When it was observed. Milliseconds since 1970 UTC. */
  readonly observedAt: number
  /** What the rules find in the row as it stands, e.g. `outlier:quantity`; empty: nothing. */
  readonly flags: readonly string[]
  /** The system whose record this change is due to. */
  readonly source: string
  /** Systems that told of it so far, the most trusted first. */
  readonly sources: readonly string[]
  /** Records about it so far, of all systems. */
  readonly copies: number
  /** What that record is: the first of all, a duplicate of the same system, its next version, or the first of another system. */
  readonly told: Telling
  /** What the rules find in that record alone. */
  readonly findings: readonly string[]
  /** Columns that it should have filled. */
  readonly wanted: number
  /** When it was written to Kafka. Milliseconds since 1970 UTC. */
  readonly arrivedAt: number
}

/** A product of an order, cleaned and merged from crm.order-lines.v1 and electronics.order-rows.v1; one row an identity, one record a record of theirs. */
export interface OrderedProduct {
  /** The order. */
  readonly orderId: string
  /** The product. */
  readonly productId: string
  /** Who ordered. */
  readonly customerId: string
  /** Its category. */
  readonly category: string
  /** Pieces. */
  readonly quantity: number
  /** Price of one piece as charged, in `currency`. Unscaled: 2 decimal places. */
  readonly unitPrice: bigint
  /** ISO 4217 code. */
  readonly currency: string
  /** When the order was paid for. Milliseconds since 1970 UTC. */
  readonly placedAt: number
  /** What the rules find in the row as it stands, e.g. `outlier:quantity`; empty: nothing. */
  readonly flags: readonly string[]
  /** The system whose record this change is due to. */
  readonly source: string
  /** Systems that told of it so far, the most trusted first. */
  readonly sources: readonly string[]
  /** Records about it so far, of all systems. */
  readonly copies: number
  /** What that record is: the first of all, a duplicate of the same system, its next version, or the first of another system. */
  readonly told: Telling
  /** What the rules find in that record alone. */
  readonly findings: readonly string[]
  /** Columns that it should have filled. */
  readonly wanted: number
  /** When it was written to Kafka. Milliseconds since 1970 UTC. */
  readonly arrivedAt: number
}

/** A line of ventes.achats.v1, cleaned, under standard names. */
export interface Sale {
  /** The line: `id_achat`. */
  readonly saleId: string
  /** Who bought: `id_client`. */
  readonly customerId: string
  /** The product, by its name: `produit`. */
  readonly product: string
  /** Paid for the line, tax included, in `currency`: `montant`. Unscaled: 2 decimal places. */
  readonly amount: bigint
  /** ISO 4217 code; the source has euros alone. */
  readonly currency: string
  /** When it was paid for: `date_achat`. Milliseconds since 1970 UTC. */
  readonly soldAt: number
  /** What the rules find in the row as it stands, e.g. `outlier:quantity`; empty: nothing. */
  readonly flags: readonly string[]
  /** The system whose record this change is due to. */
  readonly source: string
  /** Systems that told of it so far, the most trusted first. */
  readonly sources: readonly string[]
  /** Records about it so far, of all systems. */
  readonly copies: number
  /** What that record is: the first of all, a duplicate of the same system, its next version, or the first of another system. */
  readonly told: Telling
  /** What the rules find in that record alone. */
  readonly findings: readonly string[]
  /** Columns that it should have filled. */
  readonly wanted: number
  /** When it was written to Kafka. Milliseconds since 1970 UTC. */
  readonly arrivedAt: number
}

/** Pieces of a product that came into a warehouse or left it, cleaned from inventory.stock-movements.v1. */
export interface StockChange {
  /** The movement. */
  readonly movementId: string
  /** The product. */
  readonly productId: string
  /** The category of the product; `unknown` where the catalogue does not have it. */
  readonly category: string
  /** The warehouse. */
  readonly warehouse: string
  /** Why: as inventory.stock-movements.v1 has it. */
  readonly reason: StockChangeReason
  /** Pieces: positive where they came in. */
  readonly quantity: number
  /** The order that it belongs to. */
  readonly orderId: string | null
  /** When. Milliseconds since 1970 UTC. */
  readonly movedAt: number
  /** What the rules find in the row as it stands, e.g. `outlier:quantity`; empty: nothing. */
  readonly flags: readonly string[]
  /** The system whose record this change is due to. */
  readonly source: string
  /** Systems that told of it so far, the most trusted first. */
  readonly sources: readonly string[]
  /** Records about it so far, of all systems. */
  readonly copies: number
  /** What that record is: the first of all, a duplicate of the same system, its next version, or the first of another system. */
  readonly told: Telling
  /** What the rules find in that record alone. */
  readonly findings: readonly string[]
  /** Columns that it should have filled. */
  readonly wanted: number
  /** When it was written to Kafka. Milliseconds since 1970 UTC. */
  readonly arrivedAt: number
}

/** A line of retail.purchase-lines.v1, cleaned; department and category `unknown` where the product is. */
export interface StoreSale {
  /** The product. */
  readonly productId: number
  /** The household that bought. */
  readonly householdId: number
  /** The basket. */
  readonly basketId: number
  /** The store. */
  readonly storeId: number
  /** Department that sells it; `unknown` where the product has no row or no department. */
  readonly department: string
  /** Category within the department; `unknown` likewise. */
  readonly category: string
  /** Pieces; zero and below occur and are kept, with a flag. */
  readonly quantity: number
  /** What the retailer received for the line, in `currency`. Unscaled: 2 decimal places. */
  readonly amount: bigint
  /** All that was taken off: card, coupon and its match, in `currency`. Unscaled: 2 decimal places. */
  readonly discount: bigint
  /** ISO 4217 code; the source has US dollars alone. */
  readonly currency: string
  /** Instant of the purchase. Milliseconds since 1970 UTC. */
  readonly purchasedAt: number
  /** What the rules find in the row as it stands, e.g. `outlier:quantity`; empty: nothing. */
  readonly flags: readonly string[]
  /** The system whose record this change is due to. */
  readonly source: string
  /** Systems that told of it so far, the most trusted first. */
  readonly sources: readonly string[]
  /** Records about it so far, of all systems. */
  readonly copies: number
  /** What that record is: the first of all, a duplicate of the same system, its next version, or the first of another system. */
  readonly told: Telling
  /** What the rules find in that record alone. */
  readonly findings: readonly string[]
  /** Columns that it should have filled. */
  readonly wanted: number
  /** When it was written to Kafka. Milliseconds since 1970 UTC. */
  readonly arrivedAt: number
}

/** What a visitor did, cleaned from electronics.interactions.v1. */
export interface WebAction {
  /** The interaction. */
  readonly actionId: string
  /** The browser or app installation: `user_id`. */
  readonly visitorId: string
  /** One visit. */
  readonly sessionId: string
  /** What was done. */
  readonly action: WebActionKind
  /** The product looked at or clicked. */
  readonly productId: string | null
  /** Path of the page. */
  readonly page: string | null
  /** The order that a purchase pays. */
  readonly orderId: string | null
  /** Total of a purchase; the log names no currency. Unscaled: 2 decimal places. */
  readonly amount: bigint | null
  /** When. Milliseconds since 1970 UTC. */
  readonly occurredAt: number
  /** What the rules find in the row as it stands, e.g. `outlier:quantity`; empty: nothing. */
  readonly flags: readonly string[]
  /** The system whose record this change is due to. */
  readonly source: string
  /** Systems that told of it so far, the most trusted first. */
  readonly sources: readonly string[]
  /** Records about it so far, of all systems. */
  readonly copies: number
  /** What that record is: the first of all, a duplicate of the same system, its next version, or the first of another system. */
  readonly told: Telling
  /** What the rules find in that record alone. */
  readonly findings: readonly string[]
  /** Columns that it should have filled. */
  readonly wanted: number
  /** When it was written to Kafka. Milliseconds since 1970 UTC. */
  readonly arrivedAt: number
}

/** silver.ad-reports.v1: What a network reports of a campaign for a period, cleaned from ads.ad-spend.v1. */
export const adReports: Topic<AdReport> = topic<AdReport>({
  type: "record",
  name: "AdReport",
  namespace: "silver",
  doc: "What a network reports of a campaign for a period, cleaned from ads.ad-spend.v1.",
  topic: {"name":"silver.ad-reports.v1","kind":"results","key":"campaignId","time":"periodEnd","id":["campaignId","periodStart"],"partitions":12,"retention":"forever","owner":"data-quality"},
  fields: [
    {"name":"campaignId","type":"string","doc":"The campaign.","rule":{"notEmpty":true}},
    {"name":"campaignName","type":"string","doc":"As marketing calls it; `unknown` where it was never booked."},
    {"name":"channel","type":{"type":"enum","name":"AdvertisingChannel","symbols":["SEARCH","SOCIAL","DISPLAY","VIDEO","EMAIL","AFFILIATE"]},"doc":"Where it is shown."},
    {"name":"country","type":"string","doc":"Market in which it was shown, ISO 3166-1 alpha-2."},
    {"name":"impressions","type":"long","doc":"How often it was shown."},
    {"name":"clicks","type":"long","doc":"How often it was clicked."},
    {"name":"spend","type":{"type":"bytes","logicalType":"decimal","precision":18,"scale":2},"doc":"What the network charges, in `currency`."},
    {"name":"currency","type":"string","doc":"ISO 4217 code; networks charge euros."},
    {"name":"periodStart","type":{"type":"long","logicalType":"timestamp-millis"},"doc":"First instant of the period."},
    {"name":"periodEnd","type":{"type":"long","logicalType":"timestamp-millis"},"doc":"First instant behind it."},
    {"name":"flags","type":{"type":"array","items":"string"},"doc":"What the rules find in the row as it stands, e.g. `outlier:quantity`; empty: nothing."},
    {"name":"source","type":"string","doc":"The system whose record this change is due to.","rule":{"notEmpty":true}},
    {"name":"sources","type":{"type":"array","items":"string"},"doc":"Systems that told of it so far, the most trusted first."},
    {"name":"copies","type":"int","doc":"Records about it so far, of all systems.","rule":{"min":1}},
    {"name":"told","type":{"type":"enum","name":"Telling","symbols":["FIRST","AGAIN","CHANGED","ELSEWHERE"]},"doc":"What that record is: the first of all, a duplicate of the same system, its next version, or the first of another system."},
    {"name":"findings","type":{"type":"array","items":"string"},"doc":"What the rules find in that record alone."},
    {"name":"wanted","type":"int","doc":"Columns that it should have filled.","rule":{"min":0}},
    {"name":"arrivedAt","type":{"type":"long","logicalType":"timestamp-millis"},"doc":"When it was written to Kafka."},
  ],
})

/** silver.ad-visits.v1: A click on an advertisement that led to the shop, cleaned from ads.ad-clicks.v1. */
export const adVisits: Topic<AdVisit> = topic<AdVisit>({
  type: "record",
  name: "AdVisit",
  namespace: "silver",
  doc: "A click on an advertisement that led to the shop, cleaned from ads.ad-clicks.v1.",
  topic: {"name":"silver.ad-visits.v1","kind":"results","key":"campaignId","time":"clickedAt","id":["campaignId","clickId"],"partitions":12,"retention":"forever","owner":"data-quality"},
  fields: [
    {"name":"clickId","type":"string","doc":"The click.","rule":{"notEmpty":true}},
    {"name":"campaignId","type":"string","doc":"The campaign.","rule":{"notEmpty":true}},
    {"name":"campaignName","type":"string","doc":"As marketing calls it; `unknown` where it was never booked."},
    {"name":"channel","type":{"type":"enum","name":"AdvertisingChannel","symbols":["SEARCH","SOCIAL","DISPLAY","VIDEO","EMAIL","AFFILIATE"]},"doc":"Where it is shown."},
    {"name":"country","type":"string","doc":"Market in which it was shown, ISO 3166-1 alpha-2."},
    {"name":"visitorId","type":"string","doc":"The browser or app installation that landed in the shop."},
    {"name":"cost","type":{"type":"bytes","logicalType":"decimal","precision":18,"scale":2},"doc":"What the network charges for it, in `currency`."},
    {"name":"currency","type":"string","doc":"ISO 4217 code; networks charge euros."},
    {"name":"clickedAt","type":{"type":"long","logicalType":"timestamp-millis"},"doc":"When it was clicked."},
    {"name":"flags","type":{"type":"array","items":"string"},"doc":"What the rules find in the row as it stands, e.g. `outlier:quantity`; empty: nothing."},
    {"name":"source","type":"string","doc":"The system whose record this change is due to.","rule":{"notEmpty":true}},
    {"name":"sources","type":{"type":"array","items":"string"},"doc":"Systems that told of it so far, the most trusted first."},
    {"name":"copies","type":"int","doc":"Records about it so far, of all systems.","rule":{"min":1}},
    {"name":"told","type":{"type":"enum","name":"Telling","symbols":["FIRST","AGAIN","CHANGED","ELSEWHERE"]},"doc":"What that record is: the first of all, a duplicate of the same system, its next version, or the first of another system."},
    {"name":"findings","type":{"type":"array","items":"string"},"doc":"What the rules find in that record alone."},
    {"name":"wanted","type":"int","doc":"Columns that it should have filled.","rule":{"min":0}},
    {"name":"arrivedAt","type":{"type":"long","logicalType":"timestamp-millis"},"doc":"When it was written to Kafka."},
  ],
})

/** silver.buyers.v1: A customer, cleaned and merged from crm.masked-customers.v1 and ventes.masked-clients.v1; the latest version. */
export const buyers: Topic<Buyer> = topic<Buyer>({
  type: "record",
  name: "Buyer",
  namespace: "silver",
  doc: "A customer, cleaned and merged from crm.masked-customers.v1 and ventes.masked-clients.v1; the latest version.",
  topic: {"name":"silver.buyers.v1","kind":"results","key":"customerId","time":"changedAt","id":"customerId","partitions":12,"retention":"forever","owner":"data-quality"},
  fields: [
    {"name":"customerId","type":"string","doc":"The customer.","rule":{"notEmpty":true}},
    {"name":"country","type":["null","string"],"default":null,"doc":"ISO 3166-1 alpha-2 code."},
    {"name":"language","type":["null","string"],"default":null,"doc":"ISO 639-1 code in which the customer is written to; only the CRM knows."},
    {"name":"status","type":["null",{"type":"enum","name":"BuyerStatus","symbols":["ACTIVE","CLOSED"]}],"default":null,"doc":"CLOSED: the account was closed; only the CRM knows."},
    {"name":"registeredAt","type":{"type":"long","logicalType":"timestamp-millis"},"doc":"When the customer registered."},
    {"name":"changedAt","type":{"type":"long","logicalType":"timestamp-millis"},"doc":"From when on this version holds."},
    {"name":"flags","type":{"type":"array","items":"string"},"doc":"What the rules find in the row as it stands, e.g. `outlier:quantity`; empty: nothing."},
    {"name":"source","type":"string","doc":"The system whose record this change is due to.","rule":{"notEmpty":true}},
    {"name":"sources","type":{"type":"array","items":"string"},"doc":"Systems that told of it so far, the most trusted first."},
    {"name":"copies","type":"int","doc":"Records about it so far, of all systems.","rule":{"min":1}},
    {"name":"told","type":{"type":"enum","name":"Telling","symbols":["FIRST","AGAIN","CHANGED","ELSEWHERE"]},"doc":"What that record is: the first of all, a duplicate of the same system, its next version, or the first of another system."},
    {"name":"findings","type":{"type":"array","items":"string"},"doc":"What the rules find in that record alone."},
    {"name":"wanted","type":"int","doc":"Columns that it should have filled.","rule":{"min":0}},
    {"name":"arrivedAt","type":{"type":"long","logicalType":"timestamp-millis"},"doc":"When it was written to Kafka."},
  ],
})

/** silver.checkouts.v1: A checkout of the web shop, paid or refused, cleaned from shop.masked-purchases.v1. */
export const checkouts: Topic<Checkout> = topic<Checkout>({
  type: "record",
  name: "Checkout",
  namespace: "silver",
  doc: "A checkout of the web shop, paid or refused, cleaned from shop.masked-purchases.v1.",
  topic: {"name":"silver.checkouts.v1","kind":"results","key":"visitorId","time":"occurredAt","id":["visitorId","checkoutId"],"partitions":12,"retention":"forever","owner":"data-quality"},
  fields: [
    {"name":"checkoutId","type":"string","doc":"The attempt to pay: `eventId`.","rule":{"notEmpty":true}},
    {"name":"visitorId","type":"string","doc":"The browser or app installation.","rule":{"notEmpty":true}},
    {"name":"sessionId","type":"string","doc":"One visit."},
    {"name":"customerId","type":"string","doc":"The customer who was signed in."},
    {"name":"orderId","type":"string","doc":"The order that it pays; one may be tried several times."},
    {"name":"country","type":"string","doc":"ISO 3166-1 alpha-2 code of the shop front."},
    {"name":"device","type":{"type":"enum","name":"CheckoutDevice","symbols":["DESKTOP","MOBILE","TABLET"]},"doc":"The kind of device used."},
    {"name":"status","type":{"type":"enum","name":"CheckoutStatus","symbols":["PAID","REFUSED"]},"doc":"Whether the payment went through."},
    {"name":"refusalReason","type":["null","string"],"default":null,"doc":"Why it was refused; null where it was paid."},
    {"name":"amount","type":{"type":"bytes","logicalType":"decimal","precision":18,"scale":2},"doc":"Total to pay, tax included, in `currency`."},
    {"name":"currency","type":"string","doc":"ISO 4217 code."},
    {"name":"items","type":"int","doc":"Pieces in the order."},
    {"name":"paymentMethod","type":{"type":"enum","name":"CheckoutMethod","symbols":["CARD","PAYPAL","INVOICE","VOUCHER"]},"doc":"How the shopper pays."},
    {"name":"occurredAt","type":{"type":"long","logicalType":"timestamp-millis"},"doc":"When the checkout ended."},
    {"name":"flags","type":{"type":"array","items":"string"},"doc":"What the rules find in the row as it stands, e.g. `outlier:quantity`; empty: nothing."},
    {"name":"source","type":"string","doc":"The system whose record this change is due to.","rule":{"notEmpty":true}},
    {"name":"sources","type":{"type":"array","items":"string"},"doc":"Systems that told of it so far, the most trusted first."},
    {"name":"copies","type":"int","doc":"Records about it so far, of all systems.","rule":{"min":1}},
    {"name":"told","type":{"type":"enum","name":"Telling","symbols":["FIRST","AGAIN","CHANGED","ELSEWHERE"]},"doc":"What that record is: the first of all, a duplicate of the same system, its next version, or the first of another system."},
    {"name":"findings","type":{"type":"array","items":"string"},"doc":"What the rules find in that record alone."},
    {"name":"wanted","type":"int","doc":"Columns that it should have filled.","rule":{"min":0}},
    {"name":"arrivedAt","type":{"type":"long","logicalType":"timestamp-millis"},"doc":"When it was written to Kafka."},
  ],
})

/** silver.code-uses.v1: A discount code that was used with an order, cleaned from influencers.redemptions.v1. */
export const codeUses: Topic<CodeUse> = topic<CodeUse>({
  type: "record",
  name: "CodeUse",
  namespace: "silver",
  doc: "A discount code that was used with an order, cleaned from influencers.redemptions.v1.",
  topic: {"name":"silver.code-uses.v1","kind":"results","key":"code","time":"usedAt","id":["code","redemptionId"],"partitions":12,"retention":"forever","owner":"data-quality"},
  fields: [
    {"name":"redemptionId","type":"string","doc":"The redemption.","rule":{"notEmpty":true}},
    {"name":"code","type":"string","doc":"The code as the shop has it.","rule":{"notEmpty":true}},
    {"name":"influencerId","type":"string","doc":"Whose code it is; `unknown` where nobody has it."},
    {"name":"orderId","type":"string","doc":"The order it was used with."},
    {"name":"customerId","type":"string","doc":"Who used it."},
    {"name":"discount","type":{"type":"bytes","logicalType":"decimal","precision":18,"scale":2},"doc":"What it took off, in `currency`."},
    {"name":"currency","type":"string","doc":"ISO 4217 code."},
    {"name":"usedAt","type":{"type":"long","logicalType":"timestamp-millis"},"doc":"When the order was placed."},
    {"name":"flags","type":{"type":"array","items":"string"},"doc":"What the rules find in the row as it stands, e.g. `outlier:quantity`; empty: nothing."},
    {"name":"source","type":"string","doc":"The system whose record this change is due to.","rule":{"notEmpty":true}},
    {"name":"sources","type":{"type":"array","items":"string"},"doc":"Systems that told of it so far, the most trusted first."},
    {"name":"copies","type":"int","doc":"Records about it so far, of all systems.","rule":{"min":1}},
    {"name":"told","type":{"type":"enum","name":"Telling","symbols":["FIRST","AGAIN","CHANGED","ELSEWHERE"]},"doc":"What that record is: the first of all, a duplicate of the same system, its next version, or the first of another system."},
    {"name":"findings","type":{"type":"array","items":"string"},"doc":"What the rules find in that record alone."},
    {"name":"wanted","type":"int","doc":"Columns that it should have filled.","rule":{"min":0}},
    {"name":"arrivedAt","type":{"type":"long","logicalType":"timestamp-millis"},"doc":"When it was written to Kafka."},
  ],
})

/** silver.departures.v1: A departure of aviation.flights.v1, cleaned; distance in kilometres. */
export const departures: Topic<Departure> = topic<Departure>({
  type: "record",
  name: "Departure",
  namespace: "silver",
  doc: "A departure of aviation.flights.v1, cleaned; distance in kilometres.",
  topic: {"name":"silver.departures.v1","kind":"results","key":"origin","time":"scheduledAt","id":["origin","scheduledAt","flightId"],"partitions":12,"retention":"forever","owner":"data-quality"},
  fields: [
    {"name":"flightId","type":"string","doc":"The flight.","rule":{"notEmpty":true}},
    {"name":"origin","type":"string","doc":"FAA code of the airport of departure.","rule":{"notEmpty":true}},
    {"name":"destination","type":"string","doc":"FAA code of the airport of arrival."},
    {"name":"destinationName","type":"string","doc":"Its usual name; `unknown` where aviation.airports.v1 has no row."},
    {"name":"carrier","type":"string","doc":"IATA code of the carrier."},
    {"name":"tailNumber","type":["null","string"],"default":null,"doc":"Registration of the plane."},
    {"name":"departureDelayMinutes","type":["null","int"],"default":null,"doc":"Negative where early; null where it did not depart."},
    {"name":"arrivalDelayMinutes","type":["null","int"],"default":null,"doc":"Negative where early; null where it did not arrive as planned."},
    {"name":"distanceKilometers","type":"int","doc":"Distance between the airports."},
    {"name":"scheduledAt","type":{"type":"long","logicalType":"timestamp-millis"},"doc":"Scheduled instant of departure."},
    {"name":"flags","type":{"type":"array","items":"string"},"doc":"What the rules find in the row as it stands, e.g. `outlier:quantity`; empty: nothing."},
    {"name":"source","type":"string","doc":"The system whose record this change is due to.","rule":{"notEmpty":true}},
    {"name":"sources","type":{"type":"array","items":"string"},"doc":"Systems that told of it so far, the most trusted first."},
    {"name":"copies","type":"int","doc":"Records about it so far, of all systems.","rule":{"min":1}},
    {"name":"told","type":{"type":"enum","name":"Telling","symbols":["FIRST","AGAIN","CHANGED","ELSEWHERE"]},"doc":"What that record is: the first of all, a duplicate of the same system, its next version, or the first of another system."},
    {"name":"findings","type":{"type":"array","items":"string"},"doc":"What the rules find in that record alone."},
    {"name":"wanted","type":"int","doc":"Columns that it should have filled.","rule":{"min":0}},
    {"name":"arrivedAt","type":{"type":"long","logicalType":"timestamp-millis"},"doc":"When it was written to Kafka."},
  ],
})

/** silver.hourly-weather.v1: The weather at an airport in an hour, cleaned and merged from weather.observations.v1 (American units) and weather.reports.v1, in metric units. */
export const hourlyWeather: Topic<HourlyWeather> = topic<HourlyWeather>({
  type: "record",
  name: "HourlyWeather",
  namespace: "silver",
  doc: "The weather at an airport in an hour, cleaned and merged from weather.observations.v1 (American units) and weather.reports.v1, in metric units.",
  topic: {"name":"silver.hourly-weather.v1","kind":"results","key":"airport","time":"observedAt","id":["airport","observedAt"],"partitions":12,"retention":"forever","owner":"data-quality","serving":{"ttl":"2 days"}},
  fields: [
    {"name":"airport","type":"string","doc":"FAA or IATA code.","rule":{"notEmpty":true}},
    {"name":"temperatureCelsius","type":["null","double"],"default":null,"doc":"Air temperature."},
    {"name":"windMetersPerSecond","type":["null","double"],"default":null,"doc":"Wind speed."},
    {"name":"precipitationMillimeters","type":["null","double"],"default":null,"doc":"Rain and snow of the hour."},
    {"name":"visibilityMeters","type":["null","int"],"default":null,"doc":"Visibility."},
    {"name":"observedAt","type":{"type":"long","logicalType":"timestamp-millis"},"doc":"When it was observed."},
    {"name":"flags","type":{"type":"array","items":"string"},"doc":"What the rules find in the row as it stands, e.g. `outlier:quantity`; empty: nothing."},
    {"name":"source","type":"string","doc":"The system whose record this change is due to.","rule":{"notEmpty":true}},
    {"name":"sources","type":{"type":"array","items":"string"},"doc":"Systems that told of it so far, the most trusted first."},
    {"name":"copies","type":"int","doc":"Records about it so far, of all systems.","rule":{"min":1}},
    {"name":"told","type":{"type":"enum","name":"Telling","symbols":["FIRST","AGAIN","CHANGED","ELSEWHERE"]},"doc":"What that record is: the first of all, a duplicate of the same system, its next version, or the first of another system."},
    {"name":"findings","type":{"type":"array","items":"string"},"doc":"What the rules find in that record alone."},
    {"name":"wanted","type":"int","doc":"Columns that it should have filled.","rule":{"min":0}},
    {"name":"arrivedAt","type":{"type":"long","logicalType":"timestamp-millis"},"doc":"When it was written to Kafka."},
  ],
})

/** silver.ordered-products.v1: A product of an order, cleaned and merged from crm.order-lines.v1 and electronics.order-rows.v1; one row an identity, one record a record of theirs. */
export const orderedProducts: Topic<OrderedProduct> = topic<OrderedProduct>({
  type: "record",
  name: "OrderedProduct",
  namespace: "silver",
  doc: "A product of an order, cleaned and merged from crm.order-lines.v1 and electronics.order-rows.v1; one row an identity, one record a record of theirs.",
  topic: {"name":"silver.ordered-products.v1","kind":"results","key":"customerId","time":"placedAt","id":["customerId","orderId","productId"],"partitions":12,"retention":"forever","owner":"data-quality"},
  fields: [
    {"name":"orderId","type":"string","doc":"The order.","rule":{"notEmpty":true}},
    {"name":"productId","type":"string","doc":"The product.","rule":{"notEmpty":true}},
    {"name":"customerId","type":"string","doc":"Who ordered.","rule":{"notEmpty":true}},
    {"name":"category","type":"string","doc":"Its category."},
    {"name":"quantity","type":"int","doc":"Pieces."},
    {"name":"unitPrice","type":{"type":"bytes","logicalType":"decimal","precision":18,"scale":2},"doc":"Price of one piece as charged, in `currency`."},
    {"name":"currency","type":"string","doc":"ISO 4217 code."},
    {"name":"placedAt","type":{"type":"long","logicalType":"timestamp-millis"},"doc":"When the order was paid for."},
    {"name":"flags","type":{"type":"array","items":"string"},"doc":"What the rules find in the row as it stands, e.g. `outlier:quantity`; empty: nothing."},
    {"name":"source","type":"string","doc":"The system whose record this change is due to.","rule":{"notEmpty":true}},
    {"name":"sources","type":{"type":"array","items":"string"},"doc":"Systems that told of it so far, the most trusted first."},
    {"name":"copies","type":"int","doc":"Records about it so far, of all systems.","rule":{"min":1}},
    {"name":"told","type":{"type":"enum","name":"Telling","symbols":["FIRST","AGAIN","CHANGED","ELSEWHERE"]},"doc":"What that record is: the first of all, a duplicate of the same system, its next version, or the first of another system."},
    {"name":"findings","type":{"type":"array","items":"string"},"doc":"What the rules find in that record alone."},
    {"name":"wanted","type":"int","doc":"Columns that it should have filled.","rule":{"min":0}},
    {"name":"arrivedAt","type":{"type":"long","logicalType":"timestamp-millis"},"doc":"When it was written to Kafka."},
  ],
})

/** silver.sales.v1: A line of ventes.achats.v1, cleaned, under standard names. */
export const sales: Topic<Sale> = topic<Sale>({
  type: "record",
  name: "Sale",
  namespace: "silver",
  doc: "A line of ventes.achats.v1, cleaned, under standard names.",
  topic: {"name":"silver.sales.v1","kind":"results","key":"customerId","time":"soldAt","id":["customerId","saleId"],"partitions":12,"retention":"forever","owner":"data-quality"},
  fields: [
    {"name":"saleId","type":"string","doc":"The line: `id_achat`.","rule":{"notEmpty":true}},
    {"name":"customerId","type":"string","doc":"Who bought: `id_client`.","rule":{"notEmpty":true}},
    {"name":"product","type":"string","doc":"The product, by its name: `produit`."},
    {"name":"amount","type":{"type":"bytes","logicalType":"decimal","precision":18,"scale":2},"doc":"Paid for the line, tax included, in `currency`: `montant`."},
    {"name":"currency","type":"string","doc":"ISO 4217 code; the source has euros alone."},
    {"name":"soldAt","type":{"type":"long","logicalType":"timestamp-millis"},"doc":"When it was paid for: `date_achat`."},
    {"name":"flags","type":{"type":"array","items":"string"},"doc":"What the rules find in the row as it stands, e.g. `outlier:quantity`; empty: nothing."},
    {"name":"source","type":"string","doc":"The system whose record this change is due to.","rule":{"notEmpty":true}},
    {"name":"sources","type":{"type":"array","items":"string"},"doc":"Systems that told of it so far, the most trusted first."},
    {"name":"copies","type":"int","doc":"Records about it so far, of all systems.","rule":{"min":1}},
    {"name":"told","type":{"type":"enum","name":"Telling","symbols":["FIRST","AGAIN","CHANGED","ELSEWHERE"]},"doc":"What that record is: the first of all, a duplicate of the same system, its next version, or the first of another system."},
    {"name":"findings","type":{"type":"array","items":"string"},"doc":"What the rules find in that record alone."},
    {"name":"wanted","type":"int","doc":"Columns that it should have filled.","rule":{"min":0}},
    {"name":"arrivedAt","type":{"type":"long","logicalType":"timestamp-millis"},"doc":"When it was written to Kafka."},
  ],
})

/** silver.stock-changes.v1: Pieces of a product that came into a warehouse or left it, cleaned from inventory.stock-movements.v1. */
export const stockChanges: Topic<StockChange> = topic<StockChange>({
  type: "record",
  name: "StockChange",
  namespace: "silver",
  doc: "Pieces of a product that came into a warehouse or left it, cleaned from inventory.stock-movements.v1.",
  topic: {"name":"silver.stock-changes.v1","kind":"results","key":"productId","time":"movedAt","id":["productId","movementId"],"partitions":12,"retention":"forever","owner":"data-quality"},
  fields: [
    {"name":"movementId","type":"string","doc":"The movement.","rule":{"notEmpty":true}},
    {"name":"productId","type":"string","doc":"The product.","rule":{"notEmpty":true}},
    {"name":"category","type":"string","doc":"The category of the product; `unknown` where the catalogue does not have it."},
    {"name":"warehouse","type":"string","doc":"The warehouse."},
    {"name":"reason","type":{"type":"enum","name":"StockChangeReason","symbols":["OPENING","SALE","CANCELLATION","RETURN","RECEIPT","WRITE_OFF"]},"doc":"Why: as inventory.stock-movements.v1 has it."},
    {"name":"quantity","type":"int","doc":"Pieces: positive where they came in."},
    {"name":"orderId","type":["null","string"],"default":null,"doc":"The order that it belongs to."},
    {"name":"movedAt","type":{"type":"long","logicalType":"timestamp-millis"},"doc":"When."},
    {"name":"flags","type":{"type":"array","items":"string"},"doc":"What the rules find in the row as it stands, e.g. `outlier:quantity`; empty: nothing."},
    {"name":"source","type":"string","doc":"The system whose record this change is due to.","rule":{"notEmpty":true}},
    {"name":"sources","type":{"type":"array","items":"string"},"doc":"Systems that told of it so far, the most trusted first."},
    {"name":"copies","type":"int","doc":"Records about it so far, of all systems.","rule":{"min":1}},
    {"name":"told","type":{"type":"enum","name":"Telling","symbols":["FIRST","AGAIN","CHANGED","ELSEWHERE"]},"doc":"What that record is: the first of all, a duplicate of the same system, its next version, or the first of another system."},
    {"name":"findings","type":{"type":"array","items":"string"},"doc":"What the rules find in that record alone."},
    {"name":"wanted","type":"int","doc":"Columns that it should have filled.","rule":{"min":0}},
    {"name":"arrivedAt","type":{"type":"long","logicalType":"timestamp-millis"},"doc":"When it was written to Kafka."},
  ],
})

/** silver.store-sales.v1: A line of retail.purchase-lines.v1, cleaned; department and category `unknown` where the product is. */
export const storeSales: Topic<StoreSale> = topic<StoreSale>({
  type: "record",
  name: "StoreSale",
  namespace: "silver",
  doc: "A line of retail.purchase-lines.v1, cleaned; department and category `unknown` where the product is.",
  topic: {"name":"silver.store-sales.v1","kind":"results","key":"productId","time":"purchasedAt","id":["productId","householdId","basketId","storeId","purchasedAt"],"partitions":12,"retention":"forever","owner":"data-quality"},
  fields: [
    {"name":"productId","type":"long","doc":"The product."},
    {"name":"householdId","type":"long","doc":"The household that bought."},
    {"name":"basketId","type":"long","doc":"The basket."},
    {"name":"storeId","type":"long","doc":"The store."},
    {"name":"department","type":"string","doc":"Department that sells it; `unknown` where the product has no row or no department."},
    {"name":"category","type":"string","doc":"Category within the department; `unknown` likewise."},
    {"name":"quantity","type":"long","doc":"Pieces; zero and below occur and are kept, with a flag."},
    {"name":"amount","type":{"type":"bytes","logicalType":"decimal","precision":18,"scale":2},"doc":"What the retailer received for the line, in `currency`."},
    {"name":"discount","type":{"type":"bytes","logicalType":"decimal","precision":18,"scale":2},"doc":"All that was taken off: card, coupon and its match, in `currency`."},
    {"name":"currency","type":"string","doc":"ISO 4217 code; the source has US dollars alone."},
    {"name":"purchasedAt","type":{"type":"long","logicalType":"timestamp-millis"},"doc":"Instant of the purchase."},
    {"name":"flags","type":{"type":"array","items":"string"},"doc":"What the rules find in the row as it stands, e.g. `outlier:quantity`; empty: nothing."},
    {"name":"source","type":"string","doc":"The system whose record this change is due to.","rule":{"notEmpty":true}},
    {"name":"sources","type":{"type":"array","items":"string"},"doc":"Systems that told of it so far, the most trusted first."},
    {"name":"copies","type":"int","doc":"Records about it so far, of all systems.","rule":{"min":1}},
    {"name":"told","type":{"type":"enum","name":"Telling","symbols":["FIRST","AGAIN","CHANGED","ELSEWHERE"]},"doc":"What that record is: the first of all, a duplicate of the same system, its next version, or the first of another system."},
    {"name":"findings","type":{"type":"array","items":"string"},"doc":"What the rules find in that record alone."},
    {"name":"wanted","type":"int","doc":"Columns that it should have filled.","rule":{"min":0}},
    {"name":"arrivedAt","type":{"type":"long","logicalType":"timestamp-millis"},"doc":"When it was written to Kafka."},
  ],
})

/** silver.web-actions.v1: What a visitor did, cleaned from electronics.interactions.v1. */
export const webActions: Topic<WebAction> = topic<WebAction>({
  type: "record",
  name: "WebAction",
  namespace: "silver",
  doc: "What a visitor did, cleaned from electronics.interactions.v1.",
  topic: {"name":"silver.web-actions.v1","kind":"results","key":"visitorId","time":"occurredAt","id":["visitorId","actionId"],"partitions":12,"retention":"forever","owner":"data-quality"},
  fields: [
    {"name":"actionId","type":"string","doc":"The interaction.","rule":{"notEmpty":true}},
    {"name":"visitorId","type":"string","doc":"The browser or app installation: `user_id`.","rule":{"notEmpty":true}},
    {"name":"sessionId","type":"string","doc":"One visit."},
    {"name":"action","type":{"type":"enum","name":"WebActionKind","symbols":["PAGE_VIEW","CLICK","PURCHASE"]},"doc":"What was done."},
    {"name":"productId","type":["null","string"],"default":null,"doc":"The product looked at or clicked."},
    {"name":"page","type":["null","string"],"default":null,"doc":"Path of the page."},
    {"name":"orderId","type":["null","string"],"default":null,"doc":"The order that a purchase pays."},
    {"name":"amount","type":["null",{"type":"bytes","logicalType":"decimal","precision":18,"scale":2}],"default":null,"doc":"Total of a purchase; the log names no currency."},
    {"name":"occurredAt","type":{"type":"long","logicalType":"timestamp-millis"},"doc":"When."},
    {"name":"flags","type":{"type":"array","items":"string"},"doc":"What the rules find in the row as it stands, e.g. `outlier:quantity`; empty: nothing."},
    {"name":"source","type":"string","doc":"The system whose record this change is due to.","rule":{"notEmpty":true}},
    {"name":"sources","type":{"type":"array","items":"string"},"doc":"Systems that told of it so far, the most trusted first."},
    {"name":"copies","type":"int","doc":"Records about it so far, of all systems.","rule":{"min":1}},
    {"name":"told","type":{"type":"enum","name":"Telling","symbols":["FIRST","AGAIN","CHANGED","ELSEWHERE"]},"doc":"What that record is: the first of all, a duplicate of the same system, its next version, or the first of another system."},
    {"name":"findings","type":{"type":"array","items":"string"},"doc":"What the rules find in that record alone."},
    {"name":"wanted","type":"int","doc":"Columns that it should have filled.","rule":{"min":0}},
    {"name":"arrivedAt","type":{"type":"long","logicalType":"timestamp-millis"},"doc":"When it was written to Kafka."},
  ],
})
