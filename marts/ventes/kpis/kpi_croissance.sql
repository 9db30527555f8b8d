/*
description: Revenue of every calendar month beside the month before and the same month a year before; months without purchases have zero.
grain: one row a month
owner: ventes
materialized: table
order_by: [mois_debut]
english: kpi_monthly_growth
columns:
  mois_debut: { type: Date, en: month_start, doc: "First day of the month.", unique: true, references: dim_temps.jour }
  ca: { type: "Decimal(38, 2)", en: revenue, doc: "Sum of amounts, in euros." }
  ca_mois_precedent: { type: "Nullable(Decimal(38, 2))", en: previous_month_revenue, doc: "Of the month before; null for the first." }
  croissance: { type: Nullable(Float64), en: growth, doc: "(ca - ca_mois_precedent) / ca_mois_precedent; null where that is zero or unknown." }
  ca_an_precedent: { type: "Nullable(Decimal(38, 2))", en: previous_year_revenue, doc: "Of the same month a year before; null where the data do not reach so far." }
  croissance_annuelle: { type: Nullable(Float64), en: yearly_growth, doc: "The same, beside the year before." }
  complet: { type: Bool, en: is_complete, doc: "The month was over when the latest purchase came: only then is growth a fair comparison." }
*/
WITH assumeNotNull((SELECT max(date_achat) FROM gold.fact_achats)) AS complete_until
SELECT
  mois_debut, ca,
  if(rang = 1, NULL, mois_avant) AS ca_mois_precedent,
  if(rang = 1 OR mois_avant = 0, NULL, toFloat64(ca - mois_avant) / toFloat64(mois_avant)) AS croissance,
  if(rang <= 12, NULL, an_avant) AS ca_an_precedent,
  if(rang <= 12 OR an_avant = 0, NULL, toFloat64(ca - an_avant) / toFloat64(an_avant)) AS croissance_annuelle,
  CAST(toDateTime(addMonths(mois_debut, 1), '{{time_zone}}') <= complete_until AS Bool) AS complet
FROM (
  SELECT
    mois_debut, ca,
    row_number() OVER (ORDER BY mois_debut) AS rang,
    lagInFrame(ca, 1) OVER (ORDER BY mois_debut ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW) AS mois_avant,
    lagInFrame(ca, 12) OVER (ORDER BY mois_debut ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW) AS an_avant
  FROM (
    SELECT t.mois_debut AS mois_debut, f.ca AS ca
    FROM (
      SELECT DISTINCT mois_debut FROM gold.dim_temps
      WHERE mois_debut BETWEEN (SELECT toStartOfMonth(min(jour)) FROM gold.fact_achats) AND (SELECT max(jour) FROM gold.fact_achats)
    ) AS t
    LEFT JOIN gold.fact_ca_mois AS f ON f.mois_debut = t.mois_debut
  )
)
