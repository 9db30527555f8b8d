/*
description: What in the stores' purchase lines is not as it should be, counted and in money. It is kept in every figure.
grain: one row a measure
owner: retail-analytics
materialized: view
columns:
  measure: { type: String, doc: "What was counted.", unique: true, in: [purchase lines, no quantity, unknown product, unknown household, household without purchases] }
  count: { type: UInt64, doc: "Purchase lines; households where the measure names them." }
  revenue: { type: "Decimal(38, 2)", doc: "Their sales value, in US dollars." }
*/
SELECT 'purchase lines' AS measure, count() AS count, sum(f.sales_value) AS revenue FROM gold.fact_purchase_lines AS f
UNION ALL
SELECT 'no quantity', count(), sum(f.sales_value) FROM gold.fact_purchase_lines AS f WHERE f.has_no_quantity
UNION ALL
SELECT 'unknown product', count(), sum(f.sales_value) FROM gold.fact_purchase_lines AS f
LEFT JOIN gold.dim_store_products AS p ON p.product_id = f.product_id WHERE NOT p.is_known
UNION ALL
SELECT 'unknown household', count(), sum(f.sales_value) FROM gold.fact_purchase_lines AS f
LEFT JOIN gold.dim_households AS h ON h.household_id = f.household_id WHERE NOT h.is_known
UNION ALL
SELECT 'household without purchases', countIf(lines = 0), toDecimal128(0, 2) FROM gold.dim_households
