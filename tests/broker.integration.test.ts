import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after } from 'node:test'
import { kafkaBroker } from '#engine/broker'
import { brokerContract } from '#engine/testing'
import { cacheFolder } from '../deploy/config.ts'
import { type RunningStack, startStack } from '../deploy/local/index.ts'

// The real clients on a real broker keep the contract that the fake one keeps, whoever fetches.

const folder = mkdtempSync(join(tmpdir(), 'kappa-broker-'))
let starting: Promise<RunningStack> | undefined
const started = () => {
  starting ??= startStack({ dataFolder: folder, cacheFolder: cacheFolder(), ports: 'free', services: ['kafka'] })
  return starting
}

for (const fetching of ['librdkafka', 'lean'] as const)
  brokerContract(
    `Kafka, ${fetching} fetching`,
    async () => kafkaBroker({ brokers: (await started()).addresses.kafka.brokers, fetching }),
    `contract-${fetching}`,
    // node-rdkafka builds its librdkafka without zstd: reading such a topic fails with "Local: Not implemented".
    { unreadable: fetching === 'librdkafka' ? ['zstd'] : [] },
  )

after(async () => {
  await (await starting)?.stop()
  rmSync(folder, { recursive: true, force: true })
})
