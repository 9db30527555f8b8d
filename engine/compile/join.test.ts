import assert from 'node:assert/strict'
import { test } from 'node:test'
import { processor, table } from '#engine/topology'
import { Bench, header } from './bench-fixture.ts'
import { field, made, NEW_YEAR, sale, storeSales } from './trade-fixture.ts'

interface Price {
  readonly store: string
  readonly region: string | null
  readonly since: number
}
const prices = made<Price>('trade.prices.v1', { kind: 'table', key: 'store', time: 'since', id: ['store', 'since'] }, [
  field.text('store'),
  field.nullable('region', 'string'),
  field.time('since'),
])
interface Placed {
  readonly saleId: string
  readonly region: string | null
  readonly soldAt: number
}
const placed = made<Placed>('trade.placed.v1', { key: 'saleId', time: 'soldAt' }, [
  field.text('saleId'),
  field.nullable('region', 'string'),
  field.time('soldAt'),
])

const joined = (options: { kind?: 'inner' | 'left'; maxAge?: '1 minute' } = {}) =>
  processor('placed', ({ from }) =>
    from(storeSales)
      .join(table(prices, { history: '1 hour' }), {
        on: ['store'],
        select: { region: 'region' },
        kind: options.kind ?? 'left',
        ...(options.maxAge ? { maxAge: options.maxAge } : {}),
      })
      .to(placed),
  )

const regions = (bench: Bench) => bench.rows(placed).map(({ saleId, region }) => [saleId, region])
const sold = (saleId: string, at: number) => sale({ saleId, soldAt: NEW_YEAR + at })
const price = (region: string | null, at: number, store = 'north') => ({ store, region, since: NEW_YEAR + at })

test('an event meets the latest version at its own time, whatever order versions were written in', async () => {
  const bench = await Bench.of(joined())
  for (const version of [price('later', 2000), price('first', 0), price('middle', 1000)]) bench.write(prices, version)
  await bench.run()
  for (const event of [sold('a', -1), sold('b', 0), sold('c', 1999), sold('d', 5000)]) bench.write(storeSales, event)
  await bench.run()
  assert.deepEqual(regions(bench), [
    ['a', null],
    ['b', 'first'],
    ['c', 'middle'],
    ['d', 'later'],
  ])
})

test('within a slice a version of the same time comes first; a later slice does not reach back', async () => {
  const bench = await Bench.of(joined())
  bench.write(storeSales, sold('a', 1000))
  bench.write(prices, price('old', 0))
  bench.write(prices, price('new', 1000))
  await bench.run()
  bench.write(storeSales, sold('b', 1500))
  await bench.run()
  bench.write(prices, price('newer', 1200))
  bench.write(storeSales, sold('c', 1500))
  await bench.run()
  assert.deepEqual(regions(bench), [
    ['a', 'new'],
    ['b', 'new'],
    ['c', 'newer'],
  ])
})

test('inner drops what finds nothing; a version past its age is nothing; a record without value deletes', async () => {
  const bench = await Bench.of(joined({ kind: 'inner', maxAge: '1 minute' }))
  bench.write(prices, price('here', 0))
  for (const event of [sold('a', 0), sold('b', 60_000), sold('c', 60_001)]) bench.write(storeSales, event)
  await bench.run()
  bench.write(prices, price('again', 120_000))
  bench.raw(prices, Buffer.from('north'), null, 0, NEW_YEAR + 130_000)
  for (const event of [sold('d', 125_000), sold('e', 131_000)]) bench.write(storeSales, event)
  await bench.run()
  assert.deepEqual(regions(bench), [
    ['a', 'here'],
    ['b', 'here'],
    ['d', 'again'],
  ])
})

test('an event older than the history is late by name; one on a partition that is not its key’s is dead-lettered', async () => {
  const bench = await Bench.of(joined(), { partitions: 2 })
  const partition = bench.place(storeSales, sold('a', 0))
  bench.write(storeSales, sold('a', 0))
  bench.write(storeSales, sold('b', 3_600_001))
  bench.write(storeSales, sold('c', 0))
  const astray = bench.framed(storeSales, sold('d', 0))
  bench.raw(storeSales, Buffer.from('other'), astray, 1 - partition)
  await bench.run()
  assert.deepEqual(regions(bench), [
    ['a', null],
    ['b', null],
  ])
  assert.equal(header(bench.of('late')[0], 'reason'), 'history')
  const [dead] = bench.of('dead-letter')
  assert.match(header(dead, 'error') ?? '', /partition/)
  assert.deepEqual(dead?.value, astray)
})

test('a slice is cut where an input that may still grow has nothing left', async () => {
  const bench = await Bench.of(joined())
  for (const at of [0, 1000, 2000]) bench.write(prices, price('x', at))
  for (const at of [500, 1500, 2500]) bench.write(storeSales, sold('s', at))
  const { stage, spec } = bench.task()
  const buffers = bench.buffers(bench.task())
  await stage.prepare(buffers)
  assert.deepEqual(
    spec.inputs.map(({ role }) => role),
    ['stream', 'table'],
  )
  // The sale of 2500 has to wait: the table could still say something about 2400.
  assert.deepEqual(stage.cut(buffers, [true, true]), [2, 3])
  assert.deepEqual(stage.cut(buffers, [true, false]), [3, 3])
})
