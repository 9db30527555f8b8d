// Three ways of taking the same topic into this process, one after the other in each round of one run:
//   UV_THREADPOOL_SIZE=32 node --import tsx bench/reader.ts [records] [rounds] [codec] [plain|transactional]
// `raw` is librdkafka's consume as it comes, without the contract's positions and ends. Each value is touched (its last
// byte read), since handing over views that nobody opens would flatter the lean reader. Starts a Kafka of its own on free
// ports, and removes it. CPU is that of this process, all threads; the broker has the other core.
import { mkdtempSync, rmSync } from 'node:fs'
import { loadavg, tmpdir } from 'node:os'
import { join } from 'node:path'
import kafka, { type Message } from 'node-rdkafka'
import { type Broker, kafkaBroker } from '#engine/broker'
import { cacheFolder } from '../deploy/config.ts'
import { startStack } from '../deploy/local/index.ts'

const RECORDS = Number(process.argv[2] ?? 1_000_000)
const ROUNDS = Number(process.argv[3] ?? 3)
const CODEC = process.argv[4] ?? 'lz4'
const TRANSACTIONAL = process.argv[5] === 'transactional'
const PARTITIONS = 4
const TOPIC = 'bench.reader.v1'
const COUNTRIES = ['DE', 'FR', 'US', 'GB', 'ES', 'IT', 'NL', 'PL']

interface Figure {
  readonly rate: number
  readonly cpu: number
}

/** About 105 bytes, as the events that measured the clients. */
const bytesOf = (i: number): Buffer =>
  Buffer.from(
    `${COUNTRIES[i % 8]}|o-${i}|c-${(i * 7919) % 99_991}|${(i * 104_729) % 1_000_003}|PAID|EUR|MOBILE|${'x'.repeat(30)}|${1_735_689_600_000 + i}`,
  )

async function fill(brokers: readonly string[], broker: Broker): Promise<void> {
  await broker.admin.ensure([{ name: TOPIC, partitions: PARTITIONS, settings: { 'compression.type': 'producer' } }])
  const producer = new kafka.HighLevelProducer({
    'metadata.broker.list': brokers.join(','),
    'compression.codec': CODEC as 'lz4',
    'linger.ms': 20,
    'batch.num.messages': 5_000,
    'queue.buffering.max.messages': 1_000_000,
    ...(TRANSACTIONAL ? { 'transactional.id': 'bench-reader' } : { 'enable.idempotence': true }),
  })
  await new Promise<void>((resolve, reject) =>
    producer.connect({}, (failure) => (failure ? reject(failure) : resolve())),
  )
  const called = (call: (done: (failure: unknown) => void) => void) =>
    new Promise<void>((resolve, reject) => call((failure) => (failure ? reject(failure) : resolve())))
  if (TRANSACTIONAL) await called((done) => producer.initTransactions(10_000, done))
  for (let from = 0; from < RECORDS; from += 50_000) {
    if (TRANSACTIONAL) await called((done) => producer.beginTransaction(done))
    for (let i = from; i < Math.min(RECORDS, from + 50_000); i++)
      producer.produce(TOPIC, i % PARTITIONS, bytesOf(i), `k-${i % 50_000}`, null, () => {})
    await called((done) => producer.flush(30_000, done))
    if (TRANSACTIONAL) await called((done) => producer.commitTransaction(10_000, done))
  }
  await new Promise<void>((resolve) => producer.disconnect(() => resolve()))
}

/** From assigning to the last record; opening and closing are not counted. */
async function timed(work: () => Promise<number>): Promise<Figure> {
  globalThis.gc?.()
  const cpuBegan = process.cpuUsage()
  const began = performance.now()
  const touched = await work()
  const seconds = (performance.now() - began) / 1_000
  const { user, system } = process.cpuUsage(cpuBegan)
  if (touched === 0) throw new Error('no value was touched')
  return { rate: RECORDS / seconds, cpu: (user + system) / RECORDS }
}

async function throughReader(broker: Broker): Promise<Figure> {
  const reader = await broker.reader()
  const figure = await timed(async () => {
    await reader.assign(Array.from({ length: PARTITIONS }, (_, partition) => ({ topic: TOPIC, partition, offset: 0 })))
    let touched = 0
    for (let taken = 0; taken < RECORDS; ) {
      const records = await reader.read(10_000, 500)
      for (const { value } of records) touched += value?.[value.length - 1] ?? 0
      taken += records.length
    }
    return touched
  })
  await reader.close()
  return figure
}

async function raw(brokers: readonly string[]): Promise<Figure> {
  const consumer = new kafka.KafkaConsumer(
    {
      'metadata.broker.list': brokers.join(','),
      'group.id': 'bench-raw',
      'enable.auto.commit': false,
      'isolation.level': 'read_committed',
      'queued.min.messages': 20_000,
      'queued.max.messages.kbytes': 32_768,
      'fetch.message.max.bytes': 2_097_152,
    },
    { 'auto.offset.reset': 'error' },
  )
  await new Promise<void>((resolve, reject) =>
    consumer.connect({}, (failure) => (failure ? reject(failure) : resolve())),
  )
  consumer.setDefaultConsumeTimeout(500)
  const figure = await timed(async () => {
    consumer.assign(Array.from({ length: PARTITIONS }, (_, partition) => ({ topic: TOPIC, partition, offset: 0 })))
    let touched = 0
    for (let taken = 0; taken < RECORDS; ) {
      const messages = await new Promise<Message[]>((resolve, reject) =>
        consumer.consume(10_000, (failure, list) => (failure ? reject(failure) : resolve(list))),
      )
      for (const { value } of messages) touched += value?.[value.length - 1] ?? 0
      taken += messages.length
    }
    return touched
  })
  await new Promise<void>((resolve) => consumer.disconnect(() => resolve()))
  return figure
}

const median = (values: readonly number[]): number => values.toSorted((a, b) => a - b)[values.length >> 1] ?? Number.NaN
const spread = (values: readonly number[], digits: number): string =>
  `${median(values).toFixed(digits)} (${Math.min(...values).toFixed(digits)}–${Math.max(...values).toFixed(digits)})`

async function run(brokers: readonly string[]): Promise<void> {
  const present = kafkaBroker({ brokers, fetching: 'librdkafka' })
  const lean = kafkaBroker({ brokers, fetching: 'lean' })
  try {
    await fill(brokers, present)
    const ways = {
      'librdkafka, raw': () => raw(brokers),
      'present reader': () => throughReader(present),
      'lean reader': () => throughReader(lean),
    }
    const figures: Record<string, Figure[]> = {}
    console.log(
      `${RECORDS} records, ${CODEC}${TRANSACTIONAL ? ', transactional' : ''}, load ${loadavg()[0]?.toFixed(1)}`,
    )
    for (let round = 0; round <= ROUNDS; round++)
      for (const [name, way] of Object.entries(ways)) {
        const figure = await way()
        // The first round warms the compiler and the broker's page cache.
        if (round === 0) continue
        const ofWay = figures[name] ?? []
        figures[name] = ofWay
        ofWay.push(figure)
        console.log(
          `${name.padEnd(16)} ${Math.round(figure.rate).toLocaleString('en-US').padStart(10)}/s  ${figure.cpu.toFixed(2)} CPU s per M`,
        )
      }
    const leanFigures = figures['lean reader'] ?? []
    for (const name of ['present reader', 'librdkafka, raw']) {
      const other = figures[name] ?? []
      const rates = leanFigures.map((figure, i) => figure.rate / (other[i]?.rate ?? Number.NaN))
      const cpus = leanFigures.map((figure, i) => (other[i]?.cpu ?? Number.NaN) / figure.cpu)
      console.log(`lean over ${name}: rate × ${spread(rates, 2)}, CPU ÷ ${spread(cpus, 2)}`)
    }
    console.log(`load ${loadavg()[0]?.toFixed(1)}`)
  } finally {
    await Promise.all([present.close(), lean.close()])
  }
}

const dataFolder = mkdtempSync(join(tmpdir(), 'kappa-bench-reader-'))
const stack = await startStack({ dataFolder, cacheFolder: cacheFolder(), ports: 'free', services: ['kafka'] })
for (const signal of ['SIGINT', 'SIGTERM'] as const)
  process.once(signal, () => void stack.stop().finally(() => process.exit(1)))
try {
  await run(stack.addresses.kafka.brokers)
} finally {
  await stack.stop()
  rmSync(dataFolder, { recursive: true, force: true })
}
