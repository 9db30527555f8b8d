// Throughput of the sinks on purchase-like rows, each beside its raw limits in the same run:
//   node --import tsx bench/sink.ts [rows] [clickhouse|s3|all]
// Starts a Kafka, ClickHouse and S3 of its own on free ports, and removes them.
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import { createClient } from '@clickhouse/client'
import { type Broker, type KafkaRecord, kafkaBroker } from '#engine/broker'
import {
  type Cut,
  type CutLimits,
  CutLog,
  type Destination,
  deliverUntil,
  fingerprint,
  recordsBetween,
  schemaIdsOf,
} from '#engine/delivery'
import { memoryRegistry, tableOf } from '#engine/schema'
import { systemClock } from '#engine/time'
import { maskedPurchases as topic } from '#schemas'
import { cacheFolder } from '../deploy/config.ts'
import { startStack } from '../deploy/local/index.ts'
import { ClickHouseDestination } from '../sinks/clickhouse/index.ts'
import { BlockEncoder } from '../sinks/clickhouse/native/block.ts'
import { ObjectStore, S3Destination } from '../sinks/s3/index.ts'
import { purchase } from './purchase.ts'

const rows = Number(process.argv[2] ?? 400_000)
const which = process.argv[3] ?? 'all'
const PARTITIONS = 4

const dataFolder = mkdtempSync(join(tmpdir(), 'kappa-bench-sink-'))
const stack = await startStack({
  dataFolder,
  cacheFolder: cacheFolder(),
  ports: 'free',
  services: ['kafka', 'clickhouse', 's3'],
})
const broker = kafkaBroker({ brokers: stack.addresses.kafka.brokers })
const registry = memoryRegistry()

async function produce(): Promise<void> {
  const schemaId = await registry.register(topic)
  await broker.admin.ensure([{ name: topic.name, partitions: PARTITIONS, settings: {} }])
  const producer = await broker.producer()
  for (let i = 0; i < rows; i++) {
    const value = purchase(i)
    const waiting = producer.send({
      topic: topic.name,
      key: Buffer.from(topic.keyOf(value)),
      value: topic.frame(schemaId, value),
    })
    if (waiting !== undefined) await waiting
  }
  await producer.flush()
  await producer.close()
}

/** Wall seconds and this process's CPU seconds. */
async function timed(what: string, count: number, run: () => Promise<unknown>): Promise<void> {
  const cpu = process.cpuUsage()
  const begun = performance.now()
  await run()
  const seconds = (performance.now() - begun) / 1_000
  const { user, system } = process.cpuUsage(cpu)
  const core = (user + system) / 1e6
  console.log(
    `${what.padEnd(46)} ${Math.round(count / seconds)
      .toLocaleString('en')
      .padStart(10)} rows/s  ${((core / count) * 1e6).toFixed(2).padStart(6)} CPU s per M`,
  )
}

const untilNow = async (own: Broker): Promise<ReadonlyMap<number, number>> =>
  new Map((await own.admin.committedEnds(topic.name)).map((end, partition) => [partition, end]))

async function deliver(destination: Destination, limits: CutLimits, generation: number): Promise<void> {
  const log = new CutLog({ sink: destination.name, broker, clock: systemClock })
  await log.ensure()
  const options = {
    app: 'bench',
    topic,
    source: topic.name,
    lane: 0,
    lanes: 1,
    generation,
    limits,
    broker,
    registry,
    destination,
    log,
    clock: systemClock,
  }
  await deliverUntil({ ...options, until: await untilNow(broker) }, new AbortController().signal)
  await log.close()
}

async function read(): Promise<number> {
  let count = 0
  const until = await untilNow(broker)
  for await (const records of recordsBetween(broker, topic.name, new Map([...until.keys()].map((p) => [p, 0])), until))
    count += records.length
  return count
}

/** Blocks as the sink sends them, made beforehand and sent one after another: what the server alone takes. */
async function rawInsert(): Promise<void> {
  const client = createClient({ ...stack.addresses.clickhouse })
  const table = tableOf(topic)
  const records: KafkaRecord[] = []
  const until = await untilNow(broker)
  for await (const part of recordsBetween(broker, topic.name, new Map(), until)) {
    records.push(...part)
    if (records.length >= 50_000) break
  }
  const own = {
    ...fingerprint(records),
    sink: 'raw',
    topic: topic.name,
    generation: 1,
    decidedAt: 1_735_689_600_000,
  } as Cut
  // Turn by turn: the encoder as it is, and what it would be with every value made by the decoder.
  const [direct, made] = [true, false].map((carries) => new BlockEncoder(topic, registry, { carries })) as [
    BlockEncoder,
    BlockEncoder,
  ]
  for (const encoder of [direct, made]) await encoder.learn(schemaIdsOf(records))
  for (let turn = 1; turn <= 3; turn++)
    for (const [what, encoder] of [
      ['carried over', direct],
      ['by the decoder', made],
    ] as const)
      await timed(`  a native block, ${what} (${turn})`, records.length * 4, async () => {
        for (let i = 0; i < 4; i++) encoder.encode(table, own, records)
      })
  const { bytes: block } = direct.encode(table, own, records)
  await client.command({ query: `CREATE TABLE ${table.database}.raw AS ${table.database}.${table.name}` })
  const count = Math.max(1, Math.round(rows / records.length))
  await timed('  raw limit: insert of ready blocks', count * records.length, async () => {
    for (let i = 0; i < count; i++) {
      const { stream } = await client.exec({
        query: `INSERT INTO ${table.database}.raw FORMAT Native`,
        values: Readable.from([block], { objectMode: false }),
      })
      for await (const _ of stream);
    }
  })
  await client.close()
}

/** The objects that the sink wrote, written once more one after another: what the server and its client alone take. */
async function rawPut(): Promise<void> {
  const store = new ObjectStore(stack.addresses.s3)
  const bodies: Uint8Array[] = []
  for (const { key } of await store.list('')) {
    const body = await store.get(key)
    if (body !== undefined) bodies.push(body)
  }
  await timed(`  raw limit: writing its ${bodies.length} objects alone`, rows, async () => {
    for (const [i, body] of bodies.entries()) await store.put(`raw/${i}`, body, 'application/octet-stream')
  })
  store.close()
}

try {
  await produce()
  await read()
  console.log(`${rows} rows of ${topic.name}, ${PARTITIONS} partitions, Node ${process.version}`)
  await timed('raw limit: reading from Kafka', rows, read)
  if (which !== 's3') {
    const destination = new ClickHouseDestination({ address: stack.addresses.clickhouse, registry })
    await timed('clickhouse sink, 50,000 rows a cut', rows, () =>
      deliver(destination, { rows: 50_000, bytes: 32 << 20, ageMs: 500 }, 1),
    )
    const { rows: found } = await destination.tallies.ofGeneration(topic, 1, Object.fromEntries(await untilNow(broker)))
    if (found !== rows) throw new Error(`the table holds ${found} rows`)
    await rawInsert()
    await destination.close()
  }
  if (which !== 'clickhouse') {
    const destination = new S3Destination({ address: stack.addresses.s3, registry, silverOf: () => 'day' })
    await timed('s3 sink, bronze and silver', rows, () =>
      deliver(destination, { rows: 200_000, bytes: 64 << 20, ageMs: 5_000 }, 1),
    )
    await destination.close()
    await rawPut()
    const bronze = new S3Destination({
      address: { ...stack.addresses.s3, bucket: 'bronze-alone' },
      registry,
      silverOf: () => undefined,
    })
    // Another generation, so that it begins at the first offset.
    await timed('s3 sink, bronze alone', rows, () =>
      deliver(bronze, { rows: 200_000, bytes: 64 << 20, ageMs: 5_000 }, 2),
    )
    await bronze.close()
  }
} finally {
  await broker.close()
  await stack.stop()
  rmSync(dataFolder, { recursive: true, force: true })
}
