import assert from 'node:assert/strict'
import { test } from 'node:test'
import { count, processor, tumbling } from '#engine'
import { at, contract, opened, timeOf } from './page-fixture.ts'

/*
 * 7. Silence
 *
 * Events close windows. So who closes the last one, when no event comes any more? The author says per input how long it may
 * be silent (`idleAfter`); after that, time moves on by itself. As this is the one thing that the wall clock decides, it is
 * written down, in the same transaction, and a replay applies it at the same place instead of looking at a clock.
 */
interface Order {
  readonly shop: string
  readonly orderedAt: number
}
const contractOf = (name: string) =>
  contract<Order>(name, { key: 'shop', time: 'orderedAt' }, { shop: 'text', orderedAt: 'time' })
const online = contractOf('online.orders.v1')
const counter = contractOf('counter.orders.v1')
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
const order = (time: string): Order => ({ shop: 'north', orderedAt: at(time) })

/* Two inputs are one stream, in the order of event time. */
const plan = processor('orders-per-minute', ({ from, merge }) =>
  merge(from(online, { idleAfter: '10 seconds' }), from(counter, { idleAfter: '10 seconds' }))
    .keyBy('shop')
    .window(tumbling({ size: '1 minute', grace: '0 seconds' }))
    .aggregate({ orders: count() })
    .emit('on-close')
    .to(perMinute),
)

test('a silent input is waited for, until it is silent for longer than its author allows', async () => {
  const page = await opened(plan)
  page.write(online, order('12:00:00'), order('12:00:30'))
  await page.run()
  // The counter could still bring something earlier: nothing is taken yet.
  assert.equal(page.driven.stage('orders-per-minute.source', 0).counts.taken, 0)
  await page.pass('10 seconds')
  assert.equal(page.driven.stage('orders-per-minute.source', 0).counts.taken, 2)
})

test('when everything is silent, time moves on, the last window closes, and it is written down', async () => {
  const page = await opened(plan, { now: '12:00:30' })
  page.write(online, order('12:00:30'))
  page.write(counter, order('12:00:20'))
  await page.run()
  await page.pass('40 seconds')
  await page.run()
  assert.deepEqual(
    page.rows(perMinute).map(({ windowStart, orders }) => [timeOf(windowStart), orders]),
    [['12:00:00', 2]],
  )
  const advances = (await page.decided()).filter((decided) => decided.kind === 'advance')
  assert.ok(advances.length > 0)
  assert.ok(advances.every(({ reason }) => reason === 'idle'))
  // Where slices were cut between the inputs is written down as well: a replay cuts there too.
  assert.ok((await page.decided()).some(({ kind }) => kind === 'slice'))
})
