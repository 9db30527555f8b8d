// Kappa's program of a benchmark: one worker process, one query, exactly once. Told by the runner what to do:
//   node --import tsx bench/programs/kappa.ts '{"query":"user","brokers":"…","result":"…","app":"…","generation":1,…}'
// Prints `first <milliseconds since 1970>` when it has taken its first records; ends on SIGTERM.
import { kafkaBroker } from '#engine/broker'
import { compile } from '#engine/compile'
import { startWorker } from '#engine/runtime'
import { type QueryName, queries } from '../queries.ts'
import { benchRegistry } from '../topics.ts'

export interface KappaProgram {
  readonly query: QueryName
  readonly brokers: string
  readonly result: string
  readonly app: string
  readonly generation: number
  readonly commitMs: number
  readonly fetching: 'librdkafka' | 'lean'
}

const told = JSON.parse(process.argv[2] ?? '{}') as KappaProgram
const { plan } = queries[told.query]
const registry = await benchRegistry()
const broker = kafkaBroker({ brokers: told.brokers.split(','), fetching: told.fetching })
const worker = await startWorker({
  broker,
  deployments: [
    {
      app: told.app,
      processor: plan.name,
      generation: told.generation,
      stages: compile(plan),
      results: [plan.destination.name],
      schemaIds: new Map([[plan.destination.name, await registry.idOf(plan.destination)]]),
      registry,
      topicOf: () => told.result,
    },
  ],
  settings: { commitIntervalMs: told.commitMs },
  onChange(status) {
    if (status.state !== 'stopped') return
    console.error(`${status.stage} ${status.partition}: ${status.reason}`)
    process.exit(1)
  },
})
process.on('SIGTERM', async () => {
  await worker.stop()
  await broker.close()
  process.exit(0)
})
while ((await worker.status()).every(({ taken }) => taken === 0)) await new Promise((resolve) => setTimeout(resolve, 5))
console.log(`first ${Date.now()}`)
await worker.finished
