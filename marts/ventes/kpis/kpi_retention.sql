/*
description: Who came back from one calendar month to the next, and who did not, over all months from the first purchase to the latest.
grain: one row a month
owner: ventes
materialized: table
order_by: [mois_debut]
english: kpi_monthly_retention
columns:
  mois_debut: { type: Date, en: month_start, doc: "First day of the month.", unique: true, references: dim_temps.jour }
  actifs: { type: UInt64, en: active_customers, doc: "Customers with a purchase in the month." }
  nouveaux: { type: UInt64, en: new_customers, doc: "Of them, those who never bought before." }
  retenus: { type: UInt64, en: retained_customers, doc: "Of them, those who bought in the month before, too." }
  revenus: { type: UInt64, en: returned_customers, doc: "Of them, those who bought before, but not in the month before." }
  perdus: { type: UInt64, en: lost_customers, doc: "Customers of the month before without a purchase in this one." }
  taux_retention: { type: Nullable(Float64), en: retention_rate, doc: "retenus / actifs of the month before; null where there were none.", min: 0, max: 1 }
  taux_attrition: { type: Nullable(Float64), en: churn_rate, doc: "perdus / actifs of the month before; null where there were none.", min: 0, max: 1 }
tests:
  - name: every active customer is new, retained or returned
    rows: "SELECT * FROM gold.kpi_retention WHERE actifs != nouveaux + retenus + revenus"
*/
SELECT
  mois.mois_debut AS mois_debut,
  actif.actifs AS actifs,
  actif.nouveaux AS nouveaux,
  actif.retenus AS retenus,
  toUInt64(actif.actifs - actif.nouveaux - actif.retenus) AS revenus,
  toUInt64(avant.actifs - actif.retenus) AS perdus,
  if(avant.actifs = 0, NULL, retenus / avant.actifs) AS taux_retention,
  if(avant.actifs = 0, NULL, perdus / avant.actifs) AS taux_attrition
FROM (
  SELECT DISTINCT mois_debut FROM gold.dim_temps
  WHERE mois_debut BETWEEN (SELECT toStartOfMonth(min(jour)) FROM gold.fact_achats) AND (SELECT max(jour) FROM gold.fact_achats)
) AS mois
LEFT JOIN (
  SELECT mois_debut, count() AS actifs, countIf(rang = 1) AS nouveaux, countIf(rang > 1 AND precedent = addMonths(mois_debut, -1)) AS retenus
  FROM (
    SELECT
      id_client, mois_debut,
      row_number() OVER (PARTITION BY id_client ORDER BY mois_debut) AS rang,
      lagInFrame(mois_debut) OVER (PARTITION BY id_client ORDER BY mois_debut ROWS BETWEEN 1 PRECEDING AND CURRENT ROW) AS precedent
    FROM (SELECT DISTINCT id_client, toStartOfMonth(jour) AS mois_debut FROM gold.fact_achats WHERE id_client != 'unknown')
  )
  GROUP BY mois_debut
) AS actif ON actif.mois_debut = mois.mois_debut
LEFT JOIN (
  SELECT addMonths(toStartOfMonth(jour), 1) AS mois_suivant, uniqExact(id_client) AS actifs
  FROM gold.fact_achats
  WHERE id_client != 'unknown'
  GROUP BY mois_suivant
) AS avant ON avant.mois_suivant = mois.mois_debut
