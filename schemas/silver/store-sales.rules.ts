import { products, purchaseLines, storeSales } from '../generated/index.ts'
import { made, outside, refersTo, ruleSet, sourceOf } from '../rules.ts'

/** Where the source has no product, or says nothing of it. */
const UNKNOWN = 'unknown'

/** Lines of the retailer's tills. Quantities of zero and below are real, and so are lines of products without a row. */
export const storeSalesRules = ruleSet(storeSales, {
  name: 'store-sales',
  doc: 'Retail purchase lines with their department, judged, without duplicates.',
  identity: ['productId', 'householdId', 'basketId', 'storeId', 'purchasedAt'],
  remember: '2 days',
  sources: [
    sourceOf(storeSales, purchaseLines, {
      name: 'retail',
      pass: {
        productId: 'productId',
        householdId: 'householdId',
        basketId: 'basketId',
        storeId: 'storeId',
        quantity: 'quantity',
        amount: 'salesValue',
        purchasedAt: 'purchasedAt',
      },
      made: {
        discount: made(
          ['retailDiscount', 'couponDiscount', 'couponMatchDiscount'],
          (row: { retailDiscount: bigint; couponDiscount: bigint; couponMatchDiscount: bigint }) =>
            row.retailDiscount + row.couponDiscount + row.couponMatchDiscount,
        ),
        currency: made([], () => 'USD'),
      },
      wanted: ['productId', 'householdId', 'quantity', 'amount'],
      expect: { completeness: 0.99, uniqueness: 0.999, validity: 0.98 },
    }),
  ],
  references: [
    refersTo(products, {
      by: 'productId',
      take: { productDepartment: 'department', productCategory: 'productCategory' },
    }),
  ],
  derived: {
    department: made(
      ['productDepartment'],
      (row: { productDepartment: string | null }) => row.productDepartment ?? UNKNOWN,
    ),
    category: made(['productCategory'], (row: { productCategory: string | null }) => row.productCategory ?? UNKNOWN),
  },
  checks: [outside('quantity', { min: 1, max: 100_000 }), outside('amount', { min: 0, max: 1_000, scale: 2 })],
})
