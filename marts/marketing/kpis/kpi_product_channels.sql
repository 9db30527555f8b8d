/*
description: How every product sells by what led to its orders. A line is shared out as its order is.
grain: one row a product, model and channel
owner: marketing
materialized: table
order_by: [product, model, channel]
columns:
  product: { type: String, doc: "The product.", references: dim_produits.produit }
  model: { type: String, doc: "Model of attribution. Never add models up.", in: [first_touch, last_touch, linear, time_decay] }
  channel: { type: String, doc: "What led to the orders; UNATTRIBUTED for orders without a known touch.", not_empty: true }
  purchase_lines: { type: "Decimal(38, 9)", doc: "Purchase lines, each by its share." }
  revenue: { type: "Decimal(38, 2)", doc: "Revenue by that share, in euros: each line adds up, to the cent." }
  revenue_share: { type: Nullable(Float64), doc: "The channel's share of the product's revenue; null where that is zero." }
tests:
  - { unique: [product, model, channel] }
  - name: every model adds up to fact_achats, to the cent
    rows: "SELECT model, sum(revenue) AS here FROM gold.kpi_product_channels GROUP BY model HAVING here != (SELECT sum(montant) FROM gold.fact_achats)"
*/
SELECT
  product, model, channel, purchase_lines, revenue,
  toFloat64(revenue) / nullIf(toFloat64(sum(revenue) OVER (PARTITION BY product, model)), 0) AS revenue_share
FROM (
  SELECT
    product, model, channel,
    sum(weight) AS purchase_lines,
    CAST(toDecimal128(toInt64(sum(share_until - share_before)), 2) / 100 AS Decimal(38, 2)) AS revenue
  FROM (
    SELECT
      a.produit AS product, t.model AS model, t.channel AS channel, t.weight AS weight,
      toInt64(t.weight * 1000000000) AS units,
      toInt64(a.montant * 100) AS cents,
      sum(units) OVER (PARTITION BY a.id_achat, t.model ORDER BY t.touch_number ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW) AS running,
      intDiv(toInt128(2) * cents * running + toInt128(2000000000) * 1000000000000 + 1000000000, 2000000000) AS share_until,
      intDiv(toInt128(2) * cents * (running - units) + toInt128(2000000000) * 1000000000000 + 1000000000, 2000000000) AS share_before
    FROM gold.fact_achats AS a
    JOIN gold.fact_attribution AS t ON t.order_id = a.id_commande
  )
  GROUP BY product, model, channel
)
