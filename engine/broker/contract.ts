/**
 * What Kappa asks of a Kafka client. One implementation on real clients (node-rdkafka for reading, membership and
 * transactions; kafkajs for admin), one fake for tests of topologies; both pass the same contract suite.
 * Every reader is read-committed: records of aborted transactions are never seen.
 */
export type Headers = Readonly<Record<string, Buffer>>

export interface KafkaRecord {
  readonly topic: string
  readonly partition: number
  readonly offset: number
  /** Time of writing, milliseconds. Never event time. */
  readonly timestamp: number
  readonly key: Buffer | null
  readonly value: Buffer | null
  readonly headers: Headers | undefined
}

export interface OutgoingRecord {
  readonly topic: string
  /** Where absent: murmur2 over the key bytes modulo the topic's partitions, as Java's client does. */
  readonly partition?: number
  readonly key: Buffer | null
  readonly value: Buffer | null
  /** Values that are not text, or hold a zero byte, may arrive as base64 under `<name>;base64`: read them with `headerOf`. */
  readonly headers?: Headers
}

export interface TopicPartition {
  readonly topic: string
  readonly partition: number
}

/** A partition and the offset of the next record to read. */
export interface Position extends TopicPartition {
  readonly offset: number
}

/** `topic[partition]`, as a map key and in messages. */
export const placeOf = (at: TopicPartition): string => `${at.topic}[${at.partition}]`

/**
 * A producer that owns a transactional id. The state machine: ready → begin → (send)* → commit | abort → ready.
 * Any error of `commit` that is not retriable, and FENCED anywhere, ends it: only `close` is legal then, and the owner
 * takes over again with a new producer. Never begin another transaction after an unknown outcome.
 */
export interface TransactionalProducer {
  readonly id: string
  begin(): Promise<void>
  /** Queues a record; resolves once the client accepts more (back-pressure). */
  send(record: OutgoingRecord): void | Promise<void>
  /** Everything sent since `begin` becomes visible, or nothing. Calls commit again by itself on retriable errors. Throws FENCED or ABORTED. */
  commit(): Promise<void>
  abort(): Promise<void>
  close(): Promise<void>
}

/** An idempotent, non-transactional producer, for live generators and notices. */
export interface PlainProducer {
  send(record: OutgoingRecord): void | Promise<void>
  /** Resolves when everything sent is acknowledged by the broker; throws where something was refused. */
  flush(): Promise<void>
  close(): Promise<void>
}

/** Reads assigned partitions from given offsets, in offset order per partition; no group. */
export interface Reader {
  /**
   * Adds partitions, or moves those it has. A read that is under way ends first, early or when its time is up, and hands
   * over records of the positions before; when this resolves, `position` is the new one and every later read goes on from
   * it, with nothing left out, repeated or of a partition that was left. The same holds for `unassign`.
   */
  assign(positions: readonly Position[]): Promise<void>
  unassign(partitions: readonly TopicPartition[]): Promise<void>
  /** Up to `max` records; waits at most `waitMs` for the first. Empty when there are none. POSITION_LOST when an offset is outside the log. */
  read(max: number, waitMs: number): Promise<KafkaRecord[]>
  /** The next offset to read: past transaction markers and gaps too, so that `position = committedEnd` means all was read. */
  position(at: TopicPartition): number | undefined
  pause(partitions: readonly TopicPartition[]): void
  resume(partitions: readonly TopicPartition[]): void
  close(): Promise<void>
}

export interface Assignment {
  /** The group's generation: rises with every rebalance. */
  readonly generation: number
  readonly partitions: readonly TopicPartition[]
}

/** Membership in a consumer group: which partitions are ours; reading starts where `assign` says (positions come from the changelog). */
export interface Member extends Reader {
  /** Partitions that are ours now, taken or lost since the last call; resolves when there is news or after `waitMs`. */
  assignment(): Assignment
  /** Called before the partitions are given up: finish or discard, within the session time-out. */
  onRevoked(handler: (partitions: readonly TopicPartition[]) => Promise<void>): void
  onAssigned(handler: (partitions: readonly TopicPartition[]) => Promise<void>): void
  /** Step 5 of the commit: for lag tools only. */
  report(positions: readonly Position[]): Promise<void>
}

export interface TopicSpec {
  readonly name: string
  readonly partitions: number
  /** Broker settings, e.g. `{ 'retention.ms': '-1' }`. */
  readonly settings: Readonly<Record<string, string>>
}

export interface Admin {
  topics(): Promise<ReadonlyMap<string, number>>
  /** Creates what is missing; an existing topic with another partition count is refused (STATE_MISMATCH). Settings are brought in line. */
  ensure(topics: readonly TopicSpec[]): Promise<void>
  remove(topics: readonly string[]): Promise<void>
  /** First offset still in the log. */
  beginnings(topic: string): Promise<readonly number[]>
  /** Read-committed end (last stable offset) per partition. */
  committedEnds(topic: string): Promise<readonly number[]>
  /**
   * The read-committed end once every transaction under way at the call has ended. A commit is acknowledged before its
   * markers stand in the partitions (KIP-98), so that `committedEnds` right after it may still lie before its records:
   * whoever fixes an end behind a commit asks here. Throws retriable SERVICE_UNAVAILABLE where one stays open.
   */
  settledEnds(topic: string): Promise<readonly number[]>
  /** Deletes records before the offset. */
  truncate(before: readonly Position[]): Promise<void>
  /** Committed positions of a group on a topic; -1 where none. */
  groupPositions(group: string, topic: string): Promise<readonly number[]>
  close(): Promise<void>
}

export interface Broker {
  readonly admin: Admin
  /** Initialised: returns only when an earlier owner's transaction is completed and that owner is fenced. */
  transactional(id: string, options?: { readonly timeoutMs?: number }): Promise<TransactionalProducer>
  producer(): Promise<PlainProducer>
  reader(): Promise<Reader>
  member(options: {
    readonly group: string
    readonly topics: readonly string[]
    readonly sessionTimeoutMs?: number
    /** Unique in the group. The group deals partitions in ranges by it, so whoever knows all ids knows who has what. */
    readonly id?: string
    /**
     * KIP-345: the member keeps its partitions while it is away for less than the session time-out, so that a restart under
     * the same `id` moves nothing; leaving is told by that time-out alone. Needs an `id`.
     */
    readonly isStatic?: boolean
  }): Promise<Member>
  close(): Promise<void>
}
