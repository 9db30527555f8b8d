import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { KappaError } from '#engine/errors'
import { processor } from '#engine/topology'
import { Bench } from '../bench-fixture.ts'
import { field, made, NEW_YEAR } from '../trade-fixture.ts'

interface Stock {
  readonly product: string
  readonly pieces: number
  readonly at: number
}
interface Label {
  readonly item: string
  readonly title: string
  readonly at: number
}
interface Listed {
  readonly product: string
  readonly pieces: number | null
  readonly title: string | null
  readonly at: number
}
const table = { kind: 'table', time: 'at' }
const stocks = made<Stock>('trade.stocks.v1', { ...table, key: 'product', id: ['product'] }, [
  field.text('product'),
  field.long('pieces'),
  field.time('at'),
])
const labels = made<Label>('trade.labels.v1', { ...table, key: 'item', id: ['item'] }, [
  field.text('item'),
  field.text('title'),
  field.time('at'),
])
const listed = made<Listed>('trade.listed.v1', { ...table, key: 'product', id: ['product'] }, [
  field.text('product'),
  field.nullable('pieces', 'long'),
  field.nullable('title', 'string'),
  field.time('at'),
])

type Kind = 'inner' | 'left' | 'outer'
const listing = (kind: Kind) =>
  processor('listing', ({ joinTables }) =>
    joinTables(stocks, labels, { on: ['product'], select: { title: 'title', labelledAt: 'at' }, kind })
      .map(['at', 'labelledAt'], ({ at, labelledAt }) => ({ at: Math.max(at ?? 0, labelledAt ?? 0) }), {
        keep: ['product', 'pieces', 'title'],
      })
      .to(listed),
  )

/** Rows and tombstones in the order written. */
const changes = (bench: Bench) =>
  bench.of('result').map(({ key, value }) => {
    if (value === null) return [key?.toString(), 'gone']
    const { product, pieces, title, at } = listed.decode(value.subarray(5))
    return [product, pieces, title, at - NEW_YEAR]
  })
const stock = (product: string, pieces: number, at = 0): Stock => ({ product, pieces, at: NEW_YEAR + at })
const label = (item: string, title: string, at = 0): Label => ({ item, title, at: NEW_YEAR + at })

async function taken(kind: Kind, steps: readonly (Stock | Label | string)[]) {
  const bench = await Bench.of(listing(kind))
  for (const step of steps) {
    if (typeof step === 'string') {
      const [side, key = ''] = step.split(' ')
      bench.raw(side === 'stock' ? stocks : labels, Buffer.from(key), null)
    } else if ('pieces' in step) bench.write(stocks, step)
    else bench.write(labels, step)
    await bench.run()
  }
  return bench
}

const STEPS = [
  stock('a', 1, 5),
  label('a', 'one', 3),
  label('b', 'two'),
  stock('a', 2, 1),
  'label a',
  'stock a',
  'label b',
]

test('inner: a row whenever either side changes, taken back when one is gone', async () => {
  assert.deepEqual(changes(await taken('inner', STEPS)), [
    ['a', 1, 'one', 5],
    // The last record counts, whatever its time.
    ['a', 2, 'one', 3],
    ['a', 'gone'],
  ])
})

test('left and outer: nulls for the side that has no row; the key comes from either', async () => {
  assert.deepEqual(changes(await taken('left', STEPS)), [
    ['a', 1, null, 5],
    ['a', 1, 'one', 5],
    ['a', 2, 'one', 3],
    ['a', 2, null, 1],
    ['a', 'gone'],
  ])
  assert.deepEqual(changes(await taken('outer', STEPS)), [
    ['a', 1, null, 5],
    ['a', 1, 'one', 5],
    ['b', null, 'two', 0],
    ['a', 2, 'one', 3],
    ['a', 2, null, 1],
    ['a', 'gone'],
    ['b', 'gone'],
  ])
})

test('a deletion of what is not there says nothing; the destination’s key and partitions are checked', async () => {
  assert.deepEqual(changes(await taken('outer', ['stock x', 'label x'])), [])
  const elsewhere = made<{ product: string; title: string; at: number }>(
    'trade.elsewhere.v1',
    { ...table, key: 'title', id: ['title'] },
    [field.text('product'), field.text('title'), field.time('at')],
  )
  assert.throws(
    () =>
      processor('wrong', ({ joinTables }) =>
        joinTables(stocks, labels, { on: ['product'], select: { title: 'title' }, kind: 'inner' }).to(elsewhere),
      ),
    (thrown) => thrown instanceof KappaError && /trade\.elsewhere\.v1 has to be keyed by product/.test(thrown.message),
  )
  const bench = await Bench.of(listing('inner'), { partitions: 2 })
  const astray = stock('a', 1)
  bench.raw(stocks, Buffer.from('other'), bench.framed(stocks, astray), 1 - bench.place(stocks, astray))
  await bench.run()
  assert.equal(bench.of('dead-letter').length, 1)
})

const aStep = fc.record({
  side: fc.constantFrom('stock' as const, 'label' as const),
  key: fc.constantFrom('a', 'b', 'c'),
  gone: fc.boolean(),
})
const fate = fc.constantFrom('commit', 'crash', 'compact')

test('any changes, commits, crashes and snapshots: the last change of each key is what both tables have', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.constantFrom<Kind>('inner', 'left', 'outer'),
      fc.array(fc.tuple(aStep, fate), { maxLength: 30 }),
      async (kind, steps) => {
        const bench = await Bench.of(listing(kind))
        const [task] = bench.tasks
        assert.ok(task)
        const rows = { stock: new Map<string, number>(), label: new Map<string, string>() }
        for (const [n, [{ side, key, gone }, what]] of steps.entries()) {
          if (gone) {
            bench.raw(side === 'stock' ? stocks : labels, Buffer.from(key), null)
            rows[side].delete(key)
          } else if (side === 'stock') {
            bench.write(stocks, stock(key, n))
            rows.stock.set(key, n)
          } else {
            bench.write(labels, label(key, `${n}`))
            rows.label.set(key, `${n}`)
          }
          await bench.take(task)
          if (what === 'crash') {
            bench.crash(task)
            await bench.take(task)
          }
          bench.commit(task)
          if (what === 'compact') {
            bench.compact(task)
            bench.crash(task)
          }
        }
        const last = new Map(changes(bench).map((change) => [change[0], change]))
        for (const key of ['a', 'b', 'c']) {
          const pieces = rows.stock.get(key) ?? null
          const title = rows.label.get(key) ?? null
          const there =
            kind === 'inner'
              ? pieces !== null && title !== null
              : kind === 'left'
                ? pieces !== null
                : pieces !== null || title !== null
          const got = last.get(key)
          if (there) assert.deepEqual(got, [key, pieces, title, 0])
          else assert.ok(got === undefined || got[1] === 'gone')
        }
      },
    ),
    { numRuns: 200 },
  )
})
