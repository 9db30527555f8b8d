import type { KafkaRecord } from '#engine/broker'
import type { AnyTopic } from '#engine/schema'

/** Offsets `[first, last]` of one partition, as a cut decided them; gaps inside are normal, so `count` is told apart. */
export interface OffsetRange {
  readonly partition: number
  readonly first: number
  readonly last: number
  readonly count: number
}

/**
 * A cut: a decided vector of offset ranges of one lane of one topic, written to a store exactly as decided, however often
 * it has to be tried. Field meanings: delivery-and-replay.md, "The cut log".
 */
export interface Cut {
  readonly sink: string
  readonly topic: string
  readonly lane: number
  readonly generation: number
  /** Counts cuts of the lane and generation from 1. */
  readonly number: number
  readonly ranges: readonly OffsetRange[]
  readonly count: number
  readonly minEventTime: number | null
  readonly maxEventTime: number | null
  /** Per partition, stream time before its first offset: what was late live is late again in a replay. */
  readonly streamTimeBefore: Readonly<Record<number, number>>
  readonly schemaIds: readonly number[]
  readonly writerVersion: string
  /** sha256 (hex) over partition, offset, key, value, headers of every record, as read (record-hash.ts). */
  readonly sha256: string
  /** Sum of the records' `_hash` modulo 2^64, as decimal text: what a store's `sum(_hash)` must give. */
  readonly hashSum: string
  /** Wall clock when decided, milliseconds; rows carry it as `_writtenAt`, so that trying again writes the same bytes. */
  readonly decidedAt: number
  /** Of cuts that are written again at once (`stretchOf`): which they are, in order. Their rows keep their times of writing. */
  readonly parts?: readonly Cut[]
}

/**
 * Where a sink writes. Every destination must be idempotent per cut: the same cut written twice is there once.
 *
 * Live or replay: rows of a cut whose `topic` (the Kafka topic read) is the contract's own name go to the live place; rows
 * of any other source (`retail.revenue-per-day.v1.g2`) go to the place of the cut's generation (`…__v2`).
 */
export interface Destination {
  readonly name: string
  /**
   * Creates or alters what the topic needs; refuses (SCHEMA_INCOMPATIBLE) what cannot be altered safely.
   * @param replay the generation of a replay, whose rows go to their own place; absent for the live one
   */
  prepare(topic: AnyTopic, replay?: number): Promise<void>
  /**
   * Records that the next cut will most likely be decided with, told while the cut before is being written: what can be made
   * of them without knowing the cut may be made now. Changes nothing in the store and never fails.
   * @param records the very array that `write` is given then, should the cut come so
   */
  ahead?(topic: AnyTopic, next: Pick<Cut, 'topic' | 'generation' | 'schemaIds'>, records: readonly KafkaRecord[]): void
  /**
   * Step 3 of the protocol. Row-level refusals come back, the same ones however often the cut is tried; the rest landed.
   * @param records by partition, then offset: the same order however often
   * @param again the cut may have been written before, wholly or in part
   * @param confirm to be awaited right before each request that could do harm if another lane had taken over long ago;
   *   throws FENCED where one did
   */
  write(
    topic: AnyTopic,
    cut: Cut,
    records: readonly KafkaRecord[],
    again: boolean,
    confirm?: () => Promise<void>,
  ): Promise<readonly RefusedRow[]>
  close(): Promise<void>
}

/** The generation of a replay whose place a source's rows go to; undefined for the live place. */
export const replayOf = (topic: AnyTopic, source: string, generation: number): number | undefined =>
  source === topic.name ? undefined : generation

export interface RefusedRow {
  readonly record: KafkaRecord
  readonly reason: string
}

/** What the archive holds of a topic's partition: one object per range, exactly the records. */
export interface ArchivedRange extends OffsetRange {
  readonly minEventTime: number | null
  readonly maxEventTime: number | null
  readonly object: string
  readonly bytes: number
}

/** The bronze archive as a replay reads it. `sinks/s3` implements it; `cli` injects it. */
export interface Archive {
  /** Only what manifests made visible, ordered by partition and first offset. */
  ranges(topic: string): Promise<readonly ArchivedRange[]>
  /** The records of a range, whole; CUT_MISMATCH where the object does not hold what its manifest says. */
  read(topic: string, range: ArchivedRange): Promise<readonly KafkaRecord[]>
}
