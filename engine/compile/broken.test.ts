import assert from 'node:assert/strict'
import { test } from 'node:test'
import { KappaError } from '#engine/errors'
import { count, processor, sum, tumbling } from '#engine/topology'
import { Bench, header } from './bench-fixture.ts'
import { NEW_YEAR, sale, salesPerMinute, storeSales } from './trade-fixture.ts'

let tries = 0
const plan = processor('fragile', ({ from }) =>
  from(storeSales)
    .map(
      ['items'],
      ({ items }) => {
        tries++
        if (items < 0) throw new Error(`cannot take ${items} items`)
        return { orders: items }
      },
      { keep: ['store', 'currency', 'amount'] },
    )
    .keyBy('store', 'currency')
    .window(tumbling({ size: '1 minute', grace: '0 seconds' }))
    .aggregate({ orders: count(), revenue: sum('amount') })
    .emit('on-close')
    .to(salesPerMinute),
)

test('bytes that do not decode, and broken rules, are dead-lettered as they came; the stream goes on', async () => {
  const bench = await Bench.of(plan)
  const rubbish = Buffer.from([0, 0, 0, 0, 99, 1, 2])
  bench.raw(storeSales, Buffer.from('k'), rubbish)
  bench.raw(storeSales, null, null)
  bench.write(storeSales, sale({ amount: -1n }))
  bench.write(storeSales, sale())
  await bench.run()
  const dead = bench.of('dead-letter')
  assert.deepEqual(
    dead.map((record) => [header(record, 'step'), header(record, 'offset')]),
    [
      ['decode', '0'],
      ['decode', '1'],
      ['rules', '3'],
    ],
  )
  assert.deepEqual([dead[0]?.value, dead[0]?.key?.toString()], [rubbish, 'k'])
  assert.match(header(dead[2], 'error') ?? '', /amount is below 0/)
  bench.write(storeSales, sale({ soldAt: NEW_YEAR + 60_000 }))
  await bench.run()
  assert.equal(bench.rows(salesPerMinute)[0]?.orders, 1)
  assert.deepEqual(bench.task().stage.counts, { taken: 5, late: 0, deadLettered: 3 })
})

test('a record that throws three times is dead-lettered; it changed nothing', async () => {
  const bench = await Bench.of(plan)
  bench.write(storeSales, sale({ amount: 1n }))
  bench.write(storeSales, sale({ items: -3, amount: 2n }))
  bench.write(storeSales, sale({ soldAt: NEW_YEAR + 60_000 }))
  tries = 0
  await bench.run()
  assert.equal(tries, 5)
  const [dead] = bench.of('dead-letter')
  assert.equal(header(dead, 'error'), 'cannot take -3 items')
  assert.equal(header(dead, 'step'), 'fragile')
  assert.equal(bench.rows(salesPerMinute)[0]?.revenue, 1n)
})

test('twenty in a row stop the task and none of them is dead-lettered, also over a commit and a crash', async () => {
  const bench = await Bench.of(plan)
  const task = bench.task()
  for (let n = 0; n < 12; n++) bench.write(storeSales, sale({ items: -1 }))
  await bench.take(task)
  bench.commit(task, true)
  bench.crash(task)
  for (let n = 0; n < 7; n++) bench.write(storeSales, sale({ items: -1 }))
  await bench.take(task)
  assert.deepEqual(bench.of('dead-letter'), [])
  bench.write(storeSales, sale({ items: -1 }))
  await assert.rejects(bench.take(task), (thrown) => thrown instanceof KappaError && thrown.code === 'POISONED')
  assert.deepEqual(bench.of('dead-letter'), [])
  // One that goes through ends the series: the nineteen are let go.
  bench.crash(task)
  await assert.rejects(bench.take(task, 20))
  bench.crash(task)
  await bench.take(task, 7)
  bench.write(storeSales, sale({ items: 1 }))
  task.taken = [bench.length(storeSales) - 1]
  await bench.take(task)
  bench.commit(task)
  assert.equal(bench.of('dead-letter').length, 19)
})

test('without more input at hand a commit lets dead letters go', async () => {
  const bench = await Bench.of(plan)
  bench.write(storeSales, sale({ items: -1 }))
  await bench.run()
  assert.equal(bench.of('dead-letter').length, 1)
  bench.crash(bench.task())
  bench.write(storeSales, sale())
  await bench.run()
  assert.equal(bench.of('dead-letter').length, 1)
})
