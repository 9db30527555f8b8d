import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { collect, countWindow, type Plan, processor } from '#engine'
import { partitionOf } from '#engine/broker'
import { compile } from '#engine/compile'
import { memoryRegistry } from '#engine/schema'
import { type Driven, type DriveOptions, drive, testClock } from '#engine/testing'
import { field, made, NEW_YEAR, type Sale, sale, sales, storeSales } from '../../compile/trade-fixture.ts'
import { runBounded } from '../bounded.ts'
import { type Deployment, generationTopic, names } from '../deployment.ts'
import { readRecordedTime } from './time-records.ts'

// What depends on the order of rows, behind a re-key: rows of all partitions in the order of event time, whatever happens meanwhile.

const PARTITIONS = 3
const GRACE = 20
const TIMER = 50

interface Line {
  readonly store: string
  readonly text: string
  readonly at: number
}
const lines = made<Line>('trade.lines.v1', { key: 'store', time: 'at' }, [
  field.text('store'),
  field.text('text'),
  field.time('at'),
])
interface Tens {
  readonly store: string
  readonly windowNumber: number
  readonly windowStart: number
  readonly windowEnd: number
  readonly ids: readonly string[]
}
const tens = made<Tens>('trade.tens.v1', { key: 'store', time: 'windowStart', id: ['store', 'windowNumber'] }, [
  field.text('store'),
  { name: 'windowNumber', type: 'long', doc: 'Which.' },
  field.time('windowStart'),
  field.time('windowEnd'),
  { name: 'ids', type: { type: 'array', items: 'string' }, doc: 'In order.' },
])

/** Each sale of a store with those before it; and a line where the store was silent for a while. */
const story = processor('story', ({ from, merge }) =>
  merge(from(sales), from(storeSales))
    .keyBy('store')
    .process({
      name: 'story',
      reads: ['saleId'],
      grace: `${GRACE} milliseconds`,
      state: { initial: () => ({ text: '', until: 0 }) },
      onEvent(context, { saleId }, state) {
        state.text = `${state.text.slice(-12)} ${saleId}`
        if (state.until > context.eventTime) context.clearTimer(state.until)
        state.until = context.eventTime + TIMER
        context.setTimer(state.until)
        return { store: context.key.store, text: state.text, at: context.eventTime }
      },
      onTimer: (context, state) => ({
        store: context.key.store,
        text: `silence after${state.text}`,
        at: context.eventTime,
      }),
    })
    .to(lines),
)

const threes = processor('threes', ({ from, merge }) =>
  merge(from(sales), from(storeSales))
    .keyBy('store')
    .window(countWindow({ size: 3, grace: `${GRACE} milliseconds` }))
    .aggregate({ ids: collect('saleId', { order: 'time' }) })
    .emit('on-close')
    .to(tens),
)

const stores = ['north', 'south', 'east']
const aSale = fc.record({
  own: fc.boolean(),
  store: fc.constantFrom(...stores),
  saleId: fc.integer({ min: 0, max: 99 }).map((n) => `s${n}`),
  after: fc.integer({ min: 0, max: 250 }),
})
const aBlow = fc.record({
  what: fc.constantFrom('commit' as const, 'take-over' as const),
  step: fc.integer({ min: 1, max: 5 }),
  nth: fc.integer({ min: 1, max: 6 }),
})
const step = fc.record({
  events: fc.array(aSale, { minLength: 6, maxLength: 15 }),
  blow: fc.option(aBlow, { nil: undefined }),
})
type Step = typeof step extends fc.Arbitrary<infer S> ? S : never

async function play(plan: Plan, steps: readonly Step[], options: DriveOptions): Promise<Driven> {
  const registry = memoryRegistry()
  const schemaIds = new Map<string, number>()
  for (const topic of [sales, storeSales, plan.destination]) schemaIds.set(topic.name, await registry.register(topic))
  const deployment: Deployment = {
    app: 'test',
    processor: plan.name,
    generation: 1,
    stages: compile(plan),
    results: [plan.destination.name],
    schemaIds,
    registry,
  }
  const driven = await drive(deployment, { ...options, partitions: PARTITIONS, clock: testClock(NEW_YEAR) })
  const write = (own: boolean, change: Partial<Sale>, partition?: number): void => {
    const topic = own ? storeSales : sales
    const value = sale(change)
    const key = Buffer.from(topic.keyOf(value))
    const framed = topic.frame(schemaIds.get(topic.name) ?? 0, value)
    driven.write({ topic: topic.name, partition: partition ?? partitionOf(key, PARTITIONS), key, value: framed })
  }
  for (const { events, blow } of steps) {
    for (const { own, store, saleId, after } of events) write(own, { store, saleId, soldAt: NEW_YEAR + after })
    if (blow) driven.crashAt(blow.what, blow.step, blow.nth)
    if (blow?.what === 'take-over') driven.crash()
    await driven.run()
  }
  // A last event far ahead on every partition of every input lets go of everything before it.
  for (let partition = 0; partition < PARTITIONS; partition++)
    for (const own of [true, false])
      write(own, { store: 'last', saleId: 'last', soldAt: NEW_YEAR + 1_000_000 }, partition)
  await driven.run()
  return driven
}

/** Results by store in the order written; late events by their place. */
function told(driven: Driven, plan: Plan, topic = plan.destination.name) {
  const results: Record<string, unknown[]> = {}
  for (const { value } of driven.read(topic)) {
    const row = plan.destination.decode((value ?? Buffer.alloc(5)).subarray(5)) as Line | Tens
    results[row.store] = [
      ...(results[row.store] ?? []),
      'text' in row ? [row.text, row.at] : [row.windowNumber, row.ids],
    ]
  }
  delete results.last
  return results
}

/** Which rows count, and in which order: by each partition's own time first, then by (time, topic, partition, offset). */
function inOrder(driven: Driven): (Sale & { readonly topic: string })[] {
  const accepted: (Sale & { topic: string; partition: number; offset: number })[] = []
  const late = driven.read(names.late(driven.deployment))
  const missed = new Set(late.map(({ headers }) => `${headers?.topic} ${headers?.partition} ${headers?.offset}`))
  for (const topic of [sales, storeSales])
    for (const { partition, offset, value } of driven.read(topic.name)) {
      const row = topic.decode((value ?? Buffer.alloc(5)).subarray(5))
      if (!missed.has(`${topic.name} ${partition} ${offset}`))
        accepted.push({ ...row, topic: topic.name, partition, offset })
    }
  return accepted.sort(
    (a, b) =>
      a.soldAt - b.soldAt ||
      (a.topic < b.topic ? -1 : a.topic > b.topic ? 1 : a.partition - b.partition || a.offset - b.offset),
  )
}

function storyOf(rows: readonly Sale[]): unknown[] {
  const out: unknown[] = []
  let [text, until] = ['', 0]
  const silence = (): void => {
    out.push([`silence after${text}`, until])
    until = 0
  }
  for (const { saleId, soldAt } of rows) {
    if (until > 0 && until <= soldAt) silence()
    text = `${text.slice(-12)} ${saleId}`
    until = soldAt + TIMER
    out.push([text, soldAt])
  }
  silence()
  return out
}

const threesOf = (rows: readonly Sale[]): unknown[] =>
  Array.from({ length: Math.floor(rows.length / 3) }, (_none, n) => [
    n,
    rows.slice(3 * n, 3 * n + 3).map(({ saleId }) => saleId),
  ])

const small = { snapshotBytes: 400, snapshotCommits: 4, maxRecordBytes: 64, repartitionRecords: 2 }
for (const [plan, model] of [
  [story, storyOf],
  [threes, threesOf],
] as const)
  test(`${plan.name}: rows are taken in order behind a re-key, whoever dies, and in a replay too`, async () => {
    let [crashes, rows, lates] = [0, 0, 0]
    await fc.assert(
      fc.asyncProperty(
        fc.array(step, { minLength: 2, maxLength: 5 }),
        fc.integer({ min: 1, max: 1_000 }),
        async (steps, seed) => {
          const driven = await play(plan, steps, { seed, settings: small })
          const got = told(driven, plan)
          const all = inOrder(driven)
          for (const store of stores) {
            const own = all.filter((row) => row.store === store)
            if (own.length > 0) assert.deepEqual(got[store] ?? [], model(own))
            rows += own.length
          }
          crashes += driven.crashes
          lates += driven.read(names.late(driven.deployment)).length
          const { broker, deployment } = driven
          const recorded = await readRecordedTime(broker, names.time(deployment))
          const topicOf = (contract: string) => generationTopic(contract, 2)
          const bounds = new Map(
            await Promise.all(
              [sales.name, storeSales.name].map(async (topic) => {
                const ends = await broker.admin.committedEnds(topic)
                return [topic, ends.map((end) => ({ start: 0, end }))] as const
              }),
            ),
          )
          await runBounded({ broker, deployment: { ...deployment, generation: 2, topicOf }, bounds, recorded })
          assert.deepEqual(told(driven, plan, topicOf(plan.destination.name)), got)
          await driven.close()
        },
      ),
      { numRuns: 8 },
    )
    assert.ok(crashes > 0, 'nothing died')
    assert.ok(rows > 50 && lates > 0, `${rows} rows, ${lates} late`)
  })

test('a row is late by the time of its own partition and the grace, and nothing else', async () => {
  const one = (saleId: string, after: number) => ({ own: true, store: 'north', saleId, after })
  const events = [one('a', 100), one('b', 100 - GRACE), one('c', 100 - GRACE - 1), one('d', 90)]
  const driven = await play(story, [{ events, blow: undefined }], {})
  assert.deepEqual(
    inOrder(driven).flatMap(({ saleId }) => (saleId === 'last' ? [] : [saleId])),
    ['b', 'd', 'a'],
  )
  const [late] = driven.read(names.late(driven.deployment))
  assert.equal(late?.headers?.lateness?.toString(), String(GRACE + 1))
  await driven.close()
})

test('without a grace it is refused, and a grace that nothing waits for too', () => {
  const counted = (topic: typeof sales, grace?: '1 second') =>
    processor('counted', ({ from }) =>
      from(topic)
        .keyBy('store')
        .window(countWindow({ size: 3, ...(grace ? { grace } : {}) }))
        .aggregate({ ids: collect('saleId', { order: 'time' }) })
        .emit('on-close')
        .to(tens),
    )
  assert.throws(() => counted(sales), /PLAN_INVALID|needs a grace/)
  assert.throws(() => counted(storeSales, '1 second'), /no use for a grace/)
  assert.ok(counted(sales, '1 second') && counted(storeSales))
})
