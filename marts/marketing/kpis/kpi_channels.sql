/*
description: The return of every channel, over all time.
grain: one row a channel and model
owner: marketing
materialized: view
columns:
  channel: { type: String, doc: "What led to the orders, or where it was spent; UNATTRIBUTED for orders without a known touch.", not_empty: true }
  model: { type: String, doc: "Model of attribution. Never add models up.", in: [first_touch, last_touch, linear, time_decay] }
  spend: { type: "Decimal(38, 2)", doc: "What it cost, in euros; the same in every model." }
  impressions: { type: Int64, doc: "How often advertisements were shown.", min: 0 }
  clicks: { type: Int64, doc: "How often they were clicked.", min: 0 }
  orders: { type: "Decimal(38, 9)", doc: "Orders, each by its share." }
  new_customers: { type: "Decimal(38, 9)", doc: "Of them, those with which a customer registered." }
  revenue: { type: "Decimal(38, 2)", doc: "Revenue by that share, in euros, tax included." }
  net_revenue: { type: "Decimal(38, 2)", doc: "The same without orders that were cancelled or returned." }
  cac: { type: Nullable(Float64), doc: "Cost of a new customer: spend by new customers, in euros; null where there were none." }
  roas: { type: Nullable(Float64), doc: "Return on advertising spend: revenue by spend; null where nothing was spent." }
  return_on_spend: { type: Nullable(Float64), doc: "Net revenue less spend, by spend: 0 where it only comes back; null where nothing was spent." }
tests:
  - { unique: [channel, model] }
  - name: adds up to kpi_marketing_day
    rows: "SELECT * FROM (SELECT model, sum(revenue) AS here, sum(spend) AS cost FROM gold.kpi_channels GROUP BY model) AS a JOIN (SELECT model, sum(revenue) AS here, sum(spend) AS cost FROM gold.kpi_marketing_day GROUP BY model) AS b ON a.model = b.model WHERE a.here != b.here OR a.cost != b.cost"
*/
SELECT
  *,
  toFloat64(spend) / nullIf(toFloat64(new_customers), 0) AS cac,
  toFloat64(revenue) / nullIf(toFloat64(spend), 0) AS roas,
  toFloat64(net_revenue - spend) / nullIf(toFloat64(spend), 0) AS return_on_spend
FROM (
  SELECT
    channel, model,
    sum(s.spend) AS spend, sum(s.impressions) AS impressions, sum(s.clicks) AS clicks, sum(s.orders) AS orders,
    sum(s.new_customers) AS new_customers, sum(s.revenue) AS revenue, sum(s.net_revenue) AS net_revenue
  FROM gold.kpi_marketing_day AS s
  GROUP BY channel, model
)
