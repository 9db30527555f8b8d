/*
description: What in gold is not as it should be, counted and in money. It is kept in every figure; this says how much of it there is.
grain: one row a measure
owner: ventes
materialized: view
english: kpi_quality
columns:
  mesure: { type: String, en: measure, doc: "What was counted.", unique: true, in: [achats, client inconnu, produit inconnu, montant négatif, envoyé plusieurs fois, client sans achat, produit sans achat, pays inconnu] }
  nombre: { type: UInt64, en: count, doc: "Purchase lines; customers or products where the measure names them." }
  montant: { type: "Decimal(38, 2)", en: amount, doc: "Their amounts, in euros." }
  part: { type: Nullable(Float64), en: share, doc: "Of all purchase lines, customers or products; null where there are none.", min: 0, max: 1 }
*/
SELECT mesure, nombre, montant, nombre / nullIf(de, 0) AS part
FROM (
  WITH assumeNotNull((SELECT count() FROM gold.fact_achats)) AS lignes
  SELECT 'achats' AS mesure, count() AS nombre, sum(a.montant) AS montant, lignes AS de FROM gold.fact_achats AS a
  UNION ALL
  SELECT 'client inconnu', count(), sum(a.montant), lignes FROM gold.fact_achats AS a LEFT JOIN gold.dim_clients AS c ON c.id_client = a.id_client WHERE NOT c.connu
  UNION ALL
  SELECT 'pays inconnu', count(), sum(a.montant), lignes FROM gold.fact_achats AS a LEFT JOIN gold.dim_clients AS c ON c.id_client = a.id_client WHERE c.pays = 'unknown'
  UNION ALL
  SELECT 'produit inconnu', count(), sum(a.montant), lignes FROM gold.fact_achats AS a LEFT JOIN gold.dim_produits AS p ON p.produit = a.produit WHERE NOT p.connu
  UNION ALL
  SELECT 'montant négatif', count(), sum(a.montant), lignes FROM gold.fact_achats AS a WHERE a.est_negatif
  UNION ALL
  SELECT 'envoyé plusieurs fois', count(), sum(a.montant), lignes FROM gold.fact_achats AS a WHERE a.copies > 1
  UNION ALL
  SELECT 'client sans achat', countIf(nb_achats = 0), toDecimal128(0, 2), count() FROM gold.dim_clients WHERE id_client != 'unknown'
  UNION ALL
  SELECT 'produit sans achat', countIf(nb_achats = 0), toDecimal128(0, 2), count() FROM gold.kpi_produits WHERE produit != 'unknown'
)
