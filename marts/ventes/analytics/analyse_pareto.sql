/*
description: Customers in order of revenue, and what share of it they make together. Only revenue above zero is shared out.
grain: one row a customer with revenue above zero
owner: ventes
materialized: table
order_by: [rang]
english: analysis_pareto
columns:
  rang: { type: UInt64, en: rank, doc: "1 for the highest revenue; equals in order of their id.", unique: true, min: 1 }
  id_client: { type: String, en: customer_id, doc: "The customer.", unique: true, references: dim_clients.id_client }
  ca: { type: "Decimal(38, 2)", en: revenue, doc: "In euros." }
  ca_cumule: { type: "Decimal(38, 2)", en: cumulative_revenue, doc: "Theirs and of all before, in euros." }
  part_clients: { type: Float64, en: customer_share, doc: "rang / number of customers.", min: 0, max: 1 }
  part_ca: { type: Float64, en: revenue_share, doc: "ca_cumule / all of it.", min: 0, max: 1 }
  classe: { type: String, en: class, doc: "A: the customers who make the first 80 % of revenue; B: up to 95 %; C: the rest.", in: [A, B, C] }
*/
SELECT
  rang, id_client, ca, ca_cumule,
  rang / clients AS part_clients,
  toFloat64(ca_cumule) / toFloat64(total) AS part_ca,
  multiIf((ca_cumule - ca) * 100 < total * 80, 'A', (ca_cumule - ca) * 100 < total * 95, 'B', 'C') AS classe
FROM (
  SELECT
    id_client, ca,
    row_number() OVER (ORDER BY ca DESC, id_client) AS rang,
    sum(ca) OVER (ORDER BY ca DESC, id_client ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW) AS ca_cumule,
    sum(ca) OVER () AS total,
    count() OVER () AS clients
  FROM (SELECT id_client, sum(montant) AS ca FROM gold.fact_achats WHERE id_client != 'unknown' GROUP BY id_client HAVING ca > 0)
)
