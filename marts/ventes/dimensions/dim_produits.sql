/*
description: Every product, from the catalogue or only from a purchase, and `unknown` for purchases without one.
grain: one row a product
owner: ventes
materialized: table
order_by: [produit]
english: dim_products
columns:
  produit: { type: String, en: product, doc: "The product, by the name that purchases carry.", unique: true, not_empty: true }
  id_produit: { type: String, en: product_id, doc: "Its id in the catalogue; `unknown` where the catalogue does not have it.", not_empty: true }
  connu: { type: Bool, en: is_known, doc: "False where purchases name a product that the catalogue does not have." }
  categorie: { type: String, en: category, doc: "Its category; `unknown` where the catalogue does not have it.", not_empty: true }
  prix_catalogue: { type: "Nullable(Decimal(18, 2))", en: list_price, doc: "Price before promotions, in euros, tax included.", min: 0 }
  cout_unitaire: { type: "Nullable(Decimal(18, 2))", en: unit_cost, doc: "What the supplier charges for one piece, in euros.", min: 0 }
  fournisseur: { type: String, en: supplier, doc: "Who supplies it; `unknown` where the catalogue does not have it.", not_empty: true }
*/
SELECT
  produit,
  if(connu, argMaxIf(id, depuis, au_catalogue), 'unknown') AS id_produit,
  CAST(max(au_catalogue) AS Bool) AS connu,
  if(connu, argMaxIf(classe, depuis, au_catalogue), 'unknown') AS categorie,
  argMaxIf(prix, depuis, au_catalogue) AS prix_catalogue,
  argMaxIf(cout, depuis, au_catalogue) AS cout_unitaire,
  if(connu, argMaxIf(de, depuis, au_catalogue), 'unknown') AS fournisseur
FROM (
  SELECT
    name AS produit, productId AS id, true AS au_catalogue, category AS classe, toNullable(listPrice) AS prix,
    toNullable(unitCost) AS cout, supplier AS de, (validFrom, productId) AS depuis
  FROM inventory.catalogue_items_latest
  UNION ALL
  SELECT DISTINCT produit, '', false, '', NULL, NULL, '', (toDateTime64(0, 3, 'UTC'), '')
  FROM gold.fact_achats
  UNION ALL
  SELECT 'unknown', '', false, '', NULL, NULL, '', (toDateTime64(0, 3, 'UTC'), '')
)
GROUP BY produit
