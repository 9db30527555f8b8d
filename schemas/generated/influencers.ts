// Generated from the contracts by `kappa schemas generate`. Do not edit.

import { type Topic, topic } from '#engine/schema'

export type FeeKind = 'POST' | 'COMMISSION'

export type Platform = 'INSTAGRAM' | 'TIKTOK' | 'YOUTUBE' | 'BLOG'

/** A discount code that an influencer gives to followers. */
export interface DiscountCode {
  /** As customers type it. */
  readonly code: string
  /** Whose code it is. */
  readonly influencerId: string
  /** What it takes off an order. */
  readonly discountPercent: number
  /** From when on it can be used. Milliseconds since 1970 UTC. */
  readonly validFrom: number
}

/** What an influencer is paid: a sum for a post, or a share of an order placed with the code. */
export interface Fee {
  /** The fee. */
  readonly feeId: string
  /** Who is paid. */
  readonly influencerId: string
  /** What for. */
  readonly kind: FeeKind
  /** The post paid for. */
  readonly postId: string | null
  /** The order that the share is of. */
  readonly orderId: string | null
  /** In euros. Unscaled: 2 decimal places. */
  readonly amount: bigint
  /** When it was booked. Milliseconds since 1970 UTC. */
  readonly bookedAt: number
}

/** Somebody who is paid for posts about the shop; names stay with the agency. */
export interface Influencer {
  /** The influencer, as the agency numbers them. */
  readonly influencerId: string
  /** Where they post. */
  readonly platform: Platform
  /** Market of most followers, ISO 3166-1 alpha-2. */
  readonly country: string
  /** The category of the shop that they speak of. */
  readonly category: string
  /** People who follow them. */
  readonly followers: number
  /** From when on this row holds. Milliseconds since 1970 UTC. */
  readonly validFrom: number
}

/** An influencer published a post about the shop. */
export interface Post {
  /** The post. */
  readonly postId: string
  /** Who posted. */
  readonly influencerId: string
  /** The discount code in it. */
  readonly code: string
  /** People who saw it, as the platform reports. */
  readonly reach: number
  /** When it was published. Milliseconds since 1970 UTC. */
  readonly publishedAt: number
}

/** A discount code was used with an order. */
export interface Redemption {
  /** The redemption. */
  readonly redemptionId: string
  /** The code typed. */
  readonly code: string
  /** The order it was used with. */
  readonly orderId: string
  /** Who used it. */
  readonly customerId: string
  /** What it took off, in `currency`. Unscaled: 2 decimal places. */
  readonly discount: bigint
  /** ISO 4217 code. */
  readonly currency: string
  /** When the order was placed. Milliseconds since 1970 UTC. */
  readonly redeemedAt: number
}

/** influencers.codes.v1: A discount code that an influencer gives to followers. */
export const codes: Topic<DiscountCode> = topic<DiscountCode>({
  type: "record",
  name: "DiscountCode",
  namespace: "influencers",
  doc: "A discount code that an influencer gives to followers.",
  topic: {"name":"influencers.codes.v1","kind":"table","key":"code","time":"validFrom","id":"code","partitions":12,"retention":"forever","owner":"marketing"},
  fields: [
    {"name":"code","type":"string","doc":"As customers type it.","rule":{"notEmpty":true}},
    {"name":"influencerId","type":"string","doc":"Whose code it is.","rule":{"notEmpty":true}},
    {"name":"discountPercent","type":"int","doc":"What it takes off an order.","rule":{"min":1,"max":100}},
    {"name":"validFrom","type":{"type":"long","logicalType":"timestamp-millis"},"doc":"From when on it can be used."},
  ],
})

/** influencers.fees.v1: What an influencer is paid: a sum for a post, or a share of an order placed with the code. */
export const fees: Topic<Fee> = topic<Fee>({
  type: "record",
  name: "Fee",
  namespace: "influencers",
  doc: "What an influencer is paid: a sum for a post, or a share of an order placed with the code.",
  topic: {"name":"influencers.fees.v1","kind":"facts","key":"influencerId","time":"bookedAt","id":"feeId","partitions":12,"retention":"forever","owner":"marketing"},
  fields: [
    {"name":"feeId","type":"string","doc":"The fee.","rule":{"notEmpty":true}},
    {"name":"influencerId","type":"string","doc":"Who is paid.","rule":{"notEmpty":true}},
    {"name":"kind","type":{"type":"enum","name":"FeeKind","symbols":["POST","COMMISSION"]},"doc":"What for."},
    {"name":"postId","type":["null","string"],"default":null,"doc":"The post paid for."},
    {"name":"orderId","type":["null","string"],"default":null,"doc":"The order that the share is of."},
    {"name":"amount","type":{"type":"bytes","logicalType":"decimal","precision":18,"scale":2},"doc":"In euros.","rule":{"min":0}},
    {"name":"bookedAt","type":{"type":"long","logicalType":"timestamp-millis"},"doc":"When it was booked."},
  ],
})

/** influencers.influencers.v1: Somebody who is paid for posts about the shop; names stay with the agency. */
export const influencers: Topic<Influencer> = topic<Influencer>({
  type: "record",
  name: "Influencer",
  namespace: "influencers",
  doc: "Somebody who is paid for posts about the shop; names stay with the agency.",
  topic: {"name":"influencers.influencers.v1","kind":"table","key":"influencerId","time":"validFrom","id":"influencerId","partitions":12,"retention":"forever","owner":"marketing"},
  fields: [
    {"name":"influencerId","type":"string","doc":"The influencer, as the agency numbers them.","rule":{"notEmpty":true}},
    {"name":"platform","type":{"type":"enum","name":"Platform","symbols":["INSTAGRAM","TIKTOK","YOUTUBE","BLOG"]},"doc":"Where they post."},
    {"name":"country","type":"string","doc":"Market of most followers, ISO 3166-1 alpha-2.","rule":{"pattern":"^[A-Z]{2}$"}},
    {"name":"category","type":"string","doc":"The category of the shop that they speak of.","rule":{"notEmpty":true}},
    {"name":"followers","type":"long","doc":"People who follow them.","rule":{"min":0}},
    {"name":"validFrom","type":{"type":"long","logicalType":"timestamp-millis"},"doc":"From when on this row holds."},
  ],
})

/** influencers.posts.v1: An influencer published a post about the shop. */
export const posts: Topic<Post> = topic<Post>({
  type: "record",
  name: "Post",
  namespace: "influencers",
  doc: "An influencer published a post about the shop.",
  topic: {"name":"influencers.posts.v1","kind":"facts","key":"influencerId","time":"publishedAt","id":"postId","partitions":12,"retention":"forever","owner":"marketing"},
  fields: [
    {"name":"postId","type":"string","doc":"The post.","rule":{"notEmpty":true}},
    {"name":"influencerId","type":"string","doc":"Who posted.","rule":{"notEmpty":true}},
    {"name":"code","type":"string","doc":"The discount code in it.","rule":{"notEmpty":true}},
    {"name":"reach","type":"long","doc":"People who saw it, as the platform reports.","rule":{"min":0}},
    {"name":"publishedAt","type":{"type":"long","logicalType":"timestamp-millis"},"doc":"When it was published."},
  ],
})

/** influencers.redemptions.v1: A discount code was used with an order. */
export const redemptions: Topic<Redemption> = topic<Redemption>({
  type: "record",
  name: "Redemption",
  namespace: "influencers",
  doc: "A discount code was used with an order.",
  topic: {"name":"influencers.redemptions.v1","kind":"facts","key":"code","time":"redeemedAt","id":"redemptionId","partitions":12,"retention":"forever","owner":"marketing"},
  fields: [
    {"name":"redemptionId","type":"string","doc":"The redemption.","rule":{"notEmpty":true}},
    {"name":"code","type":"string","doc":"The code typed.","rule":{"notEmpty":true}},
    {"name":"orderId","type":"string","doc":"The order it was used with.","rule":{"notEmpty":true}},
    {"name":"customerId","type":"string","doc":"Who used it.","rule":{"notEmpty":true}},
    {"name":"discount","type":{"type":"bytes","logicalType":"decimal","precision":18,"scale":2},"doc":"What it took off, in `currency`.","rule":{"min":0}},
    {"name":"currency","type":"string","doc":"ISO 4217 code.","rule":{"pattern":"^[A-Z]{3}$"}},
    {"name":"redeemedAt","type":{"type":"long","logicalType":"timestamp-millis"},"doc":"When the order was placed."},
  ],
})
