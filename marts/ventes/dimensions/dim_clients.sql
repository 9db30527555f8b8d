/*
description: Every customer, from the retailer's table or only from a purchase, and `unknown` for purchases without one. No personal data but a pseudonym.
grain: one row a customer
owner: ventes
materialized: table
order_by: [id_client]
english: dim_customers
columns:
  id_client: { type: String, en: customer_id, doc: "The customer.", unique: true, not_empty: true }
  connu: { type: Bool, en: is_known, doc: "False where purchases name a customer that the retailer's table does not have." }
  email_pseudonyme: { type: Nullable(String), en: email_pseudonym, doc: "Stands for the e-mail; `erased` after an erasure.", pii: true }
  date_inscription: { type: "Nullable(DateTime64(3, '{{time_zone}}'))", en: registered_at, doc: "When the customer registered." }
  pays: { type: String, en: country, doc: "ISO 3166-1 alpha-2; `unknown` where it is not known.", not_empty: true, matches: "^([A-Z]{2}|unknown)$" }
  premier_achat: { type: Nullable(Date), en: first_purchase_day, doc: "Day of the first purchase; null for a customer without one." }
  dernier_achat: { type: Nullable(Date), en: last_purchase_day, doc: "Day of the latest purchase; null for a customer without one." }
  nb_achats: { type: UInt64, en: purchase_lines, doc: "Purchase lines; 0 for a customer without orders." }
*/
SELECT
  id_client,
  CAST(max(dans_table) AS Bool) AS connu,
  anyIf(email, dans_table) AS email_pseudonyme,
  toTimeZone(anyIf(inscription, dans_table), '{{time_zone}}') AS date_inscription,
  if(connu AND anyIf(pays_table, dans_table) != '', anyIf(pays_table, dans_table), 'unknown') AS pays,
  min(premier) AS premier_achat,
  max(dernier) AS dernier_achat,
  sum(achats) AS nb_achats
FROM (
  SELECT
    if(idClient = '', 'unknown', idClient) AS id_client, true AS dans_table, emailPseudonym AS email,
    toNullable(dateInscription) AS inscription, pays AS pays_table,
    CAST(NULL AS Nullable(Date)) AS premier, CAST(NULL AS Nullable(Date)) AS dernier, toUInt64(0) AS achats
  FROM ventes.masked_clients_latest
  UNION ALL
  SELECT id_client, false, NULL, NULL, '', toNullable(min(jour)), toNullable(max(jour)), count()
  FROM gold.fact_achats
  GROUP BY id_client
  UNION ALL
  SELECT 'unknown', false, NULL, NULL, '', NULL, NULL, toUInt64(0)
)
GROUP BY id_client
