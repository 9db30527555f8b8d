import { type Broker, type KafkaRecord, type Position, placeOf, type Reader, type TopicPartition } from '#engine/broker'
import { type Bound, readRange } from '#engine/runtime'
import type { AnyTopic } from '#engine/schema'

/** Registry framing before the Avro body: magic byte and schema id. */
const FRAME_BYTES = 5

interface Held {
  readonly records: readonly KafkaRecord[]
  readonly end: number
  position: number
  paused: boolean
}

export interface OrderedOptions {
  readonly broker: Broker
  /** Reads everything else. */
  readonly others: Reader
  /** Topics of finished generations, by name: their contracts. */
  readonly topics: ReadonlyMap<string, AnyTopic>
  /** Where they end, by topic and partition. */
  readonly bounds: Readonly<Record<string, readonly Bound[]>>
}

/**
 * Reads the topics of generations in the order of event time, and of offsets where that is equal. The tasks of a replay run at
 * different speeds, so what they wrote to one partition stands there in no order of time: by offsets, much of it would be
 * late that never was late live. Positions are places in this order: the topics are finished, so it is the same every time.
 * What it reads is held in memory.
 */
export class OrderedReader implements Reader {
  private readonly options: OrderedOptions
  private readonly held = new Map<string, Held>()

  constructor(options: OrderedOptions) {
    this.options = options
  }

  async assign(positions: readonly Position[]): Promise<void> {
    const [own, others] = this.split(positions)
    for (const at of own) {
      const end = this.options.bounds[at.topic]?.[at.partition]?.end ?? 0
      const records = this.held.get(placeOf(at))?.records ?? (await this.load(at, end))
      this.held.set(placeOf(at), { records, end, position: at.offset, paused: false })
    }
    if (others.length > 0) await this.options.others.assign(others)
  }

  async unassign(partitions: readonly TopicPartition[]): Promise<void> {
    const [own, others] = this.split(partitions)
    for (const at of own) this.held.delete(placeOf(at))
    if (others.length > 0) await this.options.others.unassign(others)
  }

  async read(max: number, waitMs: number): Promise<KafkaRecord[]> {
    for (const [place, one] of this.held) {
      const records = one.paused ? [] : one.records.slice(one.position, one.position + max)
      if (records.length === 0) continue
      one.position += records.length
      // The next call begins with another partition.
      this.held.delete(place)
      this.held.set(place, one)
      return records
    }
    return await this.options.others.read(max, waitMs)
  }

  position(at: TopicPartition): number | undefined {
    if (!this.options.topics.has(at.topic)) return this.options.others.position(at)
    const one = this.held.get(placeOf(at))
    return one === undefined || one.position < one.records.length ? one?.position : Math.max(one.position, one.end)
  }

  pause(partitions: readonly TopicPartition[]): void {
    this.setPaused(partitions, true)
  }

  resume(partitions: readonly TopicPartition[]): void {
    this.setPaused(partitions, false)
  }

  async close(): Promise<void> {
    this.held.clear()
    await this.options.others.close()
  }

  private setPaused(partitions: readonly TopicPartition[], paused: boolean): void {
    const [own, others] = this.split(partitions)
    for (const at of own) {
      const one = this.held.get(placeOf(at))
      if (one !== undefined) one.paused = paused
    }
    if (others.length === 0) return
    if (paused) this.options.others.pause(others)
    else this.options.others.resume(others)
  }

  private split<T extends TopicPartition>(all: readonly T[]): readonly [readonly T[], readonly T[]] {
    const isOwn = ({ topic }: T): boolean => this.options.topics.has(topic)
    return [all.filter(isOwn), all.filter((one) => !isOwn(one))]
  }

  private async load({ topic, partition }: TopicPartition, end: number): Promise<readonly KafkaRecord[]> {
    const contract = this.options.topics.get(topic)
    const field = contract?.contract.topic.time ?? ''
    const [beginning = 0] = (await this.options.broker.admin.beginnings(topic)).slice(partition)
    const timed: { readonly at: number; readonly record: KafkaRecord }[] = []
    // What takes a row away has no time of its own: it follows what it takes away.
    const last = new Map<string, number>()
    await readRange(this.options.broker, { topic, partition }, beginning, end, (record) => {
      const key = record.key?.toString('latin1') ?? ''
      const value: unknown =
        record.value === null ? undefined : contract?.decode(record.value.subarray(FRAME_BYTES))[field]
      const at = typeof value === 'number' ? value : (last.get(key) ?? Number.NEGATIVE_INFINITY)
      last.set(key, at)
      timed.push({ at, record })
    })
    timed.sort((a, b) => a.at - b.at || a.record.offset - b.record.offset)
    // Field by field: a client's record may be more than its own properties.
    return timed.map(({ record }, offset) => {
      const { timestamp, key, value, headers } = record
      return { topic, partition, offset, timestamp, key, value, headers }
    })
  }
}
