import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { LateWorld, someSales, someWindows } from '../late-fixture.ts'
import { explainRow } from './explain.ts'

const asked = (store: string, windowStart: number) => ({
  values: { store, currency: 'EUR', windowStart },
  time: windowStart,
})

for (const rekeyed of [false, true])
  test(`${rekeyed ? 'two stages' : 'one stage'}: the events of a row add up to it, and those left out are named`, async () => {
    let [withLate, withRows] = [0, 0]
    await fc.assert(
      fc.asyncProperty(someSales, someWindows, fc.integer({ min: 1, max: 50 }), async (sold, { size, grace }, seed) => {
        const world = await LateWorld.open({ rekeyed, size, grace, seed })
        const { plan, driven, sources } = world
        try {
          world.sell(sold)
          await world.close()
          const topicsBefore = [...(await driven.broker.admin.topics()).keys()]
          const rows = world.rows().slice(0, 3)
          for (const row of rows) {
            withRows++
            const { store, windowStart } = row
            const found = await explainRow({
              ...sources,
              plan,
              deployment: driven.deployment,
              asked: asked(store, windowStart),
            })
            assert.deepEqual(found.added, { orders: row.orders, revenue: row.revenue })
            assert.deepEqual(found.made, row)
            assert.deepEqual(found.window, { start: windowStart, end: windowStart + size })
            assert.equal(found.events.length, row.orders)
            assert.deepEqual(found.pending, [])
            const inWindow = world.sold.filter(
              (one) => one.store === store && one.soldAt >= windowStart && one.soldAt < windowStart + size,
            )
            const late = found.leftOut.filter(({ reason }) => reason.startsWith('late (late)'))
            const refused = found.leftOut.filter(({ reason }) => reason === 'not counted: where status is PAID')
            assert.equal(late.length + refused.length, found.leftOut.length)
            assert.equal(refused.length, inWindow.filter(({ status }) => status === 'REFUSED').length)
            assert.equal(row.orders + late.length, inWindow.filter(({ status }) => status === 'PAID').length)
            const revenue = [...found.events, ...late].reduce(
              (sum, { amounts }) => sum + (amounts.revenue as bigint),
              0n,
            )
            assert.equal(revenue, world.truth(size).get(`${store}|${windowStart}`)?.revenue)
            withLate += late.length
          }
          assert.deepEqual([...(await driven.broker.admin.topics()).keys()], topicsBefore, 'nothing is left behind')
        } finally {
          await driven.close()
        }
      }),
      { numRuns: 6, seed: 11 },
    )
    assert.ok(withLate > 2 && withRows > 5, `${withLate} late events of ${withRows} rows were part of it`)
  })

test('events that the processor has not taken yet are pending, and no part of the row', async () => {
  const world = await LateWorld.open({ rekeyed: true, size: 60_000, grace: 30_000 })
  const { plan, driven, sources } = world
  const one = { store: 1, cents: 250, paid: true }
  world.sell([
    { ...one, seconds: 1 },
    { ...one, seconds: 2 },
  ])
  await driven.run()
  world.sell([
    { ...one, seconds: 3 },
    { ...one, seconds: 70 },
    { ...one, seconds: 4, paid: false },
  ])
  const start = world.sold[0]?.soldAt ?? 0
  const window = Math.floor(start / 60_000) * 60_000
  const options = { ...sources, plan, deployment: driven.deployment, asked: asked('store 1', window) }
  const open = await explainRow(options)
  assert.deepEqual([open.events.length, open.pending.length, open.made], [2, 1, undefined])
  assert.deepEqual(open.pending[0]?.amounts, { orders: 1, revenue: 250n })
  await world.close()
  const closed = await explainRow(options)
  assert.deepEqual([closed.events.length, closed.pending.length], [3, 0])
  assert.deepEqual(closed.added, { orders: 3, revenue: 750n })
  await driven.close()
})

test('a record that does not decode is named as one that may be of the row', async () => {
  const world = await LateWorld.open({ rekeyed: false, size: 60_000, grace: 30_000 })
  const { plan, driven, sources, source } = world
  world.sell([{ store: 1, cents: 250, paid: true, seconds: 1 }])
  driven.write({ topic: source.name, partition: 0, key: Buffer.from('store 1'), value: Buffer.from('no event') })
  await world.close()
  const [row] = world.rows()
  assert.ok(row)
  const found = await explainRow({
    ...sources,
    plan,
    deployment: driven.deployment,
    asked: asked(row.store, row.windowStart),
  })
  assert.deepEqual(
    found.dead.map(({ topic, partition, step, isCertain }) => ({ topic, partition, step, isCertain })),
    [{ topic: source.name, partition: 0, step: 'decode', isCertain: false }],
  )
  await driven.close()
})
