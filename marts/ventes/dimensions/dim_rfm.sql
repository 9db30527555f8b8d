/*
description: Recency, frequency and money of every customer at the day of the latest purchase, scored by fifths, and the segment that follows. Purchases without a customer are left out; customers without purchases are kept.
grain: one row a customer
owner: ventes
materialized: table
order_by: [id_client]
english: dim_customer_rfm
columns:
  id_client: { type: String, en: customer_id, doc: "The customer.", unique: true, references: dim_clients.id_client }
  recence_jours: { type: Nullable(Int64), en: recency_days, doc: "Days from the latest purchase to `calcule_au`; null without one.", min: 0 }
  frequence: { type: UInt64, en: frequency, doc: "Orders." }
  montant: { type: "Decimal(38, 2)", en: monetary, doc: "Sum of amounts, in euros." }
  score_r: { type: UInt8, en: r_score, doc: "1 to 5, 5 for the most recent fifth; customers of equal recency have the lowest score among them. 0 without a purchase.", min: 0, max: 5 }
  score_f: { type: UInt8, en: f_score, doc: "The same of frequency, 5 for the most frequent.", min: 0, max: 5 }
  score_m: { type: UInt8, en: m_score, doc: "The same of money, 5 for the highest.", min: 0, max: 5 }
  segment: { type: String, en: segment, doc: "By score_r and score_f.", in: [Champions, Fidèles, Récents, Prometteurs, À surveiller, À risque, En sommeil, Perdus, Sans achat] }
  inactif: { type: Bool, en: is_inactive, doc: "Bought once and not in the 90 days up to `calcule_au`: churned." }
  calcule_au: { type: Date, en: as_of, doc: "The day of the latest purchase of anybody, which recency counts from." }
*/
WITH assumeNotNull((SELECT max(jour) FROM gold.fact_achats)) AS dernier_jour
SELECT
  c.id_client AS id_client,
  if(a.frequence = 0, NULL, a.recence) AS recence_jours,
  a.frequence AS frequence,
  a.montant AS montant,
  a.r AS score_r,
  a.f AS score_f,
  a.m AS score_m,
  multiIf(
    a.frequence = 0, 'Sans achat',
    a.r >= 4 AND a.f >= 4, 'Champions',
    a.r >= 3 AND a.f >= 4, 'Fidèles',
    a.r >= 4 AND a.f <= 2, 'Récents',
    a.r >= 4, 'Prometteurs',
    a.r = 3, 'À surveiller',
    a.f >= 4, 'À risque',
    a.r = 2, 'En sommeil',
    'Perdus'
  ) AS segment,
  CAST(a.frequence > 0 AND a.recence > 90 AS Bool) AS inactif,
  dernier_jour AS calcule_au
FROM gold.dim_clients AS c
LEFT JOIN (
  SELECT
    id_client, recence, frequence, montant,
    toUInt8(1 + intDiv((rank() OVER (ORDER BY recence DESC) - 1) * 5, count() OVER ())) AS r,
    toUInt8(1 + intDiv((rank() OVER (ORDER BY frequence ASC) - 1) * 5, count() OVER ())) AS f,
    toUInt8(1 + intDiv((rank() OVER (ORDER BY montant ASC) - 1) * 5, count() OVER ())) AS m
  FROM (
    SELECT
      id_client,
      dateDiff('day', max(jour), dernier_jour) AS recence,
      uniqExact(id_commande) AS frequence,
      sum(l.montant) AS montant
    FROM gold.fact_achats AS l
    WHERE id_client != 'unknown'
    GROUP BY id_client
  )
) AS a ON a.id_client = c.id_client
WHERE c.id_client != 'unknown'
