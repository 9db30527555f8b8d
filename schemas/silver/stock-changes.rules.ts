import { catalogueItems, stockChanges, stockMovements } from '../generated/index.ts'
import { finds, made, outside, refersTo, ruleSet, sourceOf } from '../rules.ts'

const UNKNOWN = 'unknown'
/** Movements that take pieces out of a warehouse; all others bring some in. */
const OUT = ['SALE', 'WRITE_OFF']
const MOST_PIECES = 10_000

/** Movements of stock. Pieces that go the wrong way for their reason are flagged; those of orders should name the order. */
export const stockChangesRules = ruleSet(stockChanges, {
  name: 'stock-changes',
  doc: 'Stock movements with the category of their product, judged, without duplicates.',
  identity: ['productId', 'movementId'],
  remember: '30 days',
  sources: [
    sourceOf(stockChanges, stockMovements, {
      name: 'inventory',
      pass: {
        movementId: 'movementId',
        productId: 'productId',
        warehouse: 'warehouse',
        reason: 'reason',
        quantity: 'quantity',
        orderId: 'orderId',
        movedAt: 'movedAt',
      },
      wanted: ['movementId', 'productId', 'warehouse', 'quantity'],
      wantedWhen: [{ column: 'orderId', when: { reason: ['SALE', 'CANCELLATION', 'RETURN'] } }],
      expect: { completeness: 0.99, uniqueness: 0.98, validity: 0.98 },
    }),
  ],
  references: [refersTo(catalogueItems, { by: 'productId', take: { itemCategory: 'category' } })],
  derived: { category: made(['itemCategory'], (row: { itemCategory: string | null }) => row.itemCategory ?? UNKNOWN) },
  checks: [
    outside('quantity', { min: -MOST_PIECES, max: MOST_PIECES }),
    finds(
      'outlier:quantity',
      ['quantity', 'reason'],
      ({ quantity, reason }: { quantity: number; reason: string }) =>
        quantity === 0 || quantity < 0 !== OUT.includes(reason),
      { out: OUT },
    ),
  ],
})
