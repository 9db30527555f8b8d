/*
description: What is bought together with each product of the stores, as counted while baskets arrive (`related-products`); of each the twenty most frequent.
grain: one row a pair of products, each way
owner: retail-analytics
materialized: table
order_by: [product_id, related_id]
columns:
  product_id: { type: Int64, doc: "The product." }
  related_id: { type: Int64, doc: "A product that was in at least two baskets with it." }
  category: { type: String, doc: "Category of the related product, or `unknown`.", not_empty: true }
  together: { type: Int64, doc: "Baskets with both; for products beside which more than 256 others were bought, at least so many.", min: 2 }
  baskets: { type: Int64, doc: "Baskets with the product.", min: 2 }
  related_baskets: { type: Int64, doc: "Baskets with the related product.", min: 2 }
  confidence: { type: Float64, doc: "Share of the product's baskets that have the other one, too.", min: 0, max: 1 }
  cosine: { type: Float64, doc: "`together` by the root of both counts of baskets: how alike they are, however popular.", min: 0, max: 1 }
  rank: { type: UInt64, doc: "Place by cosine, from 1; equals by number.", min: 1, max: 20 }
  as_of: { type: "DateTime64(3, 'UTC')", doc: "Event time of the counts." }
tests:
  - { unique: [product_id, related_id] }
  - { unique: [product_id, rank] }
*/
SELECT
  r.product_id AS product_id, r.pair.1 AS related_id,
  if(p.category = '', 'unknown', p.category) AS category,
  r.pair.2 AS together, r.baskets AS baskets,
  greatest(o.baskets, together) AS related_baskets,
  toFloat64(together) / baskets AS confidence,
  together / sqrt(toFloat64(baskets) * related_baskets) AS cosine,
  row_number() OVER (PARTITION BY r.product_id ORDER BY together / sqrt(toFloat64(r.baskets) * greatest(o.baskets, r.pair.2)) DESC, r.pair.1) AS rank,
  r.as_of AS as_of
FROM (
  SELECT productId AS product_id, baskets, asOf AS as_of, arrayJoin(arrayZip(others, together)) AS pair
  FROM (SELECT * FROM retail.related_products FINAL ORDER BY asOf DESC LIMIT 1 BY productId)
) AS r
LEFT JOIN (
  SELECT productId AS product_id, argMax(related.baskets, asOf) AS baskets FROM retail.related_products AS related GROUP BY productId
) AS o ON o.product_id = r.pair.1
LEFT JOIN gold.dim_store_products AS p ON p.product_id = r.pair.1
