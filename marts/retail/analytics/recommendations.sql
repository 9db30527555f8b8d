/*
description: What each household may like that it had not bought, by the latest model that knows it (`kappa train recommendations`).
grain: one row a household and rank
owner: retail-analytics
materialized: table
order_by: [household_id, rank]
columns:
  household_id: { type: Int64, doc: "The household." }
  rank: { type: UInt32, doc: "Place, from 1: the best.", min: 1, max: 50 }
  product_id: { type: Int64, doc: "The product." }
  category: { type: String, doc: "Its category, or `unknown`.", not_empty: true }
  score: { type: Float64, doc: "The preference that the model foresees: about 1 for what is bought, about 0 for what is not." }
  model_version: { type: String, doc: "The model, as in `retail.recommendation_models`.", not_empty: true }
  as_of: { type: "DateTime64(3, 'UTC')", doc: "The model knows purchases before this instant." }
tests:
  - { unique: [household_id, rank] }
  - { unique: [household_id, product_id] }
*/
SELECT
  r.household_id AS household_id, r.one.1 AS rank, r.one.2 AS product_id,
  if(p.category = '', 'unknown', p.category) AS category,
  r.one.3 AS score, r.model_version AS model_version, r.as_of AS as_of
FROM (
  SELECT
    householdId AS household_id, modelVersion AS model_version, asOf AS as_of,
    arrayJoin(arrayZip(arrayEnumerate(products), products, scores)) AS one
  FROM (
    SELECT * FROM retail.recommendations FINAL ORDER BY asOf DESC, _writtenAt DESC, modelVersion LIMIT 1 BY householdId
  )
) AS r
LEFT JOIN gold.dim_store_products AS p ON p.product_id = r.one.2
