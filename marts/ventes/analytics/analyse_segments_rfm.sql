/*
description: The RFM segments beside one another.
grain: one row a segment with customers
owner: ventes
materialized: view
english: analysis_rfm_segments
columns:
  segment: { type: String, en: segment, doc: "As in dim_rfm.", unique: true }
  nb_clients: { type: UInt64, en: customers, doc: "Its customers.", min: 1 }
  part_clients: { type: Float64, en: customer_share, doc: "Of all customers.", min: 0, max: 1 }
  ca: { type: "Decimal(38, 2)", en: revenue, doc: "Their revenue, in euros." }
  part_ca: { type: Nullable(Float64), en: revenue_share, doc: "Of all revenue of known customers; null where that is zero." }
  recence_mediane: { type: Nullable(Float64), en: median_recency_days, doc: "Median of recency in days; null without purchases." }
*/
WITH (SELECT (count(), sum(montant)) FROM gold.dim_rfm) AS tout
SELECT
  segment,
  count() AS nb_clients,
  nb_clients / assumeNotNull(tout.1) AS part_clients,
  sum(montant) AS ca,
  toFloat64(ca) / nullIf(toFloat64(tout.2), 0) AS part_ca,
  if(countIf(recence_jours IS NOT NULL) = 0, NULL, quantileExactInclusive(0.5)(recence_jours)) AS recence_mediane
FROM gold.dim_rfm
GROUP BY segment
