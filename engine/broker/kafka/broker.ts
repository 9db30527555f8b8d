import { KappaError } from '#engine/errors'
import type { Broker, Reader } from '../contract.ts'
import { KafkaAdmin } from './admin.ts'
import type { ClusterSettings } from './connect.ts'
import { LeanReader } from './lean/reader.ts'
import { KafkaMember } from './member.ts'
import { Partitions } from './partitions.ts'
import { KafkaPlainProducer } from './plain.ts'
import { KafkaReader } from './reader.ts'
import type { Security } from './security.ts'
import { KafkaTransactionalProducer } from './transactional.ts'

/** A transaction of a dead owner holds up read-committed readers this long at most. */
const TRANSACTION_MS = 10_000
const SESSION_MS = 6_000

export interface KafkaOptions extends Security {
  readonly brokers: readonly string[]
  readonly clientId?: string
  /**
   * Who fetches, for readers and members alike: librdkafka, or the lean reader (docs/decisions/0006-lean-reader.md). The
   * group, producing and transactions are librdkafka's either way. @defaultValue 'lean'
   */
  readonly fetching?: Fetching | undefined
}

export type Fetching = 'lean' | 'librdkafka'

/** Kafka, through the lean reader (fetching), node-rdkafka (membership, producing) and kafkajs (admin). `close` ends every client it made. */
export function kafkaBroker(options: KafkaOptions): Broker {
  const { brokers, clientId = 'kappa', tls, sasl } = options
  const cluster: ClusterSettings = { brokers, clientId, ...(tls ? { tls } : {}), ...(sasl ? { sasl } : {}) }
  const openReader = (): Promise<Reader> =>
    options.fetching === 'librdkafka' ? KafkaReader.open(cluster) : LeanReader.open(cluster)
  const admin = new KafkaAdmin(cluster)
  const open = new Set<{ close(): Promise<void> }>()
  let counts: Promise<ReadonlyMap<string, number>> | undefined

  const partitionsOf = async (topic: string): Promise<number> => {
    const known = (await counts?.catch(() => undefined))?.get(topic)
    if (known !== undefined) return known
    counts = admin.topics()
    const count = (await counts).get(topic)
    if (count === undefined) throw new KappaError('BROKER', `sending to ${topic}: there is no such topic`)
    return count
  }
  const kept = async <T extends { close(): Promise<void> }>(opening: Promise<T>): Promise<T> => {
    const client = await opening
    const close = client.close.bind(client)
    client.close = async () => {
      open.delete(client)
      await close()
    }
    open.add(client)
    return client
  }

  return {
    admin,
    transactional: (id, { timeoutMs = TRANSACTION_MS } = {}) =>
      kept(KafkaTransactionalProducer.open(cluster, id, timeoutMs, new Partitions(partitionsOf))),
    producer: () => kept(KafkaPlainProducer.open(cluster, new Partitions(partitionsOf))),
    reader: () => kept(openReader()),
    member: ({ sessionTimeoutMs = SESSION_MS, ...options }) =>
      kept(KafkaMember.open(cluster, { ...options, sessionTimeoutMs }, openReader)),
    async close() {
      await Promise.all([...open].map((client) => client.close()))
      await admin.close()
    },
  }
}
