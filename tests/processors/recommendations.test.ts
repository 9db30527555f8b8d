import assert from 'node:assert/strict'
import { test } from 'node:test'
import { type BasketProduct, basketProducts, type PurchaseLine, purchaseLines, relatedProducts } from '#schemas'
import basketPlan from '../../processors/recommendations/basket-products.ts'
import relatedPlan from '../../processors/recommendations/related-products.ts'
import { drivenPlan, sorted } from './driven.ts'

const START = Date.UTC(2017, 5, 1)
const MINUTE = 60_000

const line = (basketId: number, productId: number, at: number, quantity = 1): PurchaseLine => ({
  ...{ householdId: basketId % 10, storeId: 1, basketId, productId, quantity, week: 22 },
  ...{ salesValue: 100n, retailDiscount: 0n, couponDiscount: 0n, couponMatchDiscount: 0n },
  purchasedAt: START + at * MINUTE,
})

/** Lines of every product, far later: they move time on in every partition. */
const later = Array.from({ length: 40 }, (_, i) => line(9_000 + i, 500 + i, 24 * 60))

test('a basket is told once it is complete, by product, without what was not bought; through a crash, once', async () => {
  const plan = await drivenPlan(basketPlan)
  plan.driven.crashAt('commit', 4)
  plan.write(purchaseLines, [
    ...[line(11, 3, 0), line(11, 1, 0), line(11, 3, 0), line(11, 2, 0, 0), line(12, 7, 0)],
    ...[line(13, 1, 5), line(13, 9, 5, -1)],
    ...later,
  ])
  await plan.settle()
  const rows = plan.rows(basketProducts).filter(({ basketId }) => basketId < 9_000)
  const row = (basketId: number, productId: number, others: number[], at: number): BasketProduct => ({
    ...{ productId, basketId, householdId: basketId % 10, others },
    purchasedAt: START + at * MINUTE,
  })
  assert.deepEqual(sorted(rows), sorted([row(11, 1, [3], 0), row(11, 3, [1], 0), row(12, 7, [], 0), row(13, 1, [], 5)]))
  assert.equal(plan.refused(), 0)
})

test('related products are counted as baskets arrive, and told an hour after a change', async () => {
  const plan = await drivenPlan(relatedPlan)
  const basket = (basketId: number, at: number, ...products: number[]): BasketProduct[] =>
    products.map((productId) => ({
      ...{ productId, basketId, householdId: 1, others: products.filter((other) => other !== productId) },
      purchasedAt: START + at * MINUTE,
    }))
  plan.write(basketProducts, [
    ...basket(1, 0, 10, 20, 30),
    ...basket(2, 1, 10, 20),
    ...basket(3, 2, 10, 30),
    ...basket(4, 3, 10, 30, 40),
    ...basket(5, 180, 20, 10),
  ])
  await plan.settle()
  const rows = plan.rows(relatedProducts).filter(({ productId }) => productId === 10 || productId === 40)
  // Product 40 was with others once each: nothing is said of it.
  assert.deepEqual(rows, [
    { productId: 10, baskets: 4, others: [30, 20], together: [3, 2], asOf: START + 60 * MINUTE },
    { productId: 10, baskets: 5, others: [20, 30], together: [3, 3], asOf: START + 240 * MINUTE },
  ])
})
