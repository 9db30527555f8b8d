import assert from 'node:assert/strict'
import { test } from 'node:test'
import { count, processor, sum, tumbling } from '#engine'
import { at, contract, opened, timeOf } from './page-fixture.ts'

/*
 * 1. A first window
 *
 * Every fact is an event on a topic, and every topic has a contract: its fields, its key, and the field that says *when*
 * it happened. In this house contracts are `.avsc` files; on these pages they are made in place.
 */
interface Order {
  readonly country: string
  readonly amount: bigint
  readonly orderedAt: number
}
const orders = contract<Order>(
  'shop.orders.v1',
  { key: 'country', time: 'orderedAt' },
  { country: 'text', amount: 'money', orderedAt: 'time' },
)

interface OrdersPerMinute {
  readonly country: string
  readonly windowStart: number
  readonly windowEnd: number
  readonly orders: number
  readonly revenue: bigint
}
const ordersPerMinute = contract<OrdersPerMinute>(
  'shop.orders-per-minute.v1',
  { kind: 'results', key: 'country', time: 'windowStart', id: ['country', 'windowStart'] },
  { country: 'text', windowStart: 'time', windowEnd: 'time', orders: 'long', revenue: 'money' },
)

/*
 * A processor is a sentence: from what, by which key, in which window, which aggregates, emitted when, to where. Fields are
 * names that the compiler checks; an output column that is missing or mistyped does not compile.
 */
const plan = processor('orders-per-minute', ({ from }) =>
  from(orders)
    .keyBy('country')
    .window(tumbling({ size: '1 minute', grace: '0 seconds' }))
    .aggregate({ orders: count(), revenue: sum('amount') })
    .emit('on-close')
    .to(ordersPerMinute),
)

test('orders are counted per minute of event time, each minute once', async () => {
  const page = await opened(plan)
  page.write(
    orders,
    { country: 'DE', amount: 10_00n, orderedAt: at('12:00:05') },
    { country: 'FR', amount: 7_50n, orderedAt: at('12:00:10') },
    { country: 'DE', amount: 32_00n, orderedAt: at('12:00:59.999') },
  )
  await page.run()
  // Nothing yet: the minute is open until an event says that it is over. The wall clock closes nothing.
  assert.deepEqual(page.rows(ordersPerMinute), [])

  // A window holds its start and not its end: 12:01:00 belongs to the next one, and closes this one.
  page.write(orders, { country: 'DE', amount: 1_00n, orderedAt: at('12:01:00') })
  await page.run()
  assert.deepEqual(
    page.rows(ordersPerMinute).map((row) => [row.country, timeOf(row.windowStart), row.orders, row.revenue]),
    [
      ['DE', '12:00:00', 2, 42_00n],
      ['FR', '12:00:00', 1, 7_50n],
    ],
  )
})
