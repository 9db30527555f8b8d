// Generated from the contracts by `kappa schemas generate`. Do not edit.

import { type Topic, topic } from '#engine/schema'

export type ConsentPurpose = 'EMAIL' | 'ADVERTISING' | 'PROFILING'

export type CustomerStatus = 'ACTIVE' | 'CLOSED'

export type CustomerChange = 'REGISTERED' | 'MOVED' | 'CLOSED'

export type OrderStatus = 'PLACED' | 'SHIPPED' | 'DELIVERED' | 'CANCELLED' | 'RETURNED'

/** What a customer allows or forbids, from `changedAt` on. */
export interface Consent {
  /** The customer. */
  readonly customerId: string
  /** What for. */
  readonly purpose: ConsentPurpose
  /** True where the customer allows it. */
  readonly granted: boolean
  /** From when on this answer holds. Milliseconds since 1970 UTC. */
  readonly changedAt: number
}

/** A customer, from `changedAt` on. Personal fields are sealed by the producer; subscribe to crm.masked-customers.v1 instead. */
export interface Customer {
  /** The customer. */
  readonly customerId: string
  /** The browser or app installation that the customer registered with: links the visits before. */
  readonly visitorId: string
  /** ISO 3166-1 alpha-2 code of the customer's market. */
  readonly country: string
  /** ISO 639-1 code in which the customer is written to. */
  readonly language: string
  /** As given at registration, sealed. Personal (customerId), sealed. */
  readonly email: string
  /** As given at registration, sealed. Personal (customerId), sealed. */
  readonly name: string
  /** Delivery address, sealed. Personal (customerId), sealed. */
  readonly address: string
  /** CLOSED: the customer closed the account. */
  readonly status: CustomerStatus
  /** What this version is due to. */
  readonly change: CustomerChange
  /** When the customer registered. Milliseconds since 1970 UTC. */
  readonly registeredAt: number
  /** From when on this version holds. Milliseconds since 1970 UTC. */
  readonly changedAt: number
}

/** A customer, from `changedAt` on. Personal fields are masked. */
export interface MaskedCustomer {
  /** The customer. */
  readonly customerId: string
  /** The browser or app installation that the customer registered with: links the visits before. */
  readonly visitorId: string
  /** ISO 3166-1 alpha-2 code of the customer's market. */
  readonly country: string
  /** ISO 639-1 code in which the customer is written to. */
  readonly language: string
  /** Stands for the e-mail: equal for equal addresses of one customer, `erased` after an erasure. Personal (customerId). */
  readonly emailPseudonym: string | null
  /** City of the delivery address; `erased` after an erasure. Personal (customerId). */
  readonly city: string
  /** CLOSED: the customer closed the account. */
  readonly status: CustomerStatus
  /** What this version is due to. */
  readonly change: CustomerChange
  /** When the customer registered. Milliseconds since 1970 UTC. */
  readonly registeredAt: number
  /** From when on this version holds. Milliseconds since 1970 UTC. */
  readonly changedAt: number
}

/** A line of an order, as it was placed. */
export interface OrderLine {
  /** The order. */
  readonly orderId: string
  /** Place in the order, from 1. */
  readonly lineNumber: number
  /** Who ordered. */
  readonly customerId: string
  /** ISO 3166-1 alpha-2 code of the customer's market. */
  readonly country: string
  /** The product. */
  readonly productId: string
  /** Its category. */
  readonly category: string
  /** Pieces. */
  readonly quantity: number
  /** Price of one piece as charged, in `currency`. Unscaled: 2 decimal places. */
  readonly unitPrice: bigint
  /** Price of one piece before promotions, in `currency`. Unscaled: 2 decimal places. */
  readonly listPrice: bigint
  /** ISO 4217 code. */
  readonly currency: string
  /** The promotion that reduced the price. */
  readonly promotionId: string | null
  /** When the order was paid for. Milliseconds since 1970 UTC. */
  readonly placedAt: number
}

/** A step in the life of an order: one event per change of its status. */
export interface Order {
  /** Order and status: unique per event. */
  readonly eventId: string
  /** The order, as in shop.purchases.v1. */
  readonly orderId: string
  /** Who ordered. */
  readonly customerId: string
  /** ISO 3166-1 alpha-2 code of the customer's market. */
  readonly country: string
  /** What the order is from `changedAt` on. */
  readonly status: OrderStatus
  /** Total paid, tax included, in `currency`. Unscaled: 2 decimal places. */
  readonly amount: bigint
  /** ISO 4217 code. */
  readonly currency: string
  /** Pieces in the order. */
  readonly items: number
  /** Discount code that the customer typed. */
  readonly code: string | null
  /** When it was paid for. Milliseconds since 1970 UTC. */
  readonly placedAt: number
  /** When the status changed. Milliseconds since 1970 UTC. */
  readonly changedAt: number
}

/** crm.consents.v1: What a customer allows or forbids, from `changedAt` on. */
export const consents: Topic<Consent> = topic<Consent>({
  type: "record",
  name: "Consent",
  namespace: "crm",
  doc: "What a customer allows or forbids, from `changedAt` on.",
  topic: {"name":"crm.consents.v1","kind":"table","key":"customerId","time":"changedAt","id":["customerId","purpose"],"partitions":12,"retention":"forever","owner":"data-protection"},
  fields: [
    {"name":"customerId","type":"string","doc":"The customer.","rule":{"notEmpty":true}},
    {"name":"purpose","type":{"type":"enum","name":"ConsentPurpose","symbols":["EMAIL","ADVERTISING","PROFILING"]},"doc":"What for."},
    {"name":"granted","type":"boolean","doc":"True where the customer allows it."},
    {"name":"changedAt","type":{"type":"long","logicalType":"timestamp-millis"},"doc":"From when on this answer holds."},
  ],
})

/** crm.customers.v1: A customer, from `changedAt` on. Personal fields are sealed by the producer; subscribe to crm.masked-customers.v1 instead. */
export const customers: Topic<Customer> = topic<Customer>({
  type: "record",
  name: "Customer",
  namespace: "crm",
  doc: "A customer, from `changedAt` on. Personal fields are sealed by the producer; subscribe to crm.masked-customers.v1 instead.",
  topic: {"name":"crm.customers.v1","kind":"table","key":"customerId","time":"changedAt","id":"customerId","partitions":12,"retention":"forever","owner":"customer-relations"},
  fields: [
    {"name":"customerId","type":"string","doc":"The customer.","rule":{"notEmpty":true}},
    {"name":"visitorId","type":"string","doc":"The browser or app installation that the customer registered with: links the visits before.","rule":{"notEmpty":true}},
    {"name":"country","type":"string","doc":"ISO 3166-1 alpha-2 code of the customer's market.","rule":{"pattern":"^[A-Z]{2}$"}},
    {"name":"language","type":"string","doc":"ISO 639-1 code in which the customer is written to.","rule":{"notEmpty":true}},
    {"name":"email","type":"string","doc":"As given at registration, sealed.","rule":{"notEmpty":true},"confluent:tags":["PII"],"pii":{"subject":"customerId","strategy":"pseudonym","sealed":true}},
    {"name":"name","type":"string","doc":"As given at registration, sealed.","confluent:tags":["PII"],"pii":{"subject":"customerId","strategy":"drop","sealed":true}},
    {"name":"address","type":"string","doc":"Delivery address, sealed.","confluent:tags":["PII"],"pii":{"subject":"customerId","strategy":"generalise","keep":"city","sealed":true}},
    {"name":"status","type":{"type":"enum","name":"CustomerStatus","symbols":["ACTIVE","CLOSED"]},"doc":"CLOSED: the customer closed the account."},
    {"name":"change","type":{"type":"enum","name":"CustomerChange","symbols":["REGISTERED","MOVED","CLOSED"]},"doc":"What this version is due to."},
    {"name":"registeredAt","type":{"type":"long","logicalType":"timestamp-millis"},"doc":"When the customer registered."},
    {"name":"changedAt","type":{"type":"long","logicalType":"timestamp-millis"},"doc":"From when on this version holds."},
  ],
})

/** crm.masked-customers.v1: A customer, from `changedAt` on. Personal fields are masked. */
export const maskedCustomers: Topic<MaskedCustomer> = topic<MaskedCustomer>({
  type: "record",
  name: "MaskedCustomer",
  namespace: "crm",
  doc: "A customer, from `changedAt` on. Personal fields are masked.",
  topic: {"name":"crm.masked-customers.v1","kind":"table","key":"customerId","time":"changedAt","id":"customerId","partitions":12,"retention":"forever","owner":"data-protection"},
  fields: [
    {"name":"customerId","type":"string","doc":"The customer.","rule":{"notEmpty":true}},
    {"name":"visitorId","type":"string","doc":"The browser or app installation that the customer registered with: links the visits before.","rule":{"notEmpty":true}},
    {"name":"country","type":"string","doc":"ISO 3166-1 alpha-2 code of the customer's market.","rule":{"pattern":"^[A-Z]{2}$"}},
    {"name":"language","type":"string","doc":"ISO 639-1 code in which the customer is written to.","rule":{"notEmpty":true}},
    {"name":"emailPseudonym","type":["null","string"],"default":null,"doc":"Stands for the e-mail: equal for equal addresses of one customer, `erased` after an erasure.","confluent:tags":["PII"],"pii":{"subject":"customerId","strategy":"pseudonym","sealed":false}},
    {"name":"city","type":"string","doc":"City of the delivery address; `erased` after an erasure.","confluent:tags":["PII"],"pii":{"subject":"customerId","strategy":"generalise","keep":"city","sealed":false}},
    {"name":"status","type":{"type":"enum","name":"CustomerStatus","symbols":["ACTIVE","CLOSED"]},"doc":"CLOSED: the customer closed the account."},
    {"name":"change","type":{"type":"enum","name":"CustomerChange","symbols":["REGISTERED","MOVED","CLOSED"]},"doc":"What this version is due to."},
    {"name":"registeredAt","type":{"type":"long","logicalType":"timestamp-millis"},"doc":"When the customer registered."},
    {"name":"changedAt","type":{"type":"long","logicalType":"timestamp-millis"},"doc":"From when on this version holds."},
  ],
})

/** crm.order-lines.v1: A line of an order, as it was placed. */
export const orderLines: Topic<OrderLine> = topic<OrderLine>({
  type: "record",
  name: "OrderLine",
  namespace: "crm",
  doc: "A line of an order, as it was placed.",
  topic: {"name":"crm.order-lines.v1","kind":"facts","key":"customerId","time":"placedAt","id":["orderId","lineNumber"],"partitions":12,"retention":"forever","owner":"customer-relations"},
  fields: [
    {"name":"orderId","type":"string","doc":"The order.","rule":{"notEmpty":true}},
    {"name":"lineNumber","type":"int","doc":"Place in the order, from 1.","rule":{"min":1}},
    {"name":"customerId","type":"string","doc":"Who ordered.","rule":{"notEmpty":true}},
    {"name":"country","type":"string","doc":"ISO 3166-1 alpha-2 code of the customer's market.","rule":{"pattern":"^[A-Z]{2}$"}},
    {"name":"productId","type":"string","doc":"The product.","rule":{"notEmpty":true}},
    {"name":"category","type":"string","doc":"Its category.","rule":{"notEmpty":true}},
    {"name":"quantity","type":"int","doc":"Pieces.","rule":{"min":1}},
    {"name":"unitPrice","type":{"type":"bytes","logicalType":"decimal","precision":18,"scale":2},"doc":"Price of one piece as charged, in `currency`.","rule":{"min":0}},
    {"name":"listPrice","type":{"type":"bytes","logicalType":"decimal","precision":18,"scale":2},"doc":"Price of one piece before promotions, in `currency`.","rule":{"min":0}},
    {"name":"currency","type":"string","doc":"ISO 4217 code.","rule":{"pattern":"^[A-Z]{3}$"}},
    {"name":"promotionId","type":["null","string"],"default":null,"doc":"The promotion that reduced the price."},
    {"name":"placedAt","type":{"type":"long","logicalType":"timestamp-millis"},"doc":"When the order was paid for."},
  ],
})

/** crm.orders.v1: A step in the life of an order: one event per change of its status. */
export const orders: Topic<Order> = topic<Order>({
  type: "record",
  name: "Order",
  namespace: "crm",
  doc: "A step in the life of an order: one event per change of its status.",
  topic: {"name":"crm.orders.v1","kind":"facts","key":"customerId","time":"changedAt","id":"eventId","partitions":12,"retention":"forever","owner":"customer-relations"},
  fields: [
    {"name":"eventId","type":"string","doc":"Order and status: unique per event.","rule":{"notEmpty":true}},
    {"name":"orderId","type":"string","doc":"The order, as in shop.purchases.v1.","rule":{"notEmpty":true}},
    {"name":"customerId","type":"string","doc":"Who ordered.","rule":{"notEmpty":true}},
    {"name":"country","type":"string","doc":"ISO 3166-1 alpha-2 code of the customer's market.","rule":{"pattern":"^[A-Z]{2}$"}},
    {"name":"status","type":{"type":"enum","name":"OrderStatus","symbols":["PLACED","SHIPPED","DELIVERED","CANCELLED","RETURNED"]},"doc":"What the order is from `changedAt` on."},
    {"name":"amount","type":{"type":"bytes","logicalType":"decimal","precision":18,"scale":2},"doc":"Total paid, tax included, in `currency`.","rule":{"min":0}},
    {"name":"currency","type":"string","doc":"ISO 4217 code.","rule":{"pattern":"^[A-Z]{3}$"}},
    {"name":"items","type":"int","doc":"Pieces in the order.","rule":{"min":1}},
    {"name":"code","type":["null","string"],"default":null,"doc":"Discount code that the customer typed."},
    {"name":"placedAt","type":{"type":"long","logicalType":"timestamp-millis"},"doc":"When it was paid for."},
    {"name":"changedAt","type":{"type":"long","logicalType":"timestamp-millis"},"doc":"When the status changed."},
  ],
})
