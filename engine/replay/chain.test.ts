import assert from 'node:assert/strict'
import { test } from 'node:test'
import { compile } from '#engine/compile'
import { CutLog } from '#engine/delivery'
import { type Deployment, generationTopic, startWorker } from '#engine/runtime'
import { type AnyTopic, memoryRegistry } from '#engine/schema'
import { fakeBroker } from '#engine/testing'
import { systemClock } from '#engine/time'
import { type Plan, processor, sum, tumbling } from '#engine/topology'
import {
  field,
  made,
  NEW_YEAR,
  type SalesPerMinute,
  sale,
  salesPerMinute,
  storeSales,
} from '../compile/trade-fixture.ts'
import { MemoryStore } from '../delivery/delivery-fixture.ts'
import { chainOf, inputTopics, linkRequest } from './chain.ts'
import { planReplay } from './facts.ts'
import { type Generation, type GenerationRecord, nextGeneration } from './generations.ts'
import { planOf, until } from './live-fixture.ts'
import { runReplay } from './run.ts'

const HOUR = 3_600_000
const PARTITIONS = 2
const SOLD = 1_080
const asked = { from: NEW_YEAR + HOUR, to: NEW_YEAR + 2 * HOUR }

const { text, time, long, money } = field
const fields = [
  text('store'),
  text('currency'),
  time('windowStart'),
  time('windowEnd'),
  long('orders'),
  money('revenue'),
]
const about = (key: string | string[], id: string[]) => ({ kind: 'results', key, time: 'windowStart', id })
const perQuarter = made<SalesPerMinute>(
  'trade.sales-per-quarter.v1',
  about(['store', 'currency'], ['store', 'currency', 'windowStart']),
  fields,
)
const perHalf = made<Omit<SalesPerMinute, 'store'>>(
  'trade.sales-per-half.v1',
  about('currency', ['currency', 'windowStart']),
  fields.slice(1),
)
const topics: readonly AnyTopic[] = [storeSales, salesPerMinute, perQuarter, perHalf]

const plans: readonly Plan[] = [
  // Behind a re-key: all stores together.
  processor('per-half', ({ from }) =>
    from(perQuarter)
      .keyBy('currency')
      .window(tumbling({ size: '30 minutes', grace: '5 minutes' }))
      .aggregate({ orders: sum('orders'), revenue: sum('revenue') })
      .emit('on-close')
      .to(perHalf),
  ),
  processor('per-quarter', ({ from }) =>
    from(salesPerMinute)
      .keyBy('store', 'currency')
      .window(tumbling({ size: '15 minutes', grace: '5 minutes' }))
      .aggregate({ orders: sum('orders'), revenue: sum('revenue') })
      .emit('on-close')
      .to(perQuarter),
  ),
  planOf('orders', storeSales),
]

async function world() {
  const broker = fakeBroker({ seed: 3, lateMarkers: true })
  const registry = memoryRegistry()
  const schemaIds = new Map<string, number>()
  for (const topic of topics) schemaIds.set(topic.name, await registry.register(topic))
  await broker.admin.ensure(topics.map(({ name }) => ({ name, partitions: PARTITIONS, settings: {} })))
  const deployment = (plan: Plan): Deployment => ({
    ...{ app: 'test', processor: plan.name, generation: 1, stages: compile(plan) },
    ...{ results: [plan.destination.name], schemaIds, registry },
  })
  const sell = (n: number, over: object = {}, partition?: number): void => {
    const value = sale({ saleId: `s${n}`, store: `store ${n % 5}`, soldAt: NEW_YEAR + n * 10_000, ...over })
    const at = partition === undefined ? {} : { partition }
    const key = Buffer.from(storeSales.keyOf(value))
    broker.write({
      topic: storeSales.name,
      key,
      value: storeSales.frame(schemaIds.get(storeSales.name) ?? 0, value),
      ...at,
    })
  }
  /** Rows of a result within the range, by their values. */
  const rows = (topic: AnyTopic, name = topic.name): readonly string[] =>
    broker
      .committed(name)
      .flatMap(({ value }) => (value === null ? [] : [topic.decode(value.subarray(5)) as SalesPerMinute]))
      .filter(({ windowStart }) => windowStart >= asked.from && windowStart < asked.to)
      .map(({ store, currency, windowStart, orders, revenue }) =>
        [store, currency, windowStart, orders, revenue].join('|'),
      )
      .sort()
  return { broker, deployment, sell, rows }
}

test('a chain that is replayed by the same code gives the same rows at every link, whole at both edges', async () => {
  const { broker, deployment, sell, rows } = await world()
  const settings = { commitIntervalMs: 5, lookIntervalMs: 5 }
  const worker = await startWorker({ broker, deployments: plans.map(deployment), settings })
  // Minute by minute, as live traffic comes: what is written at once, tasks would take at different speeds.
  for (let n = 0; n < SOLD; n++) {
    sell(n)
    if (n % 6 === 5) await systemClock.sleep(20)
  }
  for (let partition = 0; partition < PARTITIONS; partition++)
    sell(SOLD, { store: `end ${partition}`, soldAt: NEW_YEAR + 9 * HOUR }, partition)
  await until(() => rows(perHalf).length === 2, 'the live chain')
  await worker.stop()

  const sources = { broker, archive: undefined, archiveLog: undefined }
  const cuts = new CutLog({ sink: 'memory', broker, clock: systemClock })
  const [head] = [...plans].reverse()
  assert.ok(head)
  const made: Generation[] = []
  const records: GenerationRecord[] = []
  for (const link of chainOf(plans, head, asked)) {
    const { plan } = link
    const request = {
      ...{ processor: plan.name, topic: plan.destination.name, version: plan.version, source: 'auto' as const },
      ...{ ...asked, ...linkRequest(link, made) },
    }
    const generation = nextGeneration(records, plan.name)
    const replay = await planReplay(plan, request, sources)
    const started: GenerationRecord = {
      ...request,
      generation,
      decision: 'started',
      bounds: replay.bounds,
      at: systemClock.now(),
    }
    made.push({ started, records: [started], last: started })
    const destination = new MemoryStore()
    const live = deployment(plan)
    const topic = plan.destination
    const inputs = inputTopics(plan)
    await runReplay({
      ...sources,
      plan: replay,
      live,
      inputs,
      generation,
      topic,
      destination,
      cuts,
      clock: systemClock,
    })
    const replayed = rows(topic, generationTopic(topic.name, generation))
    assert.ok(replayed.length > 1)
    assert.deepEqual(replayed, rows(topic), plan.name)
  }
  assert.deepEqual(
    made.map(({ started }) => started.processor),
    ['sales-per-minute', 'per-quarter', 'per-half'],
  )
  await cuts.close()
})
