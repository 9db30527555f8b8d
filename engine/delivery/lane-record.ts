import { KappaError } from '#engine/errors'
import type { Cut } from './contract.ts'

/** Rows and their hashes that a lane has brought to its store since the lane (of this generation) began. */
export interface LaneTotals {
  readonly count: number
  readonly hashSum: string
  /** Rows the store refused; they are on the dead-letter topic, and part of `count` and `hashSum`. */
  readonly refused: number
  readonly refusedHashSum: string
}

/**
 * What a lane knows of itself, one record per (topic, lane, generation) on the compacted topic, written in the
 * transactions of the protocol alone.
 *
 * `decided`: the cut is fixed but may not be in the store · `done`: it is in the store, nothing else is decided ·
 * `held`: as `done`, and no lane may decide another until the holder lets go (a promotion moves tables meanwhile) ·
 * `moved`: the lane ended here and goes on as another generation.
 */
export interface LaneRecord {
  readonly state: 'decided' | 'done' | 'held' | 'moved'
  /** The last cut. Number 0, without ranges, where a lane of a later generation begins. */
  readonly cut: Cut
  /** Next offset to read of every partition of the lane, behind `cut`. */
  readonly positions: Readonly<Record<number, number>>
  /** Largest event time of every partition up to and with `cut`. */
  readonly streamTime: Readonly<Record<number, number>>
  /** The last record of the last cut that had one: read again at start, it tells whether the topic is still the same. */
  readonly witness: { readonly partition: number; readonly offset: number; readonly hash: string } | null
  /** Rows of `cut` that the store refused; known once it is done. */
  readonly refused: number
  /** Through `cut` where it is done; through the cut before it where it is only decided. */
  readonly totals: LaneTotals
  readonly heldBy?: string
  readonly movedTo?: number
}

export interface LaneKey {
  /** The Kafka topic read. */
  readonly topic: string
  readonly lane: number
  readonly generation: number
}

export const noTotals: LaneTotals = { count: 0, hashSum: '0', refused: 0, refusedHashSum: '0' }

/** The record key of a lane on the cut topics. */
export const laneKeyText = ({ topic, lane, generation }: LaneKey): string => `${topic}|${lane}|${generation}`
export const laneKeyOf = (record: LaneRecord): LaneKey => ({
  topic: record.cut.topic,
  lane: record.cut.lane,
  generation: record.cut.generation,
})

export const encodeLaneRecord = (record: LaneRecord): Buffer => Buffer.from(JSON.stringify(record))

/** Throws STATE_MISMATCH for anything but a lane record: the cut topics are written by lanes alone. */
export function decodeLaneRecord(value: Uint8Array, place: string): LaneRecord {
  try {
    const record = JSON.parse(Buffer.from(value).toString('utf8')) as LaneRecord
    if (typeof record.cut.number === 'number' && typeof record.totals.count === 'number') return record
  } catch (cause) {
    throw new KappaError('STATE_MISMATCH', `reading a cut at ${place}`, { cause })
  }
  throw new KappaError('STATE_MISMATCH', `reading a cut at ${place}: not a record of a lane`)
}
