import kafkajs from 'kafkajs'
import { KappaError } from '#engine/errors'
import type { ClusterSettings } from './connect.ts'
import { KeptClient } from './kept-client.ts'
import { kafkajsSecurity } from './security.ts'

export type Light = ReturnType<kafkajs.Kafka['admin']>

/** kafkajs' admin client, connected when it is first asked, and anew after it lost its broker. */
export class LightClient {
  readonly #cluster: ClusterSettings
  /** How often kafkajs itself asks again, beginning after 100 ms and doubling. */
  readonly #retries: number
  readonly #client = new KeptClient(
    () => this.#open(),
    (admin) => admin.disconnect(),
  )

  constructor(cluster: ClusterSettings, retries = 6) {
    this.#cluster = cluster
    this.#retries = retries
  }

  /** Throws SERVICE_UNAVAILABLE (retriable) where a broker is away or about to lead, else BROKER. */
  async ask<T>(doing: string, ask: (admin: Light) => Promise<T>): Promise<T> {
    const opened = this.#client.get()
    try {
      return await ask(await opened)
    } catch (thrown) {
      if (thrown instanceof KappaError) throw thrown
      if (judge(thrown) === 'away') this.#client.giveUp(opened)
      throw lightFailure(thrown, doing)
    }
  }

  close(): Promise<void> {
    return this.#client.close()
  }

  async #open(): Promise<Light> {
    const client = new kafkajs.Kafka({
      clientId: this.#cluster.clientId,
      brokers: [...this.#cluster.brokers],
      ...kafkajsSecurity(this.#cluster),
      logLevel: kafkajs.logLevel.NOTHING,
      retry: { initialRetryTime: 100, retries: this.#retries },
    })
    const admin = client.admin()
    await admin.connect()
    return admin
  }
}

/** kafkajs' error as ours. */
export function lightFailure(thrown: unknown, doing: string): KappaError {
  const judged = judge(thrown)
  const code = judged === 'away' ? 'SERVICE_UNAVAILABLE' : 'BROKER'
  return new KappaError(code, doing, { cause: toldWhole(thrown), retriable: judged !== 'refused' })
}

/** What stands in each part of an error that is one of many. */
const partsOf = (thrown: object): readonly unknown[] =>
  'errors' in thrown && Array.isArray(thrown.errors)
    ? thrown.errors
    : 'partitions' in thrown && Array.isArray(thrown.partitions)
      ? thrown.partitions.map(({ error }: { error?: unknown }) => error)
      : []

function toldWhole(thrown: unknown): unknown {
  const parts = thrown instanceof Error && 'errors' in thrown ? partsOf(thrown) : []
  if (parts.length === 0) return thrown
  const told = parts.map((part) => {
    const of = typeof part === 'object' && part !== null && 'topic' in part ? `${part.topic}: ` : ''
    return of + (part instanceof Error ? part.message : String(part))
  })
  return new Error(told.join('; '), { cause: thrown })
}

const AWAY = /Connection|NumberOfRetries|Timeout|GroupCoordinatorNotFound|NoBrokerAvailable|MetadataNotLoaded/

/**
 * Beside what the protocol calls retriable: brokers that start are fenced for a moment, and then too few for any topic. Where
 * one of several topics was made meanwhile, the others are asked for again.
 */
const PASSING: ReadonlySet<unknown> = new Set(['INVALID_REPLICATION_FACTOR', 'TOPIC_ALREADY_EXISTS'])

/**
 * `refused`: no waiting mends it. `soon`: the broker answers and will do so otherwise. `away`: the client has lost its
 * broker; a connection that breaks between two answers shows in kafkajs as an error of the language, about something that
 * is null.
 */
function judge(thrown: unknown): 'away' | 'soon' | 'refused' {
  if (!(thrown instanceof Error)) return 'refused'
  if (thrown instanceof TypeError || AWAY.test(thrown.name)) return 'away'
  if ('retriable' in thrown && thrown.retriable === true) return 'soon'
  if (thrown.name === 'KafkaJSBrokerNotFound' || ('type' in thrown && PASSING.has(thrown.type))) return 'soon'
  const parts = partsOf(thrown)
  return parts.length > 0 && parts.every((part) => judge(part) !== 'refused') ? 'soon' : 'refused'
}
