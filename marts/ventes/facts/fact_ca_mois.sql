/*
description: Revenue by calendar month in {{time_zone}}.
grain: one row a month with purchases
owner: ventes
materialized: view
english: fact_revenue_month
columns:
  mois_debut: { type: Date, en: month_start, doc: "First day of the month.", unique: true, references: dim_temps.jour }
  annee: { type: UInt16, en: year, doc: "Calendar year." }
  mois: { type: UInt8, en: month, doc: "1 to 12.", min: 1, max: 12 }
  ca: { type: "Decimal(38, 2)", en: revenue, doc: "Sum of amounts, in euros, negative ones included." }
  ca_negatif: { type: "Decimal(38, 2)", en: negative_revenue, doc: "Of it, what negative amounts took away.", max: 0 }
  nb_achats: { type: UInt64, en: purchase_lines, doc: "Purchase lines.", min: 1 }
  nb_commandes: { type: UInt64, en: orders, doc: "Different orders.", min: 1 }
  nb_clients: { type: UInt64, en: customers, doc: "Different customers, `unknown` counting as one.", min: 1 }
  complet: { type: Bool, en: is_complete, doc: "The period was over when the latest purchase came." }
  complete_until: { type: "DateTime64(3, '{{time_zone}}')", en: complete_until, doc: "The latest purchase that the build saw." }
tests:
  - name: adds up to fact_achats
    rows: "SELECT * FROM (SELECT (SELECT sum(ca) FROM gold.fact_ca_mois) AS here, (SELECT sum(montant) FROM gold.fact_achats) AS there) WHERE here != there"
*/
WITH assumeNotNull((SELECT max(date_achat) FROM gold.fact_achats)) AS complete_until
SELECT
  mois_debut,
  toYear(mois_debut) AS annee,
  toMonth(mois_debut) AS mois,
  sum(a.montant) AS ca,
  sumIf(a.montant, a.est_negatif) AS ca_negatif,
  count() AS nb_achats,
  uniqExact(a.id_commande) AS nb_commandes,
  uniqExact(a.id_client) AS nb_clients,
  CAST(toDateTime(addMonths(mois_debut, 1), '{{time_zone}}') <= complete_until AS Bool) AS complet,
  complete_until
FROM (
  SELECT toStartOfMonth(jour) AS mois_debut, montant, est_negatif, id_commande, id_client
  FROM gold.fact_achats
) AS a
GROUP BY mois_debut
