// Revenue per minute and country, exactly once, beside the raw produce and consume rates of the same client in the same run:
//   node --import tsx bench/processing.ts [events] [BROKERS]
// Without BROKERS it starts a Kafka of its own on free ports, and removes it. UV_THREADPOOL_SIZE must be 32 or more.
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type Broker, kafkaBroker } from '#engine/broker'
import { compile } from '#engine/compile'
import { type Deployment, names, readAll, startWorker, type TaskStatus } from '#engine/runtime'
import { memoryRegistry } from '#engine/schema'
import { type Purchase, purchases } from '#schemas'
import { cacheFolder } from '../deploy/config.ts'
import { startStack } from '../deploy/local/index.ts'
import revenuePerMinute from '../processors/revenue-per-minute.ts'

const EVENTS = Number(process.argv[2] ?? 500_000)
const PARTITIONS = 4
const RAW = 'bench.ready.v1'
const START = 1_735_689_600_000
const COUNTRIES = ['DE', 'FR', 'US', 'GB', 'ES', 'IT', 'NL', 'PL']
const SEALED = 'sealed:v1:AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA'

const purchase = (i: number): Purchase => ({
  eventId: `01890a5d-ac96-774b-bcce-${String(i).padStart(12, '0')}`,
  sessionId: `s-${(i * 7919) % 99_991}`,
  visitorId: `v-${(i * 31) % 50_021}`,
  customerId: `c-${(i * 17) % 20_011}`,
  country: COUNTRIES[i % 8] ?? 'DE',
  device: 'MOBILE',
  orderId: `o-${i}`,
  status: i % 20 === 0 ? 'REFUSED' : 'PAID',
  amount: BigInt(100 + ((i * 7919) % 50_000)),
  currency: 'EUR',
  items: 1 + (i % 5),
  paymentMethod: 'CARD',
  refusalReason: i % 20 === 0 ? 'insufficient funds' : null,
  ip: SEALED,
  email: SEALED,
  name: SEALED,
  address: SEALED,
  occurredAt: START + i * 10,
})

/** Wall and CPU seconds of a piece of work, all threads of this process. */
async function measured(what: string, work: () => Promise<void>): Promise<void> {
  const cpuBegan = process.cpuUsage()
  const began = performance.now()
  await work()
  const seconds = (performance.now() - began) / 1_000
  const { user, system } = process.cpuUsage(cpuBegan)
  const cpu = (user + system) / 1e6
  const rate = Math.round(EVENTS / seconds).toLocaleString('en-US')
  console.log(`${what.padEnd(34)} ${rate.padStart(11)} events/s   ${((cpu * 1e6) / EVENTS).toFixed(2)} CPU s per M`)
}

async function produce(broker: Broker, schemaId: number): Promise<void> {
  const producer = await broker.producer()
  for (let from = 0; from < EVENTS; from += 100_000) {
    for (let i = from; i < Math.min(EVENTS, from + 100_000); i++) {
      const value = purchase(i)
      const full = producer.send({
        topic: purchases.name,
        key: Buffer.from(purchases.keyOf(value)),
        value: purchases.frame(schemaId, value),
      })
      if (full) await full
    }
  }
  await producer.flush()
  await producer.close()
}

/** The same records, encoded beforehand, to a topic of their own: what the client alone sends. */
async function produceReady(broker: Broker, schemaId: number): Promise<void> {
  const ready = Array.from({ length: 10_000 }, (_, i) => {
    const value = purchase(i)
    return { key: Buffer.from(purchases.keyOf(value)), value: purchases.frame(schemaId, value) }
  })
  const producer = await broker.producer()
  await measured('raw limit: produce ready bytes', async () => {
    for (let i = 0; i < EVENTS; i++) {
      const full = producer.send({ topic: RAW, ...(ready[i % ready.length] as (typeof ready)[number]) })
      if (full) await full
    }
    await producer.flush()
  })
  await producer.close()
}

async function consume(broker: Broker): Promise<void> {
  const reader = await broker.reader()
  const partitions = Array.from({ length: PARTITIONS }, (_, partition) => ({ topic: purchases.name, partition }))
  await reader.assign(partitions.map((at) => ({ ...at, offset: 0 })))
  for (let taken = 0; taken < EVENTS; ) taken += (await reader.read(10_000, 500)).length
  await reader.close()
}

async function processAll(broker: Broker, deployment: Deployment): Promise<readonly TaskStatus[]> {
  const worker = await startWorker({ broker, deployments: [deployment] })
  const done = (tasks: readonly TaskStatus[], stage: string) => {
    const own = tasks.filter((task) => task.stage === stage && task.state === 'running')
    return (
      own.length === PARTITIONS && own.every(({ inputs }) => inputs.every(({ lag }) => lag !== undefined && lag <= 1))
    )
  }
  const commitsOf = () => tasks.reduce((sum, task) => sum + task.commits, 0)
  let tasks: readonly TaskStatus[] = []
  let before = -1
  // Done when both stages stand at their ends and, for longer than a commit takes, nothing more was committed.
  do {
    before = commitsOf()
    await new Promise((resolve) => setTimeout(resolve, 300))
    tasks = await worker.status(true)
    const stopped = tasks.find(({ state }) => state === 'stopped')
    if (stopped) throw new Error(stopped.reason)
  } while (!deployment.stages.every((stage) => done(tasks, stage.name)) || commitsOf() > before)
  await worker.stop()
  return tasks
}

async function run(broker: Broker): Promise<void> {
  const registry = memoryRegistry()
  const schemaId = await registry.register(purchases)
  const result = revenuePerMinute.destination
  const resultId = await registry.register(result)
  await broker.admin.ensure(
    [purchases.name, result.name, RAW].map((name) => ({ name, partitions: PARTITIONS, settings: {} })),
  )
  const deployment: Deployment = {
    app: 'bench',
    processor: revenuePerMinute.name,
    generation: 1,
    stages: compile(revenuePerMinute),
    results: [result.name],
    schemaIds: new Map([[result.name, resultId]]),
    registry,
  }
  await measured('encode and produce, idempotent', () => produce(broker, schemaId))
  await produceReady(broker, schemaId)
  await measured('raw limit: consume', () => consume(broker))
  let tasks: readonly TaskStatus[] = []
  await measured('revenue per minute, exactly once', async () => {
    tasks = await processAll(broker, deployment)
  })
  let results = 0
  for (let partition = 0; partition < PARTITIONS; partition++)
    await readAll(broker, { topic: result.name, partition }, () => results++)
  const commits = tasks.reduce((sum, task) => sum + task.commits, 0)
  const taken = tasks
    .filter(({ stage }) => stage === deployment.stages[0]?.name)
    .reduce((sum, task) => sum + task.taken, 0)
  const late = tasks.reduce((sum, task) => sum + task.late, 0)
  console.log(
    `${taken} events taken, ${results} results, ${late} late, ${commits} commits; group ${names.group(deployment, deployment.stages[0]?.name ?? '')}`,
  )
}

const given = process.argv[3]
if (given !== undefined) {
  const broker = kafkaBroker({ brokers: given.split(',') })
  await run(broker)
  await broker.close()
} else {
  const dataFolder = mkdtempSync(join(tmpdir(), 'kappa-bench-processing-'))
  const stack = await startStack({ dataFolder, cacheFolder: cacheFolder(), ports: 'free', services: ['kafka'] })
  const broker = kafkaBroker({ brokers: stack.addresses.kafka.brokers })
  try {
    await run(broker)
  } finally {
    await broker.close()
    await stack.stop()
    rmSync(dataFolder, { recursive: true, force: true })
  }
}
