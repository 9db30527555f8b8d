import { KappaError } from '#engine/errors'
import type { TopicPartition } from '../../contract.ts'
import { Connection } from './connection.ts'
import { remedyOf } from './error-codes.ts'
import { calls, type Metadata, metadataRequest, type Node, type PartitionMetadata, readMetadata } from './protocol.ts'
import { type Endpoint, endpointOf, type LeanSettings, nameOf } from './settings.ts'

export interface Leader {
  readonly node: Node
  readonly epoch: number
}

/** What the cluster said of a partition: its leader, that there is none now, or the code of an error. */
export type Leading = Leader | 'none' | number

/** UNKNOWN_TOPIC_OR_PARTITION */
const UNKNOWN = 3

/** The brokers, one connection to each that is needed, and who leads what. */
export class Cluster {
  readonly #settings: LeanSettings
  readonly #connections = new Map<string, Promise<Connection>>()
  /** Those of them that are open. */
  readonly #open = new Map<string, Connection>()
  #nodes = new Map<number, Node>()
  /** By topic: its partitions' leaders, or the code of an error. */
  readonly #leading = new Map<string, Map<number, Leading> | number>()
  #closed = false

  constructor(settings: LeanSettings) {
    this.#settings = settings
  }

  /** What was last heard; `undefined` where nobody asked or the answer is known to be stale. */
  leading(at: TopicPartition): Leading | undefined {
    const ofTopic = this.#leading.get(at.topic)
    return typeof ofTopic === 'number' ? ofTopic : ofTopic && (ofTopic.get(at.partition) ?? UNKNOWN)
  }

  forget(topic: string): void {
    this.#leading.delete(topic)
  }

  /** Nothing is believed any longer of topics that this broker is said to lead a partition of. */
  forgetNode(id: number): void {
    for (const [topic, ofTopic] of this.#leading) {
      if (typeof ofTopic === 'number') continue
      if ([...ofTopic.values()].some((leading) => typeof leading === 'object' && leading.node.id === id))
        this.#leading.delete(topic)
    }
  }

  /** Asks any broker that answers who leads these topics. Throws SERVICE_UNAVAILABLE where none answers. */
  async refresh(topics: readonly string[]): Promise<void> {
    const metadata = await this.#ask(metadataRequest(topics))
    this.#nodes = new Map(metadata.nodes.map((node) => [node.id, node]))
    for (const topic of topics) this.#leading.set(topic, UNKNOWN)
    for (const { name, error, partitions } of metadata.topics)
      this.#leading.set(name, error === 0 ? this.#leaders(partitions) : error)
  }

  #leaders(partitions: readonly PartitionMetadata[]): Map<number, Leading> {
    return new Map(
      partitions.map(({ partition, leader, leaderEpoch, error }): [number, Leading] => {
        const node = this.#nodes.get(leader)
        if (node) return [partition, { node, epoch: leaderEpoch }]
        return [partition, remedyOf(error) === 'give-up' ? error : 'none']
      }),
    )
  }

  /** The connection to a broker, opened where there is none. */
  async connection(endpoint: Endpoint): Promise<Connection> {
    const name = nameOf(endpoint)
    const known = this.#connections.get(name)
    if (known !== undefined) {
      const connection = await known
      if (connection.alive) return connection
      if (this.#connections.get(name) === known) this.#connections.delete(name)
      return this.connection(endpoint)
    }
    if (this.#closed)
      throw new KappaError('SERVICE_UNAVAILABLE', `connecting to Kafka at ${name}: the reader is closed`)
    const opening = Connection.open(endpoint, this.#settings)
    this.#connections.set(name, opening)
    try {
      const connection = await opening
      if (this.#closed) connection.close()
      this.#open.set(name, connection)
      return connection
    } catch (thrown) {
      if (this.#connections.get(name) === opening) this.#connections.delete(name)
      throw thrown
    }
  }

  async close(): Promise<void> {
    this.#closed = true
    for (const opening of this.#connections.values()) (await opening.catch(() => undefined))?.close()
  }

  async #ask(request: Buffer): Promise<Metadata> {
    const known = new Map(
      [...this.#nodes.values(), ...this.#settings.brokers.map(endpointOf)].map((at) => [nameOf(at), at]),
    )
    // First those we talk to: a host that is gone may take seconds to say nothing.
    const talking = (name: string) => (this.#open.get(name)?.alive ? 0 : 1)
    const endpoints = [...known].sort(([one], [other]) => talking(one) - talking(other)).map(([, at]) => at)
    let failure: unknown
    for (const endpoint of endpoints) {
      try {
        const connection = await this.connection(endpoint)
        return readMetadata(await connection.call(calls.metadata, request))
      } catch (thrown) {
        if (thrown instanceof KappaError && !thrown.retriable) throw thrown
        failure = thrown
      }
    }
    throw failure ?? new KappaError('CONFIG_INVALID', 'connecting to Kafka: no broker is named')
  }
}
