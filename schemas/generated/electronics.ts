// Generated from the contracts by `kappa schemas generate`. Do not edit.

import { type Topic, topic } from '#engine/schema'

export type InteractionType = 'PAGE_VIEW' | 'CLICK' | 'PURCHASE'

/** An entry of the interaction log that the electronics shop drops into its staging folder. */
export interface Interaction {
  /** Unique per interaction. */
  readonly interactionId: string
  /** What the visitor did. */
  readonly type: InteractionType
  /** One visit. */
  readonly sessionId: string
  /** The browser or app installation. */
  readonly userId: string
  /** The product looked at or clicked. */
  readonly productId: string | null
  /** Path of the page. */
  readonly page: string | null
  /** The order that a purchase pays. */
  readonly orderId: string | null
  /** Total of a purchase, in the currency of the order; the log names none. Unscaled: 2 decimal places. */
  readonly amount: bigint | null
  /** When, by the shop's clock. Milliseconds since 1970 UTC. */
  readonly occurredAt: number
}

/** A row of the orders that the electronics shop drops into its staging folder: one per product of an order. */
export interface OrderRow {
  /** The order. */
  readonly orderId: string
  /** Who ordered. */
  readonly customerId: string
  /** The product. */
  readonly productId: string
  /** Its category. */
  readonly category: string
  /** Pieces. */
  readonly quantity: number
  /** Price of one piece as charged, in `currency`. Unscaled: 2 decimal places. */
  readonly price: bigint
  /** ISO 4217 code. */
  readonly currency: string
  /** When the order was paid for. Milliseconds since 1970 UTC. */
  readonly orderedAt: number
}

/** electronics.interactions.v1: An entry of the interaction log that the electronics shop drops into its staging folder. */
export const interactions: Topic<Interaction> = topic<Interaction>({
  type: "record",
  name: "Interaction",
  namespace: "electronics",
  doc: "An entry of the interaction log that the electronics shop drops into its staging folder.",
  topic: {"name":"electronics.interactions.v1","kind":"facts","key":"userId","time":"occurredAt","id":"interactionId","partitions":12,"retention":"400 days","owner":"electronics"},
  fields: [
    {"name":"interactionId","type":"string","doc":"Unique per interaction.","rule":{"notEmpty":true}},
    {"name":"type","type":{"type":"enum","name":"InteractionType","symbols":["PAGE_VIEW","CLICK","PURCHASE"]},"doc":"What the visitor did."},
    {"name":"sessionId","type":"string","doc":"One visit.","rule":{"notEmpty":true}},
    {"name":"userId","type":"string","doc":"The browser or app installation.","rule":{"notEmpty":true}},
    {"name":"productId","type":["null","string"],"default":null,"doc":"The product looked at or clicked."},
    {"name":"page","type":["null","string"],"default":null,"doc":"Path of the page."},
    {"name":"orderId","type":["null","string"],"default":null,"doc":"The order that a purchase pays."},
    {"name":"amount","type":["null",{"type":"bytes","logicalType":"decimal","precision":18,"scale":2}],"default":null,"doc":"Total of a purchase, in the currency of the order; the log names none."},
    {"name":"occurredAt","type":{"type":"long","logicalType":"timestamp-millis"},"doc":"When, by the shop's clock."},
  ],
})

/** electronics.order-rows.v1: A row of the orders that the electronics shop drops into its staging folder: one per product of an order. */
export const orderRows: Topic<OrderRow> = topic<OrderRow>({
  type: "record",
  name: "OrderRow",
  namespace: "electronics",
  doc: "A row of the orders that the electronics shop drops into its staging folder: one per product of an order.",
  topic: {"name":"electronics.order-rows.v1","kind":"facts","key":"customerId","time":"orderedAt","id":["orderId","productId"],"partitions":12,"retention":"forever","owner":"electronics"},
  fields: [
    {"name":"orderId","type":"string","doc":"The order.","rule":{"notEmpty":true}},
    {"name":"customerId","type":"string","doc":"Who ordered.","rule":{"notEmpty":true}},
    {"name":"productId","type":"string","doc":"The product.","rule":{"notEmpty":true}},
    {"name":"category","type":"string","doc":"Its category.","rule":{"notEmpty":true}},
    {"name":"quantity","type":"int","doc":"Pieces.","rule":{"min":1}},
    {"name":"price","type":{"type":"bytes","logicalType":"decimal","precision":18,"scale":2},"doc":"Price of one piece as charged, in `currency`.","rule":{"min":0}},
    {"name":"currency","type":"string","doc":"ISO 4217 code.","rule":{"pattern":"^[A-Z]{3}$"}},
    {"name":"orderedAt","type":{"type":"long","logicalType":"timestamp-millis"},"doc":"When the order was paid for."},
  ],
})
