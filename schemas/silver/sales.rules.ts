import { achats, clients, sales } from '../generated/index.ts'
import { made, outside, refersTo, ruleSet, sourceOf } from '../rules.ts'

/** The retailer's purchases under standard names. A purchase whose client has no row is kept: `unknown:customerId`. */
export const salesRules = ruleSet(sales, {
  name: 'sales',
  doc: 'Purchases of ventes under standard names, judged, without duplicates.',
  identity: ['customerId', 'saleId'],
  remember: '30 days',
  sources: [
    sourceOf(sales, achats, {
      name: 'ventes',
      pass: { saleId: 'idAchat', customerId: 'idClient', product: 'produit', amount: 'montant', soldAt: 'dateAchat' },
      made: { currency: made([], () => 'EUR') },
      wanted: ['saleId', 'customerId', 'product', 'amount'],
      expect: { completeness: 0.99, uniqueness: 0.99, validity: 0.98 },
    }),
  ],
  // As in ordered-products: of the sealed topic the key alone.
  references: [refersTo(clients, { by: 'customerId' })],
  checks: [outside('amount', { min: 0.01, max: 3_000, scale: 2 })],
})
