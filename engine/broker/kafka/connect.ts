import { KappaError } from '#engine/errors'
import { type ClientFailure, failureOf, isRefusal } from './failure.ts'
import { librdkafkaSecurity, type Security } from './security.ts'

/** How every client of ours reaches the cluster. */
export interface ClusterSettings extends Security {
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
  ...librdkafkaSecurity(cluster),
})

/** What node-rdkafka's consumers and producers have in common. */
interface Client {
  on(event: 'event.error', listener: (failure: ClientFailure) => void): unknown
  connect(options: { timeout: number }, done: (failure: ClientFailure | null) => void): unknown
  disconnect(flushMs: number, done: () => void): unknown
  disconnect(done: () => void): unknown
  isConnected(): boolean
  /** Producers alone have it. */
  poll?(): unknown
}

/** What waits for a producer is only heard when it is polled. */
const POLL_MS = 50

/**
 * Connects, or throws within ten seconds: SERVICE_UNAVAILABLE (retriable), or BROKER where the login was refused. The client
 * is disconnected then.
 */
export async function connect(client: Client, cluster: ClusterSettings): Promise<void> {
  const place = `Kafka at ${cluster.brokers.join(',')}`
  const polling = setInterval(() => {
    if (client.isConnected()) client.poll?.()
  }, POLL_MS)
  try {
    await new Promise<void>((resolve, reject) => {
      // Without a listener an 'error' of the client would end the process; what else matters comes back from calls.
      client.on('event.error', (failure) => {
        if (!isRefusal(failure)) return
        const as = cluster.sasl ? ` as ${cluster.sasl.username}` : ''
        reject(new KappaError('BROKER', `logging in at ${place}${as}`, { cause: new Error(failure.message) }))
      })
      client.connect({ timeout: 10_000 }, (failure: ClientFailure | null) => {
        if (!failure) return resolve()
        const error = failureOf(failure, `connecting to ${place}`)
        reject(new KappaError('SERVICE_UNAVAILABLE', error.message, { retriable: true }))
      })
    })
  } finally {
    clearInterval(polling)
  }
}

/** Ends a client; resolves when its threads are gone. A second call does nothing. */
export async function disconnect(client: Client, flushMs: number | undefined): Promise<void> {
  if (!client.isConnected()) return
  await new Promise<void>((resolve) => {
    if (flushMs === undefined) client.disconnect(() => resolve())
    else client.disconnect(flushMs, () => resolve())
  })
}
