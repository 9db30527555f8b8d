import assert from 'node:assert/strict'
import { after, test } from 'node:test'
import { type FakeBroker, fakeBroker, tallyRecord } from '#engine/testing'
import { runBounded } from '../bounded.ts'
import { type Deployment, generationTopic } from '../deployment.ts'
import { tally, tallyDeployment } from '../deployment-fixture.ts'
import type { TaskStatus } from '../telemetry/status.ts'
import { startWorker, type Worker } from '../worker.ts'

const START = 1_700_000_040_000
const MINUTE = 60_000
const SOURCE = 'test.events.v1'
const RESULT = 'test.tallies.v1'
/** An event a minute, so that a slice spans five. */
const EVENTS = 100
const settings = { commitIntervalMs: 5, lookIntervalMs: 5, sliceLimit: 5, maxSkewMs: 10 * MINUTE }
const running: Worker[] = []
after(() => Promise.all(running.map((worker) => worker.stop())))

const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms))

/** A deployment whose first stage waits on partition 1 before each slice until the gate opens, and by how much each source was ahead. */
function gated(generation = 1) {
  const gate = { open: false }
  const seen: { partition: number; at: number }[] = []
  const of = tallyDeployment(tally({ rekey: true }), generation)
  const stages = of.stages.map((spec) => {
    if (spec.next === undefined) return spec
    const open: typeof spec.open = (task) => {
      const stage = spec.open(task)
      const accept = stage.accept.bind(stage)
      stage.prepare = async () => {
        while (!gate.open && task.partition === 1) await pause(5)
      }
      stage.accept = (slice) => {
        accept(slice)
        seen.push({ partition: task.partition, at: stage.streamTime })
      }
      return stage
    }
    return { ...spec, open }
  })
  const topicOf = (contract: string) => generationTopic(contract, generation)
  const deployment: Deployment = { ...of, stages, ...(generation > 1 ? { topicOf } : {}) }
  return { gate, seen, deployment }
}

async function brokerWith(partitions: readonly number[]): Promise<FakeBroker> {
  const broker = fakeBroker({ seed: 7 })
  await broker.admin.ensure([SOURCE, RESULT].map((name) => ({ name, partitions: 3, settings: {} })))
  for (const partition of partitions)
    for (let n = 0; n < EVENTS; n++)
      broker.write({ ...tallyRecord(SOURCE, { key: `k${partition}`, at: START + n * MINUTE, count: 1 }), partition })
  return broker
}

async function until(holds: () => boolean | Promise<boolean>, what: string): Promise<void> {
  for (let tries = 0; tries < 600; tries++) {
    if (await holds()) return
    await pause(10)
  }
  assert.fail(`waited in vain: ${what}`)
}
const start = async (broker: FakeBroker, deployment: Deployment, id: string) => {
  const worker = await startWorker({ broker, deployments: [deployment], settings, id })
  running.push(worker)
  return worker
}
const sources = (all: readonly TaskStatus[]) => all.filter(({ stage }) => stage === 'tally.source')
const farthest = (seen: readonly { at: number }[]) => (Math.max(...seen.map(({ at }) => at)) - START) / MINUTE
const counted = (broker: FakeBroker, topic = RESULT) =>
  broker.committed(topic).reduce((sum, { value }) => sum + JSON.parse(String(value)).count, 0)

/** Moves every partition on, which closes what the events opened. */
function close(broker: FakeBroker): void {
  for (const partition of [0, 1, 2])
    broker.write({ ...tallyRecord(SOURCE, { key: 'z', at: START + 200 * MINUTE, count: 1 }), partition })
}

test('a task that is more than the limit ahead of the slowest source waits, and goes on with it', async () => {
  const { gate, seen, deployment } = gated()
  // Partition 2 is empty: it is at its end, and holds nobody.
  const broker = await brokerWith([0, 1])
  const worker = await start(broker, deployment, 'one')
  await until(async () => sources(await worker.status()).some(({ ahead }) => ahead), 'one is ahead')
  await pause(100)
  assert.deepEqual(
    seen.filter(({ partition }) => partition === 1),
    [],
  )
  assert.ok(farthest(seen) <= 4, `one slice, then it waits for the other's first: ${farthest(seen)}`)
  gate.open = true
  await until(() => seen.length === (2 * EVENTS) / 5, 'all is taken')
  for (const [n, { partition, at }] of seen.entries()) {
    const other = Math.max(...seen.slice(0, n).flatMap((one) => (one.partition === partition ? [] : [one.at])))
    if (other === Number.NEGATIVE_INFINITY || other === START + (EVENTS - 1) * MINUTE) continue
    assert.ok(at - other <= 15 * MINUTE, `[${partition}] was ${(at - other) / MINUTE} minutes ahead`)
  }
  close(broker)
  await until(() => counted(broker) === 2 * EVENTS, 'all is counted')
  await worker.stop()
  assert.equal(broker.openClients(), 0)
})

test('also where the slowest source is in another process: its watermarks and positions tell', async () => {
  const slow = gated()
  const broker = await brokerWith([])
  const workers = [await start(broker, slow.deployment, 'a'), await start(broker, slow.deployment, 'b')]
  await until(async () => {
    const [a, b] = await Promise.all(workers.map(async (worker) => sources(await worker.status())))
    return a?.length === 2 && b?.length === 1 && [...a, ...b].every(({ state }) => state === 'running')
  }, 'they share')
  // By range the first worker has partitions 0 and 1, the second partition 2; the gate holds partition 1.
  for (const partition of [1, 2])
    for (let n = 0; n < EVENTS; n++)
      broker.write({ ...tallyRecord(SOURCE, { key: `k${partition}`, at: START + n * MINUTE, count: 1 }), partition })
  const [, second] = workers
  await until(async () => sources((await second?.status()) ?? []).some(({ ahead }) => ahead), 'the second is ahead')
  await pause(100)
  assert.ok(farthest(slow.seen) < 30, `it went ${farthest(slow.seen)} minutes ahead`)
  slow.gate.open = true
  await until(() => slow.seen.length >= (2 * EVENTS) / 5, 'all is taken')
  close(broker)
  await until(() => counted(broker) === 2 * EVENTS, 'all is counted')
  for (const worker of workers) await worker.stop()
  assert.equal(broker.openClients(), 0)
})

test('a bounded run keeps its sources together, and gives the same results', async () => {
  const { gate, seen, deployment } = gated(2)
  const broker = await brokerWith([0, 1])
  close(broker)
  const ends = await broker.admin.committedEnds(SOURCE)
  const bounds = new Map([[SOURCE, ends.map((end) => ({ start: 0, end }))]])
  const bounded = runBounded({ broker, deployment, bounds, recorded: new Map(), settings })
  await pause(150)
  assert.ok(farthest(seen.filter(({ partition }) => partition === 0)) <= 4)
  gate.open = true
  await bounded
  assert.equal(counted(broker, generationTopic(RESULT, 2)), 2 * EVENTS)
})
