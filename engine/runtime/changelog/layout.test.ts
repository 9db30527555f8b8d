import assert from 'node:assert/strict'
import { test } from 'node:test'
import { compile } from '#engine/compile'
import { KappaError } from '#engine/errors'
import { memoryRegistry, type Topic } from '#engine/schema'
import { type Driven, drive, type FakeBroker, fakeBroker, testClock } from '#engine/testing'
import { count, type Plan, processor, sum, tumbling } from '#engine/topology'
import {
  NEW_YEAR,
  type Sale,
  type SalesPerMinute,
  sale,
  sales,
  salesPerMinute,
  storeSales,
} from '../../compile/trade-fixture.ts'
import { type Deployment, names } from '../deployment.ts'
import type { TaskStatus } from '../telemetry/status.ts'
import { startWorker } from '../worker.ts'

interface Change {
  readonly source?: Topic<Sale>
  readonly size?: '1 minute' | '5 minutes'
  readonly key?: readonly ('store' | 'currency')[]
  readonly revenue?: 'amount'
  readonly orders?: 'count' | 'items'
  readonly status?: 'PAID' | 'REFUSED'
  readonly emit?: 'on-close' | 'on-update'
  readonly finish?: boolean
}

/** Sales per minute, with what a test wants changed. */
function planOf(change: Change = {}): Plan {
  const { source = storeSales, size = '1 minute', key = ['store', 'currency'], status = 'PAID' } = change
  return processor('sales-per-minute', ({ from }) => {
    const rows = from(source)
      .where({ status })
      .keyBy(...key)
      .window(tumbling({ size, grace: '30 seconds' }))
      .aggregate({ orders: change.orders === 'items' ? sum('items') : count(), revenue: sum('amount') })
      .emit(change.emit ?? 'on-close')
    if (change.finish !== true) return rows.to(salesPerMinute as Topic<SalesPerMinute> as never)
    return rows
      .map(['revenue'], ({ revenue }) => ({ revenue: revenue * 2n }), {
        keep: ['store', 'currency', 'windowStart', 'windowEnd', 'orders'],
      })
      .to(salesPerMinute)
  })
}

async function deploymentOf(plan: Plan): Promise<Deployment> {
  const registry = memoryRegistry()
  const schemaIds = new Map<string, number>()
  for (const topic of [storeSales, sales, salesPerMinute]) schemaIds.set(topic.name, await registry.register(topic))
  const stages = compile(plan)
  return {
    app: 'test',
    processor: plan.name,
    generation: 1,
    stages,
    results: [salesPerMinute.name],
    schemaIds,
    registry,
  }
}

const clock = testClock()
const driving = async (change: Change, broker = fakeBroker({ clock })): Promise<Driven> =>
  await drive(await deploymentOf(planOf(change)), { partitions: 2, clock, broker })

function write(driven: Driven, source: Topic<Sale>, from: number, to: number): void {
  const id = driven.deployment.schemaIds.get(source.name) ?? 0
  for (let n = from; n < to; n++) {
    const value = sale({ saleId: `s${n}`, store: `store ${n % 5}`, soldAt: NEW_YEAR + n * 1_000, amount: BigInt(n) })
    driven.write({ topic: source.name, key: Buffer.from(source.keyOf(value)), value: source.frame(id, value) })
  }
}

/** The broker as a first version leaves it, with windows open. */
async function leftBy(change: Change, source = storeSales): Promise<FakeBroker> {
  const driven = await driving({ ...change, source })
  write(driven, source, 0, 50)
  await driven.run()
  driven.crash()
  return driven.broker
}

const refusing =
  (...says: RegExp[]) =>
  (thrown: unknown): boolean => {
    assert.ok(thrown instanceof KappaError, String(thrown))
    assert.deepEqual([thrown.code, thrown.retriable], ['STATE_MISMATCH', false])
    for (const text of says) assert.match(thrown.message, text)
    return true
  }
const wayOut =
  /kappa replay run sales-per-minute --from TIME --to now --live, then kappa replay verify and promote sales-per-minute/

test('another window, key or aggregate is refused, in words, naming processor, stage and the way out', async () => {
  const broker = await leftBy({})
  const cases: readonly (readonly [Change, RegExp])[] = [
    [{ size: '5 minutes' }, /its window was tumbling windows of 1 minute.*is tumbling windows of 5 minutes/],
    [{ key: ['currency', 'store'] }, /its key was store \(string\), currency \(string\), and is currency/],
    [{ orders: 'items' }, /its aggregate orders was count \(rows\), and is sum of items \(long\) now/],
  ]
  for (const [change, what] of cases) {
    const changed = await driving(change, broker)
    await assert.rejects(
      changed.run(),
      refusing(/starting sales-per-minute \(sales-per-minute\.source\)/, what, wayOut),
    )
  }
  // The version before goes on.
  const same = await driving({}, broker)
  write(same, storeSales, 50, 200)
  await same.run()
  const orders = same
    .read(salesPerMinute.name)
    .map(({ value }) => salesPerMinute.decode((value ?? Buffer.alloc(5)).subarray(5)).orders)
  assert.equal(
    orders.reduce((all, one) => all + one, 0),
    120,
  )
})

test('a re-keyed processor is refused at its source, before anything of the new layout is under way', async () => {
  const broker = await leftBy({}, sales)
  const changed = await driving({ source: sales, size: '5 minutes' }, broker)
  const repartition = names.repartition(changed.deployment, changed.deployment.stages[0]?.next ?? '')
  const before = broker.committed(repartition).length
  await assert.rejects(changed.run(), refusing(/its window was/))
  assert.equal(broker.committed(repartition).length, before)
})

test('another filter, emit mode or map behind the aggregates starts', async () => {
  for (const change of [{ status: 'REFUSED' }, { emit: 'on-update' }, { finish: true }] as const) {
    const changed = await driving(change, await leftBy({}))
    write(changed, storeSales, 50, 60)
    await changed.run()
    assert.equal(changed.deployment.stages[0]?.name, 'sales-per-minute.source')
    const taken = [0, 1].reduce(
      (sum, partition) => sum + changed.stage('sales-per-minute.source', partition).counts.taken,
      0,
    )
    assert.equal(taken, 10)
  }
})

test('state from before layouts were kept is taken once, and stamped', async () => {
  const broker = await leftBy({})
  const { deployment } = await driving({}, broker)
  const changelog = names.changelog(deployment, 'sales-per-minute.source')
  const kept = broker.committed(changelog)
  await broker.admin.remove([changelog])
  await broker.admin.ensure([{ name: changelog, partitions: 2, settings: {} }])
  for (const { key, value, partition } of kept) {
    const { layout: _, ...before } = key?.toString() === 'progress' ? JSON.parse(String(value)) : { layout: 0 }
    const bare = key?.toString() === 'progress' ? Buffer.from(JSON.stringify(before)) : value
    broker.write({ topic: changelog, partition, key, value: bare })
  }
  const unstamped = await driving({}, broker)
  write(unstamped, storeSales, 50, 60)
  await unstamped.run()
  unstamped.crash()
  await assert.rejects((await driving({ size: '5 minutes' }, broker)).run(), refusing(/its window was/))
})

test('a snapshot tells the layout again, so that truncation leaves it', async () => {
  const settings = { snapshotCommits: 2 }
  const driven = await drive(await deploymentOf(planOf()), { partitions: 1, clock, settings })
  for (let n = 0; n < 8; n++) {
    write(driven, storeSales, n * 10, n * 10 + 10)
    await driven.run()
  }
  driven.crash()
  const changelog = names.changelog(driven.deployment, 'sales-per-minute.source')
  const [beginning = 0] = await driven.broker.admin.beginnings(changelog)
  assert.ok(beginning > 0, 'it was truncated')
  const changed = await drive(await deploymentOf(planOf({ size: '5 minutes' })), {
    partitions: 1,
    clock,
    broker: driven.broker,
  })
  await assert.rejects(changed.run(), refusing(/tumbling windows of 1 minute/))
})

test('a worker refuses before any task starts, also on partitions without state; other processors run', async () => {
  const broker = fakeBroker({ clock })
  const first = await driving({}, broker)
  // One key: one of the two partitions has no state.
  const value = sale({ store: 'only', soldAt: NEW_YEAR })
  const id = first.deployment.schemaIds.get(storeSales.name) ?? 0
  first.write({ topic: storeSales.name, key: Buffer.from('only'), value: storeSales.frame(id, value) })
  await first.run()
  first.crash()
  const changed = await deploymentOf(planOf({ size: '5 minutes' }))
  const before = broker.openClients()
  await assert.rejects(startWorker({ broker, deployments: [changed] }), refusing(/its window was/, wayOut))

  const other: Deployment = { ...(await deploymentOf(planOf())), processor: 'other' }
  const told: TaskStatus[] = []
  const worker = await startWorker({ broker, deployments: [changed, other], onChange: (status) => told.push(status) })
  try {
    assert.deepEqual(
      told
        .filter(({ processor }) => processor === 'sales-per-minute')
        .map(({ partition, state }) => [partition, state]),
      [
        [0, 'stopped'],
        [1, 'stopped'],
      ],
    )
    const runs = async () =>
      (await worker.status()).some(({ processor, state }) => processor === 'other' && state === 'running')
    for (let tries = 0; tries < 200 && !(await runs()); tries++) await new Promise((next) => setTimeout(next, 10))
    assert.ok(await runs())
  } finally {
    await worker.stop()
  }
  assert.equal(broker.openClients(), before)
})
