// From an event to its row in ClickHouse, as an analyst sees it:
//   npm run bench -- --only visible [--rates 100,1000,10000] [--seconds 20] [--json FILE]
// Starts a Kafka, a registry and a ClickHouse of its own on free ports, and `kappa sink run clickhouse` at default settings.
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { loadavg, tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { createClient } from '@clickhouse/client'
import { type Broker, kafkaBroker } from '#engine/broker'
import { cutCurrentTopic } from '#engine/delivery'
import { connectRegistry, tableOf } from '#engine/schema'
import { maskedPurchases as topic } from '#schemas'
import { cacheFolder } from '../deploy/config.ts'
import { startStack } from '../deploy/local/index.ts'
import { quantile } from './latency/table.ts'
import { purchase } from './purchase.ts'

const PARTITIONS = 4
/** Of each rate, before what counts: connections, compilers. */
const WARMING_MS = 4_000
const LOOK_MS = 10
const TICK_MS = 5
const DRAINING_MS = 30_000

/** Event to visible row at one rate, milliseconds. */
export interface VisibleStep {
  /** Events a second that were to be sent. */
  readonly rate: number
  readonly rows: number
  readonly p50: number
  readonly p99: number
  readonly most: number
  readonly load: number
}

export interface VisibleOptions {
  readonly rates: readonly number[]
  readonly seconds: number
}

/**
 * An event counts from the moment that it was to be sent (a producer that is late makes it no younger) to the first answer
 * of a query that was asked every few milliseconds and has it, the query's own time included.
 */
export async function measureVisible(
  { rates, seconds }: VisibleOptions,
  tell: (line: string) => void,
): Promise<readonly VisibleStep[]> {
  const dataFolder = mkdtempSync(join(tmpdir(), 'kappa-bench-visible-'))
  const stack = await startStack({
    dataFolder,
    cacheFolder: cacheFolder(),
    ports: 'free',
    services: ['kafka', 'registry', 'clickhouse'],
  })
  const broker = kafkaBroker({ brokers: stack.addresses.kafka.brokers })
  const client = createClient({ ...stack.addresses.clickhouse })
  const kappa = new URL('../cli/kappa.mjs', import.meta.url).pathname
  let sink: ReturnType<typeof spawn> | undefined
  try {
    const registry = connectRegistry({ url: stack.addresses.registry.url })
    const schemaId = await registry.register(topic)
    await registry.close()
    await broker.admin.ensure([{ name: topic.name, partitions: PARTITIONS, settings: {} }])
    const { database, name } = tableOf(topic)
    sink = spawn(process.execPath, [kappa, 'sink', 'run', 'clickhouse', '--topic', topic.name], {
      env: { ...process.env, KAPPA_DATA: dataFolder, KAPPA_REDIS_URL: 'redis://127.0.0.1:9' },
      stdio: ['ignore', 'inherit', 'inherit'],
    })
    await ready(broker, client, database, name)
    const sent = Array.from({ length: PARTITIONS }, (): number[] => [])
    const steps: VisibleStep[] = []
    for (const rate of rates) {
      const before = sent.map(({ length }) => length)
      const watching = new Watching(client, `${database}.${name}`, before)
      const seen = watching.run()
      await send({ broker, schemaId, rate, milliseconds: WARMING_MS + seconds * 1_000, sent })
      await watching.until(sent.map(({ length }) => length))
      await seen
      const counted = watching.latencies(sent, WARMING_MS)
      steps.push({
        rate,
        rows: counted.length,
        p50: quantile(counted, 0.5),
        p99: quantile(counted, 0.99),
        most: counted.at(-1) ?? Number.NaN,
        load: loadavg()[0] ?? 0,
      })
      tell(line(steps.at(-1) as VisibleStep))
      await pause(2_000)
    }
    return steps
  } finally {
    if (sink !== undefined && sink.exitCode === null) {
      sink.kill('SIGTERM')
      await once(sink, 'exit')
    }
    await client.close()
    await broker.close()
    await stack.stop()
    rmSync(dataFolder, { recursive: true, force: true })
  }
}

const line = ({ rate, rows, p50, p99, most, load }: VisibleStep): string =>
  `  ${String(rate).padStart(6)}/s  ${String(rows).padStart(7)} rows  p50 ${p50.toFixed(0).padStart(5)} ms  p99 ${p99.toFixed(0).padStart(5)} ms  most ${most.toFixed(0).padStart(5)} ms  (load ${load.toFixed(1)})`

type Client = ReturnType<typeof createClient>

async function ready(broker: Broker, client: Client, database: string, name: string): Promise<void> {
  for (let tries = 0; tries < 600; tries++) {
    const answer = await client.query({ query: `EXISTS TABLE ${database}.${name}`, format: 'JSONCompactEachRow' })
    const [[exists] = [0]] = await answer.json<[number]>()
    if (exists === 1 && (await broker.admin.topics()).has(cutCurrentTopic('clickhouse'))) return
    await pause(100)
  }
  throw new Error('the sink does not begin')
}

interface Sending {
  readonly broker: Broker
  readonly schemaId: number
  readonly rate: number
  readonly milliseconds: number
  /** By partition and offset, when each event was to be sent. */
  readonly sent: readonly number[][]
}

/** Open loop: how late the last ones went changes nothing of when the next are due. */
async function send({ broker, schemaId, rate, milliseconds, sent }: Sending): Promise<void> {
  const producer = await broker.producer()
  const began = performance.now()
  const total = Math.floor((rate * milliseconds) / 1_000)
  for (let n = 0; n < total; ) {
    for (; n < total && began + (n * 1_000) / rate <= performance.now(); n++) {
      const value = purchase(n)
      const partition = n % PARTITIONS
      sent[partition]?.push(began + (n * 1_000) / rate)
      const waiting = producer.send({
        topic: topic.name,
        partition,
        key: Buffer.from(topic.keyOf(value)),
        value: topic.frame(schemaId, value),
      })
      if (waiting !== undefined) await waiting
    }
    await pause(TICK_MS)
  }
  await producer.flush()
  await producer.close()
}

/** Looks at the table again and again, and notes which offset was there when. */
class Watching {
  readonly #client: Client
  readonly #table: string
  readonly #from: readonly number[]
  /** By partition: from which offset on (exclusive up to the next) rows were first seen at a time. */
  readonly #seen: { readonly end: number; readonly at: number }[][]
  #ends: readonly number[] | undefined
  #deadline = Number.POSITIVE_INFINITY

  constructor(client: Client, table: string, from: readonly number[]) {
    this.#client = client
    this.#table = table
    this.#from = from
    this.#seen = from.map(() => [])
  }

  async run(): Promise<void> {
    while (!this.#isWhole()) {
      if (performance.now() > this.#deadline) throw new Error('rows are missing')
      const above = this.#from.map(
        (_, partition) => `(_partition = ${partition} AND _offset >= ${this.#reached(partition)})`,
      )
      const answer = await this.#client.query({
        query: `SELECT _partition, max(_offset) + 1, count() FROM ${this.#table} WHERE ${above.join(' OR ')} GROUP BY _partition`,
        format: 'JSONCompactEachRow',
        clickhouse_settings: { output_format_json_quote_64bit_integers: 0 },
      })
      const rows = await answer.json<[number, number, number]>()
      const at = performance.now()
      for (const [partition, end, count] of rows) {
        // Rows come in order of offset and once: else the figures would mean nothing.
        if (count !== end - this.#reached(partition)) throw new Error(`${count} rows up to ${end} of [${partition}]`)
        this.#seen[partition]?.push({ end, at })
      }
      await pause(LOOK_MS)
    }
  }

  /** Ends when the table has everything below these offsets. */
  async until(ends: readonly number[]): Promise<void> {
    this.#ends = ends
    this.#deadline = performance.now() + DRAINING_MS
  }

  /** Rising; of events that were due after the step's first `skipMs`. */
  latencies(sent: readonly (readonly number[])[], skipMs: number): number[] {
    const found: number[] = []
    for (const [partition, steps] of this.#seen.entries()) {
      const own = sent[partition] ?? []
      let offset = this.#from[partition] ?? 0
      const counts = (own[offset] ?? 0) + skipMs
      for (const { end, at } of steps)
        for (; offset < end; offset++) {
          const due = own[offset]
          if (due !== undefined && due >= counts) found.push(at - due)
        }
    }
    return found.sort((a, b) => a - b)
  }

  #reached(partition: number): number {
    return this.#seen[partition]?.at(-1)?.end ?? this.#from[partition] ?? 0
  }

  #isWhole(): boolean {
    return this.#ends?.every((end, partition) => this.#reached(partition) >= end) ?? false
  }
}
