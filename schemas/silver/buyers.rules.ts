import { buyers, maskedClients, maskedCustomers, orderedProducts, sales } from '../generated/index.ts'
import { made, ruleSet, sourceOf } from '../rules.ts'

/** Customers, as the CRM and the retailer's database have them: the same people under the same number. */
export const buyersRules = ruleSet(buyers, {
  name: 'buyers',
  doc: 'Customers of CRM and ventes under standard names, judged and merged.',
  identity: ['customerId'],
  counterparts: [
    { column: 'customerId', in: orderedProducts, by: 'customerId' },
    { column: 'customerId', in: sales, by: 'customerId' },
  ],
  sources: [
    sourceOf(buyers, maskedCustomers, {
      name: 'crm',
      pass: {
        customerId: 'customerId',
        country: 'country',
        language: 'language',
        status: 'status',
        registeredAt: 'registeredAt',
        changedAt: 'changedAt',
      },
      wanted: ['customerId', 'country', 'language', 'status', 'registeredAt'],
      expect: { completeness: 0.99, uniqueness: 0.99, validity: 0.99 },
      versions: true,
    }),
    sourceOf(buyers, maskedClients, {
      name: 'ventes',
      pass: { customerId: 'idClient', country: 'pays', registeredAt: 'dateInscription', changedAt: 'dateInscription' },
      made: { language: made([], () => null), status: made([], () => null) },
      wanted: ['customerId', 'country', 'registeredAt'],
      expect: { completeness: 0.99, uniqueness: 0.99, validity: 0.99 },
    }),
  ],
})
