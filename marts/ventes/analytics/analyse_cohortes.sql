/*
description: Customers by the month of their first purchase, and what they did in every month since; months in which nobody of a cohort bought have zero.
grain: one row a cohort and month since
owner: ventes
materialized: table
order_by: [cohorte, mois_depuis]
english: analysis_cohorts
columns:
  cohorte: { type: Date, en: cohort, doc: "First day of the month of the first purchase.", references: dim_temps.jour }
  mois_depuis: { type: Int64, en: months_since, doc: "0 is the month of the first purchase.", min: 0 }
  mois_debut: { type: Date, en: month_start, doc: "The calendar month that is." }
  clients_cohorte: { type: UInt64, en: cohort_customers, doc: "Customers of the cohort.", min: 1 }
  actifs: { type: UInt64, en: active_customers, doc: "Of them, those with a purchase in the month." }
  taux_retention: { type: Float64, en: retention_rate, doc: "actifs / clients_cohorte.", min: 0, max: 1 }
  ca: { type: "Decimal(38, 2)", en: revenue, doc: "Their revenue in the month, in euros." }
  ca_cumule: { type: "Decimal(38, 2)", en: cumulative_revenue, doc: "Their revenue up to the end of the month, in euros." }
tests:
  - { unique: [cohorte, mois_depuis] }
  - name: everybody buys in the first month
    rows: "SELECT * FROM gold.analyse_cohortes WHERE mois_depuis = 0 AND actifs != clients_cohorte"
*/
WITH assumeNotNull((SELECT toStartOfMonth(max(jour)) FROM gold.fact_achats)) AS dernier_mois
SELECT
  g.cohorte AS cohorte,
  g.depuis AS mois_depuis,
  addMonths(g.cohorte, g.depuis) AS mois_debut,
  g.clients AS clients_cohorte,
  f.actifs AS actifs,
  actifs / clients_cohorte AS taux_retention,
  f.ca AS ca,
  sum(f.ca) OVER (PARTITION BY g.cohorte ORDER BY g.depuis ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW) AS ca_cumule
FROM (
  SELECT cohorte, clients, toInt64(arrayJoin(range(toUInt32(dateDiff('month', cohorte, dernier_mois)) + 1))) AS depuis
  FROM (
    SELECT cohorte, count() AS clients
    FROM (SELECT id_client, toStartOfMonth(min(jour)) AS cohorte FROM gold.fact_achats WHERE id_client != 'unknown' GROUP BY id_client)
    GROUP BY cohorte
  )
) AS g
LEFT JOIN (
  SELECT cohorte, dateDiff('month', cohorte, toStartOfMonth(jour)) AS depuis, uniqExact(id_client) AS actifs, sum(montant) AS ca
  FROM (
    SELECT id_client, jour, montant, toStartOfMonth(min(jour) OVER (PARTITION BY id_client)) AS cohorte
    FROM gold.fact_achats WHERE id_client != 'unknown'
  )
  GROUP BY cohorte, depuis
) AS f ON f.cohorte = g.cohorte AND f.depuis = g.depuis
