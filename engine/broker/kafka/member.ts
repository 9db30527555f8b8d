import kafka from 'node-rdkafka'
import type { Assignment, KafkaRecord, Member, Position, Reader, TopicPartition } from '../contract.ts'
import { type ClusterSettings, clusterSettings, connect, disconnect } from './connect.ts'
import type { ClientFailure } from './failure.ts'
import { Reports } from './reports.ts'

type Handler = (partitions: readonly TopicPartition[]) => Promise<void>

export interface MemberOptions {
  readonly group: string
  readonly topics: readonly string[]
  readonly sessionTimeoutMs: number
  readonly id?: string
  readonly isStatic?: boolean
}

/** Offset that says "where the log ends"; the group's own client never fetches, so any will do. */
const END = -1
const POLL_MS = 40

/**
 * Membership by one client, fetching by another: the group's client holds its partitions paused and is polled only for
 * rebalances, so that taking over one partition never stops the others, and no fetch depends on the group.
 * Classic protocol, range assignor: equal partition numbers of all topics come to one member.
 */
export class KafkaMember implements Member {
  readonly #group: kafka.KafkaConsumer
  readonly #reader: Reader
  readonly #reports: Reports
  #assignment: Assignment = { generation: 0, partitions: [] }
  #onRevoked: Handler = async () => {}
  #onAssigned: Handler = async () => {}
  #closing = false
  #timer: NodeJS.Timeout | undefined

  private constructor(group: kafka.KafkaConsumer, reader: Reader) {
    this.#group = group
    this.#reader = reader
    this.#reports = new Reports(group)
  }

  static async open(cluster: ClusterSettings, options: MemberOptions, openReader: () => Promise<Reader>) {
    const { group, topics, sessionTimeoutMs, id, isStatic } = options
    const { ERR__ASSIGN_PARTITIONS } = kafka.CODES.ERRORS
    let member: KafkaMember | undefined
    const consumer = new kafka.KafkaConsumer(
      {
        ...clusterSettings(cluster),
        // A member's id begins with its client's (KIP-394), and the range assignor sorts by it.
        ...(id === undefined ? {} : { 'client.id': id }),
        ...(id !== undefined && isStatic ? { 'group.instance.id': id } : {}),
        'group.id': group,
        'partition.assignment.strategy': 'range',
        'session.timeout.ms': sessionTimeoutMs,
        'heartbeat.interval.ms': Math.max(200, Math.floor(sessionTimeoutMs / 4)),
        'max.poll.interval.ms': Math.max(60_000, sessionTimeoutMs),
        'enable.auto.commit': false,
        'enable.auto.offset.store': false,
        'queued.min.messages': 1,
        'fetch.message.max.bytes': 1_024,
        offset_commit_cb: true,
        rebalance_cb: (failure: ClientFailure, partitions: TopicPartition[]) => {
          if (failure?.code === ERR__ASSIGN_PARTITIONS) member?.assigned(partitions)
          else void member?.revoked(partitions)
        },
      },
      { 'auto.offset.reset': 'latest' },
    )
    consumer.setDefaultConsumeTimeout(0)
    await connect(consumer, cluster)
    const reader = await openReader().catch(async (thrown: unknown) => {
      await disconnect(consumer, undefined)
      throw thrown
    })
    member = new KafkaMember(consumer, reader)
    consumer.subscribe([...topics])
    member.#poll()
    return member
  }

  assignment(): Assignment {
    return this.#assignment
  }

  onRevoked(handler: Handler): void {
    this.#onRevoked = handler
  }

  onAssigned(handler: Handler): void {
    this.#onAssigned = handler
    if (this.#assignment.partitions.length > 0) void handler(this.#assignment.partitions)
  }

  report(positions: readonly Position[]): Promise<void> {
    return positions.length === 0 ? Promise.resolve() : this.#reports.report(positions)
  }

  assign(positions: readonly Position[]): Promise<void> {
    return this.#reader.assign(positions)
  }

  unassign(partitions: readonly TopicPartition[]): Promise<void> {
    return this.#reader.unassign(partitions)
  }

  read(max: number, waitMs: number): Promise<KafkaRecord[]> {
    return this.#reader.read(max, waitMs)
  }

  position(at: TopicPartition): number | undefined {
    return this.#reader.position(at)
  }

  pause(partitions: readonly TopicPartition[]): void {
    this.#reader.pause(partitions)
  }

  resume(partitions: readonly TopicPartition[]): void {
    this.#reader.resume(partitions)
  }

  /** Leaves the group at once, so that others need not wait for the session to time out. */
  async close(): Promise<void> {
    if (this.#closing) return
    this.#closing = true
    clearTimeout(this.#timer)
    await Promise.all([disconnect(this.#group, undefined), this.#reader.close()])
    this.#reports.close()
  }

  /** For the client's rebalance callback. */
  assigned(partitions: readonly TopicPartition[]): void {
    const held = partitions.map(({ topic, partition }) => ({ topic, partition }))
    this.#ifOpen(() => {
      this.#group.assign(held.map((at) => ({ ...at, offset: END })))
      if (held.length > 0) this.#group.pause(held)
    })
    this.#assignment = { generation: this.#assignment.generation + 1, partitions: held }
    void this.#onAssigned(held)
  }

  /** For the client's rebalance callback: the group waits, within the session, until the partitions are given up. */
  async revoked(partitions: readonly TopicPartition[]): Promise<void> {
    if (!this.#closing && partitions.length > 0) await this.#onRevoked(partitions).catch(() => {})
    this.#assignment = { generation: this.#assignment.generation + 1, partitions: [] }
    this.#ifOpen(() => this.#group.unassign())
  }

  /** A client that is being closed refuses; the group hears of it by the leaving itself. */
  #ifOpen(call: () => void): void {
    try {
      call()
    } catch (thrown) {
      if (!this.#closing) throw thrown
    }
  }

  #poll(): void {
    if (this.#closing) return
    this.#group.consume(1, () => {
      if (!this.#closing) this.#timer = setTimeout(() => this.#poll(), POLL_MS)
    })
  }
}
