import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import type { AnyTopic } from '#engine/schema'
import { count, first, last, max, mean, min, processor, sum, tumbling } from '#engine/topology'
import { Bench, header } from './bench-fixture.ts'
import {
  made,
  NEW_YEAR,
  type Sale,
  sale,
  saleFields,
  sales,
  salesPerMinute,
  statistics,
  storeSales,
} from './trade-fixture.ts'

const perMinute = processor('sales-per-minute', ({ from }) =>
  from(sales)
    .keyBy('store', 'currency')
    .window(tumbling({ size: '1 minute', grace: '30 seconds' }))
    .aggregate({ orders: count(), revenue: sum('amount') })
    .emit('on-close')
    .to(salesPerMinute),
)

const spread = (source: 're-keyed' | 'in one stage') =>
  processor('statistics', ({ from }) =>
    from(source === 're-keyed' ? sales : storeSales)
      .map(['weight'], ({ weight }) => ({ total: weight ?? 0 }), { keep: ['store', 'saleId', 'amount', 'weight'] })
      .keyBy('store')
      .window(tumbling({ size: '1 minute', grace: '5 minutes' }))
      .aggregate({
        sales: count(),
        total: sum('total'),
        meanWeight: mean('weight'),
        least: min('weight'),
        most: max('amount'),
        firstSale: first('saleId'),
        lastSale: last('saleId'),
        meanAmount: mean('amount'),
      })
      .emit('on-close')
      .to(statistics),
  )

test('keyBy the input key is one stage, anything else is two', async () => {
  const one = await Bench.of(spread('in one stage'))
  const two = await Bench.of(spread('re-keyed'))
  assert.deepEqual([one.tasks.length, two.tasks.length], [1, 2])
  assert.equal(two.tasks[0]?.spec.next, two.tasks[1]?.spec.inputs[0]?.topic)
})

test('a window closes when every source partition has left it, late is what its own partition says', async () => {
  const bench = await Bench.of(perMinute, { partitions: 2 })
  const onPartition = (partition: number, change: Partial<Sale>) => {
    for (let n = 0; ; n++) {
      const value = sale({ ...change, saleId: `s${n}` })
      if (bench.place(sales, value) === partition) return bench.write(sales, value)
    }
  }
  onPartition(0, { soldAt: NEW_YEAR, amount: 1n })
  onPartition(1, { soldAt: NEW_YEAR, amount: 10n })
  onPartition(0, { soldAt: NEW_YEAR + 90_000 })
  await bench.run()
  assert.deepEqual(bench.rows(salesPerMinute), [])
  // Partition 0 is a day ahead; partition 1 is not late for that.
  onPartition(0, { soldAt: NEW_YEAR + 86_400_000 })
  await bench.run()
  onPartition(1, { soldAt: NEW_YEAR + 1, amount: 100n })
  onPartition(0, { soldAt: NEW_YEAR + 2 })
  await bench.run()
  assert.equal(bench.of('late').length, 1)
  assert.equal(header(bench.of('late')[0], 'partition'), '0')
  onPartition(1, { soldAt: NEW_YEAR + 90_000 })
  await bench.run()
  assert.deepEqual(
    bench.rows(salesPerMinute).map(({ windowStart, revenue }) => [windowStart - NEW_YEAR, revenue]),
    [[0, 111n]],
  )
})

test('an import that is done closes the last windows through both stages, on partitions without events too', async () => {
  const bench = await Bench.of(perMinute, { partitions: 3 })
  bench.write(sales, sale())
  await bench.run()
  bench.advance({ time: NEW_YEAR, reason: 'import' })
  await bench.run()
  assert.equal(bench.rows(salesPerMinute).length, 1)
})

const aSale = fc.record({
  saleId: fc.integer({ min: 0, max: 500 }).map((n) => `s${n}`),
  store: fc.constantFrom('north', 'south', 'east'),
  amount: fc.bigInt({ min: 0n, max: 10_000n }),
  weight: fc.option(fc.double({ min: -1e6, max: 1e6, noNaN: true }), { nil: null }),
  soldAt: fc.integer({ min: 0, max: 240_000 }).map((after) => NEW_YEAR + after),
})
/** Which task acts next, how many records it takes, and what happens then. */
const act = fc.record({
  task: fc.nat(3),
  take: fc.integer({ min: 1, max: 6 }),
  fate: fc.constantFrom('commit', 'commit', 'crash', 'compact', 'go on'),
})

test('whatever the commits, crashes and the order of tasks, the rows are those of an undisturbed run', async () => {
  const byKey = (rows: readonly { store: string; windowStart: number }[]) =>
    [...rows].sort((a, b) => a.store.localeCompare(b.store) || a.windowStart - b.windowStart)
  await fc.assert(
    fc.asyncProperty(fc.array(aSale, { maxLength: 60 }), fc.array(act, { maxLength: 40 }), async (events, acts) => {
      for (const plan of [perMinute, spread('re-keyed')]) {
        const destination: AnyTopic = plan.destination
        const calm = await Bench.of(plan, { partitions: 2 })
        const rough = await Bench.of(plan, { partitions: 2 })
        for (const event of events) {
          calm.write(sales, sale(event))
          rough.write(sales, sale(event))
        }
        await calm.run()
        for (const { task: n, take, fate } of acts) {
          const task = rough.tasks[n]
          assert.ok(task)
          await rough.take(task, take)
          if (fate === 'commit') rough.commit(task)
          if (fate === 'crash') rough.crash(task)
          if (fate === 'compact') {
            rough.commit(task)
            rough.compact(task)
            rough.crash(task)
          }
        }
        await rough.run()
        for (const bench of [calm, rough]) {
          bench.advance({ time: NEW_YEAR + 3_600_000, reason: 'import' })
          await bench.run()
        }
        assert.deepEqual(byKey(rough.rows(destination)), byKey(calm.rows(destination)))
        assert.equal(rough.of('late').length, calm.of('late').length)
      }
    }),
    { numRuns: 150 },
  )
})

/** Keyed by store and currency, where `storeSales` is keyed by store alone. */
const deskSales = made<Sale>('trade.desk-sales.v1', { key: ['store', 'currency'], time: 'soldAt' }, saleFields)

test('merged inputs that are dealt by different parts of the key need a re-key: equal keys stand in different partitions', async () => {
  const merged = processor('merged', ({ from, merge }) =>
    merge(from(storeSales), from(deskSales))
      .keyBy('store', 'currency')
      .window(tumbling({ size: '1 minute', grace: '0 seconds' }))
      .aggregate({ orders: count(), revenue: sum('amount') })
      .emit('on-close')
      .to(salesPerMinute),
  )
  const bench = await Bench.of(merged, { partitions: 3 })
  assert.equal(bench.tasks.length, 6)
  const stores = ['north', 'south', 'east', 'west']
  assert.ok(
    stores.some((store) => bench.place(storeSales, sale({ store })) !== bench.place(deskSales, sale({ store }))),
  )
  for (const store of stores) {
    bench.write(storeSales, sale({ store, amount: 1n }))
    bench.write(deskSales, sale({ store, amount: 10n }))
  }
  await bench.run()
  bench.advance({ time: NEW_YEAR, reason: 'import' })
  await bench.run()
  assert.deepEqual(
    bench
      .rows(salesPerMinute)
      .map(({ store, revenue }) => [store, revenue])
      .sort(),
    stores.map((store) => [store, 11n]).sort(),
  )
})
