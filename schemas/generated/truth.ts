// Generated from the contracts by `kappa schemas generate`. Do not edit.

import { type Topic, topic } from '#engine/schema'

export type CauseKind = 'ORGANIC' | 'CAMPAIGN' | 'INFLUENCER'

export type IncidentName = 'CHECKOUT_FAILURE' | 'BOT_BURST' | 'SLOW_DRIFT' | 'QUIET_NIGHT' | 'HOLIDAY'

/** Why a generated order was really placed, to check attribution against. */
export interface OrderCause {
  /** The order. */
  readonly orderId: string
  /** Who ordered. */
  readonly customerId: string
  /** ORGANIC orders would have been placed anyway; without the campaign or the post the others would not. */
  readonly cause: CauseKind
  /** The campaign that caused it. */
  readonly campaignId: string | null
  /** The influencer's post that caused it. */
  readonly postId: string | null
  /** True for the order with which the customer registered. */
  readonly firstOrder: boolean
  /** When the order was paid for. Milliseconds since 1970 UTC. */
  readonly placedAt: number
}

/** What a generated promotion really does, to check analyses against: known only because the world is made up. */
export interface PromotionEffect {
  /** The promotion. */
  readonly promotionId: string
  /** The category whose prices are reduced. */
  readonly category: string
  /** Orders whose first line is of the category, in countries and at times of the promotion, over what they would be without. */
  readonly orderFactor: number
  /** First instant of the effect. Milliseconds since 1970 UTC. */
  readonly startsAt: number
  /** First instant without it. Milliseconds since 1970 UTC. */
  readonly endsAt: number
  /** When the promotion was announced. Milliseconds since 1970 UTC. */
  readonly announcedAt: number
}

/** An incident that was asked for when the world was made, to check detection against. */
export interface StagedIncident {
  /** What happens: see `kappa produce web --help`. */
  readonly kind: IncidentName
  /** First instant. Milliseconds since 1970 UTC. */
  readonly startsAt: number
  /** First instant after it. Milliseconds since 1970 UTC. */
  readonly endsAt: number
}

/** truth.order-causes.v1: Why a generated order was really placed, to check attribution against. */
export const orderCauses: Topic<OrderCause> = topic<OrderCause>({
  type: "record",
  name: "OrderCause",
  namespace: "truth",
  doc: "Why a generated order was really placed, to check attribution against.",
  topic: {"name":"truth.order-causes.v1","kind":"facts","key":"orderId","time":"placedAt","id":"orderId","partitions":12,"retention":"forever","owner":"analytics"},
  fields: [
    {"name":"orderId","type":"string","doc":"The order.","rule":{"notEmpty":true}},
    {"name":"customerId","type":"string","doc":"Who ordered.","rule":{"notEmpty":true}},
    {"name":"cause","type":{"type":"enum","name":"CauseKind","symbols":["ORGANIC","CAMPAIGN","INFLUENCER"]},"doc":"ORGANIC orders would have been placed anyway; without the campaign or the post the others would not."},
    {"name":"campaignId","type":["null","string"],"default":null,"doc":"The campaign that caused it."},
    {"name":"postId","type":["null","string"],"default":null,"doc":"The influencer's post that caused it."},
    {"name":"firstOrder","type":"boolean","doc":"True for the order with which the customer registered."},
    {"name":"placedAt","type":{"type":"long","logicalType":"timestamp-millis"},"doc":"When the order was paid for."},
  ],
})

/** truth.promotion-effects.v1: What a generated promotion really does, to check analyses against: known only because the world is made up. */
export const promotionEffects: Topic<PromotionEffect> = topic<PromotionEffect>({
  type: "record",
  name: "PromotionEffect",
  namespace: "truth",
  doc: "What a generated promotion really does, to check analyses against: known only because the world is made up.",
  topic: {"name":"truth.promotion-effects.v1","kind":"table","key":"promotionId","time":"announcedAt","id":"promotionId","partitions":12,"retention":"forever","owner":"analytics"},
  fields: [
    {"name":"promotionId","type":"string","doc":"The promotion.","rule":{"notEmpty":true}},
    {"name":"category","type":"string","doc":"The category whose prices are reduced.","rule":{"notEmpty":true}},
    {"name":"orderFactor","type":"double","doc":"Orders whose first line is of the category, in countries and at times of the promotion, over what they would be without.","rule":{"min":0}},
    {"name":"startsAt","type":{"type":"long","logicalType":"timestamp-millis"},"doc":"First instant of the effect."},
    {"name":"endsAt","type":{"type":"long","logicalType":"timestamp-millis"},"doc":"First instant without it."},
    {"name":"announcedAt","type":{"type":"long","logicalType":"timestamp-millis"},"doc":"When the promotion was announced."},
  ],
})

/** truth.staged-incidents.v1: An incident that was asked for when the world was made, to check detection against. */
export const stagedIncidents: Topic<StagedIncident> = topic<StagedIncident>({
  type: "record",
  name: "StagedIncident",
  namespace: "truth",
  doc: "An incident that was asked for when the world was made, to check detection against.",
  topic: {"name":"truth.staged-incidents.v1","kind":"facts","key":"kind","time":"startsAt","id":["kind","startsAt"],"partitions":12,"retention":"forever","owner":"analytics"},
  fields: [
    {"name":"kind","type":{"type":"enum","name":"IncidentName","symbols":["CHECKOUT_FAILURE","BOT_BURST","SLOW_DRIFT","QUIET_NIGHT","HOLIDAY"]},"doc":"What happens: see `kappa produce web --help`."},
    {"name":"startsAt","type":{"type":"long","logicalType":"timestamp-millis"},"doc":"First instant."},
    {"name":"endsAt","type":{"type":"long","logicalType":"timestamp-millis"},"doc":"First instant after it."},
  ],
})
