import assert from 'node:assert/strict'
import { test } from 'node:test'
import { KappaError } from '#engine/errors'
import { count, processor, sum, tumbling } from '#engine/topology'
import { Bench, header } from '../bench-fixture.ts'
import { NEW_YEAR, sale, salesPerMinute, storeSales } from '../trade-fixture.ts'
import { order, orders, type Pair, pairing, pairs, payment, payments, type Terms } from './pairs-fixture.ts'

const shown = (rows: readonly Pair[]) => rows.map(({ orderId, paymentId, at }) => [orderId, paymentId, at - NEW_YEAR])
const symmetric = { before: 10, after: 10, grace: 0 }

/** Takes each event in a slice of its own, so that arrival order is as written. */
async function taken(terms: Terms, events: readonly (ReturnType<typeof order> | ReturnType<typeof payment>)[]) {
  const bench = await Bench.of(pairing(terms))
  for (const event of events) {
    if ('orderId' in event) bench.write(orders, event)
    else bench.write(payments, event)
    await bench.run()
  }
  return bench
}

test('both ends of the interval count; a pair comes at once, at the later time, with an identity made of both ids', async () => {
  const events = [order('a', 100), payment('1', 89), payment('2', 90), payment('3', 110), payment('4', 111)]
  const bench = await taken({ ...symmetric, kind: 'inner', grace: 50 }, events)
  assert.deepEqual(shown(bench.rows(pairs)), [
    ['a', '2', 100],
    ['a', '3', 110],
  ])
  // Payments have no id in their contract: partition and offset identify one.
  assert.deepEqual(
    bench.rows(pairs).map(({ pair }) => pair),
    ['a|0\\|1', 'a|0\\|3'],
  )
  assert.deepEqual(bench.of('late'), [])
})

test('an event without a partner is a row once its window and the grace are over, before what comes then', async () => {
  const events = [order('a', 0), order('b', 5), payment('1', 15), order('c', 20), order('d', 21)]
  const bench = await taken({ ...symmetric, kind: 'left', grace: 10 }, events)
  assert.deepEqual(shown(bench.rows(pairs)), [
    ['b', '1', 15],
    ['c', '1', 20],
    ['a', null, 0],
    ['d', '1', 21],
  ])
})

test('once given up, an event is never paired: no row is taken back', async () => {
  const events = [order('a', 0), order('b', 12), payment('1', 1)]
  const bench = await taken({ before: 10, after: 10, grace: 0, kind: 'left' }, events)
  assert.deepEqual(shown(bench.rows(pairs)), [['a', null, 0]])
  // The same payment meets an order that was not given up.
  const inner = await taken({ ...symmetric, kind: 'inner' }, events)
  assert.deepEqual(shown(inner.rows(pairs)), [['a', '1', 1]])
})

test('outer: events of either side alone, in the order in which they are given up; the key comes from either', async () => {
  const events = [payment('1', 0), order('a', 2), payment('2', 3, 'south'), order('end', 100)]
  const bench = await taken({ before: 1, after: 20, grace: 0, kind: 'outer' }, events)
  assert.deepEqual(shown(bench.rows(pairs)), [
    [null, '1', 0],
    [null, '2', 3],
    ['a', null, 2],
  ])
  assert.deepEqual(
    bench.rows(pairs).map(({ shop }) => shop),
    ['north', 'south', 'north'],
  )
})

test('a late event meets who is kept, and is late by name: partly where it met somebody or gave a row', async () => {
  const events = [
    order('a', 0),
    payment('1', 60),
    order('b', 100),
    payment('2', 70),
    payment('3', 95),
    payment('4', 60),
  ]
  const bench = await taken({ ...symmetric, kind: 'inner', grace: 5 }, events)
  assert.deepEqual(shown(bench.rows(pairs)), [['b', '3', 100]])
  assert.deepEqual(
    bench.of('late').map((record) => [header(record, 'reason'), header(record, 'lateness')]),
    [
      ['late', '30'],
      ['late', '40'],
    ],
  )
  const left = await taken({ ...symmetric, kind: 'left', grace: 5 }, [order('b', 100), order('c', 70)])
  assert.deepEqual(shown(left.rows(pairs)), [['c', null, 70]])
  assert.deepEqual(header(left.of('late')[0], 'reason'), 'partly-late')
})

test('bounds may be negative: only what comes between one and three after', async () => {
  const events = [order('a', 0), payment('0', 0), payment('1', 1), payment('3', 3), payment('4', 4), order('b', 3)]
  const bench = await taken({ before: -1, after: 3, grace: 0, kind: 'inner' }, events)
  assert.deepEqual(shown(bench.rows(pairs)), [
    ['a', '1', 1],
    ['a', '3', 3],
    ['b', '4', 4],
  ])
})

test('what is over is not kept', async () => {
  const bench = await Bench.of(pairing({ ...symmetric, kind: 'left', grace: 10 }))
  for (let n = 0; n < 2000; n++) {
    bench.write(orders, order(`o${n}`, n * 3, `shop ${n % 50}`))
    if (n % 2 > 0) bench.write(payments, payment(`p${n}`, n * 3, `shop ${n % 50}`))
  }
  await bench.run()
  assert.ok(bench.task().stage.stateEntries < 40, `${bench.task().stage.stateEntries}`)
  assert.equal(bench.rows(pairs).length, 2000 - 3)
})

const unpaid = processor('unpaid', ({ from }) =>
  from(storeSales)
    .joinWithin(from(payments), {
      on: ['store'],
      before: '0 seconds',
      after: '10 seconds',
      grace: '5 seconds',
      select: { paymentId: 'paymentId' },
      kind: 'left',
    })
    .filter(['paymentId'], ({ paymentId }) => paymentId === null)
    .keyBy('store', 'currency')
    .window(tumbling({ size: '1 minute', grace: '15 seconds' }))
    .aggregate({ orders: count(), revenue: sum('amount') })
    .emit('on-close')
    .to(salesPerMinute),
)

test('a jump of time closes windows behind the join as a slow advance does: rows given up are in theirs', async () => {
  const results: unknown[] = []
  for (const step of [100_000, 1000]) {
    const bench = await Bench.of(unpaid)
    bench.write(storeSales, sale({ soldAt: NEW_YEAR + 10_000 }))
    bench.write(storeSales, sale({ soldAt: NEW_YEAR + 59_000 }))
    bench.write(payments, payment('1', 15_000))
    await bench.run()
    for (let at = 0; at <= 100_000; at += step) bench.advance({ time: NEW_YEAR + at, reason: 'idle' })
    await bench.run()
    assert.deepEqual(bench.of('late'), [])
    results.push(bench.rows(salesPerMinute))
  }
  assert.deepEqual(results[0], results[1])
  assert.deepEqual(results[0], [
    { store: 'north', currency: 'EUR', windowStart: NEW_YEAR, windowEnd: NEW_YEAR + 60_000, orders: 1, revenue: 1000n },
  ])
})

test('what found a partner after a commit is not given up after a crash', async () => {
  for (const how of ['crash', 'compact'] as const) {
    const bench = await Bench.of(pairing({ ...symmetric, kind: 'left' }))
    bench.write(orders, order('a', 0))
    bench.write(orders, order('b', 0, 'south'))
    await bench.run()
    bench.write(payments, payment('1', 3))
    await bench.run()
    if (how === 'compact') bench.compact(bench.task())
    bench.crash(bench.task())
    bench.advance({ time: NEW_YEAR + 1000, reason: 'idle' })
    await bench.run()
    assert.deepEqual(shown(bench.rows(pairs)), [
      ['a', '1', 3],
      ['b', null, 0],
    ])
  }
})

test('a finished import gives up whoever has no partner and closes the windows behind', async () => {
  const bench = await Bench.of(unpaid)
  bench.write(storeSales, sale())
  await bench.run()
  bench.advance({ time: NEW_YEAR, reason: 'import' })
  await bench.run()
  assert.deepEqual(
    bench.rows(salesPerMinute).map(({ orders: unpaidOrders }) => unpaidOrders),
    [1],
  )
})

test('a row that throws behind the join is a dead letter of the event; its other rows go on', async () => {
  const plan = processor('picky', ({ from }) =>
    from(orders)
      .joinWithin(from(payments), {
        on: ['shop'],
        before: '1 second',
        after: '1 second',
        grace: '0 seconds',
        select: { paymentId: 'paymentId' },
        kind: 'left',
        identity: 'pair',
      })
      .map(
        ['orderId', 'orderedAt'],
        ({ orderId, orderedAt }) => {
          if (orderId === 'bad') throw new Error('bad order')
          return { at: orderedAt }
        },
        { keep: ['pair', 'shop', 'orderId', 'paymentId'] },
      )
      .to(pairs),
  )
  const bench = await Bench.of(plan)
  bench.write(orders, order('a', 0))
  bench.write(orders, order('bad', 1))
  bench.write(orders, order('c', 2))
  bench.write(payments, payment('1', 3))
  await bench.run()
  bench.write(orders, order('bad', 9000))
  bench.write(orders, order('z', 99_000))
  await bench.run()
  assert.deepEqual(shown(bench.rows(pairs)), [
    ['a', '1', 0],
    ['c', '1', 2],
  ])
  assert.deepEqual(
    bench.of('dead-letter').map((record) => [header(record, 'error'), header(record, 'topic')]),
    [
      ['bad order', 'trade.payments.v1'],
      ['bad order', undefined],
    ],
  )
})

test('a step behind a join that always throws stops the task', async () => {
  const plan = processor('broken', ({ from }) =>
    from(orders)
      .joinWithin(from(payments), {
        on: ['shop'],
        before: '1 second',
        after: '1 second',
        grace: '0 seconds',
        select: { paymentId: 'paymentId' },
        kind: 'inner',
        identity: 'pair',
      })
      .map(
        ['orderedAt'],
        (): { at: number } => {
          throw new Error('broken')
        },
        { keep: ['pair', 'shop', 'orderId', 'paymentId'] },
      )
      .to(pairs),
  )
  const bench = await Bench.of(plan)
  bench.write(orders, order('a', 0))
  for (let n = 0; n < 20; n++) bench.write(payments, payment(`${n}`, n))
  await assert.rejects(bench.run(), (thrown) => thrown instanceof KappaError && thrown.code === 'POISONED')
})

test('an event on a partition that is not its key’s is dead-lettered', async () => {
  const bench = await Bench.of(pairing({ ...symmetric, kind: 'inner' }), { partitions: 2 })
  const astray = order('a', 0)
  bench.raw(orders, Buffer.from('other'), bench.framed(orders, astray), 1 - bench.place(orders, astray))
  await bench.run()
  assert.match(header(bench.of('dead-letter')[0], 'error') ?? '', /partition/)
})

test('what makes no sense is refused when it is built', () => {
  const refused = (build: () => unknown, why: RegExp) =>
    assert.throws(build, (thrown) => thrown instanceof KappaError && why.test(thrown.message))
  refused(() => pairing({ kind: 'inner', before: -5, after: 3, grace: 0 }), /sum up to less than 0/)
  const options = { before: '1 minute', after: '1 minute', grace: '0 seconds', kind: 'left' } as const
  refused(
    () =>
      processor('keys', ({ from }) =>
        from(orders)
          .joinWithin(from(payments), {
            ...options,
            on: ['orderId'],
            select: { paymentId: 'paymentId' },
            identity: 'pair',
          })
          .map([], () => ({ at: 0 }), { keep: ['pair', 'shop', 'orderId', 'paymentId'] })
          .to(pairs),
      ),
    /own key shop unchanged/,
  )
  refused(
    () =>
      processor('grace', ({ from }) =>
        from(storeSales)
          .joinWithin(from(payments), { ...options, on: ['store'], select: { paymentId: 'paymentId' } })
          .keyBy('store', 'currency')
          .window(tumbling({ size: '1 minute', grace: '30 seconds' }))
          .aggregate({ orders: count() })
          .emit('on-close')
          .map([], () => ({ revenue: 0n }), { keep: ['store', 'currency', 'windowStart', 'windowEnd', 'orders'] })
          .to(salesPerMinute),
      ),
    /up to 60000 ms after their time/,
  )
})
