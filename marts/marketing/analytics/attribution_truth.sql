/*
description: How much of each order a model gives to what really caused it; only where the world is made up, for nobody else knows.
grain: one row a model and kind of cause
owner: marketing
materialized: table
order_by: [model, cause]
columns:
  model: { type: String, doc: "Model of attribution.", in: [first_touch, last_touch, linear, time_decay] }
  cause: { type: String, doc: "ORGANIC orders would have been placed anyway; without the campaign or the post the others would not.", in: [ORGANIC, CAMPAIGN, INFLUENCER] }
  orders: { type: "Decimal(38, 9)", doc: "Orders of which the cause is known.", min: 0 }
  right_orders: { type: "Decimal(38, 9)", doc: "Of them, what is given to the campaign or influencer that caused them; of organic orders, what is given to neither." }
  right_share: { type: Float64, doc: "One by the other.", min: 0, max: 1 }
  revenue: { type: "Decimal(38, 2)", doc: "Revenue of these orders, in euros." }
  right_revenue: { type: "Decimal(38, 2)", doc: "Of it, what is given to what caused it." }
tests:
  - { unique: [model, cause] }
*/
SELECT
  model, cause,
  sum(weight) AS orders,
  sumIf(weight, is_right) AS right_orders,
  toFloat64(right_orders) / toFloat64(orders) AS right_share,
  sum(share) AS revenue,
  sumIf(share, is_right) AS right_revenue
FROM (
  SELECT
    a.model AS model, CAST(c.cause AS String) AS cause, a.weight AS weight, a.revenue AS share,
    multiIf(
      cause = 'CAMPAIGN', a.campaign_id = ifNull(c.campaignId, ''),
      cause = 'INFLUENCER', a.influencer_id = p.influencerId,
      a.campaign_id = 'none' AND a.influencer_id = 'none'
    ) AS is_right
  FROM gold.fact_attribution AS a
  JOIN (SELECT * FROM truth.order_causes ORDER BY orderId, _partition, _offset LIMIT 1 BY orderId) AS c ON c.orderId = a.order_id
  LEFT JOIN (SELECT postId, any(influencerId) AS influencerId FROM influencers.posts GROUP BY postId) AS p ON p.postId = ifNull(c.postId, '')
)
GROUP BY model, cause
