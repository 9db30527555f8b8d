import { kafkaBroker } from '#engine/broker'
import { startWorker } from '#engine/runtime'
import { killedDeployment } from './deployment-fixture.ts'

// A worker process for kill.integration.test.ts: `worker-fixture.ts BROKERS APP GENERATION`. Says `ready` once it runs.
const [brokers = '', app = '', generation = '1'] = process.argv.slice(2)
const broker = kafkaBroker({ brokers: brokers.split(','), clientId: app })
const worker = await startWorker({
  broker,
  deployments: [killedDeployment(app, Number(generation))],
  sessionTimeoutMs: 2_000,
  settings: { commitIntervalMs: 50, transactionTimeoutMs: 5_000, snapshotCommits: 20, repartitionRecords: 500 },
  onChange: ({ stage, partition, state, reason }) =>
    process.stdout.write(`${stage}[${partition}] ${state} ${reason ?? ''}\n`),
})
process.stdout.write('ready\n')
process.once('SIGTERM', async () => {
  await worker.stop()
  await broker.close()
  process.stdout.write('closed\n')
  // No exit here: whatever still holds the event loop would keep this process alive, and the test would see it.
})
