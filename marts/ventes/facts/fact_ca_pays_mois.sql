/*
description: Revenue by country of the customer and calendar month in {{time_zone}}.
grain: one row a country and month with purchases
owner: ventes
materialized: view
english: fact_revenue_country_month
columns:
  pays: { type: String, en: country, doc: "ISO 3166-1 alpha-2, or `unknown`.", not_empty: true }
  mois_debut: { type: Date, en: month_start, doc: "First day of the month.", references: dim_temps.jour }
  ca: { type: "Decimal(38, 2)", en: revenue, doc: "Sum of amounts, in euros, negative ones included." }
  nb_achats: { type: UInt64, en: purchase_lines, doc: "Purchase lines.", min: 1 }
  nb_commandes: { type: UInt64, en: orders, doc: "Different orders.", min: 1 }
  nb_clients: { type: UInt64, en: customers, doc: "Different customers, `unknown` counting as one.", min: 1 }
tests:
  - { unique: [pays, mois_debut] }
*/
SELECT
  c.pays AS pays,
  toStartOfMonth(a.jour) AS mois_debut,
  sum(a.montant) AS ca,
  count() AS nb_achats,
  uniqExact(a.id_commande) AS nb_commandes,
  uniqExact(a.id_client) AS nb_clients
FROM gold.fact_achats AS a
LEFT JOIN gold.dim_clients AS c ON c.id_client = a.id_client
GROUP BY pays, mois_debut
