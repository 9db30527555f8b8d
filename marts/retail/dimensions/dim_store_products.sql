/*
description: Every product of the retailer's stores, from its table or only from a purchase line.
grain: one row a product
owner: retail-analytics
materialized: table
order_by: [product_id]
columns:
  product_id: { type: Int64, doc: "The product.", unique: true }
  is_known: { type: Bool, doc: "False where purchase lines name a product that the table does not have." }
  department: { type: String, doc: "Department that sells it, or `unknown`.", not_empty: true }
  brand: { type: String, doc: "National or private label, or `unknown`.", not_empty: true }
  category: { type: String, doc: "Category within the department, or `unknown`.", not_empty: true }
*/
SELECT
  product_id,
  CAST(max(in_table) AS Bool) AS is_known,
  if(max(its_department) = '', 'unknown', max(its_department)) AS department,
  if(max(its_brand) = '', 'unknown', max(its_brand)) AS brand,
  if(max(its_category) = '', 'unknown', max(its_category)) AS category
FROM (
  SELECT
    productId AS product_id, true AS in_table, ifNull(department, '') AS its_department, ifNull(brand, '') AS its_brand,
    ifNull(productCategory, '') AS its_category
  FROM retail.products_latest
  UNION ALL
  SELECT DISTINCT product_id, false, '', '', '' FROM gold.fact_purchase_lines
)
GROUP BY product_id
