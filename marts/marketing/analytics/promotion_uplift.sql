/*
description: What promotions that are over did to orders whose first line is of their category, by difference in differences, their countries against the others, the promotion against the fourteen days before; beside the true effect where the world is made up.
grain: one row a promotion that is over
owner: marketing
materialized: table
order_by: [promotion_id]
columns:
  promotion_id: { type: String, doc: "The promotion.", unique: true, not_empty: true }
  category: { type: String, doc: "The category whose prices were reduced.", not_empty: true }
  discount_percent: { type: Int32, doc: "Reduction of every price of the category.", min: 1, max: 100 }
  starts_at: { type: "DateTime64(3, '{{time_zone}}')", doc: "First instant of it." }
  ends_at: { type: "DateTime64(3, '{{time_zone}}')", doc: "First instant after it." }
  treated_during: { type: UInt64, doc: "Orders in its countries while it ran." }
  treated_before: { type: UInt64, doc: "Orders there in the fourteen days before." }
  control_during: { type: UInt64, doc: "Orders in the other countries while it ran." }
  control_before: { type: UInt64, doc: "Orders there in the fourteen days before." }
  uplift: { type: Nullable(Float64), doc: "By what orders were multiplied: treated during by before, over control during by before; null where one of them is zero." }
  uplift_low: { type: Nullable(Float64), doc: "Lower end of the 95 % interval of the uplift, its logarithm being about normal." }
  uplift_high: { type: Nullable(Float64), doc: "Upper end of it." }
  true_uplift: { type: Nullable(Float64), doc: "By what the made-up world multiplies organic orders; null where nobody knows. Orders of campaigns, influencers and newcomers are not multiplied: the measured uplift tends to be a little lower." }
  difference: { type: Nullable(Float64), doc: "Measured less true uplift." }
  is_true_within: { type: Nullable(Bool), doc: "The true uplift lies in the interval." }
*/
SELECT
  promotion_id, category, discount_percent, starts_at, ends_at, treated_during, treated_before, control_during, control_before,
  if(least(treated_during, treated_before, control_during, control_before) = 0, NULL, treated_during / treated_before / (control_during / control_before)) AS uplift,
  exp(log(uplift) - 1.96 * sqrt(1 / treated_during + 1 / treated_before + 1 / control_during + 1 / control_before)) AS uplift_low,
  exp(log(uplift) + 1.96 * sqrt(1 / treated_during + 1 / treated_before + 1 / control_during + 1 / control_before)) AS uplift_high,
  true_uplift,
  uplift - true_uplift AS difference,
  CAST(true_uplift >= uplift_low AND true_uplift <= uplift_high AS Nullable(Bool)) AS is_true_within
FROM (
  SELECT
    p.promotionId AS promotion_id, p.category AS category, p.discountPercent AS discount_percent,
    toTimeZone(p.startsAt, '{{time_zone}}') AS starts_at, toTimeZone(p.endsAt, '{{time_zone}}') AS ends_at,
    countIf(has(p.countries, l.country) AND l.placedAt >= p.startsAt AND l.placedAt < p.endsAt) AS treated_during,
    countIf(has(p.countries, l.country) AND l.placedAt >= p.startsAt - INTERVAL 14 DAY AND l.placedAt < p.startsAt) AS treated_before,
    countIf(NOT has(p.countries, l.country) AND l.placedAt >= p.startsAt AND l.placedAt < p.endsAt) AS control_during,
    countIf(NOT has(p.countries, l.country) AND l.placedAt >= p.startsAt - INTERVAL 14 DAY AND l.placedAt < p.startsAt) AS control_before,
    any(if(e.promotionId = '', NULL, e.orderFactor)) AS true_uplift
  FROM shop.promotions_latest AS p
  LEFT JOIN (
    SELECT orderId, category, country, placedAt FROM crm.order_lines WHERE lineNumber = 1 ORDER BY orderId, _partition, _offset LIMIT 1 BY orderId
  ) AS l ON l.category = p.category
  LEFT JOIN truth.promotion_effects_latest AS e ON e.promotionId = p.promotionId
  WHERE p.endsAt <= (SELECT max(placedAt) FROM crm.order_lines)
  GROUP BY p.promotionId, p.category, p.discountPercent, p.startsAt, p.endsAt
)
