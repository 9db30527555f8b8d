import { writeSync } from 'node:fs'
import { kafkaBroker } from '#engine/broker'
import { type Destination, type LaneStep, Sink } from '#engine/delivery'
import { memoryRegistry } from '#engine/schema'
import { systemClock } from '#engine/time'
import { ClickHouseDestination } from '../../../sinks/clickhouse/index.ts'
import { BronzeArchive, ObjectStore, S3Destination } from '../../../sinks/s3/index.ts'
import { bothOf, topicsOf } from '../facts.ts'
import type { Ask, Order, Told } from './orders.ts'

// A sink process of the real suite: `sink-fixture.ts ORDER` as JSON. Says `stopped` before it stops itself at a step.
const order = JSON.parse(process.argv[2] ?? '{}') as Order
const topics = bothOf(topicsOf(order.prefix))
const registry = memoryRegistry()
// The same ids in every process: the topics are registered in one order.
for (const topic of topics) await registry.register(topic)
const broker = kafkaBroker({ brokers: order.brokers, clientId: order.id, fetching: order.fetching })
const archive = new BronzeArchive(new ObjectStore(order.s3))
const destination: Destination =
  order.store === 'clickhouse'
    ? new ClickHouseDestination({ address: order.clickhouse, registry })
    : new S3Destination({ address: order.s3, registry, silverOf: () => 'month' })

const strikes: { step: LaneStep; nth: number; stops: boolean }[] = []
process.on('message', (ask: Ask) => {
  if (ask.kind === 'strike') strikes.push({ ...ask })
  else strikes.length = 0
})

const stopping = new AbortController()
process.once('SIGTERM', () => stopping.abort())
const sink = new Sink({
  app: order.app,
  destination,
  topics,
  limits: { rows: order.rows, bytes: 1_000_000, ageMs: order.ageMs },
  lanes: order.lanes,
  broker,
  registry,
  archive,
  clock: systemClock,
  notify: (lane, { kind }) => {
    if (kind === 'stopped') process.send?.({ failed: lane } satisfies Told)
  },
  atStep: (step) => {
    const index = strikes.findIndex((strike) => strike.step === step && --strike.nth < 1)
    const [strike] = index === -1 ? [] : strikes.splice(index, 1)
    if (strike === undefined) return
    // Written at once: the process may be gone a moment later.
    if (strike.stops) writeSync(1, 'stopped\n')
    process.kill(process.pid, strike.stops ? 'SIGSTOP' : 'SIGKILL')
  },
})
try {
  await sink.run(stopping.signal)
  await destination.close()
  await broker.close()
  process.exit(0)
} catch {
  // The broker was away when it started: whoever started it tries again.
  process.exit(1)
}
