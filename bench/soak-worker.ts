// The worker process of soak.ts: runs the processor and tells its parent how it is, every five seconds.
import { kafkaBroker } from '#engine/broker'
import { compile } from '#engine/compile'
import { startWorker } from '#engine/runtime'
import { memoryRegistry } from '#engine/schema'
import { purchases } from '#schemas'
import revenuePerMinute from '../processors/revenue-per-minute.ts'

/** Bytes, milliseconds, records and entries at one moment. */
export interface Sample {
  readonly rss: number
  readonly heap: number
  readonly commitMs: number
  readonly lag: number
  readonly entries: number
}

const SAMPLE_MS = 5_000

const registry = memoryRegistry()
await registry.register(purchases)
const { destination } = revenuePerMinute
const schemaIds = new Map([[destination.name, await registry.register(destination)]])
const broker = kafkaBroker({ brokers: (process.argv[2] ?? '').split(',') })
const deployment = {
  app: 'soak',
  processor: revenuePerMinute.name,
  generation: 1,
  stages: compile(revenuePerMinute),
  results: [destination.name],
  schemaIds,
  registry,
}
const worker = await startWorker({ broker, deployments: [deployment], settings: { commitIntervalMs: 100 } })

const sampling = setInterval(async () => {
  const tasks = await worker.status(true).catch((thrown: unknown) => console.error(`no status: ${thrown}`))
  if (tasks === undefined) return
  const { rss, heapUsed } = process.memoryUsage()
  const sample: Sample = {
    rss,
    heap: heapUsed,
    commitMs: Math.max(...tasks.map(({ lastCommitMs }) => lastCommitMs)),
    lag: tasks.reduce((sum, { inputs }) => sum + inputs.reduce((own, { lag }) => own + (lag ?? 0), 0), 0),
    entries: tasks.reduce((sum, { stateEntries }) => sum + stateEntries, 0),
  }
  process.send?.(sample)
}, SAMPLE_MS)

process.once('SIGTERM', async () => {
  clearInterval(sampling)
  await worker.stop()
  await broker.close()
  process.exit(0)
})
