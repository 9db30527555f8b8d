import { type Broker, kafkaBroker } from '#engine/broker'
import { completionsTopic, progressTopic } from '#engine/ingest'
import { connectRegistry, kafkaTopicOf, type Registry } from '#engine/schema'
import { topics } from '#schemas'
import type { Addresses } from '../deploy/addresses.ts'
import { appName, fetching, givenServices, loadAddresses } from '../deploy/config.ts'
import { type RedisKeyVault, redisKeyVault } from '../sinks/redis/index.ts'

/** The services as one command uses them; each client is opened on first use and closed by `close`. */
export interface Platform {
  readonly app: string
  readonly addresses: Addresses
  readonly broker: Broker
  readonly registry: Registry
  readonly vault: RedisKeyVault
  close(): Promise<void>
}

/** Opens clients for every service that a command asks for. Messages about a service that is away go to `write`. */
export function openPlatform(write: (line: string) => void = (line) => process.stderr.write(`${line}\n`)): Platform {
  const addresses = loadAddresses()
  const broker = kafkaBroker({ ...addresses.kafka, clientId: appName(), fetching: fetching() })
  let registry: Registry | undefined
  let vault: RedisKeyVault | undefined
  return {
    app: appName(),
    addresses,
    broker,
    get registry() {
      registry ??= connectRegistry({ url: addresses.registry.url, onWaiting: write })
      return registry
    },
    get vault() {
      vault ??= redisKeyVault({ url: addresses.redis.url, masterKey: addresses.masterKey })
      return vault
    },
    async close() {
      await vault?.close()
      await registry?.close()
      await broker.close()
    },
  }
}

/** The local broker gives every topic this many partitions, whatever the contract says for production. */
const LOCAL_PARTITIONS = 4

/** A registry answers several questions as fast as one, but not any number. */
const REGISTERED_AT_ONCE = 8

/** Registers every contract and creates every topic that is missing. Idempotent. */
export async function prepareTopics({ broker, registry }: Platform): Promise<void> {
  const local = givenServices().has('kafka') ? {} : { partitions: LOCAL_PARTITIONS }
  for (let from = 0; from < topics.length; from += REGISTERED_AT_ONCE)
    await Promise.all(topics.slice(from, from + REGISTERED_AT_ONCE).map((topic) => registry.register(topic)))
  await broker.admin.ensure([...topics.map((topic) => kafkaTopicOf(topic, local)), completionsTopic, progressTopic])
}
