import assert from 'node:assert/strict'
import { after, test } from 'node:test'
import { compile } from '#engine/compile'
import { memoryRegistry } from '#engine/schema'
import { type FakeBroker, fakeBroker } from '#engine/testing'
import { count, type Plan, processor, sum, tumbling } from '#engine/topology'
import { field, made, NEW_YEAR, sale, salesPerMinute, storeSales } from '../../compile/trade-fixture.ts'
import type { Deployment } from '../deployment.ts'
import { startWorker, type Worker } from '../worker.ts'
import { serveWorker, type WorkerServer } from './server.ts'

const PARTITIONS = 4
const closing: (() => Promise<void>)[] = []
after(async () => {
  for (const close of closing.reverse()) await close()
})

const perMinute = processor('sales-per-minute', ({ from }) =>
  from(storeSales)
    .keyBy('store', 'currency')
    .window(tumbling({ size: '1 minute', grace: '30 seconds' }))
    .aggregate({ orders: count(), revenue: sum('amount') })
    .emit('on-close')
    .to(salesPerMinute),
)

const personal = { 'confluent:tags': ['PII'], pii: { subject: 'visitor', strategy: 'mask', sealed: false } }
interface Visit {
  readonly visitor: string
  readonly email: string
  readonly at: number
}
const visits = made<Visit>('trade.visits.v1', { key: 'visitor', time: 'at' }, [
  field.text('visitor'),
  field.text('email', personal),
  field.time('at'),
])
const seen = made<Visit>('trade.seen.v1', { key: 'visitor', time: 'at' }, [
  field.text('visitor', personal),
  field.text('email', personal),
  { ...field.time('at'), ...personal },
])
const lastSeen = processor('last-seen', ({ from }) =>
  from(visits)
    .keyBy('visitor')
    .process({
      name: 'last',
      reads: ['email'],
      ttl: '1 day',
      state: { initial: () => ({ email: '', visits: 0 }) },
      onEvent({ setTimer, eventTime }, { email }, state) {
        state.email = email
        state.visits++
        setTimer(eventTime + 60_000)
        return []
      },
    })
    .to(seen),
)

async function deploymentOf(plan: Plan, broker: FakeBroker): Promise<Deployment> {
  const registry = memoryRegistry()
  const schemaIds = new Map<string, number>()
  for (const topic of [plan.destination, ...plan.inputs.map((input) => input.topic)]) {
    schemaIds.set(topic.name, await registry.register(topic))
    await broker.admin.ensure([{ name: topic.name, partitions: PARTITIONS, settings: {} }])
  }
  const results = [plan.destination.name]
  return { app: 'test', processor: plan.name, generation: 1, stages: compile(plan), results, schemaIds, registry }
}

async function serve(broker: FakeBroker, deployment: Deployment, id: string): Promise<[Worker, WorkerServer]> {
  const settings = { commitIntervalMs: 5, lookIntervalMs: 5 }
  const worker = await startWorker({ broker, deployments: [deployment], id, settings })
  const server = await serveWorker(worker, { port: 0 })
  closing.push(
    () => worker.stop(),
    () => server.close(),
  )
  return [worker, server]
}

async function until(holds: () => boolean | Promise<boolean>, what: string): Promise<void> {
  for (let tries = 0; tries < 600; tries++) {
    if (await holds()) return
    await new Promise((resolve) => setTimeout(resolve, 10))
  }
  assert.fail(`waited in vain: ${what}`)
}

interface Answer {
  readonly rows: readonly Record<string, unknown>[]
  readonly asOf: readonly { partition: number; streamTime: number; positions: readonly { offset: number }[] }[]
  readonly hidden: readonly string[]
  readonly more: boolean
}
const asked = async (url: string, status = 200): Promise<Answer & Record<string, unknown>> => {
  const response = await fetch(url)
  assert.equal(response.status, status, `${url}: ${await response.clone().text()}`)
  return (await response.json()) as Answer & Record<string, unknown>
}
const ready = (server: WorkerServer) => async () => (await fetch(`${server.address}/ready`)).status === 200

test('open windows are read from any worker: it answers, or sends to the one that has the key, or says who is unknown', async () => {
  const broker = fakeBroker({ seed: 5 })
  const deployment = await deploymentOf(perMinute, broker)
  const [, one] = await serve(broker, deployment, 'one')
  const [second, two] = await serve(broker, deployment, 'two')
  await until(async () => (await ready(one)()) && (await ready(two)()), 'both are ready')
  const stores = ['north', 'south', 'east', 'west', 'a|b', 'centre']
  const id = deployment.schemaIds.get(storeSales.name) ?? 0
  for (const store of stores)
    for (const amount of [1_250n, 25n]) {
      const value = sale({ store, amount, currency: 'EUR', soldAt: NEW_YEAR + 5_000 })
      const key = Buffer.from(storeSales.keyOf(value))
      broker.write({ topic: storeSales.name, key, value: storeSales.frame(id, value) })
    }
  const state = (server: WorkerServer, more = '') => `${server.address}/state/sales-per-minute/source${more}`
  const key = (store: string) => `?key=${encodeURIComponent(`${store.replace('|', '\\|')}|EUR`)}`
  await until(async () => {
    const all = await Promise.all([one, two].map((server) => asked(state(server))))
    return (
      all.flatMap(({ rows }) => rows).length === stores.length &&
      all.every(({ rows }) => rows.every((row) => row.orders === 2))
    )
  }, 'all sales are in the windows')
  const direct = async (server: WorkerServer, store: string) =>
    await fetch(state(server, key(store)), { redirect: 'manual' })
  await until(async () => {
    const all = stores.flatMap((store) => [one, two].map((server) => direct(server, store)))
    return (await Promise.all(all)).every(({ status }) => status !== 503)
  }, 'they know of one another')
  let sent = 0
  for (const store of stores)
    for (const server of [one, two]) {
      const first = await direct(server, store)
      if (first.status === 307) {
        sent++
        const other = server === one ? two : one
        assert.equal(first.headers.get('location'), state(other, key(store)))
      } else assert.equal(first.status, 200)
      const { rows, asOf } = await asked(state(server, key(store)))
      const [row, ...others] = rows
      assert.deepEqual(others, [])
      const { partition, ...columns } = row ?? {}
      const expected = { store, currency: 'EUR', windowStart: NEW_YEAR, windowEnd: NEW_YEAR + 60_000, orders: 2 }
      assert.deepEqual(columns, { ...expected, revenue: '12.75' })
      assert.equal(asOf[0]?.partition, partition)
      assert.equal(asOf[0]?.streamTime, NEW_YEAR + 5_000)
      assert.ok((asOf[0]?.positions[0]?.offset ?? 0) >= 2)
    }
  assert.equal(sent, stores.length, 'each key is on one of the two')
  assert.deepEqual((await asked(state(one, key('nowhere')))).rows, [])
  const [some] = (await Promise.all([one, two].map((server) => asked(state(server, '?limit=1'))))).filter(
    ({ more }) => more,
  )
  assert.equal(some?.rows.length, 1)
  await asked(`${one.address}/state/sales-per-minute/nothing`, 404)
  await asked(`${one.address}/state/nothing`, 400)
  await asked(state(one, '?limit=0'), 400)
  await asked(state(one, '?key=north'), 403)
  assert.equal((await fetch(state(one), { method: 'DELETE' })).status, 405)

  // A worker that runs a task and answers no queries is named, and so is nobody.
  const silent = await startWorker({ broker, deployments: [deployment], id: 'a-silent-one', settings: { standbys: 1 } })
  closing.push(() => silent.stop())
  await until(async () => (await silent.status()).length > 0, 'the third has a share')
  await until(async () => {
    const answers = await Promise.all(stores.map((store) => direct(two, store)))
    const bodies = await Promise.all(answers.filter(({ status }) => status === 503).map((answer) => answer.json()))
    return bodies.some((body) => (body as { owner: string | null }).owner === 'a-silent-one')
  }, 'the owner is named')
  await second.stop()
})

test('what is made from personal fields is not shown', async () => {
  const broker = fakeBroker({ seed: 5 })
  const deployment = await deploymentOf(lastSeen, broker)
  const [, server] = await serve(broker, deployment, 'one')
  await until(ready(server), 'it is ready')
  const value = visits.frame(deployment.schemaIds.get(visits.name) ?? 0, {
    visitor: 'v7',
    email: 'x@y.example',
    at: NEW_YEAR,
  })
  broker.write({ topic: visits.name, key: Buffer.from('v7'), value })
  const at = `${server.address}/state/last-seen/last-seen.source?key=v7`
  await until(async () => (await asked(at)).rows.length === 1, 'the visit is in the state')
  const text = await (await fetch(at)).text()
  assert.doesNotMatch(text, /y\.example/)
  const { rows, hidden } = await asked(at)
  assert.deepEqual(hidden, ['state'])
  const { partition: _partition, ...row } = rows[0] ?? {}
  assert.deepEqual(row, { visitor: 'v7', timers: [NEW_YEAR + 60_000], touchedAt: NEW_YEAR })
})

test('a worker is ready when every task it was given runs; alive all the while', async () => {
  const broker = fakeBroker({ seed: 5 })
  const deployment = await deploymentOf(perMinute, broker)
  const [spec] = deployment.stages
  assert.ok(spec)
  let open = false
  const stages = [
    { ...spec, open: (task: Parameters<typeof spec.open>[0]) => (open ? spec.open(task) : assert.fail('not yet')) },
  ]
  const [, server] = await serve(broker, { ...deployment, stages }, 'one')
  const { missing } = await asked(`${server.address}/ready`, 503)
  assert.match(String(missing), /sales-per-minute\.source/)
  assert.deepEqual(await asked(`${server.address}/health`), { alive: true })
  open = true
  const [, other] = await serve(broker, deployment, 'two')
  await until(ready(other), 'the other is ready')
})
