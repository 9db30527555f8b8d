import {
  type Admin,
  type Broker,
  type KafkaRecord,
  type OutgoingRecord,
  type Position,
  partitionOf,
  placeOf,
  type Reader,
  type TopicPartition,
  type TransactionalProducer,
} from '#engine/broker'
import { KappaError } from '#engine/errors'
import type { Clock } from '#engine/time'

/** Topics in memory: records of each partition, their offsets counting from 0. */
class ScratchLogs {
  readonly topics = new Map<string, KafkaRecord[][]>()
  readonly clock: Clock

  constructor(clock: Clock) {
    this.clock = clock
  }

  of(topic: string): KafkaRecord[][] {
    const found = this.topics.get(topic)
    if (found === undefined)
      throw new KappaError('BROKER', `asking a scratch run about ${topic}: it made no such topic`)
    return found
  }

  at({ topic, partition }: TopicPartition): KafkaRecord[] {
    const found = this.of(topic)[partition]
    if (found === undefined) throw new KappaError('BROKER', `asking a scratch run about ${topic}[${partition}]`)
    return found
  }

  append({ topic, key, value, headers, partition }: OutgoingRecord): void {
    const place = partition ?? (key === null ? 0 : partitionOf(key, this.of(topic).length))
    const log = this.at({ topic, partition: place })
    const offset = log.length
    log.push({ topic, partition: place, offset, timestamp: this.clock.now(), key, value, headers })
  }
}

/** What a run writes stays here, whole transactions at a time. Nobody else owns its ids. */
class ScratchProducer implements TransactionalProducer {
  readonly id: string
  readonly #logs: ScratchLogs
  #sent: OutgoingRecord[] = []

  constructor(id: string, logs: ScratchLogs) {
    this.id = id
    this.#logs = logs
  }

  async begin(): Promise<void> {
    this.#sent = []
  }
  send(record: OutgoingRecord): void {
    this.#sent.push(record)
  }
  async commit(): Promise<void> {
    for (const record of this.#sent) this.#logs.append(record)
    this.#sent = []
  }
  async abort(): Promise<void> {
    this.#sent = []
  }
  async close(): Promise<void> {}
}

class ScratchReader implements Reader {
  readonly #logs: ScratchLogs
  readonly #places = new Map<string, { readonly at: TopicPartition; next: number; paused: boolean }>()

  constructor(logs: ScratchLogs) {
    this.#logs = logs
  }

  async assign(positions: readonly Position[]): Promise<void> {
    for (const { topic, partition, offset } of positions)
      this.#places.set(placeOf({ topic, partition }), { at: { topic, partition }, next: offset, paused: false })
  }
  async unassign(partitions: readonly TopicPartition[]): Promise<void> {
    for (const at of partitions) this.#places.delete(placeOf(at))
  }
  async read(max: number, waitMs: number): Promise<KafkaRecord[]> {
    const records: KafkaRecord[] = []
    for (const place of this.#places.values()) {
      if (place.paused) continue
      const taken = this.#logs.at(place.at).slice(place.next, place.next + max - records.length)
      place.next += taken.length
      records.push(...taken)
    }
    if (records.length === 0) await this.#logs.clock.sleep(Math.min(waitMs, 1))
    return records
  }
  position(at: TopicPartition): number | undefined {
    return this.#places.get(placeOf(at))?.next
  }
  pause(partitions: readonly TopicPartition[]): void {
    this.#setPaused(partitions, true)
  }
  resume(partitions: readonly TopicPartition[]): void {
    this.#setPaused(partitions, false)
  }
  async close(): Promise<void> {
    this.#places.clear()
  }
  #setPaused(partitions: readonly TopicPartition[], paused: boolean): void {
    for (const at of partitions) {
      const place = this.#places.get(placeOf(at))
      if (place !== undefined) place.paused = paused
    }
  }
}

/** A broker for one run that leaves nothing behind. */
export interface ScratchBroker extends Broker {
  /** What the run wrote to a topic, by partition and offset; empty where it made no such topic. */
  written(topic: string): readonly KafkaRecord[]
}

/**
 * Topics that the run makes, and all it writes, are in the memory of this process; questions about other topics go to the
 * broker beneath, which is never written to. Source records are not read here: a bounded run is given its reader.
 */
export function scratchBroker(beneath: Broker, clock: Clock): ScratchBroker {
  const logs = new ScratchLogs(clock)
  const ends = (topic: string): number[] => logs.of(topic).map((log) => log.length)
  const refused = async (): Promise<never> => {
    throw new KappaError('CONFIG_INVALID', 'a scratch run has neither groups nor writers of its own')
  }
  const admin: Admin = {
    topics: async () =>
      new Map([
        ...(await beneath.admin.topics()),
        ...[...logs.topics].map(([name, partitions]) => [name, partitions.length] as const),
      ]),
    async ensure(specs) {
      const there = await this.topics()
      for (const { name, partitions } of specs)
        if (!there.has(name))
          logs.topics.set(
            name,
            Array.from({ length: partitions }, () => []),
          )
    },
    async remove(topics) {
      for (const topic of topics) logs.topics.delete(topic)
    },
    beginnings: async (topic) => (logs.topics.has(topic) ? ends(topic).map(() => 0) : beneath.admin.beginnings(topic)),
    committedEnds: async (topic) => (logs.topics.has(topic) ? ends(topic) : beneath.admin.committedEnds(topic)),
    settledEnds: async (topic) => (logs.topics.has(topic) ? ends(topic) : beneath.admin.settledEnds(topic)),
    async truncate() {},
    groupPositions: async (_group, topic) => (await admin.committedEnds(topic)).map(() => -1),
    async close() {},
  }
  return {
    admin,
    transactional: async (id) => new ScratchProducer(id, logs),
    producer: refused,
    reader: async () => new ScratchReader(logs),
    member: refused,
    async close() {},
    written: (topic) => logs.topics.get(topic)?.flat() ?? [],
  }
}
