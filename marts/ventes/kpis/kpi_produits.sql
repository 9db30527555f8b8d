/*
description: How every product sells, over all time and in the last 30 days up to the latest purchase; products that never sold are kept.
grain: one row a product
owner: ventes
materialized: table
order_by: [produit]
english: kpi_product_performance
columns:
  produit: { type: String, en: product, doc: "The product.", unique: true, references: dim_produits.produit }
  categorie: { type: String, en: category, doc: "Its category, or `unknown`.", not_empty: true }
  ca: { type: "Decimal(38, 2)", en: revenue, doc: "Sum of amounts, in euros." }
  nb_achats: { type: UInt64, en: purchase_lines, doc: "Purchase lines." }
  nb_clients: { type: UInt64, en: customers, doc: "Different customers." }
  nb_negatifs: { type: UInt64, en: negative_lines, doc: "Lines with an amount below zero." }
  part_ca: { type: Nullable(Float64), en: revenue_share, doc: "Its share of all revenue; null where that is zero." }
  rang: { type: UInt64, en: rank, doc: "1 for the highest revenue; equals share the lowest rank.", min: 1 }
  classe: { type: String, en: class, doc: "A: the products that make the first 80 % of revenue; B: up to 95 %; C: the rest.", in: [A, B, C] }
  ca_30_jours: { type: "Decimal(38, 2)", en: revenue_30_days, doc: "Revenue of the last 30 days." }
  ca_30_jours_avant: { type: "Decimal(38, 2)", en: previous_revenue_30_days, doc: "Revenue of the 30 days before those." }
  croissance_30_jours: { type: Nullable(Float64), en: growth_30_days, doc: "Of one to the other; null where the earlier is zero." }
  dernier_achat: { type: Nullable(Date), en: last_purchase_day, doc: "Null where it never sold." }
*/
WITH
  assumeNotNull((SELECT max(jour) FROM gold.fact_achats)) AS dernier_jour,
  assumeNotNull((SELECT sum(montant) FROM gold.fact_achats)) AS total
SELECT
  produit, categorie, ca, nb_achats, nb_clients, nb_negatifs,
  toFloat64(ca) / nullIf(toFloat64(total), 0) AS part_ca,
  rang,
  multiIf((cumul - ca) * 100 < total * 80 AND ca > 0, 'A', (cumul - ca) * 100 < total * 95 AND ca > 0, 'B', 'C') AS classe,
  ca_30_jours, ca_30_jours_avant,
  toFloat64(ca_30_jours - ca_30_jours_avant) / nullIf(toFloat64(ca_30_jours_avant), 0) AS croissance_30_jours,
  dernier_achat
FROM (
  SELECT
    p.produit AS produit, p.categorie AS categorie, f.ca AS ca, f.nb_achats AS nb_achats, f.nb_clients AS nb_clients,
    f.nb_negatifs AS nb_negatifs, f.ca_30_jours AS ca_30_jours, f.ca_30_jours_avant AS ca_30_jours_avant,
    if(f.nb_achats = 0, NULL, f.dernier) AS dernier_achat,
    rank() OVER (ORDER BY f.ca DESC) AS rang,
    sum(f.ca) OVER (ORDER BY f.ca DESC, p.produit ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW) AS cumul
  FROM gold.dim_produits AS p
  LEFT JOIN (
    SELECT
      produit, sum(montant) AS ca, count() AS nb_achats, uniqExact(id_client) AS nb_clients, countIf(est_negatif) AS nb_negatifs,
      sumIf(montant, jour > dernier_jour - 30) AS ca_30_jours,
      sumIf(montant, jour > dernier_jour - 60 AND jour <= dernier_jour - 30) AS ca_30_jours_avant,
      max(jour) AS dernier
    FROM gold.fact_achats
    GROUP BY produit
  ) AS f ON f.produit = p.produit
)
