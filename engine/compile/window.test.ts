import assert from 'node:assert/strict'
import { test } from 'node:test'
import { count, hopping, processor, sum, tumbling } from '#engine/topology'
import { Bench, header } from './bench-fixture.ts'
import { NEW_YEAR, sale, salesPerMinute, storeSales } from './trade-fixture.ts'

const MINUTE = 60_000
const plan = (emit: 'on-close' | 'on-update' = 'on-close') =>
  processor('sales-per-minute', ({ from }) =>
    from(storeSales, { maxAhead: '1 hour' })
      .where({ status: 'PAID' })
      .keyBy('store', 'currency')
      .window(tumbling({ size: '1 minute', grace: '30 seconds' }))
      .aggregate({ orders: count(), revenue: sum('amount') })
      .emit(emit)
      .to(salesPerMinute),
  )

test('a tumbling window is emitted once, when stream time leaves its grace', async () => {
  const bench = await Bench.of(plan())
  for (const [at, amount] of [
    [0, 100n],
    [59_999, 200n],
    [60_000, 400n],
    [89_999, 800n],
  ] as const)
    bench.write(storeSales, sale({ soldAt: NEW_YEAR + at, amount }))
  await bench.run()
  assert.deepEqual(bench.rows(salesPerMinute), [])
  // Still open for one event of the first minute; then closed by the first moment of no grace left.
  bench.write(storeSales, sale({ soldAt: NEW_YEAR + 1, amount: 1n }))
  bench.write(storeSales, sale({ soldAt: NEW_YEAR + 90_000, amount: 1600n, status: 'REFUSED' }))
  bench.write(storeSales, sale({ soldAt: NEW_YEAR + 59_999, amount: 3200n }))
  await bench.run()
  assert.deepEqual(bench.rows(salesPerMinute), [
    { store: 'north', currency: 'EUR', windowStart: NEW_YEAR, windowEnd: NEW_YEAR + MINUTE, orders: 3, revenue: 301n },
  ])
  const [late] = bench.of('late')
  assert.equal(header(late, 'reason'), 'late')
  assert.equal(header(late, 'lateness'), '30001')
  assert.equal(header(late, 'windows'), `${NEW_YEAR}/${NEW_YEAR + MINUTE}`)
  assert.equal(bench.task().stage.counts.late, 1)
})

test('a jump of event time closes every open window in (closing time, key) order', async () => {
  const bench = await Bench.of(plan())
  for (const [at, store] of [
    [60_000, 'south'],
    [60_001, 'north'],
    [0, 'west'],
    [1, 'east'],
  ] as const)
    bench.write(storeSales, sale({ soldAt: NEW_YEAR + at, store }))
  bench.write(storeSales, sale({ soldAt: NEW_YEAR + 86_400_000 }))
  await bench.run()
  assert.deepEqual(
    bench.rows(salesPerMinute).map(({ store, windowStart }) => [windowStart - NEW_YEAR, store]),
    [
      [0, 'east'],
      [0, 'west'],
      [60_000, 'north'],
      [60_000, 'south'],
    ],
  )
})

test('on-update emits a row per change', async () => {
  const bench = await Bench.of(plan('on-update'))
  for (const amount of [1n, 2n, 3n]) bench.write(storeSales, sale({ amount }))
  await bench.run()
  assert.deepEqual(
    bench.rows(salesPerMinute).map(({ orders, revenue }) => [orders, revenue]),
    [
      [1, 1n],
      [2, 3n],
      [3, 6n],
    ],
  )
})

test('an event belongs to every hopping window that holds it, and is late for those that are closed', async () => {
  const hops = processor('hops', ({ from }) =>
    from(storeSales)
      .keyBy('store', 'currency')
      .window(hopping({ size: '2 minutes', advance: '1 minute', grace: '0 seconds' }))
      .aggregate({ orders: count(), revenue: sum('amount') })
      .emit('on-close')
      .to(salesPerMinute),
  )
  const bench = await Bench.of(hops)
  bench.write(storeSales, sale({ soldAt: NEW_YEAR + 60_000, amount: 1n }))
  bench.write(storeSales, sale({ soldAt: NEW_YEAR + 120_000, amount: 2n }))
  bench.write(storeSales, sale({ soldAt: NEW_YEAR + 60_000, amount: 4n }))
  bench.write(storeSales, sale({ soldAt: NEW_YEAR + 600_000, amount: 8n }))
  await bench.run()
  assert.deepEqual(
    bench.rows(salesPerMinute).map(({ windowStart, revenue }) => [windowStart - NEW_YEAR, revenue]),
    [
      [0, 1n],
      [60_000, 7n],
      [120_000, 2n],
    ],
  )
  assert.equal(header(bench.of('late')[0], 'windows'), `${NEW_YEAR}/${NEW_YEAR + 120_000}`)
  assert.equal(header(bench.of('late')[0], 'reason'), 'partly-late')
})

test('an event time too far ahead of its writing is late with the reason future, and moves no time', async () => {
  const bench = await Bench.of(plan())
  bench.write(storeSales, sale(), NEW_YEAR)
  bench.write(storeSales, sale({ soldAt: NEW_YEAR + 3_600_001 }), NEW_YEAR)
  bench.write(storeSales, sale({ soldAt: NEW_YEAR + 3_600_000 - 3_590_000 }), NEW_YEAR)
  await bench.run()
  assert.equal(header(bench.of('late')[0], 'reason'), 'future')
  assert.equal(bench.task().stage.streamTime, NEW_YEAR + 10_000)
  assert.deepEqual(bench.task().stage.lastEvent(0), { eventTime: NEW_YEAR + 10_000, writtenAt: NEW_YEAR })
  bench.crash(bench.task())
  assert.equal(bench.task().stage.streamTime, NEW_YEAR + 10_000)
  assert.deepEqual(bench.task().stage.lastEvent(0), { eventTime: NEW_YEAR + 10_000, writtenAt: NEW_YEAR })
})

test('an idle advance moves stream time; an import closes the windows of its last event', async () => {
  const bench = await Bench.of(plan())
  bench.write(storeSales, sale())
  await bench.run()
  bench.advance({ time: NEW_YEAR + 89_999, reason: 'idle' })
  await bench.run()
  assert.equal(bench.rows(salesPerMinute).length, 0)
  bench.advance({ time: NEW_YEAR, reason: 'import' })
  await bench.run()
  assert.equal(bench.rows(salesPerMinute).length, 1)
  assert.equal(bench.task().stage.streamTime, NEW_YEAR + 90_000)
})
