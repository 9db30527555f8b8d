import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { processor, table } from '#engine'
import { compile } from '#engine/compile'
import { memoryRegistry } from '#engine/schema'
import { type Driven, drive, fakeBroker, testClock } from '#engine/testing'
import { field, made, NEW_YEAR, sale, storeSales } from '../../compile/trade-fixture.ts'
import { runBounded } from '../bounded.ts'
import { type Deployment, generationTopic, names } from '../deployment.ts'
import { readRecordedTime } from './time-records.ts'

// Several inputs through real plans: results depend on how slices were cut, and slices are recorded.

interface Region {
  readonly store: string
  readonly region: string
  readonly since: number
}
interface Placed {
  readonly saleId: string
  readonly region: string | null
  readonly soldAt: number
}
const regions = made<Region>('trade.regions.v1', { kind: 'table', key: 'store', time: 'since', id: ['store'] }, [
  field.text('store'),
  field.text('region'),
  field.time('since'),
])
const placed = made<Placed>('trade.placed.v1', { key: 'saleId', time: 'soldAt', id: ['saleId'] }, [
  field.text('saleId'),
  field.nullable('region', 'string'),
  field.time('soldAt'),
])
const plan = processor('placed', ({ from }) =>
  from(storeSales)
    .join(table(regions, { history: '1 hour', idleAfter: '10 seconds' }), {
      on: ['store'],
      select: { region: 'region' },
      kind: 'left',
    })
    .map(['saleId', 'region', 'soldAt'], ({ saleId, region, soldAt }) => ({ saleId, region, soldAt }))
    .to(placed),
)

async function setUp(seed: number) {
  const registry = memoryRegistry()
  const ids = new Map<string, number>()
  for (const topic of [storeSales, regions, placed]) ids.set(topic.name, await registry.register(topic))
  const deployment: Deployment = {
    app: 'test',
    processor: plan.name,
    generation: 1,
    stages: compile(plan),
    results: [placed.name],
    schemaIds: ids,
    registry,
  }
  const clock = testClock(NEW_YEAR)
  const broker = fakeBroker({ clock, seed })
  const driven = await drive(deployment, { clock, broker, seed })
  const frame = { sale: ids.get(storeSales.name) ?? 0, region: ids.get(regions.name) ?? 0 }
  return {
    driven,
    sell: (store: string, minute: number, n: number) => {
      const value = sale({ saleId: `s${n}`, store, soldAt: NEW_YEAR + minute * 60_000 })
      driven.write({ topic: storeSales.name, key: Buffer.from(store), value: storeSales.frame(frame.sale, value) })
    },
    move: (store: string, minute: number, region: string) => {
      const value = { store, region, since: NEW_YEAR + minute * 60_000 }
      driven.write({ topic: regions.name, key: Buffer.from(store), value: regions.frame(frame.region, value) })
    },
  }
}

/** Sorted: tasks of different source partitions write side by side. */
const rows = (driven: Driven, topic: string): string[] =>
  driven
    .read(topic)
    .map(({ partition, value }) => {
      const { saleId, region } = placed.decode((value ?? Buffer.alloc(0)).subarray(5))
      return `${partition} ${saleId} ${region}`
    })
    .sort()

test('a stream waits for a table that is behind, and passes one that is idle at its end', async () => {
  const { driven, sell, move } = await setUp(1)
  move('north', 0, 'coast')
  sell('north', 1, 1)
  await driven.run()
  assert.deepEqual(rows(driven, placed.name), [], 'an earlier row of the table could still come')
  move('north', 2, 'hills')
  sell('north', 3, 2)
  await driven.run()
  assert.deepEqual(
    rows(driven, placed.name).map((row) => row.slice(2)),
    ['s1 coast'],
  )
  driven.clock.advance(9_999)
  await driven.run()
  assert.equal(rows(driven, placed.name).length, 1, 'the table is not idle yet')
  driven.clock.advance(1)
  await driven.run()
  assert.deepEqual(
    rows(driven, placed.name).map((row) => row.slice(2)),
    ['s1 coast', 's2 hills'],
  )
  await driven.close()
})

const step = fc.record({
  sales: fc.array(fc.tuple(fc.constantFrom('north', 'south', 'east'), fc.integer({ min: 0, max: 50 })), {
    maxLength: 12,
  }),
  moves: fc.array(fc.tuple(fc.constantFrom('north', 'south', 'east'), fc.integer({ min: 0, max: 50 })), {
    maxLength: 4,
  }),
  pause: fc.constantFrom(0, 0, 4_000, 12_000),
  dies: fc.option(fc.integer({ min: 1, max: 5 }), { nil: undefined }),
})

test('a bounded run cuts at the recorded slices: the same rows, whatever the order in which inputs came', async () => {
  let joined = 0
  await fc.assert(
    fc.asyncProperty(
      fc.array(step, { minLength: 1, maxLength: 6 }),
      fc.integer({ min: 1, max: 999 }),
      async (steps, seed) => {
        const { driven, sell, move } = await setUp(seed)
        let n = 0
        for (const { sales, moves, pause, dies } of steps) {
          for (const [store, minute] of moves) move(store, minute, `r${minute}`)
          for (const [store, minute] of sales) sell(store, minute, ++n)
          if (dies) driven.crashAt('commit', dies, 2)
          await driven.run()
          driven.clock.advance(pause)
          await driven.run()
        }
        // Twice: a blow that is still due makes the task begin waiting anew.
        for (let i = 0; i < 2; i++) {
          driven.clock.advance(20_000)
          await driven.run()
        }
        const { broker } = driven
        const recorded = await readRecordedTime(broker, names.time(driven.deployment))
        const topicOf = (contract: string) => generationTopic(contract, 2)
        const bounds = new Map(
          await Promise.all(
            [storeSales.name, regions.name].map(async (topic) => {
              const ends = await broker.admin.committedEnds(topic)
              return [topic, ends.map((end) => ({ start: 0, end }))] as const
            }),
          ),
        )
        const deployment = { ...driven.deployment, generation: 2, topicOf }
        // A recorded slice is larger than what this run would fetch ahead.
        await runBounded({ broker, deployment, bounds, recorded, settings: { bufferLimit: 1 } })
        const live = rows(driven, placed.name)
        joined += live.filter((row) => !row.endsWith('null')).length
        assert.deepEqual(rows(driven, topicOf(placed.name)), live)
        assert.equal(live.length, n)
        await driven.close()
      },
    ),
    { numRuns: 25 },
  )
  assert.ok(joined > 50, `only ${joined} rows found their region`)
})
