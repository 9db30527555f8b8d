import kafka, { type EofEvent, type Message } from 'node-rdkafka'
import { KappaError } from '#engine/errors'
import { systemClock } from '#engine/time'
import { type KafkaRecord, type Position, placeOf, type Reader, type TopicPartition } from '../contract.ts'
import { type ClusterSettings, clusterSettings, connect, disconnect } from './connect.ts'
import { asFailure, failureOf, isAway, isLeaderless, isOutside } from './failure.ts'
import { asRecord } from './records.ts'

interface Place {
  next: number
}

export const readerSettings = {
  'group.id': 'kappa-reader',
  'enable.auto.commit': false,
  'enable.auto.offset.store': false,
  'isolation.level': 'read_committed',
  // Tells the end of a partition past transaction markers, which are never delivered.
  'enable.partition.eof': true,
  'fetch.wait.max.ms': 100,
  'fetch.error.backoff.ms': 50,
  'queued.min.messages': 20_000,
  'queued.max.messages.kbytes': 32_768,
  'fetch.message.max.bytes': 2_097_152,
} as const

/** Reads assigned partitions through librdkafka, read-committed; nothing of a group. */
export class KafkaReader implements Reader {
  readonly #consumer: kafka.KafkaConsumer
  readonly #places = new Map<string, Map<number, Place>>()
  #reading: Promise<unknown> = Promise.resolve()
  #closed = false

  constructor(consumer: kafka.KafkaConsumer) {
    this.#consumer = consumer
    consumer.on('partition.eof', (eof) => this.#reached(eof))
  }

  static async open(cluster: ClusterSettings): Promise<KafkaReader> {
    const consumer = new kafka.KafkaConsumer(
      { ...clusterSettings(cluster), ...readerSettings },
      { 'auto.offset.reset': 'error' },
    )
    await connect(consumer, cluster)
    return new KafkaReader(consumer)
  }

  /**
   * Moves happen between reads, never during one: what a read that is under way hands over could belong to the assignment
   * before or after, and dropping it would lose records, keeping it would repeat them.
   */
  assign(positions: readonly Position[]): Promise<void> {
    return this.#betweenReads(() => {
      this.#leave(positions)
      for (const at of positions) {
        const ofTopic = this.#places.get(at.topic) ?? new Map<number, Place>()
        this.#places.set(at.topic, ofTopic.set(at.partition, { next: at.offset }))
      }
      if (positions.length > 0) this.#consumer.incrementalAssign(positions.map((at) => ({ ...at })))
    })
  }

  unassign(partitions: readonly TopicPartition[]): Promise<void> {
    return this.#betweenReads(() => this.#leave(partitions))
  }

  read(max: number, waitMs: number): Promise<KafkaRecord[]> {
    return this.#betweenReads(() => this.#read(max, waitMs))
  }

  #leave(partitions: readonly TopicPartition[]): void {
    const held = partitions.filter((at) => this.#places.get(at.topic)?.delete(at.partition))
    if (held.length > 0) this.#consumer.incrementalUnassign(held.map(({ topic, partition }) => ({ topic, partition })))
    // An end told before the move says nothing about the position after it.
    this.#ends = this.#ends.filter((eof) => this.#placeOf(eof) !== undefined)
  }

  #betweenReads<T>(work: () => T | Promise<T>): Promise<T> {
    const turn = this.#reading.then(work)
    this.#reading = turn.catch(() => {})
    return turn
  }

  position(at: TopicPartition): number | undefined {
    return this.#placeOf(at)?.next
  }

  pause(partitions: readonly TopicPartition[]): void {
    this.#consumer.pause(partitions.filter((at) => this.#placeOf(at)).map((at) => ({ ...at })))
  }

  resume(partitions: readonly TopicPartition[]): void {
    this.#consumer.resume(partitions.filter((at) => this.#placeOf(at)).map((at) => ({ ...at })))
  }

  async close(): Promise<void> {
    if (this.#closed) return
    this.#closed = true
    await this.#reading
    await disconnect(this.#consumer, undefined)
  }

  #placeOf(at: TopicPartition): Place | undefined {
    return this.#places.get(at.topic)?.get(at.partition)
  }

  async #read(max: number, waitMs: number): Promise<KafkaRecord[]> {
    if (this.#closed) return []
    this.#consumer.setDefaultConsumeTimeout(waitMs)
    try {
      const messages = await new Promise<Message[]>((resolve, reject) =>
        this.#consumer.consume(max, (failure, taken) => (failure ? reject(failure) : resolve(taken))),
      )
      return this.#taken(messages)
    } catch (thrown) {
      const failure = asFailure(thrown)
      if (isOutside(failure)) throw await this.#lost()
      if (isAway(failure) || this.#closed) return []
      throw failureOf(failure, 'reading')
    }
  }

  #taken(messages: readonly Message[]): KafkaRecord[] {
    const records: KafkaRecord[] = []
    for (const message of messages) {
      const place = this.#placeOf(message)
      // `offset < next`: left over from before a move.
      if (!place || message.offset < place.next) continue
      place.next = message.offset + 1
      records.push(asRecord(message))
    }
    this.#apply()
    return records
  }

  #ends: EofEvent[] = []
  #reached(eof: EofEvent): void {
    this.#ends.push(eof)
  }

  /** Ends told during a read move positions past markers, once the read's records are counted. */
  #apply(): void {
    for (const eof of this.#ends) {
      const place = this.#placeOf(eof)
      if (place && eof.offset > place.next) place.next = eof.offset
    }
    this.#ends = []
  }

  /** librdkafka does not say which partition left the log: every position is compared with its log. */
  async #lost(): Promise<KappaError> {
    for (const [topic, ofTopic] of this.#places) {
      for (const [partition, place] of ofTopic) {
        const log = await watermarks(this.#consumer, topic, partition)
        if (place.next >= log.beginning && place.next <= log.end) continue
        const held = `the log holds ${log.beginning} to ${log.end}`
        return new KappaError('POSITION_LOST', `reading ${placeOf({ topic, partition })}@${place.next}: ${held}`)
      }
    }
    return new KappaError('POSITION_LOST', 'reading: a position was outside its log')
  }
}

const LEADER_TRIES = 20
const LEADER_PAUSE_MS = 100

/**
 * First offset of a partition, and its read-committed end (the last stable offset) as a read-committed client is told. The
 * leader of a topic that was just made, or of a broker that comes back, may not know yet that it leads: it is asked again
 * for two seconds.
 */
export async function watermarks(client: kafka.KafkaConsumer, topic: string, partition: number) {
  for (let tries = 1; ; tries++) {
    try {
      return await watermarksOnce(client, topic, partition)
    } catch (thrown) {
      if (!isLeaderless(asFailure(thrown)) || tries >= LEADER_TRIES)
        throw failureOf(asFailure(thrown), `asking for the offsets of ${placeOf({ topic, partition })}`)
    }
    await systemClock.sleep(LEADER_PAUSE_MS)
  }
}

async function watermarksOnce(client: kafka.KafkaConsumer, topic: string, partition: number) {
  return await new Promise<{ beginning: number; end: number }>((resolve, reject) =>
    client.queryWatermarkOffsets(topic, partition, 10_000, (failure, offsets) =>
      failure ? reject(failure) : resolve({ beginning: offsets.lowOffset, end: offsets.highOffset }),
    ),
  )
}
