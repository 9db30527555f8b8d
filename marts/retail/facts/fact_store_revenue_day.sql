/*
description: Revenue, lines and units of the retailer's stores by department and calendar day of the stores.
grain: one row a department and day with purchases
owner: retail-analytics
materialized: view
columns:
  day: { type: Date, doc: "The stores' calendar day." }
  department: { type: String, doc: "Department of the product, or `unknown`.", not_empty: true }
  lines: { type: UInt64, doc: "Purchase lines.", min: 1 }
  units: { type: Int64, doc: "Sum of quantities." }
  revenue: { type: "Decimal(38, 2)", doc: "Sum of sales values, in US dollars." }
tests:
  - { unique: [day, department] }
  - name: adds up to fact_purchase_lines
    rows: "SELECT * FROM (SELECT (SELECT sum(revenue) FROM gold.fact_store_revenue_day) AS here, (SELECT sum(sales_value) FROM gold.fact_purchase_lines) AS there) WHERE here != there"
  - name: equals what the processor retail-revenue-per-day published for the same day
    severity: warn
    rows: "SELECT m.day, m.department, m.revenue, p.revenue AS published FROM gold.fact_store_revenue_day AS m JOIN retail.revenue_per_day_latest AS p ON toDate(p.windowStart, 'America/New_York') = m.day AND p.department = m.department WHERE m.revenue != p.revenue OR m.lines != p.lines OR m.units != p.units"
*/
SELECT
  f.day AS day,
  p.department AS department,
  count() AS lines,
  sum(f.quantity) AS units,
  sum(f.sales_value) AS revenue
FROM gold.fact_purchase_lines AS f
LEFT JOIN gold.dim_store_products AS p ON p.product_id = f.product_id
GROUP BY day, department
