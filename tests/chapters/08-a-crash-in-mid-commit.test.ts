import assert from 'node:assert/strict'
import { test } from 'node:test'
import { count, processor, tumbling } from '#engine'
import { at, contract, opened } from './page-fixture.ts'

/*
 * 8. A crash in mid-commit
 *
 * A task keeps its state in memory and commits a few times a second: results, late events, dead letters, what changed in
 * its state, and how far it has read, in one Kafka transaction. Killed at any moment it finds itself as of its last commit,
 * and whatever was half written was never there. Nobody's results are lost, none comes twice.
 */
interface Order {
  readonly shop: string
  readonly orderedAt: number
}
const orders = contract<Order>(
  'shop.orders.v1',
  { key: 'shop', time: 'orderedAt' },
  { shop: 'text', orderedAt: 'time' },
)
interface PerMinute {
  readonly shop: string
  readonly windowStart: number
  readonly windowEnd: number
  readonly orders: number
}
const perMinute = contract<PerMinute>(
  'shop.orders-per-minute.v1',
  { kind: 'results', key: 'shop', time: 'windowStart', id: ['shop', 'windowStart'] },
  { shop: 'text', windowStart: 'time', windowEnd: 'time', orders: 'long' },
)
const plan = processor('orders-per-minute', ({ from }) =>
  from(orders)
    .keyBy('shop')
    .window(tumbling({ size: '1 minute', grace: '0 seconds' }))
    .aggregate({ orders: count() })
    .emit('on-close')
    .to(perMinute),
)

/** A morning of orders; the process dies at a numbered step of its commit, as often as said. */
async function morning(dies?: { readonly step: number; readonly times: number }) {
  const page = await opened(plan, { partitions: 2 })
  for (let hour = 0; hour < 4; hour++) {
    const times = Array.from({ length: 60 }, (_, n) => at('08:00:00') + hour * 3_600_000 + n * 20_000)
    page.write(orders, ...times.map((orderedAt, n) => ({ shop: `shop ${n % 7}`, orderedAt })))
    if (dies !== undefined && hour < dies.times) page.driven.crashAt('commit', dies.step)
    await page.run()
  }
  return { rows: page.rows(perMinute), crashes: page.driven.crashes }
}

/*
 * The steps: 1 stop taking input · 2 write results · 3 write what changed, and positions · 4 commit the transaction ·
 * 5 report positions to the group, for tools that show lag. Up to 4 nothing has happened; from there on, everything has.
 */
for (const step of [1, 2, 3, 4, 5])
  test(`killed at step ${step} of a commit, again and again, it tells what it would have told`, async () => {
    const undisturbed = await morning()
    const killed = await morning({ step, times: 3 })
    assert.equal(killed.crashes, 3)
    assert.ok(undisturbed.rows.length > 100)
    assert.deepEqual(killed.rows, undisturbed.rows)
  })
