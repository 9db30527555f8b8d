import assert from 'node:assert/strict'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import type { KafkaRecord } from '#engine/broker'
import { type CutLimits, CutLog, Lane, type LaneStep, latestOf } from '#engine/delivery'
import { memoryRegistry, type Topic, topic } from '#engine/schema'
import { type FakeBroker, fakeBroker } from '#engine/testing'
import { systemClock } from '#engine/time'
import { cacheFolder } from '../../../deploy/config.ts'
import { type RunningStack, startStack } from '../../../deploy/local/index.ts'
import { untilNow } from '../../../engine/delivery/delivery-fixture.ts'
import { RedisDestination, servingView } from '../index.ts'

// The serving view on a real Redis: whatever comes twice, late or in another order, the latest row stays.

const dataFolder = mkdtempSync(join(tmpdir(), 'kappa-view-'))
let stack: RunningStack
before(async () => {
  stack = await startStack({ dataFolder, cacheFolder: cacheFolder(), ports: 'free', services: ['redis'] })
})
after(async () => {
  await stack?.stop()
  rmSync(dataFolder, { recursive: true, force: true })
})

interface Price {
  readonly itemId: string
  readonly price: bigint
  readonly at: number
}

const pricesOf = (name: string, ttl = 'forever'): Topic<Price> =>
  topic<Price>({
    type: 'record',
    name: 'Price',
    namespace: 'test',
    doc: 'A price.',
    topic: {
      name: `test.${name}.v1`,
      kind: 'table',
      key: 'itemId',
      time: 'at',
      id: 'itemId',
      partitions: 2,
      retention: 'forever',
      owner: 'tests',
      serving: { ttl },
    },
    fields: [
      { name: 'itemId', type: 'string', doc: 'Item.' },
      { name: 'price', type: { type: 'bytes', logicalType: 'decimal', precision: 18, scale: 2 }, doc: 'Price.' },
      { name: 'at', type: { type: 'long', logicalType: 'timestamp-millis' }, doc: 'Time.' },
    ],
  })

async function world(name: string, ttl?: string) {
  const prices = pricesOf(name, ttl)
  const broker: FakeBroker = fakeBroker({ seed: 1 })
  const registry = memoryRegistry()
  const schemaId = await registry.register(prices)
  await broker.admin.ensure([{ name: prices.name, partitions: 2, settings: {} }])
  const log = new CutLog({ sink: 'redis', broker, clock: systemClock })
  await log.ensure()
  const options = { url: stack.addresses.redis.url, timeoutMs: 1_000 }
  const destination = new RedisDestination({ ...options, registry })
  const view = servingView(options)
  const limits: CutLimits = { rows: 40, bytes: 1_000_000, ageMs: 20 }
  return {
    prices,
    broker,
    destination,
    view,
    /** Item i belongs to partition i % 2; a price of null retracts it. */
    price(item: number, price: number | null) {
      const value =
        price === null
          ? null
          : Buffer.from(prices.frame(schemaId, { itemId: `i${item}`, price: BigInt(price), at: 1_735_689_600_000 }))
      broker.write({ topic: prices.name, partition: item % 2, key: Buffer.from(`i${item}`), value })
    },
    async lane(kill?: { readonly step: LaneStep; readonly visit: number }) {
      let visits = 0
      const lane = new Lane({
        app: 'test',
        topic: prices,
        source: prices.name,
        lane: 0,
        lanes: 1,
        generation: 1,
        limits,
        broker,
        registry,
        destination,
        log: new CutLog({ sink: 'redis', broker, clock: systemClock }),
        clock: systemClock,
        until: await untilNow(broker, prices.name),
        atStep: (step) => {
          if (step === kill?.step && ++visits === kill.visit) throw new Error('killed')
        },
      })
      return lane.run(new AbortController().signal)
    },
    expected: async () => {
      const ends = (await broker.admin.committedEnds(prices.name)).map((end, partition) => [partition, end] as const)
      return latestOf(prices, Object.fromEntries(ends), { broker, registry, archive: undefined })
    },
    async close() {
      await Promise.all([destination.close(), view.close(), log.close()])
    },
  }
}

const priceIn = async (at: Awaited<ReturnType<typeof world>>, ...items: number[]): Promise<unknown[]> =>
  (
    await at.view.latest(
      at.prices,
      items.map((item) => [`i${item}`]),
    )
  ).map((row) => row?.price)

test('killed at every step in turn, the view is the latest row of every identity, and equal to Kafka', async () => {
  const at = await world('killed')
  for (let i = 0; i < 300; i++) at.price(i % 50, i)
  at.price(7, null)
  for (const step of [3, 3.5, 4, 4.5] as const)
    for (const visit of [1, 2]) assert.equal(await at.lane({ step, visit }), 'failed', `step ${step}`)
  assert.equal(await at.lane(), 'finished')
  assert.deepEqual(await priceIn(at, 0, 49, 7, 99), ['2.50', '2.99', undefined, undefined])
  const expected = await at.expected()
  assert.equal(expected.rows, 49)
  assert.deepEqual(await at.destination.tally(at.prices, 0), expected)
  await at.close()
})

test('older offsets never overwrite, nor bring back what was retracted; a later generation does', async () => {
  const at = await world('late')
  const handed = async (): Promise<KafkaRecord[]> => at.broker.committed(at.prices.name) as KafkaRecord[]
  for (const [item, price] of [
    [0, 100],
    [2, 200],
    [0, 300],
    [2, null],
  ] as const)
    at.price(item, price)
  const records = await handed()
  const apply = (generation: number, some: readonly KafkaRecord[]) => at.destination.apply(at.prices, generation, some)
  await apply(1, records)
  for (const some of [records.slice(0, 2), records.slice(0, 1), [...records].reverse(), records]) {
    await apply(1, some)
    assert.deepEqual(await priceIn(at, 0, 2), ['3.00', undefined])
  }
  // A topic made anew counts its offsets from 0 again.
  await apply(2, records.slice(0, 2))
  assert.deepEqual(await priceIn(at, 0, 2), ['1.00', '2.00'])
  await apply(1, records)
  assert.deepEqual(await priceIn(at, 0, 2), ['1.00', '2.00'])
  await at.close()
})

test('two processes that write the same identities in any order end with the latest', async () => {
  const at = await world('raced')
  for (let i = 0; i < 400; i++) at.price(i % 10, i)
  const records = (await at.broker.committed(at.prices.name)) as KafkaRecord[]
  const parts = Array.from({ length: 40 }, (_, i) => records.slice(i * 10, i * 10 + 10)).sort(
    (a, b) => ((a[0]?.offset ?? 0) % 7) - ((b[0]?.offset ?? 0) % 7),
  )
  await Promise.all(parts.map((some) => at.destination.apply(at.prices, 1, some)))
  assert.deepEqual(await at.destination.tally(at.prices, 0), await at.expected())
  await at.close()
})

test('Redis killed while a lane writes: it waits, goes on, and nothing is missing; emptied, it is filled again', async () => {
  const at = await world('away')
  for (let i = 0; i < 400; i++) at.price(i % 80, i)
  const running = at.lane()
  await stack.kill('redis', 'SIGKILL')
  await systemClock.sleep(300)
  await stack.start('redis')
  assert.equal(await running, 'finished')
  const expected = await at.expected()
  assert.deepEqual(await at.destination.tally(at.prices, 0), expected)
  assert.equal(await at.destination.clear(at.prices), 80)
  assert.deepEqual(await priceIn(at, 1), [undefined])
  await at.destination.apply(at.prices, 1, (await at.broker.committed(at.prices.name)) as KafkaRecord[])
  assert.deepEqual(await at.destination.tally(at.prices, 0), expected)
  await at.close()
})

test('a row is forgotten its time after it was written, and an older one does not take its place', async () => {
  const at = await world('brief', '1 second')
  at.price(0, 1)
  const [first] = (await at.broker.committed(at.prices.name)) as KafkaRecord[]
  assert.ok(first)
  const now = systemClock.now()
  const written = (offset: number, timestamp: number): KafkaRecord => ({ ...first, offset, timestamp })
  await at.destination.apply(at.prices, 1, [written(0, now - 500), written(1, now)])
  assert.deepEqual(await priceIn(at, 0), ['0.01'])
  await systemClock.sleep(1_100)
  assert.deepEqual(await priceIn(at, 0), [undefined])
  await at.destination.apply(at.prices, 1, [written(0, now - 500)])
  assert.deepEqual(await priceIn(at, 0), [undefined])
  await at.close()
})

test('what cannot be a row is refused with the reason', async () => {
  const at = await world('refused')
  at.price(0, 1)
  const [first] = (await at.broker.committed(at.prices.name)) as KafkaRecord[]
  assert.ok(first)
  const refused = await at.destination.apply(at.prices, 1, [{ ...first, offset: 9, value: Buffer.from('x') }, first])
  assert.deepEqual(
    refused.map(({ record, reason }) => [record.offset, /not framed/.test(reason)]),
    [[9, true]],
  )
  assert.deepEqual(await priceIn(at, 0), ['0.01'])
  await at.close()
})
