import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after } from 'node:test'
import { kafkaBroker } from '#engine/broker'
import { brokerContract } from '#engine/testing'
import { cacheFolder } from '../deploy/config.ts'
import { type RunningStack, startStack } from '../deploy/local/index.ts'

// The real clients on a real broker keep the contract that the fake one keeps.

const folder = mkdtempSync(join(tmpdir(), 'kappa-broker-'))
let stack: RunningStack | undefined

brokerContract(
  'Kafka',
  async () => {
    stack = await startStack({ dataFolder: folder, cacheFolder: cacheFolder(), ports: 'free', services: ['kafka'] })
    return kafkaBroker({ brokers: stack.addresses.kafka.brokers })
  },
  'contract',
)

after(async () => {
  await stack?.stop()
  rmSync(folder, { recursive: true, force: true })
})
