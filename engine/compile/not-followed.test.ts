import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { KappaError } from '#engine/errors'
import { notFollowed, processor } from '#engine/topology'
import { Bench, header } from './bench-fixture.ts'
import { field, made, NEW_YEAR, type Sale, sale, storeSales } from './trade-fixture.ts'

interface Missed {
  readonly store: string
  readonly saleId: string
  readonly startedAt: number
  readonly endedAt: number
}
const missed = made<Missed>('trade.missed.v1', { key: 'store', time: 'endedAt' }, [
  field.text('store'),
  field.text('saleId'),
  field.time('startedAt'),
  field.time('endedAt'),
])

const WITHIN = 10
const GRACE = 5
/** Sales of one item have to be followed by one of two; others are nothing. */
const unfollowed = (of: 'each' | 'last') =>
  processor('unfollowed', ({ from }) =>
    from(storeSales)
      .keyBy('store')
      .process(
        notFollowed({
          name: 'unfollowed',
          reads: ['saleId', 'items'],
          starts: ({ items }) => items === 1,
          ends: ({ items }) => items === 2,
          within: `${WITHIN} milliseconds`,
          grace: `${GRACE} milliseconds`,
          of,
          make: ({ key, event, startedAt, endedAt }) => ({
            store: key.store,
            saleId: event.saleId,
            startedAt,
            endedAt,
          }),
        }),
      )
      .to(missed),
  )

const at = (after: number, items: number, change: Partial<Sale> = {}) =>
  sale({ soldAt: NEW_YEAR + after, items, ...change })
const shown = (bench: Bench) =>
  bench.rows(missed).map(({ store, saleId, startedAt, endedAt }) => {
    assert.equal(endedAt, startedAt + WITHIN)
    return `${store} ${saleId} ${startedAt - NEW_YEAR}`
  })

test('a start that nothing follows in time is told once, when its grace is over, and nothing is kept of it', async () => {
  const bench = await Bench.of(unfollowed('each'))
  bench.write(storeSales, at(0, 1, { saleId: 'a' }))
  bench.write(storeSales, at(0, 1, { saleId: 'b', store: 'south' }))
  bench.write(storeSales, at(10, 2, { store: 'south' }))
  bench.write(storeSales, at(15, 3))
  await bench.run()
  assert.deepEqual(shown(bench), [])
  bench.write(storeSales, at(16, 3))
  await bench.run()
  assert.deepEqual(shown(bench), ['north a 0'])
  bench.advance({ time: NEW_YEAR + 1000, reason: 'idle' })
  await bench.run()
  assert.deepEqual(shown(bench), ['north a 0'])
  assert.equal(bench.task().stage.stateEntries, 0)
})

test('an end that was taken before its start, or out of order, follows all the same', async () => {
  const bench = await Bench.of(unfollowed('each'))
  bench.write(storeSales, at(8, 2))
  bench.write(storeSales, at(7, 1, { saleId: 'before' }))
  bench.write(storeSales, at(9, 1, { saleId: 'behind' }))
  bench.write(storeSales, at(20, 1, { saleId: 'c' }))
  bench.write(storeSales, at(33, 3))
  bench.write(storeSales, at(30, 2))
  bench.advance({ time: NEW_YEAR, reason: 'idle' })
  await bench.run()
  bench.advance({ time: NEW_YEAR + 1000, reason: 'idle' })
  await bench.run()
  assert.deepEqual(shown(bench), ['north behind 9'])
})

test('of the last: a start that another one follows in time is followed', async () => {
  const told = async (of: 'each' | 'last') => {
    const bench = await Bench.of(unfollowed(of))
    for (const [after, saleId] of [
      [0, 'a'],
      [6, 'c'],
      [3, 'b'],
      [17, 'd'],
    ] as const)
      bench.write(storeSales, at(after, 1, { saleId }))
    await bench.run()
    bench.advance({ time: NEW_YEAR + 1000, reason: 'idle' })
    await bench.run()
    return shown(bench)
  }
  assert.deepEqual(await told('each'), ['north a 0', 'north b 3', 'north c 6', 'north d 17'])
  assert.deepEqual(await told('last'), ['north c 6', 'north d 17'])
})

test('an event as far behind as its own judgement is late; one that is neither start nor end leaves no state', async () => {
  const bench = await Bench.of(unfollowed('each'))
  bench.write(storeSales, at(100, 3))
  bench.write(storeSales, at(84, 1, { saleId: 'late' }))
  bench.write(storeSales, at(84, 2))
  bench.write(storeSales, at(85, 1, { saleId: 'in time' }))
  await bench.run()
  assert.deepEqual(
    bench.of('late').map((record) => [header(record, 'reason'), header(record, 'lateness')]),
    [
      ['late', '16'],
      ['late', '16'],
    ],
  )
  assert.equal(bench.task().stage.stateEntries, 1)
  bench.write(storeSales, at(101, 3))
  await bench.run()
  assert.deepEqual(shown(bench), ['north in time 85'])
})

test('a time of zero is refused', () => {
  const spec = { name: 'x', reads: [], starts: () => true, ends: () => true, of: 'each', make: () => ({}) } as const
  assert.throws(
    () => notFollowed({ ...spec, within: '0 seconds', grace: '0 seconds' }),
    (thrown) => thrown instanceof KappaError && thrown.code === 'PLAN_INVALID',
  )
})

interface Event {
  readonly store: string
  readonly items: number
  readonly after: number
}

/** The rule, told over all events with the stream time at which each came. */
function expected(events: readonly Event[], of: 'each' | 'last'): string[] {
  let streamTime = Number.NEGATIVE_INFINITY
  const times = events.map(({ after }) => (streamTime = Math.max(streamTime, after)))
  const taken = events.map(({ after, items }, n) => items < 3 && after + WITHIN + GRACE + 1 > (times[n] as number))
  return events.flatMap((start, n) => {
    if (start.items !== 1 || !taken[n]) return []
    const followed = events.some((other, m) => {
      if (!taken[m] || other.store !== start.store) return false
      if ((times[m] as number) >= start.after + WITHIN + GRACE + 1) return false
      if (other.after > start.after + WITHIN) return false
      return other.items === 2 ? other.after >= start.after : of === 'last' && other.after > start.after
    })
    return followed ? [] : [`${start.store} e${n} ${start.after}`]
  })
}

test('whatever the slices, crashes and snapshots, it is the rule told over all events', async () => {
  const event = fc.record({
    store: fc.constantFrom('north', 'south'),
    items: fc.integer({ min: 1, max: 3 }),
    after: fc.integer({ min: 0, max: 60 }),
  })
  const act = fc.record({
    take: fc.integer({ min: 1, max: 6 }),
    fate: fc.constantFrom('commit', 'commit', 'crash', 'compact', 'go on'),
  })
  await fc.assert(
    fc.asyncProperty(
      fc.array(event, { maxLength: 30 }),
      fc.array(act, { maxLength: 20 }),
      fc.constantFrom('each', 'last'),
      async (events, acts, of) => {
        const bench = await Bench.of(unfollowed(of))
        events.forEach(({ store, items, after }, n) => {
          bench.write(storeSales, at(after, items, { store, saleId: `e${n}` }))
        })
        const task = bench.task()
        for (const { take, fate } of acts) {
          await bench.take(task, take)
          if (fate === 'commit' || fate === 'compact') bench.commit(task)
          if (fate === 'compact') bench.compact(task)
          if (fate === 'crash' || fate === 'compact') bench.crash(task)
        }
        await bench.run()
        bench.advance({ time: NEW_YEAR + 1000, reason: 'idle' })
        await bench.run()
        assert.deepEqual(shown(bench).sort(), expected(events, of).sort())
        assert.equal(bench.task().stage.stateEntries, 0)
      },
    ),
    { numRuns: 300 },
  )
})
