/*
description: How unequally revenue is spread over customers and over products, of those with revenue above zero. Gini is 2 Σ i·x / (n Σ x) - (n + 1) / n over revenues x in ascending order.
grain: one row for customers, one for products
owner: ventes
materialized: table
order_by: [de]
english: analysis_concentration
columns:
  de: { type: String, en: of, doc: "Of what.", unique: true, in: [clients, produits] }
  nombre: { type: UInt64, en: count, doc: "How many of them have revenue above zero." }
  ca: { type: "Decimal(38, 2)", en: revenue, doc: "Their revenue, in euros." }
  gini: { type: Float64, en: gini, doc: "0: all equal; near 1: one has everything.", min: 0, max: 1 }
  part_du_premier_cinquieme: { type: Float64, en: share_of_top_fifth, doc: "Share of revenue of the first fifth of them (rounded up).", min: 0, max: 1 }
  part_pour_80: { type: Float64, en: fraction_for_80_percent, doc: "Fraction of them that makes 80 % of revenue.", min: 0, max: 1 }
*/
SELECT
  de,
  count() AS nombre,
  sum(ca_un) AS ca,
  2 * toFloat64(sum(ca_un * rang_croissant)) / (nombre * toFloat64(ca)) - (nombre + 1) / nombre AS gini,
  toFloat64(sumIf(ca_un, (rang - 1) * 5 < n)) / toFloat64(ca) AS part_du_premier_cinquieme,
  countIf((cumul - ca_un) * 100 < total * 80) / nombre AS part_pour_80
FROM (
  SELECT
    de, ca_un,
    row_number() OVER (PARTITION BY de ORDER BY ca_un, nom DESC) AS rang_croissant,
    row_number() OVER (PARTITION BY de ORDER BY ca_un DESC, nom) AS rang,
    sum(ca_un) OVER (PARTITION BY de ORDER BY ca_un DESC, nom ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW) AS cumul,
    sum(ca_un) OVER (PARTITION BY de) AS total,
    count() OVER (PARTITION BY de) AS n
  FROM (
    SELECT 'clients' AS de, id_client AS nom, sum(montant) AS ca_un FROM gold.fact_achats WHERE id_client != 'unknown' GROUP BY id_client HAVING ca_un > 0
    UNION ALL
    SELECT 'produits', produit, sum(montant) AS ca_un FROM gold.fact_achats WHERE produit != 'unknown' GROUP BY produit HAVING ca_un > 0
  )
)
GROUP BY de
