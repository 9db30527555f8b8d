// Generated from the contracts by `kappa schemas generate`. Do not edit.

import { type Topic, topic } from '#engine/schema'

/** A product in a basket that is complete, with the other products of it; what related products are counted from. Lines without a quantity above zero are left out. */
export interface BasketProduct {
  /** The product. */
  readonly productId: number
  /** The basket: one trip through one till. */
  readonly basketId: number
  /** The household that bought. */
  readonly householdId: number
  /** The other products of the basket, each once, ascending; of a basket of more than 250 products those among its first 250 by number. */
  readonly others: readonly number[]
  /** When the basket's first line was bought. Milliseconds since 1970 UTC. */
  readonly purchasedAt: number
}

/** A household is sent a campaign. */
export interface CampaignMailing {
  /** The household. */
  readonly householdId: number
  /** The campaign. */
  readonly campaignId: number
  /** From when on this row holds. Milliseconds since 1970 UTC. */
  readonly validFrom: number
}

/** A marketing campaign by mail. */
export interface Campaign {
  /** The campaign. */
  readonly campaignId: number
  /** `Type A`, `Type B` or `Type C`. */
  readonly type: string
  /** First day on which its coupons are valid. Days since 1970. */
  readonly startDate: number
  /** Last day on which its coupons are valid. Days since 1970. */
  readonly endDate: number
  /** From when on this row holds. Milliseconds since 1970 UTC. */
  readonly validFrom: number
}

/** A model of which households stop buying (logistic regression), trained by `kappa train churn`, with how well its like, trained on earlier months alone, told the two latest periods of 28 days, beside a plain RFM rule. */
export interface ChurnModel {
  /** Digest of what it was trained on and came to. */
  readonly modelVersion: string
  /** Purchase lines that were read. */
  readonly lines: number
  /** Instants, 28 days apart, at which households were looked at. */
  readonly snapshots: number
  /** Households at these instants. */
  readonly rows: number
  /** Of them, those that bought nothing in the 28 days after. */
  readonly churned: number
  /** What is looked at, in order. */
  readonly features: readonly string[]
  /** Of the features, each less its mean and by its deviation. */
  readonly coefficients: readonly number[]
  /** Log odds of a household of mean features. */
  readonly intercept: number
  /** Households of the two latest periods that it was measured on; 0: there was too little before them. */
  readonly heldOut: number
  /** Chance that one that churned scores above one that did not. */
  readonly auc: number | null
  /** Churn among the tenth with the highest scores, by that of all. */
  readonly lift: number | null
  /** Mean distance of foreseen and real churn over tenths by score. */
  readonly calibrationError: number | null
  /** The same of a plain RFM rule. */
  readonly rfmAuc: number | null
  /** The same of a plain RFM rule. */
  readonly rfmLift: number | null
  /** The same of a plain RFM rule. */
  readonly rfmCalibrationError: number | null
  /** It knows purchases before this instant. Milliseconds since 1970 UTC. */
  readonly asOf: number
}

/** How likely a household that bought in the 90 days before `asOf` is to buy nothing in the 28 days after it. */
export interface ChurnScore {
  /** The household. */
  readonly householdId: number
  /** The model, as in retail.churn-models.v1. */
  readonly modelVersion: string
  /** That it buys nothing in the 28 days from `asOf` on. */
  readonly probability: number
  /** Days since its latest basket. */
  readonly recencyDays: number
  /** Baskets of the last 28 days. */
  readonly baskets28: number
  /** Baskets of the last 90 days. */
  readonly baskets90: number
  /** What it paid in them, in US dollars. Unscaled: 2 decimal places. */
  readonly spend90: bigint
  /** The score knows purchases before this instant. Milliseconds since 1970 UTC. */
  readonly asOf: number
}

/** A household redeemed a coupon of a campaign; the source knows the day, not the minute. */
export interface CouponRedemption {
  /** The household. */
  readonly householdId: number
  /** Universal product code of the coupon. */
  readonly couponUpc: number
  /** The campaign that sent it. */
  readonly campaignId: number
  /** The day, in the stores' time zone. Days since 1970. */
  readonly redeemedOn: number
  /** Midnight at the start of that day, New York time. Milliseconds since 1970 UTC. */
  readonly redeemedAt: number
}

/** A coupon of a campaign is good for a product. */
export interface Coupon {
  /** Universal product code of the coupon. */
  readonly couponUpc: number
  /** A product that it is good for. */
  readonly productId: number
  /** The campaign that sends it. */
  readonly campaignId: number
  /** From when on this row holds. Milliseconds since 1970 UTC. */
  readonly validFrom: number
}

/** The segment of a household that bought in the 90 days before `asOf`, by a model of what households buy. */
export interface HouseholdSegment {
  /** The household. */
  readonly householdId: number
  /** The model, as in retail.segment-models.v1. */
  readonly modelVersion: string
  /** `core` pays most, `occasional` least; between them `stock-up` pays more a basket, `top-up` less. */
  readonly segment: string
  /** From the segment's centre, in standard deviations. */
  readonly distance: number
  /** The segment that gold.dim_rfm's rule gives it among the households of `asOf`: by fifths of recency and of baskets. */
  readonly rfmSegment: string
  /** Days since its latest basket. */
  readonly recencyDays: number
  /** Baskets of the last 90 days. */
  readonly baskets90: number
  /** What it paid in them, in US dollars. Unscaled: 2 decimal places. */
  readonly spend90: bigint
  /** Different products in them. */
  readonly products90: number
  /** The segment knows purchases before this instant. Milliseconds since 1970 UTC. */
  readonly asOf: number
}

/** Demographics of a household that shared them; every answer may be missing. */
export interface Household {
  /** The household. */
  readonly householdId: number
  /** Age band, e.g. `45-54`. */
  readonly age: string | null
  /** Income band in thousand US dollars, e.g. `50-74K`. */
  readonly income: string | null
  /** Owner or renter. */
  readonly homeOwnership: string | null
  /** Married or unmarried. */
  readonly maritalStatus: string | null
  /** People in the household, `5+` at most. */
  readonly householdSize: string | null
  /** Adults and children in words. */
  readonly householdComposition: string | null
  /** Children, `3+` at most. */
  readonly kidsCount: string | null
  /** From when on this row holds. Milliseconds since 1970 UTC. */
  readonly validFrom: number
}

/** A product of the retailer, as described from `validFrom` on. */
export interface Product {
  /** The product. */
  readonly productId: number
  /** Its manufacturer; null where the source has none. */
  readonly manufacturerId: number | null
  /** Department that sells it. */
  readonly department: string | null
  /** National or private label. */
  readonly brand: string | null
  /** Category within the department. */
  readonly productCategory: string | null
  /** Type within the category. */
  readonly productType: string | null
  /** Size of the package, as printed. */
  readonly packageSize: string | null
  /** From when on this row holds. Milliseconds since 1970 UTC. */
  readonly validFrom: number
}

/** One product in one basket of a household; quantities of zero and below occur in the source and are kept. Keyed by product, so that the join with retail.products.v1 needs no re-key. */
export interface PurchaseLine {
  /** The household that bought. */
  readonly householdId: number
  /** The store. */
  readonly storeId: number
  /** The basket: one trip through one till. */
  readonly basketId: number
  /** The product; not every one is in retail.products.v1. */
  readonly productId: number
  /** Pieces; for goods sold by weight or volume, the unit of the till. */
  readonly quantity: number
  /** What the retailer received for the line, in US dollars. Unscaled: 2 decimal places. */
  readonly salesValue: bigint
  /** Discount by the retailer's loyalty card, in US dollars. Unscaled: 2 decimal places. */
  readonly retailDiscount: bigint
  /** Discount by a manufacturer coupon, in US dollars. Unscaled: 2 decimal places. */
  readonly couponDiscount: bigint
  /** The retailer's match of the coupon, in US dollars. Unscaled: 2 decimal places. */
  readonly couponMatchDiscount: bigint
  /** Week of the retailer's year, 1 to 53, as the source counts it. */
  readonly week: number
  /** Instant of the purchase; the stores are on New York time. Milliseconds since 1970 UTC. */
  readonly purchasedAt: number
}

/** A model of what households buy, trained by `kappa train recommendations`: what it was made of, how, and what most households buy, for those that it does not know. */
export interface RecommendationModel {
  /** Digest of its factors and of what they were made of: the same purchases and settings give the same version. */
  readonly modelVersion: string
  /** Purchases from this instant on; null: from the first. Milliseconds since 1970 UTC. */
  readonly trainedFrom: number | null
  /** Households that it knows. */
  readonly households: number
  /** Products that it knows. */
  readonly products: number
  /** Pairs of a household and a product that it bought. */
  readonly pairs: number
  /** Purchase lines that it was made of. */
  readonly lines: number
  /** Numbers that stand for a household or a product. */
  readonly factors: number
  /** Weight of the factors' squares in what is minimised. */
  readonly regularization: number
  /** How much one more basket adds to the confidence that a household likes a product. */
  readonly alpha: number
  /** Passes over households and products. */
  readonly iterations: number
  /** Of the factors that it began with. */
  readonly seed: number
  /** What was minimised, at the end: the weighted squared error over all pairs, regularization included, by pair. */
  readonly loss: number
  /** The 50 products that most households bought, the first first; equals by number. */
  readonly popular: readonly number[]
  /** How many households bought each. */
  readonly popularHouseholds: readonly number[]
  /** It knows purchases before this instant. Milliseconds since 1970 UTC. */
  readonly asOf: number
}

/** What a household may like that it had not bought, by a model of all purchases before `asOf` (implicit ALS). */
export interface Recommendations {
  /** The household. */
  readonly householdId: number
  /** The model, as in retail.recommendation-models.v1. */
  readonly modelVersion: string
  /** Up to 50 products, the best first. */
  readonly products: readonly number[]
  /** The preference that the model foresees for each: about 1 for what is bought, about 0 for what is not. */
  readonly scores: readonly number[]
  /** The model knows purchases before this instant. Milliseconds since 1970 UTC. */
  readonly asOf: number
}

/** The products that are bought together with a product most: its latest row says how it stands; published an hour of event time after a basket with it, with whatever else came meanwhile. */
export interface RelatedProducts {
  /** The product. */
  readonly productId: number
  /** Baskets with it so far. */
  readonly baskets: number
  /** Up to 20 products that were in at least two of these baskets, the most frequent first; equals by number. */
  readonly others: readonly number[]
  /** In how many of the baskets each was. Exact while at most 256 different products were met beside this one, beyond that at least so many (Space-Saving with 256 counters). */
  readonly together: readonly number[]
  /** Event time of the row. Milliseconds since 1970 UTC. */
  readonly asOf: number
}

/** What lines that came too late add to the revenue of a department and day: rows of the day and these together are complete. */
export interface RevenuePerDayCorrection {
  /** Processor, identity of the row, and number: the same whenever it is settled again. */
  readonly correctionId: string
  /** Which correction of its row it is, counted from 1. */
  readonly number: number
  /** Department of the product; `unknown` where the product is not known. */
  readonly department: string
  /** Start of the day in New York, inclusive. Milliseconds since 1970 UTC. */
  readonly windowStart: number
  /** End of the day in New York, exclusive. Milliseconds since 1970 UTC. */
  readonly windowEnd: number
  /** To be added to the row: purchase lines. */
  readonly lines: number
  /** To be added to the row: sum of quantities. */
  readonly units: number
  /** To be added to the row: sum of sales values, in US dollars. Unscaled: 2 decimal places. */
  readonly revenue: bigint
}

/** Revenue, lines and units per department, for each calendar day of the stores (New York). */
export interface RevenuePerDay {
  /** Department of the product; `unknown` where the product is not known. */
  readonly department: string
  /** Start of the day in New York, inclusive. Milliseconds since 1970 UTC. */
  readonly windowStart: number
  /** End of the day in New York, exclusive. Milliseconds since 1970 UTC. */
  readonly windowEnd: number
  /** Purchase lines. */
  readonly lines: number
  /** Sum of quantities. */
  readonly units: number
  /** Sum of sales values, in US dollars. Unscaled: 2 decimal places. */
  readonly revenue: bigint
}

/** How households fall into segments by what they buy (k-means), trained by `kappa train segments`, with how well segments of earlier months alone told what was paid in the two latest periods of 28 days, beside segments by RFM. */
export interface SegmentModel {
  /** Digest of what it was trained on and came to. */
  readonly modelVersion: string
  /** Purchase lines that were read. */
  readonly lines: number
  /** Instants, 28 days apart up to `asOf`, at which households were looked at. */
  readonly snapshots: number
  /** Households at these instants. */
  readonly rows: number
  /** What is looked at, in order. */
  readonly features: readonly string[]
  /** Of the features. */
  readonly means: readonly number[]
  /** Standard deviations of the features. */
  readonly deviations: readonly number[]
  /** Names of the segments. */
  readonly segments: readonly string[]
  /** The features of each segment's centre, each less its mean and by its deviation, segment by segment. */
  readonly centres: readonly number[]
  /** Households of each segment at `asOf`. */
  readonly households: readonly number[]
  /** Sum of the rows' squared distances from their centres. */
  readonly inertia: number
  /** How much nearer households are to their own segment than to the next one at `asOf`, -1 to 1. */
  readonly silhouette: number | null
  /** How alike a model of 28 days before parts the households of `asOf`: adjusted Rand index, 1 for the same. */
  readonly agreement: number | null
  /** Households of the two latest periods that it was measured on; 0: there was too little before them. */
  readonly heldOut: number
  /** Share of the variance of log dollars paid in these periods that lies between segments. */
  readonly explained: number | null
  /** The same of segments by RFM, as those of gold.dim_rfm. */
  readonly rfmExplained: number | null
  /** Mean dollars that households of each segment paid in a period; empty where nothing was held out, 0 for a segment without households. */
  readonly nextSpend: readonly number[]
  /** It knows purchases before this instant. Milliseconds since 1970 UTC. */
  readonly asOf: number
}

/** A product was on display in a store, or in its mailer, for a week. */
export interface StorePromotion {
  /** The product. */
  readonly productId: number
  /** The store. */
  readonly storeId: number
  /** Where in the store: 0 not on display, 1 front, 2 rear, 3 front end cap, 4 mid-aisle end cap, 5 rear end cap, 6 side-aisle end cap, 7 in-aisle, 9 secondary location, A in-shelf. */
  readonly displayLocation: string
  /** Where in the mailer: 0 not in it, A interior page feature, C interior page line item, D front page feature, F back page feature, H wrap front feature, J wrap interior coupon, L wrap back feature, P interior page coupon, X free on interior page, Z free on front page, back page or wrap. */
  readonly mailerLocation: string
  /** Week of the data set, 1 to 53. */
  readonly week: number
  /** Monday midnight at the start of that week, New York time. Milliseconds since 1970 UTC. */
  readonly startsAt: number
}

/** A model of which households raise the value of their baskets (logistic regression), trained by `kappa train upsell`, with how well its like, trained on earlier months alone, told the two latest periods of 28 days, beside a plain RFM rule. */
export interface UpsellModel {
  /** Digest of what it was trained on and came to. */
  readonly modelVersion: string
  /** Purchase lines that were read. */
  readonly lines: number
  /** Instants, 28 days apart, at which households were looked at. */
  readonly snapshots: number
  /** Households at these instants. */
  readonly rows: number
  /** Of them, those that paid at least a fifth more a basket in the 28 days after than in the 90 before. */
  readonly raised: number
  /** What is looked at, in order. */
  readonly features: readonly string[]
  /** Of the features, each less its mean and by its deviation. */
  readonly coefficients: readonly number[]
  /** Log odds of a household of mean features. */
  readonly intercept: number
  /** Households of the two latest periods that it was measured on; 0: there was too little before them. */
  readonly heldOut: number
  /** Chance that one that raised it scores above one that did not. */
  readonly auc: number | null
  /** Share that raised it among the tenth with the highest scores, by that of all. */
  readonly lift: number | null
  /** Mean distance of foreseen and real shares over tenths by score. */
  readonly calibrationError: number | null
  /** The same of a plain RFM rule. */
  readonly rfmAuc: number | null
  /** The same of a plain RFM rule. */
  readonly rfmLift: number | null
  /** The same of a plain RFM rule. */
  readonly rfmCalibrationError: number | null
  /** It knows purchases before this instant. Milliseconds since 1970 UTC. */
  readonly asOf: number
}

/** How likely a household that bought in the 90 days before `asOf` is to pay at least a fifth more a basket in the 28 days after it than in those 90. */
export interface UpsellScore {
  /** The household. */
  readonly householdId: number
  /** The model, as in retail.upsell-models.v1. */
  readonly modelVersion: string
  /** That its baskets of the 28 days from `asOf` on are worth at least 1.2 times those of the 90 days before, in the mean; a household that buys nothing did not raise it. */
  readonly probability: number
  /** Days since its latest basket. */
  readonly recencyDays: number
  /** Baskets of the last 28 days. */
  readonly baskets28: number
  /** Baskets of the last 90 days. */
  readonly baskets90: number
  /** What it paid in them, in US dollars. Unscaled: 2 decimal places. */
  readonly spend90: bigint
  /** The score knows purchases before this instant. Milliseconds since 1970 UTC. */
  readonly asOf: number
}

/** retail.basket-products.v1: A product in a basket that is complete, with the other products of it; what related products are counted from. Lines without a quantity above zero are left out. */
export const basketProducts: Topic<BasketProduct> = topic<BasketProduct>({
  type: "record",
  name: "BasketProduct",
  namespace: "retail",
  doc: "A product in a basket that is complete, with the other products of it; what related products are counted from. Lines without a quantity above zero are left out.",
  topic: {"name":"retail.basket-products.v1","kind":"results","key":"productId","time":"purchasedAt","id":["basketId","productId","purchasedAt"],"partitions":12,"retention":"forever","owner":"retail-analytics"},
  fields: [
    {"name":"productId","type":"long","doc":"The product."},
    {"name":"basketId","type":"long","doc":"The basket: one trip through one till."},
    {"name":"householdId","type":"long","doc":"The household that bought."},
    {"name":"others","type":{"type":"array","items":"long"},"doc":"The other products of the basket, each once, ascending; of a basket of more than 250 products those among its first 250 by number."},
    {"name":"purchasedAt","type":{"type":"long","logicalType":"timestamp-millis"},"doc":"When the basket's first line was bought."},
  ],
})

/** retail.campaign-mailings.v1: A household is sent a campaign. */
export const campaignMailings: Topic<CampaignMailing> = topic<CampaignMailing>({
  type: "record",
  name: "CampaignMailing",
  namespace: "retail",
  doc: "A household is sent a campaign.",
  topic: {"name":"retail.campaign-mailings.v1","kind":"facts","key":"householdId","time":"validFrom","id":[],"partitions":12,"retention":"forever","owner":"retail-analytics"},
  fields: [
    {"name":"householdId","type":"long","doc":"The household."},
    {"name":"campaignId","type":"long","doc":"The campaign."},
    {"name":"validFrom","type":{"type":"long","logicalType":"timestamp-millis"},"doc":"From when on this row holds."},
  ],
})

/** retail.campaigns.v1: A marketing campaign by mail. */
export const campaigns: Topic<Campaign> = topic<Campaign>({
  type: "record",
  name: "Campaign",
  namespace: "retail",
  doc: "A marketing campaign by mail.",
  topic: {"name":"retail.campaigns.v1","kind":"table","key":"campaignId","time":"validFrom","id":"campaignId","partitions":12,"retention":"forever","owner":"retail-analytics"},
  fields: [
    {"name":"campaignId","type":"long","doc":"The campaign."},
    {"name":"type","type":"string","doc":"`Type A`, `Type B` or `Type C`.","rule":{"notEmpty":true}},
    {"name":"startDate","type":{"type":"int","logicalType":"date"},"doc":"First day on which its coupons are valid."},
    {"name":"endDate","type":{"type":"int","logicalType":"date"},"doc":"Last day on which its coupons are valid."},
    {"name":"validFrom","type":{"type":"long","logicalType":"timestamp-millis"},"doc":"From when on this row holds."},
  ],
})

/** retail.churn-models.v1: A model of which households stop buying (logistic regression), trained by `kappa train churn`, with how well its like, trained on earlier months alone, told the two latest periods of 28 days, beside a plain RFM rule. */
export const churnModels: Topic<ChurnModel> = topic<ChurnModel>({
  type: "record",
  name: "ChurnModel",
  namespace: "retail",
  doc: "A model of which households stop buying (logistic regression), trained by `kappa train churn`, with how well its like, trained on earlier months alone, told the two latest periods of 28 days, beside a plain RFM rule.",
  topic: {"name":"retail.churn-models.v1","kind":"results","key":"modelVersion","time":"asOf","id":"modelVersion","partitions":12,"retention":"forever","owner":"retail-analytics"},
  fields: [
    {"name":"modelVersion","type":"string","doc":"Digest of what it was trained on and came to.","rule":{"notEmpty":true}},
    {"name":"lines","type":"long","doc":"Purchase lines that were read."},
    {"name":"snapshots","type":"int","doc":"Instants, 28 days apart, at which households were looked at."},
    {"name":"rows","type":"long","doc":"Households at these instants."},
    {"name":"churned","type":"long","doc":"Of them, those that bought nothing in the 28 days after."},
    {"name":"features","type":{"type":"array","items":"string"},"doc":"What is looked at, in order."},
    {"name":"coefficients","type":{"type":"array","items":"double"},"doc":"Of the features, each less its mean and by its deviation."},
    {"name":"intercept","type":"double","doc":"Log odds of a household of mean features."},
    {"name":"heldOut","type":"long","doc":"Households of the two latest periods that it was measured on; 0: there was too little before them."},
    {"name":"auc","type":["null","double"],"default":null,"doc":"Chance that one that churned scores above one that did not."},
    {"name":"lift","type":["null","double"],"default":null,"doc":"Churn among the tenth with the highest scores, by that of all."},
    {"name":"calibrationError","type":["null","double"],"default":null,"doc":"Mean distance of foreseen and real churn over tenths by score."},
    {"name":"rfmAuc","type":["null","double"],"default":null,"doc":"The same of a plain RFM rule."},
    {"name":"rfmLift","type":["null","double"],"default":null,"doc":"The same of a plain RFM rule."},
    {"name":"rfmCalibrationError","type":["null","double"],"default":null,"doc":"The same of a plain RFM rule."},
    {"name":"asOf","type":{"type":"long","logicalType":"timestamp-millis"},"doc":"It knows purchases before this instant."},
  ],
})

/** retail.churn-scores.v1: How likely a household that bought in the 90 days before `asOf` is to buy nothing in the 28 days after it. */
export const churnScores: Topic<ChurnScore> = topic<ChurnScore>({
  type: "record",
  name: "ChurnScore",
  namespace: "retail",
  doc: "How likely a household that bought in the 90 days before `asOf` is to buy nothing in the 28 days after it.",
  topic: {"name":"retail.churn-scores.v1","kind":"results","key":"householdId","time":"asOf","id":["householdId","modelVersion"],"partitions":12,"retention":"forever","owner":"retail-analytics"},
  fields: [
    {"name":"householdId","type":"long","doc":"The household."},
    {"name":"modelVersion","type":"string","doc":"The model, as in retail.churn-models.v1.","rule":{"notEmpty":true}},
    {"name":"probability","type":"double","doc":"That it buys nothing in the 28 days from `asOf` on.","rule":{"min":0,"max":1}},
    {"name":"recencyDays","type":"double","doc":"Days since its latest basket."},
    {"name":"baskets28","type":"int","doc":"Baskets of the last 28 days."},
    {"name":"baskets90","type":"int","doc":"Baskets of the last 90 days."},
    {"name":"spend90","type":{"type":"bytes","logicalType":"decimal","precision":18,"scale":2},"doc":"What it paid in them, in US dollars."},
    {"name":"asOf","type":{"type":"long","logicalType":"timestamp-millis"},"doc":"The score knows purchases before this instant."},
  ],
})

/** retail.coupon-redemptions.v1: A household redeemed a coupon of a campaign; the source knows the day, not the minute. */
export const couponRedemptions: Topic<CouponRedemption> = topic<CouponRedemption>({
  type: "record",
  name: "CouponRedemption",
  namespace: "retail",
  doc: "A household redeemed a coupon of a campaign; the source knows the day, not the minute.",
  topic: {"name":"retail.coupon-redemptions.v1","kind":"facts","key":"householdId","time":"redeemedAt","id":[],"partitions":12,"retention":"forever","owner":"retail-analytics"},
  fields: [
    {"name":"householdId","type":"long","doc":"The household."},
    {"name":"couponUpc","type":"long","doc":"Universal product code of the coupon."},
    {"name":"campaignId","type":"long","doc":"The campaign that sent it."},
    {"name":"redeemedOn","type":{"type":"int","logicalType":"date"},"doc":"The day, in the stores' time zone."},
    {"name":"redeemedAt","type":{"type":"long","logicalType":"timestamp-millis"},"doc":"Midnight at the start of that day, New York time."},
  ],
})

/** retail.coupons.v1: A coupon of a campaign is good for a product. */
export const coupons: Topic<Coupon> = topic<Coupon>({
  type: "record",
  name: "Coupon",
  namespace: "retail",
  doc: "A coupon of a campaign is good for a product.",
  topic: {"name":"retail.coupons.v1","kind":"facts","key":"couponUpc","time":"validFrom","id":[],"partitions":12,"retention":"forever","owner":"retail-analytics"},
  fields: [
    {"name":"couponUpc","type":"long","doc":"Universal product code of the coupon."},
    {"name":"productId","type":"long","doc":"A product that it is good for."},
    {"name":"campaignId","type":"long","doc":"The campaign that sends it."},
    {"name":"validFrom","type":{"type":"long","logicalType":"timestamp-millis"},"doc":"From when on this row holds."},
  ],
})

/** retail.household-segments.v1: The segment of a household that bought in the 90 days before `asOf`, by a model of what households buy. */
export const householdSegments: Topic<HouseholdSegment> = topic<HouseholdSegment>({
  type: "record",
  name: "HouseholdSegment",
  namespace: "retail",
  doc: "The segment of a household that bought in the 90 days before `asOf`, by a model of what households buy.",
  topic: {"name":"retail.household-segments.v1","kind":"results","key":"householdId","time":"asOf","id":["householdId","modelVersion"],"partitions":12,"retention":"forever","owner":"retail-analytics"},
  fields: [
    {"name":"householdId","type":"long","doc":"The household."},
    {"name":"modelVersion","type":"string","doc":"The model, as in retail.segment-models.v1.","rule":{"notEmpty":true}},
    {"name":"segment","type":"string","doc":"`core` pays most, `occasional` least; between them `stock-up` pays more a basket, `top-up` less.","rule":{"pattern":"^(core|stock-up|top-up|occasional)$"}},
    {"name":"distance","type":"double","doc":"From the segment's centre, in standard deviations.","rule":{"min":0}},
    {"name":"rfmSegment","type":"string","doc":"The segment that gold.dim_rfm's rule gives it among the households of `asOf`: by fifths of recency and of baskets."},
    {"name":"recencyDays","type":"double","doc":"Days since its latest basket."},
    {"name":"baskets90","type":"int","doc":"Baskets of the last 90 days."},
    {"name":"spend90","type":{"type":"bytes","logicalType":"decimal","precision":18,"scale":2},"doc":"What it paid in them, in US dollars."},
    {"name":"products90","type":"int","doc":"Different products in them."},
    {"name":"asOf","type":{"type":"long","logicalType":"timestamp-millis"},"doc":"The segment knows purchases before this instant."},
  ],
})

/** retail.households.v1: Demographics of a household that shared them; every answer may be missing. */
export const households: Topic<Household> = topic<Household>({
  type: "record",
  name: "Household",
  namespace: "retail",
  doc: "Demographics of a household that shared them; every answer may be missing.",
  topic: {"name":"retail.households.v1","kind":"table","key":"householdId","time":"validFrom","id":"householdId","partitions":12,"retention":"forever","owner":"retail-analytics"},
  fields: [
    {"name":"householdId","type":"long","doc":"The household."},
    {"name":"age","type":["null","string"],"default":null,"doc":"Age band, e.g. `45-54`."},
    {"name":"income","type":["null","string"],"default":null,"doc":"Income band in thousand US dollars, e.g. `50-74K`."},
    {"name":"homeOwnership","type":["null","string"],"default":null,"doc":"Owner or renter."},
    {"name":"maritalStatus","type":["null","string"],"default":null,"doc":"Married or unmarried."},
    {"name":"householdSize","type":["null","string"],"default":null,"doc":"People in the household, `5+` at most."},
    {"name":"householdComposition","type":["null","string"],"default":null,"doc":"Adults and children in words."},
    {"name":"kidsCount","type":["null","string"],"default":null,"doc":"Children, `3+` at most."},
    {"name":"validFrom","type":{"type":"long","logicalType":"timestamp-millis"},"doc":"From when on this row holds."},
  ],
})

/** retail.products.v1: A product of the retailer, as described from `validFrom` on. */
export const products: Topic<Product> = topic<Product>({
  type: "record",
  name: "Product",
  namespace: "retail",
  doc: "A product of the retailer, as described from `validFrom` on.",
  topic: {"name":"retail.products.v1","kind":"table","key":"productId","time":"validFrom","id":"productId","partitions":12,"retention":"forever","owner":"retail-analytics"},
  fields: [
    {"name":"productId","type":"long","doc":"The product."},
    {"name":"manufacturerId","type":["null","long"],"default":null,"doc":"Its manufacturer; null where the source has none."},
    {"name":"department","type":["null","string"],"default":null,"doc":"Department that sells it."},
    {"name":"brand","type":["null","string"],"default":null,"doc":"National or private label."},
    {"name":"productCategory","type":["null","string"],"default":null,"doc":"Category within the department."},
    {"name":"productType","type":["null","string"],"default":null,"doc":"Type within the category."},
    {"name":"packageSize","type":["null","string"],"default":null,"doc":"Size of the package, as printed."},
    {"name":"validFrom","type":{"type":"long","logicalType":"timestamp-millis"},"doc":"From when on this row holds."},
  ],
})

/** retail.purchase-lines.v1: One product in one basket of a household; quantities of zero and below occur in the source and are kept. Keyed by product, so that the join with retail.products.v1 needs no re-key. */
export const purchaseLines: Topic<PurchaseLine> = topic<PurchaseLine>({
  type: "record",
  name: "PurchaseLine",
  namespace: "retail",
  doc: "One product in one basket of a household; quantities of zero and below occur in the source and are kept. Keyed by product, so that the join with retail.products.v1 needs no re-key.",
  topic: {"name":"retail.purchase-lines.v1","kind":"facts","key":"productId","time":"purchasedAt","id":["householdId","basketId","productId","storeId","purchasedAt"],"partitions":12,"retention":"forever","owner":"retail-analytics"},
  fields: [
    {"name":"householdId","type":"long","doc":"The household that bought."},
    {"name":"storeId","type":"long","doc":"The store."},
    {"name":"basketId","type":"long","doc":"The basket: one trip through one till."},
    {"name":"productId","type":"long","doc":"The product; not every one is in retail.products.v1."},
    {"name":"quantity","type":"long","doc":"Pieces; for goods sold by weight or volume, the unit of the till."},
    {"name":"salesValue","type":{"type":"bytes","logicalType":"decimal","precision":18,"scale":2},"doc":"What the retailer received for the line, in US dollars."},
    {"name":"retailDiscount","type":{"type":"bytes","logicalType":"decimal","precision":18,"scale":2},"doc":"Discount by the retailer's loyalty card, in US dollars."},
    {"name":"couponDiscount","type":{"type":"bytes","logicalType":"decimal","precision":18,"scale":2},"doc":"Discount by a manufacturer coupon, in US dollars."},
    {"name":"couponMatchDiscount","type":{"type":"bytes","logicalType":"decimal","precision":18,"scale":2},"doc":"The retailer's match of the coupon, in US dollars."},
    {"name":"week","type":"int","doc":"Week of the retailer's year, 1 to 53, as the source counts it.","rule":{"min":1,"max":53}},
    {"name":"purchasedAt","type":{"type":"long","logicalType":"timestamp-millis"},"doc":"Instant of the purchase; the stores are on New York time."},
  ],
})

/** retail.recommendation-models.v1: A model of what households buy, trained by `kappa train recommendations`: what it was made of, how, and what most households buy, for those that it does not know. */
export const recommendationModels: Topic<RecommendationModel> = topic<RecommendationModel>({
  type: "record",
  name: "RecommendationModel",
  namespace: "retail",
  doc: "A model of what households buy, trained by `kappa train recommendations`: what it was made of, how, and what most households buy, for those that it does not know.",
  topic: {"name":"retail.recommendation-models.v1","kind":"results","key":"modelVersion","time":"asOf","id":"modelVersion","partitions":12,"retention":"forever","owner":"retail-analytics"},
  fields: [
    {"name":"modelVersion","type":"string","doc":"Digest of its factors and of what they were made of: the same purchases and settings give the same version.","rule":{"notEmpty":true}},
    {"name":"trainedFrom","type":["null",{"type":"long","logicalType":"timestamp-millis"}],"default":null,"doc":"Purchases from this instant on; null: from the first."},
    {"name":"households","type":"long","doc":"Households that it knows.","rule":{"min":0}},
    {"name":"products","type":"long","doc":"Products that it knows.","rule":{"min":0}},
    {"name":"pairs","type":"long","doc":"Pairs of a household and a product that it bought.","rule":{"min":0}},
    {"name":"lines","type":"long","doc":"Purchase lines that it was made of.","rule":{"min":0}},
    {"name":"factors","type":"int","doc":"Numbers that stand for a household or a product."},
    {"name":"regularization","type":"double","doc":"Weight of the factors' squares in what is minimised."},
    {"name":"alpha","type":"double","doc":"How much one more basket adds to the confidence that a household likes a product."},
    {"name":"iterations","type":"int","doc":"Passes over households and products."},
    {"name":"seed","type":"long","doc":"Of the factors that it began with."},
    {"name":"loss","type":"double","doc":"What was minimised, at the end: the weighted squared error over all pairs, regularization included, by pair."},
    {"name":"popular","type":{"type":"array","items":"long"},"doc":"The 50 products that most households bought, the first first; equals by number."},
    {"name":"popularHouseholds","type":{"type":"array","items":"long"},"doc":"How many households bought each."},
    {"name":"asOf","type":{"type":"long","logicalType":"timestamp-millis"},"doc":"It knows purchases before this instant."},
  ],
})

/** retail.recommendations.v1: What a household may like that it had not bought, by a model of all purchases before `asOf` (implicit ALS). */
export const recommendations: Topic<Recommendations> = topic<Recommendations>({
  type: "record",
  name: "Recommendations",
  namespace: "retail",
  doc: "What a household may like that it had not bought, by a model of all purchases before `asOf` (implicit ALS).",
  topic: {"name":"retail.recommendations.v1","kind":"results","key":"householdId","time":"asOf","id":["householdId","modelVersion"],"partitions":12,"retention":"forever","owner":"retail-analytics"},
  fields: [
    {"name":"householdId","type":"long","doc":"The household."},
    {"name":"modelVersion","type":"string","doc":"The model, as in retail.recommendation-models.v1.","rule":{"notEmpty":true}},
    {"name":"products","type":{"type":"array","items":"long"},"doc":"Up to 50 products, the best first."},
    {"name":"scores","type":{"type":"array","items":"double"},"doc":"The preference that the model foresees for each: about 1 for what is bought, about 0 for what is not."},
    {"name":"asOf","type":{"type":"long","logicalType":"timestamp-millis"},"doc":"The model knows purchases before this instant."},
  ],
})

/** retail.related-products.v1: The products that are bought together with a product most: its latest row says how it stands; published an hour of event time after a basket with it, with whatever else came meanwhile. */
export const relatedProducts: Topic<RelatedProducts> = topic<RelatedProducts>({
  type: "record",
  name: "RelatedProducts",
  namespace: "retail",
  doc: "The products that are bought together with a product most: its latest row says how it stands; published an hour of event time after a basket with it, with whatever else came meanwhile.",
  topic: {"name":"retail.related-products.v1","kind":"results","key":"productId","time":"asOf","id":["productId","asOf"],"partitions":12,"retention":"forever","owner":"retail-analytics"},
  fields: [
    {"name":"productId","type":"long","doc":"The product."},
    {"name":"baskets","type":"long","doc":"Baskets with it so far.","rule":{"min":1}},
    {"name":"others","type":{"type":"array","items":"long"},"doc":"Up to 20 products that were in at least two of these baskets, the most frequent first; equals by number."},
    {"name":"together","type":{"type":"array","items":"long"},"doc":"In how many of the baskets each was. Exact while at most 256 different products were met beside this one, beyond that at least so many (Space-Saving with 256 counters)."},
    {"name":"asOf","type":{"type":"long","logicalType":"timestamp-millis"},"doc":"Event time of the row."},
  ],
})

/** retail.revenue-per-day-corrections.v1: What lines that came too late add to the revenue of a department and day: rows of the day and these together are complete. */
export const revenuePerDayCorrections: Topic<RevenuePerDayCorrection> = topic<RevenuePerDayCorrection>({
  type: "record",
  name: "RevenuePerDayCorrection",
  namespace: "retail",
  doc: "What lines that came too late add to the revenue of a department and day: rows of the day and these together are complete.",
  topic: {"name":"retail.revenue-per-day-corrections.v1","kind":"results","key":"department","time":"windowStart","id":["windowStart","correctionId"],"partitions":12,"retention":"forever","owner":"retail-analytics"},
  fields: [
    {"name":"correctionId","type":"string","doc":"Processor, identity of the row, and number: the same whenever it is settled again.","rule":{"notEmpty":true}},
    {"name":"number","type":"int","doc":"Which correction of its row it is, counted from 1."},
    {"name":"department","type":"string","doc":"Department of the product; `unknown` where the product is not known.","rule":{"notEmpty":true}},
    {"name":"windowStart","type":{"type":"long","logicalType":"timestamp-millis"},"doc":"Start of the day in New York, inclusive."},
    {"name":"windowEnd","type":{"type":"long","logicalType":"timestamp-millis"},"doc":"End of the day in New York, exclusive."},
    {"name":"lines","type":"long","doc":"To be added to the row: purchase lines."},
    {"name":"units","type":"long","doc":"To be added to the row: sum of quantities."},
    {"name":"revenue","type":{"type":"bytes","logicalType":"decimal","precision":18,"scale":2},"doc":"To be added to the row: sum of sales values, in US dollars."},
  ],
})

/** retail.revenue-per-day.v1: Revenue, lines and units per department, for each calendar day of the stores (New York). */
export const revenuePerDay: Topic<RevenuePerDay> = topic<RevenuePerDay>({
  type: "record",
  name: "RevenuePerDay",
  namespace: "retail",
  doc: "Revenue, lines and units per department, for each calendar day of the stores (New York).",
  topic: {"name":"retail.revenue-per-day.v1","kind":"results","key":"department","time":"windowStart","id":["department","windowStart"],"partitions":12,"retention":"forever","owner":"retail-analytics"},
  fields: [
    {"name":"department","type":"string","doc":"Department of the product; `unknown` where the product is not known.","rule":{"notEmpty":true}},
    {"name":"windowStart","type":{"type":"long","logicalType":"timestamp-millis"},"doc":"Start of the day in New York, inclusive."},
    {"name":"windowEnd","type":{"type":"long","logicalType":"timestamp-millis"},"doc":"End of the day in New York, exclusive."},
    {"name":"lines","type":"long","doc":"Purchase lines.","rule":{"min":0}},
    {"name":"units","type":"long","doc":"Sum of quantities."},
    {"name":"revenue","type":{"type":"bytes","logicalType":"decimal","precision":18,"scale":2},"doc":"Sum of sales values, in US dollars."},
  ],
})

/** retail.segment-models.v1: How households fall into segments by what they buy (k-means), trained by `kappa train segments`, with how well segments of earlier months alone told what was paid in the two latest periods of 28 days, beside segments by RFM. */
export const segmentModels: Topic<SegmentModel> = topic<SegmentModel>({
  type: "record",
  name: "SegmentModel",
  namespace: "retail",
  doc: "How households fall into segments by what they buy (k-means), trained by `kappa train segments`, with how well segments of earlier months alone told what was paid in the two latest periods of 28 days, beside segments by RFM.",
  topic: {"name":"retail.segment-models.v1","kind":"results","key":"modelVersion","time":"asOf","id":"modelVersion","partitions":12,"retention":"forever","owner":"retail-analytics"},
  fields: [
    {"name":"modelVersion","type":"string","doc":"Digest of what it was trained on and came to.","rule":{"notEmpty":true}},
    {"name":"lines","type":"long","doc":"Purchase lines that were read."},
    {"name":"snapshots","type":"int","doc":"Instants, 28 days apart up to `asOf`, at which households were looked at."},
    {"name":"rows","type":"long","doc":"Households at these instants."},
    {"name":"features","type":{"type":"array","items":"string"},"doc":"What is looked at, in order."},
    {"name":"means","type":{"type":"array","items":"double"},"doc":"Of the features."},
    {"name":"deviations","type":{"type":"array","items":"double"},"doc":"Standard deviations of the features."},
    {"name":"segments","type":{"type":"array","items":"string"},"doc":"Names of the segments."},
    {"name":"centres","type":{"type":"array","items":"double"},"doc":"The features of each segment's centre, each less its mean and by its deviation, segment by segment."},
    {"name":"households","type":{"type":"array","items":"long"},"doc":"Households of each segment at `asOf`."},
    {"name":"inertia","type":"double","doc":"Sum of the rows' squared distances from their centres."},
    {"name":"silhouette","type":["null","double"],"default":null,"doc":"How much nearer households are to their own segment than to the next one at `asOf`, -1 to 1."},
    {"name":"agreement","type":["null","double"],"default":null,"doc":"How alike a model of 28 days before parts the households of `asOf`: adjusted Rand index, 1 for the same."},
    {"name":"heldOut","type":"long","doc":"Households of the two latest periods that it was measured on; 0: there was too little before them."},
    {"name":"explained","type":["null","double"],"default":null,"doc":"Share of the variance of log dollars paid in these periods that lies between segments."},
    {"name":"rfmExplained","type":["null","double"],"default":null,"doc":"The same of segments by RFM, as those of gold.dim_rfm."},
    {"name":"nextSpend","type":{"type":"array","items":"double"},"doc":"Mean dollars that households of each segment paid in a period; empty where nothing was held out, 0 for a segment without households."},
    {"name":"asOf","type":{"type":"long","logicalType":"timestamp-millis"},"doc":"It knows purchases before this instant."},
  ],
})

/** retail.store-promotions.v1: A product was on display in a store, or in its mailer, for a week. */
export const storePromotions: Topic<StorePromotion> = topic<StorePromotion>({
  type: "record",
  name: "StorePromotion",
  namespace: "retail",
  doc: "A product was on display in a store, or in its mailer, for a week.",
  topic: {"name":"retail.store-promotions.v1","kind":"facts","key":"productId","time":"startsAt","id":[],"partitions":12,"retention":"forever","owner":"retail-analytics"},
  fields: [
    {"name":"productId","type":"long","doc":"The product."},
    {"name":"storeId","type":"int","doc":"The store."},
    {"name":"displayLocation","type":"string","doc":"Where in the store: 0 not on display, 1 front, 2 rear, 3 front end cap, 4 mid-aisle end cap, 5 rear end cap, 6 side-aisle end cap, 7 in-aisle, 9 secondary location, A in-shelf.","rule":{"pattern":"^[0-9A-Z]$"}},
    {"name":"mailerLocation","type":"string","doc":"Where in the mailer: 0 not in it, A interior page feature, C interior page line item, D front page feature, F back page feature, H wrap front feature, J wrap interior coupon, L wrap back feature, P interior page coupon, X free on interior page, Z free on front page, back page or wrap.","rule":{"pattern":"^[0-9A-Z]$"}},
    {"name":"week","type":"int","doc":"Week of the data set, 1 to 53.","rule":{"min":1,"max":53}},
    {"name":"startsAt","type":{"type":"long","logicalType":"timestamp-millis"},"doc":"Monday midnight at the start of that week, New York time."},
  ],
})

/** retail.upsell-models.v1: A model of which households raise the value of their baskets (logistic regression), trained by `kappa train upsell`, with how well its like, trained on earlier months alone, told the two latest periods of 28 days, beside a plain RFM rule. */
export const upsellModels: Topic<UpsellModel> = topic<UpsellModel>({
  type: "record",
  name: "UpsellModel",
  namespace: "retail",
  doc: "A model of which households raise the value of their baskets (logistic regression), trained by `kappa train upsell`, with how well its like, trained on earlier months alone, told the two latest periods of 28 days, beside a plain RFM rule.",
  topic: {"name":"retail.upsell-models.v1","kind":"results","key":"modelVersion","time":"asOf","id":"modelVersion","partitions":12,"retention":"forever","owner":"retail-analytics"},
  fields: [
    {"name":"modelVersion","type":"string","doc":"Digest of what it was trained on and came to.","rule":{"notEmpty":true}},
    {"name":"lines","type":"long","doc":"Purchase lines that were read."},
    {"name":"snapshots","type":"int","doc":"Instants, 28 days apart, at which households were looked at."},
    {"name":"rows","type":"long","doc":"Households at these instants."},
    {"name":"raised","type":"long","doc":"Of them, those that paid at least a fifth more a basket in the 28 days after than in the 90 before."},
    {"name":"features","type":{"type":"array","items":"string"},"doc":"What is looked at, in order."},
    {"name":"coefficients","type":{"type":"array","items":"double"},"doc":"Of the features, each less its mean and by its deviation."},
    {"name":"intercept","type":"double","doc":"Log odds of a household of mean features."},
    {"name":"heldOut","type":"long","doc":"Households of the two latest periods that it was measured on; 0: there was too little before them."},
    {"name":"auc","type":["null","double"],"default":null,"doc":"Chance that one that raised it scores above one that did not."},
    {"name":"lift","type":["null","double"],"default":null,"doc":"Share that raised it among the tenth with the highest scores, by that of all."},
    {"name":"calibrationError","type":["null","double"],"default":null,"doc":"Mean distance of foreseen and real shares over tenths by score."},
    {"name":"rfmAuc","type":["null","double"],"default":null,"doc":"The same of a plain RFM rule."},
    {"name":"rfmLift","type":["null","double"],"default":null,"doc":"The same of a plain RFM rule."},
    {"name":"rfmCalibrationError","type":["null","double"],"default":null,"doc":"The same of a plain RFM rule."},
    {"name":"asOf","type":{"type":"long","logicalType":"timestamp-millis"},"doc":"It knows purchases before this instant."},
  ],
})

/** retail.upsell-scores.v1: How likely a household that bought in the 90 days before `asOf` is to pay at least a fifth more a basket in the 28 days after it than in those 90. */
export const upsellScores: Topic<UpsellScore> = topic<UpsellScore>({
  type: "record",
  name: "UpsellScore",
  namespace: "retail",
  doc: "How likely a household that bought in the 90 days before `asOf` is to pay at least a fifth more a basket in the 28 days after it than in those 90.",
  topic: {"name":"retail.upsell-scores.v1","kind":"results","key":"householdId","time":"asOf","id":["householdId","modelVersion"],"partitions":12,"retention":"forever","owner":"retail-analytics"},
  fields: [
    {"name":"householdId","type":"long","doc":"The household."},
    {"name":"modelVersion","type":"string","doc":"The model, as in retail.upsell-models.v1.","rule":{"notEmpty":true}},
    {"name":"probability","type":"double","doc":"That its baskets of the 28 days from `asOf` on are worth at least 1.2 times those of the 90 days before, in the mean; a household that buys nothing did not raise it.","rule":{"min":0,"max":1}},
    {"name":"recencyDays","type":"double","doc":"Days since its latest basket."},
    {"name":"baskets28","type":"int","doc":"Baskets of the last 28 days."},
    {"name":"baskets90","type":"int","doc":"Baskets of the last 90 days."},
    {"name":"spend90","type":{"type":"bytes","logicalType":"decimal","precision":18,"scale":2},"doc":"What it paid in them, in US dollars."},
    {"name":"asOf","type":{"type":"long","logicalType":"timestamp-millis"},"doc":"The score knows purchases before this instant."},
  ],
})
