// Steady load for an hour: memory, commit time and produce-to-result latency, minute by minute.
//   node --import tsx bench/soak.ts [minutes] [events a second] [FILE]
// Starts a Kafka of its own on free ports, and removes it. One worker process runs revenue per minute, exactly once; event
// time runs 30 times as fast as the clock, so that windows close all the time. Ctrl-C ends early and sums up. FILE gets every
// minute's row as JSON, and the load.
import { type ChildProcess, fork } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { loadavg, tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { type Broker, kafkaBroker } from '#engine/broker'
import { purchases } from '#schemas'
import { cacheFolder } from '../deploy/config.ts'
import { startStack } from '../deploy/local/index.ts'
import revenuePerMinute from '../processors/revenue-per-minute.ts'
import type { Sample } from './soak-worker.ts'

const MINUTES = Number(process.argv[2] ?? 60)
const RATE = Number(process.argv[3] ?? 1_000)
const FILE = process.argv[4]
const PARTITIONS = 4
const TICK_MS = 10
const EVENT_TIME_PER_MS = 30
const WINDOW_MS = 60_000
const GRACE_MS = 30_000
const START = 1_735_689_600_000
const COUNTRIES = ['DE', 'FR', 'US', 'GB', 'ES', 'IT', 'NL', 'PL']
const SEALED = 'sealed:v1:AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA'
const KEPT = { 'retention.ms': '600000', 'segment.bytes': '67108864' }

const result = revenuePerMinute.destination
const worker = fileURLToPath(new URL('./soak-worker.ts', import.meta.url))
const stopped = new AbortController()
process.once('SIGINT', () => stopped.abort())

const quantile = (values: readonly number[], q: number): number =>
  [...values].sort((a, b) => a - b)[Math.min(values.length - 1, Math.floor(values.length * q))] ?? Number.NaN

const purchase = (i: number, occurredAt: number) => ({
  eventId: `01890a5d-ac96-774b-bcce-${String(i).padStart(12, '0')}`,
  sessionId: `s-${(i * 7919) % 99_991}`,
  visitorId: `v-${(i * 31) % 50_021}`,
  customerId: `c-${(i * 17) % 20_011}`,
  country: COUNTRIES[i % 8] ?? 'DE',
  device: 'MOBILE' as const,
  orderId: `o-${i}`,
  status: 'PAID' as const,
  amount: BigInt(1_000 + (i % 9_000)),
  currency: 'EUR',
  items: 1,
  paymentMethod: 'CARD' as const,
  refusalReason: null,
  ip: SEALED,
  email: SEALED,
  name: SEALED,
  address: SEALED,
  occurredAt,
})

/** Sends at the rate until stopped; `closedAt` learns when the event that closes a window was sent. */
async function produce(broker: Broker, closedAt: Map<number, number>, sent: { count: number }): Promise<void> {
  const producer = await broker.producer()
  const began = performance.now()
  let next = START + WINDOW_MS
  while (!stopped.signal.aborted) {
    const elapsed = performance.now() - began
    const occurredAt = START + Math.floor(elapsed * EVENT_TIME_PER_MS)
    for (; sent.count < (elapsed / 1_000) * RATE; sent.count++) {
      const value = purchase(sent.count, occurredAt)
      const key = Buffer.from(purchases.keyOf(value))
      const full = producer.send({ topic: purchases.name, key, value: purchases.frame(1, value) })
      if (full) await full
    }
    for (; next + GRACE_MS <= occurredAt; next += WINDOW_MS) closedAt.set(next, performance.now())
    await setTimeout(TICK_MS)
  }
  await producer.close()
}

/** Latency of each result from the event that closed its window, as a read-committed consumer sees it. */
async function watch(broker: Broker, closedAt: ReadonlyMap<number, number>, latencies: number[]): Promise<void> {
  const reader = await broker.reader()
  await reader.assign(
    Array.from({ length: PARTITIONS }, (_, partition) => ({ topic: result.name, partition, offset: 0 })),
  )
  while (!stopped.signal.aborted)
    for (const { value } of await reader.read(1_000, 20)) {
      if (value === null) continue
      const { windowEnd } = result.decode(value.subarray(5)) as { readonly windowEnd: number }
      const closed = closedAt.get(windowEnd)
      if (closed !== undefined) latencies.push(performance.now() - closed)
    }
  await reader.close()
}

function report(minute: number, sent: number, samples: readonly Sample[], latencies: readonly number[]) {
  const last = samples.at(-1)
  const row = {
    minute,
    events: sent,
    rssMb: Math.round(
      quantile(
        samples.map(({ rss }) => rss / 1e6),
        0.5,
      ),
    ),
    heapMb: Math.round(
      quantile(
        samples.map(({ heap }) => heap / 1e6),
        0.5,
      ),
    ),
    commitMs: Math.round(
      quantile(
        samples.map(({ commitMs }) => commitMs),
        0.5,
      ),
    ),
    p50: Math.round(quantile(latencies, 0.5)),
    p95: Math.round(quantile(latencies, 0.95)),
    p99: Math.round(quantile(latencies, 0.99)),
    lag: last?.lag ?? 0,
    load: Math.round(loadavg()[0] ?? 0),
    entries: last?.entries ?? 0,
  }
  console.log(
    Object.entries(row)
      .map(([name, value]) => `${name} ${value}`)
      .join('  '),
  )
  return row
}

async function soak(broker: Broker, brokers: readonly string[]): Promise<void> {
  const specs = [purchases.name, result.name].map((name) => ({ name, partitions: PARTITIONS, settings: KEPT }))
  await broker.admin.ensure(specs)
  let samples: Sample[] = []
  const child: ChildProcess = fork(worker, [brokers.join(',')], { stdio: 'inherit' })
  child.on('message', (sample) => samples.push(sample as Sample))
  child.once('exit', () => stopped.abort())
  const closedAt = new Map<number, number>()
  const latencies: number[] = []
  const sent = { count: 0 }
  const running = [produce(broker, closedAt, sent), watch(broker, closedAt, latencies)]
  const rows: ReturnType<typeof report>[] = []
  for (let minute = 1; minute <= MINUTES && !stopped.signal.aborted; minute++) {
    await setTimeout(60_000, undefined, { signal: stopped.signal }).catch(() => {})
    rows.push(report(minute, sent.count, samples, latencies))
    samples = []
    latencies.length = 0
    for (const end of closedAt.keys()) if (closedAt.size > 1_000) closedAt.delete(end)
  }
  stopped.abort()
  await Promise.all(running)
  if (child.exitCode === null) {
    const gone = new Promise((resolve) => child.once('exit', resolve))
    child.kill('SIGTERM')
    await gone
  }
  if (FILE !== undefined)
    writeFileSync(FILE, `${JSON.stringify({ minutes: rows.length, rate: RATE, rows }, undefined, 2)}\n`)
  const quarter = Math.max(1, rows.length >> 2)
  for (const name of ['rssMb', 'heapMb', 'commitMs', 'p50', 'p99'] as const) {
    const [first, last] = [rows.slice(1, 1 + quarter), rows.slice(-quarter)].map((part) =>
      quantile(
        part.map((row) => row[name]),
        0.5,
      ),
    )
    console.log(`${name.padEnd(9)} first quarter ${first}, last quarter ${last}`)
  }
}

const dataFolder = mkdtempSync(join(tmpdir(), 'kappa-soak-'))
const stack = await startStack({ dataFolder, cacheFolder: cacheFolder(), ports: 'free', services: ['kafka'] })
const broker = kafkaBroker({ brokers: stack.addresses.kafka.brokers })
try {
  await soak(broker, stack.addresses.kafka.brokers)
} finally {
  await broker.close()
  await stack.stop()
  rmSync(dataFolder, { recursive: true, force: true })
}
