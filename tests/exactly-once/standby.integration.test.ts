import assert from 'node:assert/strict'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { type Broker, kafkaBroker } from '#engine/broker'
import { names, startWorker, type Worker } from '#engine/runtime'
import { tallyRecord } from '#engine/testing'
import { cacheFolder } from '../../deploy/config.ts'
import { type RunningStack, startStack } from '../../deploy/local/index.ts'
import { killedDeployment, RESULT, SOURCE } from './deployment-fixture.ts'

// Workers on a real broker: who leaves is taken over by reading a tail, and a quick restart of a static one moves nothing.

const PARTITIONS = 4
const START = 1_700_000_040_000
const folder = mkdtempSync(join(tmpdir(), 'kappa-standby-'))
let stack: RunningStack
let broker: Broker
const open = new Set<{ stop(): Promise<void> }>()

before(async () => {
  stack = await startStack({ dataFolder: folder, cacheFolder: cacheFolder(), ports: 'free', services: ['kafka'] })
  broker = kafkaBroker({ brokers: stack.addresses.kafka.brokers, clientId: 'test' })
  await broker.admin.ensure([SOURCE, RESULT].map((name) => ({ name, partitions: PARTITIONS, settings: {} })))
  const producer = await broker.producer()
  for (let i = 0; i < 8_000; i++) {
    // All within one window's grace, so that the state stays.
    const full = producer.send(tallyRecord(SOURCE, { key: `${'abcdefgh'[i % 8]}${i % 500}`, at: START, count: 1 }))
    if (full) await full
  }
  await producer.flush()
  await producer.close()
})
after(async () => {
  for (const worker of open) await worker.stop()
  await broker?.close()
  await stack?.stop()
  rmSync(folder, { recursive: true, force: true })
})

interface Started {
  readonly worker: Worker
  stop(): Promise<void>
}

async function start(
  app: string,
  id: string,
  more: { isStatic?: boolean; sessionTimeoutMs?: number },
): Promise<Started> {
  const own = kafkaBroker({ brokers: stack.addresses.kafka.brokers, clientId: app })
  const settings = { commitIntervalMs: 100, standbys: 1 }
  const worker = await startWorker({ broker: own, deployments: [killedDeployment(app, 1)], id, settings, ...more })
  const started = {
    worker,
    async stop() {
      open.delete(started)
      await worker.stop()
      await own.close()
    },
  }
  open.add(started)
  return started
}

async function until(holds: () => boolean | Promise<boolean>, within: number, what: string): Promise<number> {
  const began = performance.now()
  while (performance.now() < began + within) {
    if (await holds()) return performance.now() - began
    await new Promise((resolve) => setTimeout(resolve, 50))
  }
  assert.fail(`waited in vain: ${what}`)
}

const runs = async ({ worker }: Started, stage: string): Promise<number[]> =>
  (await worker.status())
    .filter((task) => task.stage === stage && task.state === 'running')
    .map(({ partition }) => partition)
    .sort()
const taken = async (...started: Started[]): Promise<boolean> => {
  const tasks = (await Promise.all(started.map(({ worker }) => worker.status(true)))).flat()
  return tasks.length === 2 * PARTITIONS && tasks.every(({ inputs }) => inputs.length === 1 && inputs[0]?.lag === 0)
}

test('partitions are dealt by worker id; who leaves is taken over by reading the tails alone', async () => {
  const second = await start('standby', 'two', {})
  const first = await start('standby', 'one', {})
  const stages = ['killed.source', 'killed.merge']
  const shared = async () =>
    (await Promise.all(stages.flatMap((stage) => [runs(first, stage), runs(second, stage)]))).every(
      (own) => own.length === 2,
    )
  await until(shared, 60_000, 'each has its share')
  await until(() => taken(first, second), 60_000, 'all is taken')
  for (const stage of stages) {
    assert.deepEqual(await runs(first, stage), [0, 1], 'the lesser id has the lesser partitions')
    assert.deepEqual(await runs(second, stage), [2, 3])
  }
  const changelog = names.changelog(killedDeployment('standby', 1), 'killed.merge')
  const followed = async (): Promise<boolean> => {
    const ends = await broker.admin.committedEnds(changelog)
    const own = second.worker.standbys().filter(({ topic }) => topic === changelog)
    return own.length === 2 && own.every(({ partition, next }) => next >= (ends[partition] ?? 0) - 1)
  }
  await until(followed, 30_000, 'the second follows the first')
  await first.stop()
  await until(() => taken(second), 60_000, 'the second has all')
  for (const { stage, partition, restore, stateEntries } of await second.worker.status()) {
    if (partition >= 2) continue
    assert.ok(restore?.warm, `${stage}[${partition}] was followed`)
    assert.ok(restore.end - restore.from <= 10, `${stage}[${partition}] read ${restore.end - restore.from} offsets`)
    if (stage === 'killed.merge') assert.ok(stateEntries > 0)
  }
  await second.stop()
})

test('a static worker that comes back within its session finds its tasks, and nobody else notices', async () => {
  const options = { isStatic: true, sessionTimeoutMs: 20_000 }
  const one = await start('static', 'one', options)
  const two = await start('static', 'two', options)
  const shared = async () =>
    (await Promise.all([one, two].map(async (worker) => (await runs(worker, 'killed.source')).length === 2))).every(
      Boolean,
    )
  await until(async () => (await shared()) && (await taken(one, two)), 60_000, 'each has its half')
  const rebalances = async () => (await two.worker.snapshot(false)).groups.map((group) => group.rebalances)
  const before = await rebalances()
  const had = await runs(one, 'killed.source')
  await one.stop()
  const again = await start('static', 'one', options)
  await until(async () => (await runs(again, 'killed.source')).length === 2, 60_000, 'it has its tasks again')
  assert.deepEqual(await runs(again, 'killed.source'), had)
  assert.deepEqual(await rebalances(), before, 'the other was not disturbed')
  await again.stop()
  await two.stop()
})
