/*
description: How likely each household of the stores is to raise the value of its baskets, by the latest model that scored it (`kappa train upsell`).
grain: one row a household
owner: retail-analytics
materialized: table
order_by: [household_id]
columns:
  household_id: { type: Int64, doc: "The household; it bought in the 90 days before `as_of`.", unique: true }
  probability: { type: Float64, doc: "That its baskets of the 28 days from `as_of` on are worth at least 1.2 times those of the 90 days before, in the mean.", min: 0, max: 1 }
  rank: { type: UInt64, doc: "Place by probability, from 1: the most promising; equals by number.", min: 1 }
  recency_days: { type: Float64, doc: "Days since its latest basket.", min: 0 }
  baskets_28: { type: Int32, doc: "Baskets of the last 28 days.", min: 0 }
  baskets_90: { type: Int32, doc: "Baskets of the last 90 days.", min: 1 }
  spend_90: { type: "Decimal(18, 2)", doc: "What it paid in them, in US dollars." }
  basket_90: { type: Float64, doc: "Of it, a basket, in US dollars: what is to be raised.", min: 0 }
  model_version: { type: String, doc: "The model, as in `retail.upsell_models`, where its measures are.", not_empty: true }
  as_of: { type: "DateTime64(3, 'UTC')", doc: "The score knows purchases before this instant." }
*/
SELECT
  householdId AS household_id, probability,
  row_number() OVER (ORDER BY probability DESC, householdId) AS rank,
  recencyDays AS recency_days, baskets28 AS baskets_28, baskets90 AS baskets_90, spend90 AS spend_90,
  toFloat64(spend90) / baskets90 AS basket_90,
  modelVersion AS model_version, asOf AS as_of
FROM (
  SELECT * FROM retail.upsell_scores FINAL ORDER BY asOf DESC, _writtenAt DESC, modelVersion LIMIT 1 BY householdId
)
