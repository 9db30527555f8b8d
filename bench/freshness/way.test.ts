import assert from 'node:assert/strict'
import { test } from 'node:test'
import { setTimeout as pause } from 'node:timers/promises'
import { compile } from '#engine/compile'
import { startWorker } from '#engine/runtime'
import { kafkaTopicOf } from '#engine/schema'
import { purchases, type RevenuePerMinute, revenuePerMinute } from '#schemas'
import { world } from '../../api/serving/api-fixture.ts'
import { liveTopics } from '../../api/serving/index.ts'
import processor from '../../processors/revenue-per-minute.ts'
import { measured } from './hops.ts'
import { Place, watchAnswers, watchStream, watchTable, watchTopic } from './places.ts'
import { Source } from './source.ts'

const RATE = 400

test('marks go all the way: the real processor and the real API, the broker and the table in memory', async () => {
  await using api = await world()
  const { broker, registry, store } = api
  const partitions = 4
  await broker.admin.ensure([purchases, ...liveTopics].map((topic) => kafkaTopicOf(topic, { partitions })))
  const schemaId = await registry.register(purchases)
  const resultId = await registry.register(revenuePerMinute)
  const over = new AbortController()
  const worker = await startWorker({
    broker,
    deployments: [
      {
        ...{ app: 'test', processor: processor.name, generation: 1, stages: compile(processor), registry },
        ...{ results: [revenuePerMinute.name], schemaIds: new Map([[revenuePerMinute.name, resultId]]) },
      },
    ],
    settings: { commitIntervalMs: 5, lookIntervalMs: 5 },
  })
  const feed = api.feed.run(over.signal)
  const url = await api.app.listen({ port: 0, host: '127.0.0.1' })
  const headers = { authorization: `Bearer ${api.token('live')}` }
  const get = (path: string, signal?: AbortSignal) => fetch(`${url}${path}`, { headers, ...(signal ? { signal } : {}) })

  /** What the ClickHouse sink does. */
  const sink = async (): Promise<void> => {
    while (!over.signal.aborted) {
      const rows = broker.committed(revenuePerMinute.name).map(({ value }) => {
        const row: RevenuePerMinute = revenuePerMinute.decode(value?.subarray(5) ?? Buffer.alloc(0))
        const [start, end] = [row.windowStart, row.windowEnd].map((time) => new Date(time).toISOString())
        return { ...row, windowStart: start, windowEnd: end, revenue: (Number(row.revenue) / 100).toFixed(2) }
      })
      if (rows.length !== store.rows.get('shop.revenue_per_minute_latest')?.length) store.version++
      store.rows.set('shop.revenue_per_minute_latest', rows)
      await pause(20)
    }
  }
  const table = async (query: string) => {
    assert.match(query, /country = 'ZZ'/)
    const rows = store.rows.get('shop.revenue_per_minute_latest') ?? []
    return rows
      .filter(({ country }) => country === 'ZZ')
      .map(({ currency, orders, revenue }) => [String(currency), Number(orders), String(revenue)])
  }
  const producers = { traffic: await broker.producer(), marks: await broker.producer() }
  const source = new Source({
    ...{ producers, schemaId, partitions, rate: RATE, speed: 300, marksPerSecond: 10 },
    start: Math.floor((Date.now() - 86_400_000) / 60_000) * 60_000,
  })
  const [topic, stream, clickhouse, answers] = [new Place(), new Place(), new Place(), new Place()]
  const began = performance.now()
  const counts = () => performance.now() - began > 500 && performance.now() - began < 1_500
  const done = () => {
    const wanted = source.marks.filter((mark) => mark.counts).map(({ code }) => code)
    const all = [topic, stream, clickhouse, answers].every(({ seen }) => wanted.every((code) => seen.has(code)))
    if ((performance.now() - began > 1_600 && all) || performance.now() - began > 15_000) over.abort()
    return over.signal.aborted
  }
  await Promise.all([
    source.run(counts, done),
    sink(),
    watchTopic(broker, topic, over.signal),
    watchTable(table, clickhouse, over.signal),
    watchAnswers(get, answers, over.signal),
    watchStream(get, stream, over.signal),
  ])
  await feed
  await worker.stop()

  const places = { topic: topic.seen, stream: stream.seen, clickhouse: clickhouse.seen, api: answers.seen }
  const found = measured(source.marks, places, (time) => source.reached(time))
  assert.deepEqual(found.missing, [])
  assert.ok(found.marks >= 5, `${found.marks} marks`)
  for (const { figures } of [topic, stream, clickhouse, answers])
    for (const { code, revenue, counts } of source.marks)
      if (counts) assert.equal(figures.get(code), `1 order, ${revenue}`)
  // Nothing is published before its minute and grace are over in every partition.
  const [, , published] = found.hops
  assert.ok((published?.p50 ?? -1) >= 0, JSON.stringify(found.hops))
  assert.deepEqual(api.failures, [])
})
