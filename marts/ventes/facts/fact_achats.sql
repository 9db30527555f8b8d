/*
description: Every purchase line once. A purchase that the source sent more than once counts once, as it came first; negative amounts are kept and flagged.
grain: one row a purchase line
owner: ventes
materialized: table
order_by: [jour, id_achat]
english: fact_purchases
columns:
  id_achat: { type: String, en: purchase_id, doc: "The purchase line, as in the source.", unique: true, not_empty: true }
  id_commande: { type: String, en: order_id, doc: "The order that the line belongs to: its id without the line number.", not_empty: true }
  id_client: { type: String, en: customer_id, doc: "Who bought; `unknown` where the source does not say.", not_empty: true, references: dim_clients.id_client }
  produit: { type: String, en: product, doc: "What was bought; `unknown` where the source does not say.", not_empty: true, references: dim_produits.produit }
  date_achat: { type: "DateTime64(3, '{{time_zone}}')", en: purchased_at, doc: "When it was paid for; an instant, shown in the zone of the calendar." }
  jour: { type: Date, en: day, doc: "The calendar day of that instant in the zone.", references: dim_temps.jour }
  montant: { type: "Decimal(18, 2)", en: amount, doc: "Paid for the line, in euros." }
  est_negatif: { type: Bool, en: is_negative, doc: "The amount is below zero: a return or a correction. It counts in every sum." }
  copies: { type: UInt64, en: copies, doc: "How often the source sent the line; 1 where it is in order.", min: 1 }
tests:
  - { freshness: { column: date_achat, within: 2 days }, severity: warn }
*/
SELECT
  idAchat AS id_achat,
  replaceRegexpOne(idAchat, '-[0-9]+$', '') AS id_commande,
  if(first.1 = '', 'unknown', first.1) AS id_client,
  if(first.2 = '', 'unknown', first.2) AS produit,
  toTimeZone(first.3, '{{time_zone}}') AS date_achat,
  toDate(date_achat) AS jour,
  first.4 AS montant,
  CAST(montant < 0 AS Bool) AS est_negatif,
  copies
FROM (
  SELECT
    idAchat,
    argMin((idClient, produit, dateAchat, montant), (_offset, _partition)) AS first,
    count() AS copies
  FROM ventes.achats
  GROUP BY idAchat
)
