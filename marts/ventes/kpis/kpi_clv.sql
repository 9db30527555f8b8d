/*
description: What every customer with purchases has been worth, realised and per year. Averages are rounded half away from zero to the cent.
grain: one row a customer with purchases
owner: ventes
materialized: table
order_by: [id_client]
english: kpi_customer_value
columns:
  id_client: { type: String, en: customer_id, doc: "The customer.", unique: true, references: dim_clients.id_client }
  pays: { type: String, en: country, doc: "ISO 3166-1 alpha-2, or `unknown`." }
  premier_achat: { type: Date, en: first_purchase_day, doc: "Day of the first purchase." }
  anciennete_jours: { type: Int64, en: tenure_days, doc: "Days from it to the latest purchase of anybody, both counted.", min: 1 }
  nb_commandes: { type: UInt64, en: orders, doc: "Orders.", min: 1 }
  panier_moyen: { type: "Decimal(38, 2)", en: average_order, doc: "Revenue per order, in euros." }
  clv: { type: "Decimal(38, 2)", en: lifetime_value, doc: "Revenue so far, in euros." }
  clv_12_mois: { type: "Decimal(38, 2)", en: first_year_value, doc: "Revenue in the 365 days that begin with the first purchase." }
  valeur_annuelle: { type: "Decimal(38, 2)", en: yearly_value, doc: "Revenue so far per 365 days of tenure, of which 30 are counted at least." }
*/
WITH assumeNotNull((SELECT max(jour) FROM gold.fact_achats)) AS dernier_jour
SELECT
  a.id_client AS id_client,
  c.pays AS pays,
  a.premier AS premier_achat,
  dateDiff('day', a.premier, dernier_jour) + 1 AS anciennete_jours,
  a.commandes AS nb_commandes,
  toDecimal128(round(toDecimal128(a.total, 6) / a.commandes, 2), 2) AS panier_moyen,
  a.total AS clv,
  a.an AS clv_12_mois,
  toDecimal128(round(toDecimal128(a.total, 6) * 365 / greatest(anciennete_jours, 30), 2), 2) AS valeur_annuelle
FROM (
  SELECT
    id_client,
    min(premier_jour) AS premier,
    uniqExact(id_commande) AS commandes,
    sum(montant) AS total,
    sumIf(montant, jour < premier_jour + 365) AS an
  FROM (SELECT *, min(jour) OVER (PARTITION BY id_client) AS premier_jour FROM gold.fact_achats WHERE id_client != 'unknown')
  GROUP BY id_client
) AS a
LEFT JOIN gold.dim_clients AS c ON c.id_client = a.id_client
