import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { KappaError } from '#engine/errors'
import { count, processor, tumbling } from '#engine/topology'
import { Bench, header } from './bench-fixture.ts'
import { field, made, NEW_YEAR, type Sale, sale, sales, salesPerMinute, storeSales } from './trade-fixture.ts'

interface Seen {
  readonly store: string
  readonly saleId: string
  readonly soldAt: number
}
const once = made<Seen>('trade.once.v1', { key: 'store', time: 'soldAt' }, [
  field.text('store'),
  field.text('saleId'),
  field.time('soldAt'),
])

const unique = processor('unique', ({ from }) =>
  from(storeSales)
    .deduplicate({ by: ['saleId'], within: '10 seconds' })
    .map(['store', 'saleId', 'soldAt', 'items'], ({ items, ...row }) => {
      if (items === 13) throw new Error('unlucky')
      return row
    })
    .to(once),
)

const at = (seconds: number, change: Partial<Sale> = {}) => sale({ soldAt: NEW_YEAR + seconds * 1000, ...change })
const shown = (bench: Bench) =>
  bench.rows(once).map(({ store, saleId, soldAt }) => `${store} ${saleId} ${(soldAt - NEW_YEAR) / 1000}`)

test('of events of one key and id that follow one another within the time, the first passes', async () => {
  const bench = await Bench.of(unique)
  for (const event of [
    at(100, { saleId: 'a' }),
    at(100, { saleId: 'a' }),
    at(100, { saleId: 'a', store: 'south' }),
    at(100, { saleId: 'b' }),
    // Ten seconds: both ends included. Earlier in time, later taken: a duplicate as well.
    at(110, { saleId: 'a' }),
    at(100, { saleId: 'b' }),
    // Of the dropped one, not of the first.
    at(120, { saleId: 'a' }),
    at(131, { saleId: 'a' }),
    at(131, { saleId: 'b' }),
  ])
    bench.write(storeSales, event)
  await bench.run()
  assert.deepEqual(shown(bench), ['north a 100', 'south a 100', 'north b 100', 'north a 131', 'north b 131'])
  assert.equal(bench.of('late').length, 0)
  assert.deepEqual(bench.task().stage.counts, { taken: 9, late: 0, deadLettered: 0, duplicates: 4 })
})

test('an event that could not be told any more is late by name; its state is gone', async () => {
  const bench = await Bench.of(unique)
  bench.write(storeSales, at(100, { saleId: 'a' }))
  bench.write(storeSales, at(150, { saleId: 'b' }))
  bench.write(storeSales, at(140, { saleId: 'c' }))
  bench.write(storeSales, at(139, { saleId: 'd' }))
  await bench.run()
  assert.deepEqual(shown(bench), ['north a 100', 'north b 150', 'north c 140'])
  const [late] = bench.of('late')
  assert.deepEqual([header(late, 'reason'), header(late, 'lateness')], ['horizon', '11000'])
  assert.equal(bench.task().stage.stateEntries, 2)
})

test('an event that throws is not its own duplicate; given up, it was never seen', async () => {
  const bench = await Bench.of(unique)
  bench.write(storeSales, at(1, { saleId: 'a', items: 13 }))
  bench.write(storeSales, at(2, { saleId: 'a' }))
  bench.write(storeSales, at(3, { saleId: 'a' }))
  await bench.run()
  assert.deepEqual(shown(bench), ['north a 2'])
  assert.equal(bench.of('dead-letter').length, 1)
})

test('before a re-key duplicates are dropped where the event’s own key puts them', async () => {
  const plan = processor('counted', ({ from }) =>
    from(sales)
      .deduplicate({ by: ['saleId'], within: '1 minute' })
      .keyBy('store', 'currency')
      .window(tumbling({ size: '1 minute', grace: '0 seconds' }))
      .aggregate({ orders: count() })
      .emit('on-close')
      .map(['orders'], () => ({ revenue: 0n }), { keep: ['store', 'currency', 'windowStart', 'windowEnd', 'orders'] })
      .to(salesPerMinute),
  )
  const bench = await Bench.of(plan, { partitions: 3 })
  for (let n = 0; n < 60; n++) bench.write(sales, at(n % 30, { saleId: `s${n % 20}` }))
  await bench.run()
  bench.advance({ time: NEW_YEAR + 3_600_000, reason: 'idle' })
  await bench.run()
  assert.deepEqual(
    bench.rows(salesPerMinute).map(({ orders }) => orders),
    [20],
  )
})

test('deduplicating by nothing or for no time is refused', () => {
  const refused = (by: readonly 'saleId'[], within: '0 seconds' | '1 second') =>
    assert.throws(
      () =>
        processor('wrong', ({ from }) =>
          from(storeSales)
            .deduplicate({ by, within })
            .to(storeSales as never),
        ),
      (thrown) => thrown instanceof KappaError && thrown.code === 'PLAN_INVALID',
    )
  refused([], '1 second')
  refused(['saleId'], '0 seconds')
})

const anEvent = fc.record({
  store: fc.constantFrom('north', 'south'),
  saleId: fc.constantFrom('a', 'b', 'c'),
  items: fc.constantFrom(1, 1, 1, 13),
  seconds: fc.integer({ min: -20, max: 80 }),
})

/** The rule, told over the whole list: nothing is ever forgotten. */
function expected(events: readonly (typeof anEvent extends fc.Arbitrary<infer E> ? E : never)[]): string[] {
  const taken: (typeof events)[number][] = []
  const rows: string[] = []
  let streamTime = Number.NEGATIVE_INFINITY
  for (const event of events) {
    streamTime = Math.max(streamTime, event.seconds)
    if (event.seconds < streamTime - 10) continue
    const duplicate = taken.some(
      (other) =>
        other.store === event.store && other.saleId === event.saleId && Math.abs(other.seconds - event.seconds) <= 10,
    )
    if (!duplicate && event.items === 13) continue
    taken.push(event)
    if (!duplicate) rows.push(`${event.store} ${event.saleId} ${event.seconds}`)
  }
  return rows
}

test('whatever the slices, crashes and snapshots, it is the rule told over all events', async () => {
  const act = fc.record({
    take: fc.integer({ min: 1, max: 6 }),
    fate: fc.constantFrom('commit', 'commit', 'crash', 'compact', 'go on'),
  })
  await fc.assert(
    fc.asyncProperty(fc.array(anEvent, { maxLength: 19 }), fc.array(act, { maxLength: 20 }), async (events, acts) => {
      const bench = await Bench.of(unique)
      for (const { seconds, ...event } of events) bench.write(storeSales, at(seconds, event))
      const task = bench.task()
      for (const { take, fate } of acts) {
        await bench.take(task, take)
        if (fate === 'commit' || fate === 'compact') bench.commit(task)
        if (fate === 'compact') bench.compact(task)
        if (fate === 'crash' || fate === 'compact') bench.crash(task)
      }
      await bench.run()
      assert.deepEqual(shown(bench), expected(events))
    }),
    { numRuns: 300 },
  )
})
