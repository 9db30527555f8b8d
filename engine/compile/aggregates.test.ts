import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { KappaError } from '#engine/errors'
import {
  approximateDistinct,
  collect,
  count,
  distinct,
  fold,
  hopping,
  mean,
  processor,
  quantile,
  quantiles,
  standardDeviation,
  topK,
  tumbling,
  variance,
} from '#engine/topology'
import { Bench, header } from './bench-fixture.ts'
import { field, made, NEW_YEAR, type Sale, sale, sales, storeSales } from './trade-fixture.ts'

interface Report {
  readonly store: string
  readonly windowStart: number
  readonly windowEnd: number
  readonly saleIds: string[]
  readonly customers: number
  readonly about: number
  readonly spread: number | null
  readonly deviation: number | null
  readonly median: number
  readonly tails: number[]
  readonly best: string[]
  readonly bestCounts: number[]
  readonly some: string[]
  readonly basket: string
}
const double = (name: string) => ({ name, type: 'double', doc: 'A number.' })
const list = (name: string, items: string) => ({ name, type: { type: 'array', items }, doc: 'A list.' })
const reports = made<Report>(
  'trade.reports.v1',
  { kind: 'results', key: 'store', time: 'windowStart', id: ['store', 'windowStart'] },
  [
    field.text('store'),
    field.time('windowStart'),
    field.time('windowEnd'),
    list('saleIds', 'string'),
    field.long('customers'),
    field.long('about'),
    field.nullable('spread', 'double'),
    field.nullable('deviation', 'double'),
    double('median'),
    list('tails', 'double'),
    list('best', 'string'),
    list('bestCounts', 'long'),
    list('some', 'string'),
    field.text('basket'),
  ],
)

/** Sales by currency, in the order they came; a sale of 13 items cannot be added. */
const basket = fold({
  reads: ['currency', 'items'],
  initial: () => new Map<string, number[]>(),
  add: (state, row: { currency: string; items: number }) => {
    if (row.items === 13) throw new Error('unlucky')
    return state.set(row.currency, [row.items])
  },
  merge: (state, other) => {
    for (const [currency, items] of other) state.set(currency, [...(state.get(currency) ?? []), ...items])
    return state
  },
  result: (state) =>
    [...state]
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([currency, items]) => `${currency}=${items.join('+')}`)
      .join(' '),
})

const columns = {
  saleIds: collect('saleId', { limit: 5 }),
  customers: distinct('saleId'),
  about: approximateDistinct('saleId'),
  spread: variance('amount'),
  deviation: standardDeviation('weight'),
  median: quantile('amount', { at: 0.5 }),
  tails: quantiles('weight', { at: [0.05, 0.95] }),
  best: topK('currency', { k: 2 }),
  bestCounts: topK('currency', { k: 2, yields: 'counts' }),
} as const

const report = (source: 're-keyed' | 'in one stage', emit: 'on-close' | 'on-update' = 'on-close') =>
  processor('reports', ({ from }) =>
    from(source === 're-keyed' ? sales : storeSales)
      .keyBy('store')
      .window(
        source === 're-keyed'
          ? tumbling({ size: '1 minute', grace: '30 seconds' })
          : hopping({ size: '1 minute', advance: '30 seconds', grace: '30 seconds' }),
      )
      .aggregate({ ...columns, some: topK('currency', { k: 1, capacity: 2 }), basket })
      .emit(emit)
      .to(reports),
  )

const aSale = fc.record({
  saleId: fc.integer({ min: 0, max: 30 }).map((n) => `s${n}`),
  store: fc.constantFrom('north', 'south'),
  currency: fc.constantFrom('EUR', 'USD', 'GBP', 'CHF'),
  items: fc.integer({ min: 0, max: 14 }),
  amount: fc.bigInt({ min: 0n, max: 10_000n }),
  weight: fc.option(fc.double({ min: -1e6, max: 1e6, noNaN: true }), { nil: null }),
  soldAt: fc.integer({ min: 0, max: 200_000 }).map((after) => NEW_YEAR + after),
})
const act = fc.record({
  task: fc.nat(3),
  take: fc.integer({ min: 1, max: 6 }),
  fate: fc.constantFrom('commit', 'commit', 'crash', 'compact', 'go on'),
})

for (const source of ['in one stage', 're-keyed'] as const)
  test(`${source}: whatever the commits, crashes and snapshots, every aggregate is that of an undisturbed run`, async () => {
    const plan = report(source)
    const topic = source === 're-keyed' ? sales : storeSales
    await fc.assert(
      fc.asyncProperty(fc.array(aSale, { maxLength: 50 }), fc.array(act, { maxLength: 30 }), async (events, acts) => {
        const [calm, rough] = [await Bench.of(plan, { partitions: 2 }), await Bench.of(plan, { partitions: 2 })]
        for (const event of events) for (const bench of [calm, rough]) bench.write(topic, sale(event))
        await calm.run()
        for (const { task: n, take, fate } of acts) {
          const task = rough.tasks[n % rough.tasks.length]
          assert.ok(task)
          await rough.take(task, take)
          if (fate === 'commit' || fate === 'compact') rough.commit(task)
          if (fate === 'compact') rough.compact(task)
          if (fate === 'crash' || fate === 'compact') rough.crash(task)
        }
        await rough.run()
        for (const bench of [calm, rough]) {
          bench.advance({ time: NEW_YEAR + 3_600_000, reason: 'import' })
          await bench.run()
        }
        const sorted = (bench: Bench) =>
          bench.rows(reports).sort((a, b) => a.store.localeCompare(b.store) || a.windowStart - b.windowStart)
        assert.deepEqual(sorted(rough), sorted(calm))
        const letters = (bench: Bench) => bench.of('dead-letter').map((letter) => header(letter, 'error'))
        assert.deepEqual(letters(rough), letters(calm))
      }),
      { numRuns: 60 },
    )
  })

test('a record that a fold throws at is dead-lettered and counts in no window and no column', async () => {
  const bench = await Bench.of(report('in one stage', 'on-update'))
  const write = (change: Partial<Sale>) => bench.write(storeSales, sale({ soldAt: NEW_YEAR + 40_000, ...change }))
  write({ saleId: 'a', items: 1 })
  write({ saleId: 'bad', items: 13 })
  write({ saleId: 'bad', items: 13, store: 'south' })
  write({ saleId: 'b', items: 2, currency: 'USD' })
  await bench.run()
  assert.deepEqual(
    bench.rows(reports).map(({ windowStart, saleIds, basket: told }) => [windowStart - NEW_YEAR, saleIds, told]),
    [
      [0, ['a'], 'EUR=1'],
      [30_000, ['a'], 'EUR=1'],
      [0, ['a', 'b'], 'EUR=1 USD=2'],
      [30_000, ['a', 'b'], 'EUR=1 USD=2'],
    ],
  )
  assert.deepEqual(
    bench.of('dead-letter').map((letter) => header(letter, 'error')),
    ['unlucky', 'unlucky'],
  )
  assert.equal(bench.task().stage.stateEntries, 2)
})

test('a merge that throws stops the task: part of the cells would have it and part not', async () => {
  const strict = fold({
    reads: ['items'],
    initial: () => 0,
    add: (state, row: { items: number }) => state + row.items,
    merge: (state, other) => {
      if (other === 13) throw new Error('unlucky')
      return state + other
    },
    encode: (state) => state,
    decode: (state) => Number(state),
  })
  const totals = made<{ store: string; windowStart: number; windowEnd: number; total: number }>(
    'trade.totals.v1',
    { kind: 'results', key: 'store', time: 'windowStart', id: ['store', 'windowStart'] },
    [field.text('store'), field.time('windowStart'), field.time('windowEnd'), field.long('total')],
  )
  const plan = processor('strict', ({ from }) =>
    from(storeSales)
      .keyBy('store')
      .window(tumbling({ size: '1 minute', grace: '0 seconds' }))
      .aggregate({ total: strict })
      .emit('on-close')
      .to(totals),
  )
  const bench = await Bench.of(plan)
  bench.write(storeSales, sale({ items: 5 }))
  await bench.run()
  bench.write(storeSales, sale({ items: 13 }))
  await assert.rejects(bench.run(), (thrown) => thrown instanceof KappaError && thrown.code === 'POISONED')
})

test('what ships per commit and what ships once: only doubles, bounded top k and folds wait for the close', async () => {
  const shipped = async (aggregates: object) => {
    const plan = processor('partials', ({ from }) =>
      from(sales)
        .keyBy('store')
        .window(tumbling({ size: '1 minute', grace: '30 seconds' }))
        .aggregate(aggregates as { n: ReturnType<typeof count> })
        .emit('on-close')
        .map(['store', 'windowStart', 'windowEnd'], (row) => ({ ...row, saleIds: [], total: 0 }))
        .to(
          made('trade.any.v1', { key: 'store', time: 'windowStart' }, [field.text('store'), field.time('windowStart')]),
        ),
    )
    const bench = await Bench.of(plan)
    bench.write(sales, sale())
    const task = bench.task()
    await bench.take(task)
    // A row and a watermark, or a watermark alone.
    const records = task.stage.drain().filter(({ channel }) => channel === 'repartition').length
    return records === 2 ? 'per commit' : 'at the close'
  }
  for (const [aggregate, when] of [
    [count(), 'per commit'],
    [mean('amount'), 'per commit'],
    [variance('amount'), 'per commit'],
    [collect('saleId'), 'per commit'],
    [distinct('saleId'), 'per commit'],
    [approximateDistinct('saleId'), 'per commit'],
    [quantile('weight', { at: 0.5 }), 'per commit'],
    [topK('currency', { k: 1 }), 'per commit'],
    [
      fold({ reads: ['items'], initial: () => 0, add: (n: number) => n + 1, merge: (a, b) => a + b, order: 'any' }),
      'per commit',
    ],
    [topK('currency', { k: 1, capacity: 10 }), 'at the close'],
    [mean('weight'), 'at the close'],
    [variance('weight'), 'at the close'],
    [basket, 'at the close'],
  ] as const)
    assert.equal(await shipped({ n: aggregate }), when, aggregate.kind)
})
