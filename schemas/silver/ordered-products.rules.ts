import { catalogueItems, customers, orderedProducts, orderLines, orderRows } from '../generated/index.ts'
import { finds, outside, refersTo, ruleSet, sourceOf, unlisted } from '../rules.ts'
import { USUAL_RATES } from './currencies.ts'

const wanted = ['orderId', 'productId', 'customerId', 'category', 'quantity', 'unitPrice', 'currency'] as const

/** A price is out of the ordinary from so many times the list price on; a point moved by two places is a hundred times. */
const TIMES = 5

interface Priced {
  readonly unitPrice: bigint
  readonly currency: string
  readonly listPriceEuros: bigint
}

/** What was ordered, as the CRM and the electronics shop tell of it: the same orders, line by line. */
export const orderedProductsRules = ruleSet(orderedProducts, {
  name: 'ordered-products',
  doc: 'Ordered products of CRM and electronics shop, cleaned, judged and merged.',
  identity: ['customerId', 'orderId', 'productId'],
  remember: '60 days',
  sources: [
    sourceOf(orderedProducts, orderLines, {
      name: 'crm',
      pass: {
        orderId: 'orderId',
        productId: 'productId',
        customerId: 'customerId',
        category: 'category',
        quantity: 'quantity',
        unitPrice: 'unitPrice',
        currency: 'currency',
        placedAt: 'placedAt',
      },
      wanted,
      expect: { completeness: 0.99, uniqueness: 0.99, validity: 0.98 },
    }),
    sourceOf(orderedProducts, orderRows, {
      name: 'staging',
      pass: {
        orderId: 'orderId',
        productId: 'productId',
        customerId: 'customerId',
        category: 'category',
        quantity: 'quantity',
        unitPrice: 'price',
        currency: 'currency',
        placedAt: 'orderedAt',
      },
      wanted,
      expect: { completeness: 0.99, uniqueness: 0.99, validity: 0.98 },
    }),
  ],
  // The topic with sealed fields, of which nothing but the key is read: masking comes later, and a first order with its customer.
  references: [
    refersTo(customers, { by: 'customerId' }),
    refersTo(catalogueItems, { by: 'productId', whole: true, take: { listPriceEuros: 'listPrice' } }),
  ],
  checks: [
    outside('quantity', { min: 1, max: 50 }),
    unlisted('currency', Object.keys(USUAL_RATES)),
    finds(
      'outlier:unitPrice',
      ['unitPrice', 'currency', 'listPriceEuros'],
      (row: Priced) => {
        const rate = USUAL_RATES[row.currency]
        return rate !== undefined && Number(row.unitPrice) > Number(row.listPriceEuros) * rate * TIMES
      },
      { rates: USUAL_RATES, times: TIMES },
    ),
  ],
})
