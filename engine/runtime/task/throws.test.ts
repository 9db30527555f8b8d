import assert from 'node:assert/strict'
import { test } from 'node:test'
import { compile } from '#engine/compile'
import { KappaError } from '#engine/errors'
import { memoryRegistry } from '#engine/schema'
import { type Driven, type DriveOptions, drive, type FakeBroker, fakeBroker, testClock } from '#engine/testing'
import { count, processor, sum, tumbling } from '#engine/topology'
import { NEW_YEAR, type Sale, sale, salesPerMinute, storeSales } from '../../compile/trade-fixture.ts'
import { runBounded } from '../bounded.ts'
import { type Deployment, generationTopic, names } from '../deployment.ts'
import { startWorker } from '../worker.ts'
import { readRecordedTime } from './time-records.ts'

/** Throws at sales of fewer than no items, until somebody mends it. */
const planned = (mended = false) =>
  processor('fragile', ({ from }) =>
    from(storeSales)
      .map(
        ['items'],
        ({ items }) => {
          if (items < 0 && !mended) throw new Error(`cannot take ${items} items`)
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

async function deployed(mended = false, generation = 1): Promise<Deployment> {
  const registry = memoryRegistry()
  const schemaIds = new Map<string, number>()
  for (const topic of [storeSales, salesPerMinute]) schemaIds.set(topic.name, await registry.register(topic))
  const plan = planned(mended)
  const topicOf = (contract: string) => generationTopic(contract, generation)
  const live = { app: 'test', processor: plan.name, generation, stages: compile(plan), schemaIds, registry }
  return { ...live, results: [salesPerMinute.name], ...(generation > 1 ? { topicOf } : {}) }
}

const of = { deployment: await deployed(), mended: await deployed(true) }
const write = (broker: Pick<FakeBroker, 'write'>, count: number, change: Partial<Sale> = {}) => {
  const id = of.deployment.schemaIds.get(storeSales.name) ?? 0
  for (let n = 0; n < count; n++)
    broker.write({ topic: storeSales.name, key: Buffer.from('s'), value: storeSales.frame(id, sale(change)) })
}
const BAD = { items: -1 }
const NEXT_MINUTE = { soldAt: NEW_YEAR + 60_000 }
const driven = (options: DriveOptions = {}, deployment = of.deployment): Promise<Driven> =>
  drive(deployment, { partitions: 1, ...options })
const letters = (broker: FakeBroker, deployment = of.deployment) => broker.committed(names.deadLetter(deployment))
const rows = (broker: FakeBroker, topic = salesPerMinute.name) =>
  broker.committed(topic).map(({ value }) => salesPerMinute.decode((value ?? Buffer.alloc(5)).subarray(5)).orders)
const poisoned = (thrown: unknown) => thrown instanceof KappaError && thrown.code === 'POISONED'

test('a row of throws goes on over pauses and commits: the twentieth stops the task before the first of them', async () => {
  for (const seed of [1, 2, 3, 4, 5]) {
    const first = await driven({ seed })
    write(first, 3)
    await first.pause()
    for (const bad of [5, 1, 9]) {
      write(first, bad, BAD)
      await first.pause()
      // What goes to a table or the late topic says nothing of the step.
      write(first, 1, { amount: -1n })
      await first.pause()
      first.clock.advance(4_000)
    }
    assert.equal(letters(first.broker).length, 0)
    write(first, 5, BAD)
    await assert.rejects(first.pause(), poisoned)
    assert.equal(letters(first.broker).length, 0)
    first.crash()
    const mended = await driven({ broker: first.broker, clock: first.clock, seed }, of.mended)
    write(mended, 1, NEXT_MINUTE)
    await mended.run()
    assert.equal(letters(first.broker).length, 3, 'only what broke a rule')
    assert.deepEqual(rows(first.broker), [23], 'all twenty were taken by the mended version')
    await mended.close()
  }
})

test('one that goes through ends the row: what threw is dead-lettered, once, also over a crash', async () => {
  const first = await driven()
  write(first, 12, BAD)
  await first.pause()
  first.crash()
  write(first, 7, BAD)
  await first.pause()
  assert.equal(letters(first.broker).length, 0)
  write(first, 1)
  await first.pause()
  assert.equal(letters(first.broker).length, 19)
  write(first, 19, BAD)
  write(first, 1, NEXT_MINUTE)
  await first.run()
  assert.equal(letters(first.broker).length, 38)
  assert.deepEqual(rows(first.broker), [1])
  await first.close()
})

test('a worker holds the row while records come in several fetches, and stops with nothing dead-lettered', async () => {
  const broker = fakeBroker({ seed: 4 })
  await broker.admin.ensure(
    [storeSales.name, salesPerMinute.name].map((name) => ({ name, partitions: 1, settings: {} })),
  )
  const settings = { commitIntervalMs: 5, lookIntervalMs: 5 }
  const worker = await startWorker({ broker, deployments: [of.deployment], settings })
  try {
    write(broker, 1)
    for (const bad of [6, 7, 6]) {
      write(broker, bad, BAD)
      await new Promise((resolve) => setTimeout(resolve, 150))
    }
    const [holding] = await worker.status()
    assert.deepEqual([holding?.state, holding?.throwing], ['running', 19])
    assert.equal(letters(broker).length, 0)
    write(broker, 1, BAD)
    await worker.finished
    const [stopped] = await worker.status()
    assert.equal(stopped?.state, 'stopped')
    assert.match(stopped?.reason ?? '', /20 in a row threw, the last: cannot take -1 items/)
    assert.equal(letters(broker).length, 0)
  } finally {
    await worker.stop()
  }
  assert.equal(broker.openClients(), 0)
})

test('a worker that is stopped within a row commits nothing of it; the next one takes it again', async () => {
  const broker = fakeBroker({ seed: 4 })
  await broker.admin.ensure(
    [storeSales.name, salesPerMinute.name].map((name) => ({ name, partitions: 1, settings: {} })),
  )
  const settings = { commitIntervalMs: 5, lookIntervalMs: 5 }
  for (const bad of [12, 7]) {
    const worker = await startWorker({ broker, deployments: [of.deployment], settings })
    write(broker, bad, BAD)
    for (let tries = 0; tries < 200 && (await worker.status())[0]?.throwing !== (bad === 12 ? 12 : 19); tries++)
      await new Promise((resolve) => setTimeout(resolve, 10))
    await worker.stop()
    assert.equal(letters(broker).length, 0)
  }
  const last = await driven({ broker })
  write(last, 1)
  await last.run()
  assert.equal(letters(broker).length, 19)
  await last.close()
})

test('a row that nothing follows is over after a while; that is recorded, and a replay decides the same', async () => {
  const clock = testClock()
  const first = await driven({ clock })
  for (const bad of [12, 15]) {
    write(first, bad, BAD)
    await first.pause()
    clock.advance(4_999)
    await first.pause()
    assert.equal(letters(first.broker).length % 12, 0)
    clock.advance(1)
    await first.pause()
  }
  assert.equal(letters(first.broker).length, 27)
  write(first, 2)
  write(first, 1, NEXT_MINUTE)
  await first.run()
  const { broker } = first
  const recorded = await readRecordedTime(broker, names.time(of.deployment))
  assert.deepEqual(
    [...(recorded.values().next().value?.get(0) ?? [])].map((one) => one.kind === 'advance' && one.reason),
    ['row', 'row'],
  )
  const again = await deployed(false, 2)
  const bounds = new Map([
    [storeSales.name, (await broker.admin.committedEnds(storeSales.name)).map((end) => ({ start: 0, end }))],
  ])
  await runBounded({ broker, deployment: again, bounds, recorded })
  assert.equal(letters(broker, again).length, 27)
  assert.deepEqual(rows(broker, generationTopic(salesPerMinute.name, 2)), rows(broker))
  await assert.rejects(
    runBounded({ broker, deployment: await deployed(false, 3), bounds, recorded: new Map() }),
    poisoned,
    'without the record all of them are one row',
  )
  await first.close()
})

test('a bounded run ends a row with its range', async () => {
  const first = await driven()
  write(first, 3)
  write(first, 7, BAD)
  await first.run()
  const { broker } = first
  const bounds = new Map([[storeSales.name, [{ start: 0, end: 8 }]]])
  const again = await deployed(false, 2)
  await runBounded({ broker, deployment: again, bounds, recorded: new Map() })
  assert.equal(letters(broker, again).length, 5)
  await first.close()
})
