/*
description: Every purchase line of the retailer's stores, with what is odd about it said beside it; quantities of zero and below are kept.
grain: one row a purchase line
owner: retail-analytics
materialized: table
order_by: [day, household_id, basket_id, product_id]
columns:
  household_id: { type: Int64, doc: "The household that bought.", references: dim_households.household_id }
  product_id: { type: Int64, doc: "The product.", references: dim_store_products.product_id }
  store_id: { type: Int64, doc: "The store." }
  basket_id: { type: Int64, doc: "The basket: one trip through one till." }
  purchased_at: { type: "DateTime64(3, 'America/New_York')", doc: "When, shown in the stores' zone." }
  day: { type: Date, doc: "The stores' calendar day." }
  quantity: { type: Int64, doc: "Pieces, or the unit of the till." }
  sales_value: { type: "Decimal(18, 2)", doc: "What the retailer received, in US dollars." }
  discount: { type: "Decimal(38, 2)", doc: "All discounts together, in US dollars." }
  has_no_quantity: { type: Bool, doc: "The quantity is zero or below. It counts in every sum." }
*/
SELECT
  householdId AS household_id,
  productId AS product_id,
  storeId AS store_id,
  basketId AS basket_id,
  toTimeZone(purchasedAt, 'America/New_York') AS purchased_at,
  toDate(purchased_at) AS day,
  quantity,
  salesValue AS sales_value,
  toDecimal128(retailDiscount, 2) + toDecimal128(couponDiscount, 2) + toDecimal128(couponMatchDiscount, 2) AS discount,
  CAST(quantity <= 0 AS Bool) AS has_no_quantity
FROM retail.purchase_lines
