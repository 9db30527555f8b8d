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
  assert.deepEqual(bench.task().stage.counts, { taken: 5, late: 0, deadLettered: 3, duplicates: 0 })
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

test('twenty in a row stop the task and none of them is dead-lettered; one that goes through lets nineteen go', async () => {
  const bench = await Bench.of(plan)
  const task = bench.task()
  for (let n = 0; n < 12; n++) bench.write(storeSales, sale({ items: -1 }))
  await bench.take(task)
  assert.equal(task.stage.throwing, 12)
  for (let n = 0; n < 7; n++) bench.write(storeSales, sale({ items: -1 }))
  await bench.take(task)
  assert.equal(task.stage.throwing, 19)
  bench.write(storeSales, sale({ items: -1 }))
  await assert.rejects(bench.take(task), (thrown) => thrown instanceof KappaError && thrown.code === 'POISONED')
  bench.crash(task)
  await bench.take(task, 19)
  bench.write(storeSales, sale({ items: 1 }))
  task.taken = [bench.length(storeSales) - 1]
  await bench.take(task)
  assert.equal(task.stage.throwing, 0)
  bench.commit(task)
  assert.equal(bench.of('dead-letter').length, 19)
  assert.equal(task.stage.counts.deadLettered, 19)
})

test('a row of throws ends where a thousand records say nothing of the step', async () => {
  const bench = await Bench.of(plan)
  const task = bench.task()
  bench.write(storeSales, sale({ items: -1 }))
  for (let n = 0; n < 1_000; n++) bench.raw(storeSales, null, null)
  await bench.take(task)
  assert.equal(task.stage.throwing, 1)
  bench.raw(storeSales, null, null)
  await bench.take(task)
  assert.equal(task.stage.throwing, 0)
  bench.commit(task)
  assert.equal(header(bench.of('dead-letter')[1_000], 'step'), 'fragile')
})

test('a row of throws ends with an advance of time, and a dead letter tells where it threw', async () => {
  const bench = await Bench.of(plan)
  bench.write(storeSales, sale({ items: -1 }))
  await bench.take(bench.task())
  bench.advance({ time: NEW_YEAR, reason: 'row' })
  bench.commit(bench.task())
  const [dead] = bench.of('dead-letter')
  assert.match(header(dead, 'stack') ?? '', /^Error: cannot take -1 items\n +at .*broken\.test\.ts/)
  bench.crash(bench.task())
  bench.write(storeSales, sale())
  await bench.run()
  assert.equal(bench.of('dead-letter').length, 1)
})
