import assert from 'node:assert/strict'
import { test } from 'node:test'
import { describe, lineageOf, needsRekey, processor, sum, table, tumbling } from '#engine/topology'
import { Bench } from './bench-fixture.ts'
import { field, made, NEW_YEAR, sale, storeSales } from './trade-fixture.ts'

interface Named {
  readonly shop: string
  readonly region: string | null
  readonly writtenAt: number
  readonly soldAt: number
}
const named = made<Named>('trade.named.v1', { key: 'shop', time: 'soldAt' }, [
  field.text('shop'),
  field.nullable('region', 'string'),
  field.time('writtenAt'),
  field.time('soldAt'),
])
interface Region {
  readonly name: string
  readonly region: string
  readonly since: number
}
const regions = made<Region>('trade.regions.v1', { kind: 'table', key: 'name', time: 'since', id: 'name' }, [
  field.text('name'),
  field.text('region'),
  field.time('since'),
])

const plan = processor('named', ({ from }) =>
  from(storeSales, { arrival: 'writtenAt' })
    .map(['items'], ({ items }) => ({ items }), { keep: ['soldAt', 'writtenAt'], rename: { shop: 'store' } })
    .join(table(regions, { history: '1 day' }), { on: ['shop'], select: { region: 'region' }, kind: 'left' })
    .to(named),
)

test('a renamed key is still the key: it is joined by, and its rows carry when they were written', async () => {
  const bench = await Bench.of(plan)
  bench.write(regions, { name: 'north', region: 'cold', since: NEW_YEAR })
  bench.write(storeSales, sale({ store: 'north', soldAt: NEW_YEAR + 5 }), NEW_YEAR + 70)
  bench.write(storeSales, sale({ store: 'south', soldAt: NEW_YEAR + 6 }), NEW_YEAR + 80)
  await bench.run()
  assert.deepEqual(
    bench.rows(named).sort((a, b) => a.soldAt - b.soldAt),
    [
      { shop: 'north', region: 'cold', writtenAt: NEW_YEAR + 70, soldAt: NEW_YEAR + 5 },
      { shop: 'south', region: null, writtenAt: NEW_YEAR + 80, soldAt: NEW_YEAR + 6 },
    ],
  )
})

test('grouping by a renamed key needs no re-key; by what a map made it does', () => {
  const totals = made<{ shop: string; windowStart: number; windowEnd: number; items: number }>(
    'trade.totals.v1',
    { kind: 'results', key: 'shop', time: 'windowStart', id: ['shop', 'windowStart'] },
    [field.text('shop'), field.time('windowStart'), field.time('windowEnd'), field.long('items')],
  )
  const window = tumbling({ size: '1 minute', grace: '0 seconds' })
  const passed = processor('passed', ({ from }) =>
    from(storeSales)
      .map([], () => ({}), { keep: ['items'], rename: { shop: 'store' } })
      .keyBy('shop')
      .window(window)
      .aggregate({ items: sum('items') })
      .emit('on-close')
      .to(totals),
  )
  const copied = processor('copied', ({ from }) =>
    from(storeSales)
      .map(['store'], ({ store }) => ({ shop: store }), { keep: ['items'] })
      .keyBy('shop')
      .window(window)
      .aggregate({ items: sum('items') })
      .emit('on-close')
      .to(totals),
  )
  assert.deepEqual([needsRekey(passed), needsRekey(copied)], [false, true])
})

test('lineage leads through the new name; the time of writing is no field', () => {
  const lineage = lineageOf(plan)
  assert.deepEqual(lineage.get('shop'), [{ topic: storeSales.name, field: 'store', personal: false }])
  assert.deepEqual(lineage.get('writtenAt'), [{ topic: storeSales.name, field: '_timestamp', personal: false }])
  assert.match(describe(plan).text, /rename store as shop/)
})

test('the time of writing needs a name that the topic does not have', () => {
  assert.throws(
    () =>
      processor('taken', ({ from }) =>
        from(storeSales, { arrival: 'items' })
          .map([], () => ({}), { keep: [] })
          .to(named as never),
      ),
    /has a field 'items': the time of writing needs another name/,
  )
})
