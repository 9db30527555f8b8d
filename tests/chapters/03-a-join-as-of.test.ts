import assert from 'node:assert/strict'
import { test } from 'node:test'
import { processor, table } from '#engine'
import { at, contract, opened } from './page-fixture.ts'

/*
 * 3. A join with a table, as of the event's time
 *
 * A table is a topic of which the last row per key counts. An order of 12:05 must be priced as prices stood at 12:05: not
 * as they stand when the order happens to be processed, else a replay next year would give other results. So a table is
 * kept with its versions by event time; `history` says how far back a look-up can reach.
 */
interface Order {
  readonly product: string
  readonly orderId: string
  readonly orderedAt: number
}
const orders = contract<Order>(
  'shop.orders.v1',
  { key: 'product', time: 'orderedAt' },
  { product: 'text', orderId: 'text', orderedAt: 'time' },
)
interface Price {
  readonly product: string
  readonly price: bigint
  readonly validFrom: number
}
const prices = contract<Price>(
  'shop.prices.v1',
  { kind: 'table', key: 'product', time: 'validFrom', id: ['product'] },
  { product: 'text', price: 'money', validFrom: 'time' },
)
interface Priced extends Order {
  readonly price: bigint
}
const priced = contract<Priced>(
  'shop.priced-orders.v1',
  { key: 'product', time: 'orderedAt', id: ['orderId'] },
  { product: 'text', orderId: 'text', orderedAt: 'time', price: 'money' },
)

/* Both topics are keyed by product, so equal products meet on one partition. Keyed otherwise, this would not build. */
const plan = processor('priced-orders', ({ from }) =>
  from(orders)
    .join(table(prices, { history: '1 hour' }), {
      on: ['product'],
      select: { price: 'price' },
      kind: 'left',
      otherwise: { price: 0n },
    })
    .to(priced),
)

test('an order is priced as of its own time, in whatever order things come', async () => {
  const page = await opened(plan)
  const price = (time: string, amount: bigint): Price => ({ product: 'tea', price: amount, validFrom: at(time) })
  const order = (orderId: string, time: string): Order => ({ product: 'tea', orderId, orderedAt: at(time) })
  // The price of 12:10 is already known when the orders of 12:05 and 11:55 come.
  page.write(prices, price('12:00:00', 3_00n), price('12:10:00', 4_00n))
  page.write(orders, order('early', '11:55:00'), order('middle', '12:05:00'), order('exact', '12:10:00'))
  await page.run()
  assert.deepEqual(
    page.rows(priced).map((row) => [row.orderId, row.price]),
    [
      ['early', 0n], // no price yet: a left join says what stands there then
      ['middle', 3_00n],
      ['exact', 4_00n], // a version counts from its very moment on
    ],
  )
})
