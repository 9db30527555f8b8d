import assert from 'node:assert/strict'
import { after, test } from 'node:test'
import type { Stage } from '#engine/compile'
import { KappaError } from '#engine/errors'
import { type FakeBroker, fakeBroker, tallyRecord } from '#engine/testing'
import { names } from './deployment.ts'
import { tally, tallyDeployment } from './deployment-fixture.ts'
import { serveWorker } from './serving/server.ts'
import { renderMetrics } from './telemetry/metrics.ts'
import { startWorker, type Worker } from './worker.ts'

const START = 1_700_000_040_000
const SOURCE = 'test.events.v1'
const RESULT = 'test.tallies.v1'
const settings = { commitIntervalMs: 5, lookIntervalMs: 5 }
const running: Worker[] = []
after(() => Promise.all(running.map((worker) => worker.stop())))

async function brokerWithTopics(partitions = 4): Promise<FakeBroker> {
  const broker = fakeBroker({ seed: 3 })
  await broker.admin.ensure([SOURCE, RESULT].map((name) => ({ name, partitions, settings: {} })))
  return broker
}

const deployment = (rekey = true) => tallyDeployment(tally({ rekey, graceMs: 3_600_000 }))
const start = async (options: Parameters<typeof startWorker>[0]): Promise<Worker> => {
  const worker = await startWorker({ settings, ...options })
  running.push(worker)
  return worker
}
const write = (broker: FakeBroker, from: number, to: number) => {
  for (let i = from; i < to; i++)
    broker.write(tallyRecord(SOURCE, { key: `${'abcde'[i % 5]}${i % 7}`, at: START + (i % 50) * 5_000, count: 1 }))
}
/** Moves every partition far ahead, which closes every window. */
const close = (broker: FakeBroker) => {
  for (const partition of [0, 1, 2, 3])
    broker.write({ ...tallyRecord(SOURCE, { key: 'z', at: START + 90_000_000, count: 1 }), partition })
}
const counted = (broker: FakeBroker): number =>
  broker.committed(RESULT).reduce((sum, { value }) => sum + JSON.parse(String(value)).count, 0)

async function until(holds: () => boolean | Promise<boolean>, what: string): Promise<void> {
  for (let tries = 0; tries < 600; tries++) {
    if (await holds()) return
    await new Promise((resolve) => setTimeout(resolve, 10))
  }
  assert.fail(`waited in vain: ${what}`)
}

test('workers share the tasks, hand them over when one leaves, and close everything they opened', async () => {
  const broker = await brokerWithTopics()
  const first = await start({ broker, deployments: [deployment()] })
  write(broker, 0, 200)
  await until(async () => (await first.status()).filter(({ state }) => state === 'running').length === 8, 'eight tasks')
  const second = await start({ broker, deployments: [deployment()] })
  await until(async () => (await second.status()).filter(({ state }) => state === 'running').length === 4, 'a share')
  await until(async () => (await first.status()).length === 4, 'the other share')
  write(broker, 200, 400)
  await first.stop()
  write(broker, 400, 600)
  close(broker)
  await until(() => counted(broker) === 600, `600 events are counted, not ${counted(broker)}`)
  assert.equal(
    new Set(broker.committed(RESULT).map(({ value }) => String(value))).size,
    broker.committed(RESULT).length,
  )
  await until(
    async () => (await second.status(true)).every(({ inputs }) => inputs.every(({ lag }) => lag === 0)),
    'no lag',
  )
  const text = renderMetrics(await second.snapshot())
  assert.match(
    text,
    /kappa_input_lag_records\{processor="tally",generation="1",stage="tally.source",partition="0",topic="test.events.v1"\} 0/,
  )
  await second.stop()
  await second.finished
  assert.equal(broker.openClients(), 0)
})

test('aborted and unknown commits: the task is discarded, taken over again, and nothing is lost or doubled', async () => {
  const broker = await brokerWithTopics()
  broker.failNextCommits(['aborted', 'unknown', 'aborted', 'unknown', 'aborted'])
  const worker = await start({ broker, deployments: [deployment()] })
  for (let i = 0; i < 10; i++) {
    write(broker, i * 50, i * 50 + 50)
    await new Promise((resolve) => setTimeout(resolve, 10))
  }
  close(broker)
  await until(() => counted(broker) === 500, `500 events are counted, not ${counted(broker)}`)
  const failures = (await worker.status()).reduce((sum, task) => sum + task.failures, 0)
  assert.equal(failures, 5)
  await worker.stop()
  assert.equal(broker.openClients(), 0)
})

test('a fenced task comes back only after the group confirms it; a zombie changes nothing', async () => {
  const broker = await brokerWithTopics(1)
  const worker = await start({ broker, deployments: [deployment(false)] })
  write(broker, 0, 50)
  await until(() => broker.committed(names.changelog(deployment(false), 'tally.source')).length > 0, 'a commit')
  const thief = await broker.transactional(names.transaction(deployment(false), 'tally.source', 0))
  write(broker, 50, 100)
  close4(broker)
  await until(() => counted(broker) === 100, 'it goes on')
  const [status] = await worker.status()
  assert.equal(status?.takeOvers, 2)
  await assert.rejects(thief.begin(), (thrown) => thrown instanceof KappaError && thrown.code === 'FENCED')
  await worker.stop()
})
const close4 = (broker: FakeBroker) =>
  broker.write({ ...tallyRecord(SOURCE, { key: 'z', at: START + 90_000_000, count: 1 }), partition: 0 })

/** The tally, but with stages that do what a test wants at a certain record. */
function spoiled(spoil: (stage: Stage, value: string) => void) {
  const of = deployment(false)
  const stages = of.stages.map((spec) => ({
    ...spec,
    open(task: Parameters<typeof spec.open>[0]) {
      const stage = spec.open(task)
      const accept = stage.accept.bind(stage)
      stage.accept = (slice) => {
        for (const record of slice.flat()) spoil(stage, String(record.value))
        accept(slice)
      }
      return stage
    },
  }))
  return { ...of, stages }
}

test('a poisoned task stops with its reason and commits nothing of the slice; the others go on', async () => {
  const broker = await brokerWithTopics(2)
  const told: string[] = []
  const poisoned = spoiled((_, value) => {
    if (value.includes('"count":99')) throw new KappaError('POISONED', 'taking twenty records in a row')
  })
  const worker = await start({
    broker,
    deployments: [poisoned],
    onChange: ({ partition, state, reason }) => told.push(`${partition} ${state} ${reason ?? ''}`),
  })
  broker.write({ ...tallyRecord(SOURCE, { key: 'a', at: START, count: 99 }), partition: 1 })
  await until(async () => (await worker.status()).some(({ state }) => state === 'stopped'), 'one stops')
  broker.write({ ...tallyRecord(SOURCE, { key: 'b', at: START, count: 1 }), partition: 0 })
  broker.write({ ...tallyRecord(SOURCE, { key: 'b', at: START + 90_000_000, count: 1 }), partition: 0 })
  await until(() => counted(broker) === 1, 'the other goes on')
  assert.ok(
    told.some((line) => /^1 stopped taking twenty records/.test(line)),
    told.join('\n'),
  )
  const written = broker.committed(names.changelog(poisoned, 'tally.source')).filter(({ partition }) => partition === 1)
  assert.deepEqual(written, [])
  await worker.stop()
})

test('a service that is away is waited for; nothing is taken twice meanwhile', async () => {
  const broker = await brokerWithTopics(1)
  let away = 2
  const of = deployment(false)
  const stages = of.stages.map((spec) => ({
    ...spec,
    open(task: Parameters<typeof spec.open>[0]) {
      const stage = spec.open(task)
      stage.prepare = async () => {
        if (away-- > 0) throw new KappaError('SERVICE_UNAVAILABLE', 'asking the registry', { retriable: true })
      }
      return stage
    },
  }))
  const worker = await start({ broker, deployments: [{ ...of, stages }] })
  write(broker, 0, 20)
  await until(async () => (await worker.status()).some(({ reason }) => reason === 'asking the registry'), 'it is told')
  close4(broker)
  await until(() => counted(broker) === 20, 'all is counted once')
  const [status] = await worker.status()
  assert.deepEqual([status?.state, status?.reason, status?.takeOvers], ['running', undefined, 1])
  await worker.stop()
})

test('records that come while a slice is prepared wait for the next one', async () => {
  const broker = await brokerWithTopics(1)
  const of = deployment(false)
  let most = 0
  const stages = of.stages.map((spec) => ({
    ...spec,
    open(task: Parameters<typeof spec.open>[0]) {
      const stage = spec.open(task)
      const accept = stage.accept.bind(stage)
      let prepared = 0
      stage.prepare = async ([records = []]) => {
        prepared = records.length
        await new Promise((resolve) => setTimeout(resolve, 4))
      }
      stage.accept = (slice) => {
        assert.equal(slice[0]?.length, prepared, 'only what was prepared is taken')
        most = Math.max(most, prepared)
        accept(slice)
      }
      return stage
    },
  }))
  const worker = await start({ broker, deployments: [{ ...of, stages }] })
  for (let i = 0; i < 60; i++) {
    write(broker, i * 10, i * 10 + 10)
    await new Promise((resolve) => setTimeout(resolve, 1))
  }
  close4(broker)
  await until(() => counted(broker) === 600, `600 events are counted, not ${counted(broker)}`)
  assert.ok(most > 1, 'slices held several records')
  assert.equal((await worker.status())[0]?.failures, 0)
  await worker.stop()
})

test('missing topics and unequal partitions are refused before anything runs', async () => {
  const broker = fakeBroker()
  await assert.rejects(start({ broker, deployments: [deployment()] }), (thrown) => {
    assert.ok(thrown instanceof KappaError)
    assert.equal(thrown.code, 'CONFIG_INVALID')
    assert.match(thrown.message, /test\.events\.v1, test\.tallies\.v1 not in Kafka \(kappa schemas register\)/)
    return true
  })
  assert.equal(broker.openClients(), 0)
})

test('too few threads for the tasks are warned of at the start', async () => {
  const broker = await brokerWithTopics(4)
  const told: string[] = []
  for (const threads of [15, 16]) {
    const onWarning = (text: string) => told.push(text)
    const worker = await start({ broker, deployments: [deployment()], threads, onWarning })
    await worker.stop()
  }
  assert.deepEqual(told, [
    'UV_THREADPOOL_SIZE is 15: 8 tasks may run here, so that commits wait for one another; set it to 16 or more',
  ])
})

test('metrics are served as text and as JSON', async () => {
  const broker = await brokerWithTopics(1)
  const worker = await start({ broker, deployments: [deployment(false)] })
  await until(async () => (await worker.status()).some(({ state }) => state === 'running'), 'it runs')
  const server = await serveWorker(worker, { port: 0 })
  const at = `http://127.0.0.1:${server.port}`
  assert.match(
    await (await fetch(`${at}/metrics`)).text(),
    /# TYPE kappa_task_running gauge\nkappa_task_running\{.*\} 1/,
  )
  const [task] = (await (await fetch(`${at}/status`)).json()) as { processor: string }[]
  assert.equal(task?.processor, 'tally')
  assert.equal((await fetch(`${at}/other`)).status, 404)
  await server.close()
  await worker.stop()
})
