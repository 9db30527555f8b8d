import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { broadcast, processor } from '#engine'
import { compile } from '#engine/compile'
import { memoryRegistry } from '#engine/schema'
import { type Driven, drive, fakeBroker, testClock } from '#engine/testing'
import { field, made, NEW_YEAR, sale, storeSales } from '../../compile/trade-fixture.ts'
import { runBounded } from '../bounded.ts'
import { type Deployment, generationTopic, names } from '../deployment.ts'
import { readRecordedTime } from '../task/time-records.ts'
import { startWorker } from '../worker.ts'

// A small topic that every task reads whole: looked up by any field, from any partition, and the same in a replay.

interface Rate {
  readonly currency: string
  readonly rate: string
  readonly since: number
}
interface Priced {
  readonly saleId: string
  readonly rate: string | null
  readonly soldAt: number
}
const rates = made<Rate>(
  'trade.rates.v1',
  { kind: 'table', key: 'currency', time: 'since', id: ['currency'], partitions: 3 },
  [field.text('currency'), field.text('rate'), field.time('since')],
)
const priced = made<Priced>('trade.priced.v1', { key: 'saleId', time: 'soldAt', id: ['saleId'] }, [
  field.text('saleId'),
  field.nullable('rate', 'string'),
  field.time('soldAt'),
])
const planned = (graceMs: number) =>
  processor('priced', ({ from }) =>
    from(storeSales)
      .join(broadcast(rates, { history: '1 day', idleAfter: '10 seconds' }), {
        on: ['currency'],
        select: { rate: 'rate' },
        kind: 'left',
        grace: `${graceMs} milliseconds`,
      })
      .map(['saleId', 'rate', 'soldAt'], ({ saleId, rate, soldAt }) => ({ saleId, rate, soldAt }))
      .to(priced),
  )

async function setUp(seed: number, { ratePartitions = 3, graceMs = 0 } = {}) {
  const plan = planned(graceMs)
  const registry = memoryRegistry()
  const ids = new Map<string, number>()
  for (const topic of [storeSales, rates, priced]) ids.set(topic.name, await registry.register(topic))
  const deployment: Deployment = {
    app: 'test',
    processor: plan.name,
    generation: 1,
    stages: compile(plan),
    results: [priced.name],
    schemaIds: ids,
    registry,
  }
  const clock = testClock(NEW_YEAR)
  const broker = fakeBroker({ clock, seed })
  await broker.admin.ensure([{ name: rates.name, partitions: ratePartitions, settings: {} }])
  const driven = await drive(deployment, { clock, broker, seed, partitions: 2 })
  const idOf = (name: string): number => ids.get(name) ?? 0
  return {
    driven,
    deployment,
    broker,
    sell: (store: string, currency: string, minute: number, n: number) => {
      const value = sale({ saleId: `s${n}`, store, currency, soldAt: NEW_YEAR + minute * 60_000 })
      const framed = storeSales.frame(idOf(storeSales.name), value)
      driven.write({ topic: storeSales.name, key: Buffer.from(store), value: framed })
    },
    set: (currency: string, minute: number, rate: string) => {
      const framed = rates.frame(idOf(rates.name), { currency, rate, since: NEW_YEAR + minute * 60_000 })
      driven.write({ topic: rates.name, key: Buffer.from(currency), value: framed })
    },
    drop: (currency: string) => driven.write({ topic: rates.name, key: Buffer.from(currency), value: null }),
  }
}

/** Sorted: tasks of different source partitions write side by side. */
const rows = (driven: Driven, topic: string): string[] =>
  driven
    .read(topic)
    .map(({ value }) => {
      const { saleId, rate } = priced.decode((value ?? Buffer.alloc(0)).subarray(5))
      return `${saleId} ${rate}`
    })
    .sort()

const settle = async (driven: Driven): Promise<void> => {
  // Twice: a blow that is still due makes the task begin waiting anew.
  for (let i = 0; i < 2; i++) {
    driven.clock.advance(20_000)
    await driven.run()
  }
}

test('every task finds the row of any key as of the event’s time, and none where it was deleted', async () => {
  const { driven, sell, set, drop } = await setUp(1)
  set('EUR', 0, 'one')
  set('USD', 0, 'two')
  set('EUR', 10, 'three')
  for (const [n, store] of ['north', 'south', 'east', 'west', 'up', 'down'].entries()) {
    sell(store, 'EUR', 5, 10 + n)
    sell(store, 'USD', 11, 20 + n)
    sell(store, 'EUR', 12, 30 + n)
  }
  await driven.run()
  await settle(driven)
  const expected = [10, 20, 30].flatMap((from, i) =>
    [0, 1, 2, 3, 4, 5].map((n) => `s${from + n} ${['one', 'two', 'three'][i]}`),
  )
  assert.deepEqual(rows(driven, priced.name), expected.sort())
  assert.ok(new Set(driven.read(storeSales.name).map(({ partition }) => partition)).size > 1)
  drop('USD')
  await driven.run()
  sell('north', 'USD', 600, 99)
  await driven.run()
  await settle(driven)
  assert.ok(rows(driven, priced.name).includes('s99 null'))
  await driven.close()
})

test('rows wait for rates of any partition that could still bring an earlier one', async () => {
  const { driven, sell, set } = await setUp(3)
  set('EUR', 0, 'early')
  sell('north', 'EUR', 1, 1)
  await driven.run()
  assert.deepEqual(rows(driven, priced.name), [])
  driven.clock.advance(10_000)
  await driven.run()
  assert.deepEqual(rows(driven, priced.name), ['s1 early'])
  await driven.close()
})

const currencies = fc.constantFrom('EUR', 'USD', 'GBP', 'CHF')
const step = fc.record({
  sales: fc.array(fc.tuple(fc.constantFrom('north', 'south', 'east'), currencies, fc.integer({ min: 0, max: 50 })), {
    maxLength: 12,
  }),
  sets: fc.array(fc.tuple(currencies, fc.integer({ min: 0, max: 50 })), { maxLength: 5 }),
  pause: fc.constantFrom(0, 0, 4_000, 12_000),
  dies: fc.option(fc.integer({ min: 1, max: 5 }), { nil: undefined }),
})

test('crashes change nothing, and a replay cuts at the recorded slices: the same rows', async () => {
  let found = 0
  await fc.assert(
    fc.asyncProperty(
      fc.array(step, { minLength: 1, maxLength: 6 }),
      fc.integer({ min: 1, max: 999 }),
      fc.constantFrom(0, 0, 120_000),
      async (steps, seed, graceMs) => {
        const { driven, deployment, sell, set } = await setUp(seed, { graceMs })
        let n = 0
        for (const { sales, sets, pause, dies } of steps) {
          for (const [currency, minute] of sets) set(currency, minute, `r${minute}`)
          for (const [store, currency, minute] of sales) sell(store, currency, minute, ++n)
          if (dies) driven.crashAt('commit', dies, 2)
          await driven.run()
          driven.clock.advance(pause)
          await driven.run()
        }
        for (const store of ['north', 'south', 'east']) sell(store, 'EUR', 60, ++n)
        await driven.run()
        await settle(driven)
        const { broker } = driven
        const recorded = await readRecordedTime(broker, names.time(deployment))
        const topicOf = (contract: string) => generationTopic(contract, 2)
        const bounds = new Map(
          await Promise.all(
            [storeSales.name, rates.name].map(async (topic) => {
              const ends = await broker.admin.committedEnds(topic)
              return [topic, ends.map((end) => ({ start: 0, end }))] as const
            }),
          ),
        )
        const second = { ...deployment, generation: 2, topicOf }
        await runBounded({ broker, deployment: second, bounds, recorded, settings: { bufferLimit: 1 } })
        const live = rows(driven, priced.name)
        found += live.filter((row) => !row.endsWith('null')).length
        assert.deepEqual(rows(driven, topicOf(priced.name)), live)
        if (graceMs === 0) assert.equal(live.length, n)
        await driven.close()
      },
    ),
    { numRuns: 10 },
  )
  assert.ok(found > 20, `only ${found} rows found their rate`)
})

test('a topic that has got more partitions is refused by name', async () => {
  const { driven, deployment, sell, set } = await setUp(1)
  set('EUR', 0, 'one')
  sell('north', 'EUR', 1, 1)
  await driven.run()
  await settle(driven)
  const { broker, clock } = driven
  await driven.close()
  await broker.admin.remove([rates.name])
  await broker.admin.ensure([{ name: rates.name, partitions: 4, settings: {} }])
  const again = await drive(deployment, { clock, broker, partitions: 2 })
  await assert.rejects(
    again.run(),
    /STATE_MISMATCH|its state was made from .*trade\.rates\.v1\[2\], not .*trade\.rates\.v1\[3\]/,
  )
  await again.close()
})

test('workers share the partitions of the stream, and each task reads every rate', async () => {
  const { driven, deployment, broker, sell, set } = await setUp(5)
  await driven.close()
  const stores = ['north', 'south', 'east', 'west']
  for (const currency of ['EUR', 'USD', 'GBP', 'CHF']) set(currency, 0, currency.toLowerCase())
  for (const [n, store] of stores.entries()) sell(store, 'USD', 1, n)
  const options = { broker, deployments: [deployment], settings: { commitIntervalMs: 5, lookIntervalMs: 5 } }
  // Rates that are silent for ten seconds of real time hold rows up no longer: a later rate on each partition does so at once.
  for (const currency of ['EUR', 'USD', 'GBP', 'CHF']) set(currency, 9, 'later')
  const first = await startWorker(options)
  const second = await startWorker(options)
  try {
    const priced4 = () => rows(driven, priced.name).length === 4
    for (let tries = 0; tries < 600 && !priced4(); tries++) await new Promise((resolve) => setTimeout(resolve, 10))
    assert.deepEqual(rows(driven, priced.name), ['s0 usd', 's1 usd', 's2 usd', 's3 usd'])
    const tasks = [...(await first.status(true)), ...(await second.status(true))]
    assert.deepEqual(
      tasks.map(({ inputs }) => inputs.map(({ topic, partition }) => `${topic} ${partition}`).slice(1)),
      tasks.map(() => [0, 1, 2].map((partition) => `${rates.name} ${partition}`)),
    )
  } finally {
    await first.stop()
    await second.stop()
  }
})

test('a task that was fenced after a commit asks the group for the stream alone, and comes back', async () => {
  const { driven, deployment, broker, sell, set } = await setUp(6)
  await driven.close()
  for (const currency of ['EUR', 'USD', 'GBP', 'CHF']) set(currency, 9, currency.toLowerCase())
  sell('north', 'USD', 1, 1)
  const worker = await startWorker({ broker, deployments: [deployment], settings: { commitIntervalMs: 5 } })
  const until = async (holds: () => boolean | Promise<boolean>): Promise<void> => {
    for (let tries = 0; tries < 400 && !(await holds()); tries++)
      await new Promise((resolve) => setTimeout(resolve, 10))
  }
  const running = async (takeOvers: number) =>
    (await worker.status()).every((task) => task.state === 'running' && task.takeOvers >= takeOvers)
  try {
    await until(() => rows(driven, priced.name).length === 1)
    for (const partition of [0, 1])
      await broker.transactional(names.transaction(deployment, 'priced.source', partition))
    for (const n of [2, 3, 4, 5]) sell(`store ${n}`, 'EUR', 2, n)
    await until(() => running(2))
    assert.ok(await running(2), JSON.stringify((await worker.status()).map(({ state, reason }) => ({ state, reason }))))
  } finally {
    await worker.stop()
  }
})
