import { bytesOf, type KafkaRecord } from '#engine/broker'
import type { Cut, OffsetRange } from './contract.ts'
import { inOrder } from './in-order.ts'
import type { LaneRecord } from './lane-record.ts'
import { CutDigest, HashSum, RecordFrame } from './record-hash.ts'

/** When a lane decides a cut: by whichever comes first. */
export interface CutLimits {
  readonly rows: number
  /** Bytes of keys and values. */
  readonly bytes: number
  /** Milliseconds since the first record of the batch was read, so that quiet topics flush too. */
  readonly ageMs: number
}

/** Where a lane stands before its next cut. */
export interface LanePlace {
  readonly number: number
  readonly positions: Readonly<Record<number, number>>
  readonly streamTime: Readonly<Record<number, number>>
}

interface RangeSoFar {
  readonly first: number
  last: number
  count: number
}

const frame = new RecordFrame()

/** Records read but not yet decided about: grows to a cut. Within a partition records are added in offset order. */
export class Batch {
  readonly records: KafkaRecord[] = []
  bytes = 0
  /** Wall clock when the first record came. */
  readonly since: number
  private readonly ranges = new Map<number, RangeSoFar>()
  private readonly schemaIds = new Set<number>()
  private readonly digest = new CutDigest()
  private readonly sum = new HashSum()
  private readonly streamTime = new Map<number, number>()
  private minEventTime: number | null = null
  private maxEventTime: number | null = null
  private lastRecord: KafkaRecord | undefined
  private order: readonly KafkaRecord[] | undefined

  constructor(since: number) {
    this.since = since
  }

  /**
   * @param eventTime milliseconds; null where the record has no value or does not decode
   * @param schemaId undefined where the value is not framed
   */
  add(record: KafkaRecord, eventTime: number | null, schemaId: number | undefined): void {
    const { partition, offset } = record
    this.records.push(record)
    this.order = undefined
    this.bytes += bytesOf(record)
    frame.take(record)
    this.digest.add(partition, frame)
    this.sum.add(frame.high, frame.low)
    const range = this.ranges.get(partition)
    if (range === undefined) this.ranges.set(partition, { first: offset, last: offset, count: 1 })
    else {
      range.last = offset
      range.count++
    }
    this.lastRecord = record
    if (schemaId !== undefined) this.schemaIds.add(schemaId)
    if (eventTime === null) return
    if (this.minEventTime === null || eventTime < this.minEventTime) this.minEventTime = eventTime
    if (this.maxEventTime === null || eventTime > this.maxEventTime) this.maxEventTime = eventTime
    if (eventTime > (this.streamTime.get(partition) ?? Number.NEGATIVE_INFINITY))
      this.streamTime.set(partition, eventTime)
  }

  /** By partition, then offset; the same array until more is added. */
  get ordered(): readonly KafkaRecord[] {
    this.order ??= inOrder(this.records)
    return this.order
  }

  /** Writers' schemas, ascending. */
  get writtenWith(): readonly number[] {
    return [...this.schemaIds].sort((a, b) => a - b)
  }

  full({ rows, bytes }: CutLimits): boolean {
    return this.records.length >= rows || this.bytes >= bytes
  }

  /** The decided cut and where the lane stands behind it. Ends the batch: to be called once. */
  decide(
    identity: Pick<Cut, 'sink' | 'topic' | 'lane' | 'generation' | 'writerVersion' | 'decidedAt'>,
    before: LanePlace,
  ): Pick<LaneRecord, 'cut' | 'positions' | 'streamTime' | 'witness'> {
    const ranges: OffsetRange[] = [...this.ranges]
      .sort(([a], [b]) => a - b)
      .map(([partition, { first, last, count }]) => ({ partition, first, last, count }))
    const positions = { ...before.positions }
    for (const { partition, last } of ranges) positions[partition] = last + 1
    const streamTime = { ...before.streamTime }
    for (const [partition, time] of this.streamTime)
      streamTime[partition] = Math.max(time, streamTime[partition] ?? Number.NEGATIVE_INFINITY)
    const { minEventTime, maxEventTime, lastRecord } = this
    const { sink, topic, lane, generation, writerVersion, decidedAt } = identity
    const cut: Cut = {
      sink,
      topic,
      lane,
      generation,
      number: before.number + 1,
      ranges,
      count: this.records.length,
      minEventTime,
      maxEventTime,
      streamTimeBefore: before.streamTime,
      schemaIds: this.writtenWith,
      writerVersion,
      sha256: this.digest.hex(),
      hashSum: this.sum.value.toString(),
      decidedAt,
    }
    const witness = lastRecord && {
      partition: lastRecord.partition,
      offset: lastRecord.offset,
      hash: recordHash(lastRecord),
    }
    return { cut, positions, streamTime, witness: witness ?? null }
  }
}

const hashText = ({ high, low }: RecordFrame): string => ((BigInt(high) << 32n) | BigInt(low)).toString()

/** A record's `_hash`, as decimal text. */
export function recordHash(record: KafkaRecord): string {
  frame.take(record)
  return hashText(frame)
}

/** Count, sum of `_hash` and sha256 of records, as a cut has them: for whoever reads a cut back. */
export function fingerprint(records: readonly KafkaRecord[]): Pick<Cut, 'count' | 'hashSum' | 'sha256'> {
  const digest = new CutDigest()
  const sum = new HashSum()
  for (const record of records) {
    frame.take(record)
    digest.add(record.partition, frame)
    sum.add(frame.high, frame.low)
  }
  return { count: records.length, hashSum: sum.value.toString(), sha256: digest.hex() }
}
