/*
description: The return of marketing by day. Spend stands on the day on which it was made, orders on the day on which they were placed.
grain: one row a day, model, channel, campaign and influencer with spend or orders
owner: marketing
materialized: table
order_by: [day, model, channel, campaign_id, influencer_id]
columns:
  day: { type: Date, doc: "Calendar day in the zone." }
  model: { type: String, doc: "Model of attribution. Never add models up.", in: [first_touch, last_touch, linear, time_decay] }
  channel: { type: String, doc: "What led to the orders, or where it was spent; UNATTRIBUTED for orders without a known touch.", not_empty: true }
  campaign_id: { type: String, doc: "The campaign, or `none`.", references: dim_campaigns.campaign_id }
  influencer_id: { type: String, doc: "The influencer, `unknown`, or `none`.", references: dim_influencers.influencer_id }
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
  - { unique: [day, model, channel, campaign_id, influencer_id] }
  - name: every model adds up to fact_achats and to what was spent
    rows: "SELECT model, sum(revenue) AS here, sum(spend) AS cost FROM gold.kpi_marketing_day GROUP BY model HAVING here != (SELECT sum(montant) FROM gold.fact_achats) OR cost != (SELECT sum(spend) FROM gold.fact_marketing_spend)"
*/
SELECT
  *,
  toFloat64(spend) / nullIf(toFloat64(new_customers), 0) AS cac,
  toFloat64(revenue) / nullIf(toFloat64(spend), 0) AS roas,
  toFloat64(net_revenue - spend) / nullIf(toFloat64(spend), 0) AS return_on_spend
FROM (
  SELECT
    day, model, channel, campaign_id, influencer_id,
    sum(s.spend) AS spend, sum(s.impressions) AS impressions, sum(s.clicks) AS clicks, sum(s.orders) AS orders,
    sum(s.new_customers) AS new_customers, sum(s.revenue) AS revenue, sum(s.net_revenue) AS net_revenue
  FROM (
    SELECT
      day, arrayJoin(['first_touch', 'last_touch', 'linear', 'time_decay']) AS model, channel, campaign_id, influencer_id, spend,
      impressions, clicks, toDecimal64(0, 9) AS orders, toDecimal64(0, 9) AS new_customers, toDecimal64(0, 2) AS revenue,
      toDecimal64(0, 2) AS net_revenue
    FROM gold.fact_marketing_spend
    UNION ALL
    SELECT
      day, model, channel, campaign_id, influencer_id, toDecimal128(0, 2), toInt64(0), toInt64(0), weight,
      if(is_new_customer, weight, toDecimal64(0, 9)), revenue, net_revenue
    FROM gold.fact_attribution
  ) AS s
  GROUP BY day, model, channel, campaign_id, influencer_id
)
