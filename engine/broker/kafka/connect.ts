import { KappaError } from '#engine/errors'
import { type ClientFailure, failureOf } from './failure.ts'

/** How every client of ours reaches the cluster. */
export interface ClusterSettings {
  readonly brokers: readonly string[]
  readonly clientId: string
}

export const clusterSettings = (cluster: ClusterSettings) => ({
  'metadata.broker.list': cluster.brokers.join(','),
  'client.id': cluster.clientId,
  'broker.address.family': 'v4' as const,
  'reconnect.backoff.ms': 50,
  'reconnect.backoff.max.ms': 1_000,
  'topic.metadata.refresh.interval.ms': 30_000,
  'allow.auto.create.topics': false,
  'log.connection.close': false,
  log_level: 0,
})

/** What node-rdkafka's consumers and producers have in common. */
interface Client {
  on(event: 'event.error', listener: () => void): unknown
  connect(options: { timeout: number }, done: (failure: ClientFailure | null) => void): unknown
  disconnect(flushMs: number, done: () => void): unknown
  disconnect(done: () => void): unknown
  isConnected(): boolean
}

/** Connects, or throws SERVICE_UNAVAILABLE within ten seconds; the client is disconnected then. */
export async function connect(client: Client, cluster: ClusterSettings): Promise<void> {
  // Without a listener an 'error' of the client would end the process; what matters comes back from calls.
  client.on('event.error', () => {})
  await new Promise<void>((resolve, reject) => {
    client.connect({ timeout: 10_000 }, (failure: ClientFailure | null) => {
      if (!failure) return resolve()
      const error = failureOf(failure, `connecting to Kafka at ${cluster.brokers.join(',')}`)
      reject(new KappaError('SERVICE_UNAVAILABLE', error.message, { retriable: true }))
    })
  })
}

/** Ends a client; resolves when its threads are gone. A second call does nothing. */
export async function disconnect(client: Client, flushMs: number | undefined): Promise<void> {
  if (!client.isConnected()) return
  await new Promise<void>((resolve) => {
    if (flushMs === undefined) client.disconnect(() => resolve())
    else client.disconnect(flushMs, () => resolve())
  })
}
