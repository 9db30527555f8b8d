/*
description: Revenue by country of the customer, `unknown` where customer or country is not known.
grain: one row a country with purchases
owner: ventes
materialized: view
english: fact_revenue_country
columns:
  pays: { type: String, en: country, doc: "ISO 3166-1 alpha-2, or `unknown`.", unique: true, not_empty: true }
  ca: { type: "Decimal(38, 2)", en: revenue, doc: "Sum of amounts, in euros, negative ones included." }
  ca_negatif: { type: "Decimal(38, 2)", en: negative_revenue, doc: "Of it, what negative amounts took away.", max: 0 }
  nb_achats: { type: UInt64, en: purchase_lines, doc: "Purchase lines.", min: 1 }
  nb_commandes: { type: UInt64, en: orders, doc: "Different orders.", min: 1 }
  nb_clients: { type: UInt64, en: customers, doc: "Different customers, `unknown` counting as one.", min: 1 }
  part_ca: { type: Nullable(Float64), en: revenue_share, doc: "Its share of all revenue; null where that is zero." }
  complete_until: { type: "DateTime64(3, '{{time_zone}}')", en: complete_until, doc: "The latest purchase that the build saw." }
tests:
  - name: adds up to fact_achats
    rows: "SELECT * FROM (SELECT (SELECT sum(ca) FROM gold.fact_ca_pays) AS here, (SELECT sum(montant) FROM gold.fact_achats) AS there) WHERE here != there"
*/
WITH (SELECT (sum(montant), max(date_achat)) FROM gold.fact_achats) AS tout
SELECT
  c.pays AS pays,
  sum(a.montant) AS ca,
  sumIf(a.montant, a.est_negatif) AS ca_negatif,
  count() AS nb_achats,
  uniqExact(a.id_commande) AS nb_commandes,
  uniqExact(a.id_client) AS nb_clients,
  toFloat64(ca) / nullIf(toFloat64(tout.1), 0) AS part_ca,
  assumeNotNull(tout.2) AS complete_until
FROM gold.fact_achats AS a
LEFT JOIN gold.dim_clients AS c ON c.id_client = a.id_client
GROUP BY c.pays
