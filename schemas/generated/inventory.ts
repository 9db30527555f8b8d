// Generated from the contracts by `kappa schemas generate`. Do not edit.

import { type Topic, topic } from '#engine/schema'

export type StockState = 'BELOW' | 'ABOVE'

export type MovementReason = 'OPENING' | 'SALE' | 'CANCELLATION' | 'RETURN' | 'RECEIPT' | 'WRITE_OFF'

/** A product of the shop, as sold from `validFrom` on. */
export interface CatalogueItem {
  /** The product, as in shop.* and crm.*. */
  readonly productId: string
  /** As customers read it. */
  readonly name: string
  /** Its category. */
  readonly category: string
  /** Price in euros before promotions, tax included. Unscaled: 2 decimal places. */
  readonly listPrice: bigint
  /** What the supplier charges for one piece, in euros. Unscaled: 2 decimal places. */
  readonly unitCost: bigint
  /** Who supplies it. */
  readonly supplier: string
  /** Where it is stored. */
  readonly warehouse: string
  /** From when on this row holds. Milliseconds since 1970 UTC. */
  readonly validFrom: number
}

/** A product fell to its reorder point or below, or came back above it: its latest row says how it stands. */
export interface StockAlert {
  /** The product. */
  readonly productId: string
  /** The warehouse. */
  readonly warehouse: string
  /** BELOW: at the reorder point or under it. */
  readonly state: StockState
  /** Pieces there. */
  readonly units: number
  /** Pieces at which to order. */
  readonly reorderPoint: number
  /** Pieces that leave on a day, over the last 28 days. */
  readonly dailyDemand: number
  /** The movement that made it so. Milliseconds since 1970 UTC. */
  readonly changedAt: number
}

/** Pieces of a product in a warehouse, as counted. */
export interface StockLevel {
  /** The product. */
  readonly productId: string
  /** The warehouse. */
  readonly warehouse: string
  /** Pieces: the sum of all movements before. */
  readonly units: number
  /** When they were counted. Milliseconds since 1970 UTC. */
  readonly countedAt: number
}

/** Pieces of a product came into a warehouse or left it. */
export interface StockMovement {
  /** The movement. */
  readonly movementId: string
  /** The product. */
  readonly productId: string
  /** The warehouse. */
  readonly warehouse: string
  /** OPENING: counted when the world began; RECEIPT: from the supplier; WRITE_OFF: damaged, or more than there is room for. */
  readonly reason: MovementReason
  /** Pieces: positive where they came in. */
  readonly quantity: number
  /** The order that it belongs to. */
  readonly orderId: string | null
  /** When. Milliseconds since 1970 UTC. */
  readonly movedAt: number
}

/** inventory.catalogue-items.v1: A product of the shop, as sold from `validFrom` on. */
export const catalogueItems: Topic<CatalogueItem> = topic<CatalogueItem>({
  type: "record",
  name: "CatalogueItem",
  namespace: "inventory",
  doc: "A product of the shop, as sold from `validFrom` on.",
  topic: {"name":"inventory.catalogue-items.v1","kind":"table","key":"productId","time":"validFrom","id":"productId","partitions":12,"retention":"forever","owner":"supply"},
  fields: [
    {"name":"productId","type":"string","doc":"The product, as in shop.* and crm.*.","rule":{"notEmpty":true}},
    {"name":"name","type":"string","doc":"As customers read it.","rule":{"notEmpty":true}},
    {"name":"category","type":"string","doc":"Its category.","rule":{"notEmpty":true}},
    {"name":"listPrice","type":{"type":"bytes","logicalType":"decimal","precision":18,"scale":2},"doc":"Price in euros before promotions, tax included.","rule":{"min":0}},
    {"name":"unitCost","type":{"type":"bytes","logicalType":"decimal","precision":18,"scale":2},"doc":"What the supplier charges for one piece, in euros.","rule":{"min":0}},
    {"name":"supplier","type":"string","doc":"Who supplies it.","rule":{"notEmpty":true}},
    {"name":"warehouse","type":"string","doc":"Where it is stored.","rule":{"notEmpty":true}},
    {"name":"validFrom","type":{"type":"long","logicalType":"timestamp-millis"},"doc":"From when on this row holds."},
  ],
})

/** inventory.stock-alerts.v1: A product fell to its reorder point or below, or came back above it: its latest row says how it stands. */
export const stockAlerts: Topic<StockAlert> = topic<StockAlert>({
  type: "record",
  name: "StockAlert",
  namespace: "inventory",
  doc: "A product fell to its reorder point or below, or came back above it: its latest row says how it stands.",
  topic: {"name":"inventory.stock-alerts.v1","kind":"results","key":"productId","time":"changedAt","id":["productId","changedAt"],"partitions":12,"retention":"400 days","owner":"supply"},
  fields: [
    {"name":"productId","type":"string","doc":"The product.","rule":{"notEmpty":true}},
    {"name":"warehouse","type":"string","doc":"The warehouse.","rule":{"notEmpty":true}},
    {"name":"state","type":{"type":"enum","name":"StockState","symbols":["BELOW","ABOVE"]},"doc":"BELOW: at the reorder point or under it."},
    {"name":"units","type":"int","doc":"Pieces there."},
    {"name":"reorderPoint","type":"int","doc":"Pieces at which to order.","rule":{"min":0}},
    {"name":"dailyDemand","type":"double","doc":"Pieces that leave on a day, over the last 28 days.","rule":{"min":0}},
    {"name":"changedAt","type":{"type":"long","logicalType":"timestamp-millis"},"doc":"The movement that made it so."},
  ],
})

/** inventory.stock-levels.v1: Pieces of a product in a warehouse, as counted. */
export const stockLevels: Topic<StockLevel> = topic<StockLevel>({
  type: "record",
  name: "StockLevel",
  namespace: "inventory",
  doc: "Pieces of a product in a warehouse, as counted.",
  topic: {"name":"inventory.stock-levels.v1","kind":"results","key":"productId","time":"countedAt","id":["productId","countedAt"],"partitions":12,"retention":"400 days","owner":"supply"},
  fields: [
    {"name":"productId","type":"string","doc":"The product.","rule":{"notEmpty":true}},
    {"name":"warehouse","type":"string","doc":"The warehouse.","rule":{"notEmpty":true}},
    {"name":"units","type":"int","doc":"Pieces: the sum of all movements before."},
    {"name":"countedAt","type":{"type":"long","logicalType":"timestamp-millis"},"doc":"When they were counted."},
  ],
})

/** inventory.stock-movements.v1: Pieces of a product came into a warehouse or left it. */
export const stockMovements: Topic<StockMovement> = topic<StockMovement>({
  type: "record",
  name: "StockMovement",
  namespace: "inventory",
  doc: "Pieces of a product came into a warehouse or left it.",
  topic: {"name":"inventory.stock-movements.v1","kind":"facts","key":"productId","time":"movedAt","id":"movementId","partitions":12,"retention":"forever","owner":"supply"},
  fields: [
    {"name":"movementId","type":"string","doc":"The movement.","rule":{"notEmpty":true}},
    {"name":"productId","type":"string","doc":"The product.","rule":{"notEmpty":true}},
    {"name":"warehouse","type":"string","doc":"The warehouse.","rule":{"notEmpty":true}},
    {"name":"reason","type":{"type":"enum","name":"MovementReason","symbols":["OPENING","SALE","CANCELLATION","RETURN","RECEIPT","WRITE_OFF"]},"doc":"OPENING: counted when the world began; RECEIPT: from the supplier; WRITE_OFF: damaged, or more than there is room for."},
    {"name":"quantity","type":"int","doc":"Pieces: positive where they came in."},
    {"name":"orderId","type":["null","string"],"default":null,"doc":"The order that it belongs to."},
    {"name":"movedAt","type":{"type":"long","logicalType":"timestamp-millis"},"doc":"When."},
  ],
})
