/*
description: Every household, from those that told about themselves or only from a purchase line; what is not known is `unknown`.
grain: one row a household
owner: retail-analytics
materialized: table
order_by: [household_id]
columns:
  household_id: { type: Int64, doc: "The household.", unique: true }
  is_known: { type: Bool, doc: "It told something about itself." }
  age: { type: String, doc: "Age band, or `unknown`.", not_empty: true }
  income: { type: String, doc: "Income band, or `unknown`.", not_empty: true }
  household_size: { type: String, doc: "People, or `unknown`.", not_empty: true }
  lines: { type: UInt64, doc: "Purchase lines; 0 for a household that never bought." }
  baskets: { type: UInt64, doc: "Trips through a till." }
  revenue: { type: "Decimal(38, 2)", doc: "What it paid, in US dollars." }
*/
SELECT
  household_id,
  CAST(max(in_table) AS Bool) AS is_known,
  if(max(its_age) = '', 'unknown', max(its_age)) AS age,
  if(max(its_income) = '', 'unknown', max(its_income)) AS income,
  if(max(its_size) = '', 'unknown', max(its_size)) AS household_size,
  sum(its_lines) AS lines,
  sum(its_baskets) AS baskets,
  sum(its_revenue) AS revenue
FROM (
  SELECT
    householdId AS household_id, true AS in_table, ifNull(age, '') AS its_age, ifNull(income, '') AS its_income,
    ifNull(householdSize, '') AS its_size, toUInt64(0) AS its_lines, toUInt64(0) AS its_baskets, toDecimal128(0, 2) AS its_revenue
  FROM retail.households_latest
  UNION ALL
  SELECT household_id, false, '', '', '', count(), uniqExact(basket_id), sum(sales_value)
  FROM gold.fact_purchase_lines
  GROUP BY household_id
)
GROUP BY household_id
