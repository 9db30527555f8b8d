import assert from 'node:assert/strict'
import { test } from 'node:test'
import { broadcast, processor } from '#engine'
import { at, contract, opened } from './page-fixture.ts'

/*
 * 12. A table that every task holds whole
 *
 * The join of page 3 needs both topics keyed alike. Exchange rates are keyed by currency, orders by customer: an order finds
 * its rate only where all rates are. `broadcast` reads every partition of such a topic into every task. It is a table like
 * any other: kept with its versions, looked up as of the event's time, and recorded slice by slice, so that a replay of last
 * week prices with the rates of last week. It is for small topics: each task pays for all of it.
 */
interface Order {
  readonly customer: string
  readonly orderId: string
  readonly currency: string
  readonly orderedAt: number
}
const orders = contract<Order>(
  'shop.orders.v1',
  { key: 'customer', time: 'orderedAt' },
  { customer: 'text', orderId: 'text', currency: 'text', orderedAt: 'time' },
)
interface Rate {
  readonly currency: string
  readonly perEuro: bigint
  readonly validFrom: number
}
const rates = contract<Rate>(
  'shop.rates.v1',
  { kind: 'table', key: 'currency', time: 'validFrom', id: ['currency'] },
  { currency: 'text', perEuro: 'money', validFrom: 'time' },
)
interface Rated {
  readonly customer: string
  readonly orderId: string
  readonly perEuro: bigint
  readonly orderedAt: number
}
const rated = contract<Rated>(
  'shop.rated-orders.v1',
  { key: 'customer', time: 'orderedAt', id: ['orderId'] },
  { customer: 'text', orderId: 'text', perEuro: 'money', orderedAt: 'time' },
)

const plan = processor('rated-orders', ({ from }) =>
  from(orders)
    .join(broadcast(rates, { history: '1 day' }), { on: ['currency'], select: { perEuro: 'perEuro' }, kind: 'inner' })
    .to(rated),
)

test('orders of every partition find the rate of their currency, as of their time', async () => {
  const page = await opened(plan, { partitions: 2 })
  const rate = (currency: string, time: string, perEuro: bigint): Rate => ({ currency, perEuro, validFrom: at(time) })
  page.write(rates, rate('USD', '09:00:00', 1_10n), rate('GBP', '09:00:00', 85n), rate('USD', '12:00:00', 1_20n))
  const customers = ['ann', 'bob', 'cid', 'dan', 'eve', 'fay']
  for (const customer of customers)
    page.write(
      orders,
      { customer, orderId: `${customer}-1`, currency: 'USD', orderedAt: at('11:00:00') },
      { customer, orderId: `${customer}-2`, currency: 'GBP', orderedAt: at('12:30:00') },
      { customer, orderId: `${customer}-3`, currency: 'USD', orderedAt: at('12:30:00') },
      { customer, orderId: `${customer}-4`, currency: 'JPY', orderedAt: at('12:30:00') }, // no rate: an inner join drops it
    )
  await page.run()
  // The customers are spread over the partitions: neither partition of the rates alone would have served them.
  assert.equal(new Set(page.driven.read(orders.name).map(({ partition }) => partition)).size, 2)
  for (const customer of customers)
    assert.deepEqual(
      page.rows(rated).flatMap((row) => (row.customer === customer ? [[row.orderId, row.perEuro]] : [])),
      [
        [`${customer}-1`, 1_10n],
        [`${customer}-2`, 85n],
        [`${customer}-3`, 1_20n],
      ],
    )
})

test('a crash in mid-commit loses no rate and prices nothing twice', async () => {
  const page = await opened(plan, { partitions: 2 })
  page.write(rates, { currency: 'USD', perEuro: 1_10n, validFrom: at('09:00:00') })
  page.write(orders, { customer: 'ann', orderId: 'a', currency: 'USD', orderedAt: at('11:00:00') })
  page.driven.crashAt('commit', 4)
  await page.run()
  page.write(orders, { customer: 'bob', orderId: 'b', currency: 'USD', orderedAt: at('11:30:00') })
  await page.run()
  assert.equal(page.driven.crashes, 1)
  assert.deepEqual(
    page
      .rows(rated)
      .map(({ orderId, perEuro }) => [orderId, perEuro])
      .sort(),
    [
      ['a', 1_10n],
      ['b', 1_10n],
    ],
  )
})
