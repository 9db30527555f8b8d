/*
description: The shop in one line, as of the latest purchase.
grain: one row
owner: ventes
materialized: view
english: kpi_summary
columns:
  calcule_au: { type: Date, en: as_of, doc: "The day of the latest purchase." }
  ca: { type: "Decimal(38, 2)", en: revenue, doc: "Sum of all amounts, in euros." }
  nb_commandes: { type: UInt64, en: orders, doc: "Orders." }
  nb_achats: { type: UInt64, en: purchase_lines, doc: "Purchase lines." }
  nb_clients: { type: UInt64, en: customers, doc: "Customers with a purchase, `unknown` left out." }
  panier_moyen: { type: "Nullable(Decimal(38, 2))", en: average_order, doc: "Revenue per order, in euros." }
  clients_inactifs: { type: UInt64, en: inactive_customers, doc: "Customers who bought once and not in the last 90 days." }
  taux_attrition: { type: Nullable(Float64), en: churn_rate, doc: "clients_inactifs / nb_clients.", min: 0, max: 1 }
  clv_moyenne: { type: "Nullable(Decimal(38, 2))", en: average_lifetime_value, doc: "Revenue per customer with a purchase, in euros." }
  gini_clients: { type: Nullable(Float64), en: customer_gini, doc: "How unequal customers are: analyse_concentration." }
*/
SELECT
  f.dernier_jour AS calcule_au,
  f.total AS ca,
  f.commandes AS nb_commandes,
  f.lignes AS nb_achats,
  r.acheteurs AS nb_clients,
  toDecimal128(round(toDecimal128(f.total, 6) / nullIf(f.commandes, 0), 2), 2) AS panier_moyen,
  r.inactifs AS clients_inactifs,
  r.inactifs / nullIf(r.acheteurs, 0) AS taux_attrition,
  toDecimal128(round(toDecimal128(v.total, 6) / nullIf(r.acheteurs, 0), 2), 2) AS clv_moyenne,
  if(g.clients = 0, NULL, g.gini) AS gini_clients
FROM (SELECT max(jour) AS dernier_jour, sum(montant) AS total, uniqExact(id_commande) AS commandes, count() AS lignes FROM gold.fact_achats) AS f
CROSS JOIN (SELECT countIf(frequence > 0) AS acheteurs, countIf(inactif) AS inactifs FROM gold.dim_rfm) AS r
CROSS JOIN (SELECT sum(clv) AS total FROM gold.kpi_clv) AS v
CROSS JOIN (SELECT count() AS clients, any(gini) AS gini FROM gold.analyse_concentration WHERE de = 'clients') AS g
