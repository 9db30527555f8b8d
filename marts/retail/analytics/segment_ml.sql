/*
description: Which kind of buyer each household of the stores is, by the latest model that knows it (`kappa train segments`), beside its segment by RFM.
grain: one row a household
owner: retail-analytics
materialized: table
order_by: [household_id]
columns:
  household_id: { type: Int64, doc: "The household; it bought in the 90 days before `as_of`.", unique: true }
  segment: { type: String, doc: "By k-means over recency, baskets, value of a basket and breadth. `core` pays most, `occasional` least; between them `stock-up` pays more a basket, `top-up` less.", in: [core, stock-up, top-up, occasional] }
  distance: { type: Float64, doc: "From the segment's centre, in standard deviations: the higher, the less typical.", min: 0 }
  rfm_segment: { type: String, doc: "By the rule of `dim_rfm`, among the households of the same `as_of`.", in: [Champions, Fidèles, Récents, Prometteurs, À surveiller, À risque, En sommeil, Perdus] }
  recency_days: { type: Float64, doc: "Days since its latest basket.", min: 0 }
  baskets_90: { type: Int32, doc: "Baskets of the last 90 days.", min: 1 }
  spend_90: { type: "Decimal(18, 2)", doc: "What it paid in them, in US dollars." }
  products_90: { type: Int32, doc: "Different products in them.", min: 1 }
  model_version: { type: String, doc: "The model, as in `retail.segment_models`, where its measures are.", not_empty: true }
  as_of: { type: "DateTime64(3, 'UTC')", doc: "The segment knows purchases before this instant." }
*/
SELECT
  householdId AS household_id, segment, distance, rfmSegment AS rfm_segment,
  recencyDays AS recency_days, baskets90 AS baskets_90, spend90 AS spend_90, products90 AS products_90,
  modelVersion AS model_version, asOf AS as_of
FROM (
  SELECT * FROM retail.household_segments FINAL ORDER BY asOf DESC, _writtenAt DESC, modelVersion LIMIT 1 BY householdId
)
