import type { KafkaRecord } from './contract.ts'
import { RecordView } from './kafka/lean/record-view.ts'

const NOTHING = Buffer.alloc(0)

/**
 * Where a record's key and value stand, without a view of either being made: for whoever walks many records and keeps
 * none. One object serves for all of them; it tells of the record that it was shown last.
 */
export class RawRecord {
  keyBytes: Buffer = NOTHING
  keyAt = 0
  /** -1 for null. */
  keyLength = -1
  valueBytes: Buffer = NOTHING
  valueAt = 0
  /** -1 for null. */
  valueLength = -1

  show(record: KafkaRecord): void {
    if (record instanceof RecordView) {
      this.keyBytes = record.bytes
      this.keyAt = record.keyAt
      this.keyLength = record.keyLength
      this.valueBytes = record.bytes
      this.valueAt = record.valueAt
      this.valueLength = record.valueLength
      return
    }
    const { key, value } = record
    this.keyBytes = key ?? NOTHING
    this.keyAt = 0
    this.keyLength = key === null ? -1 : key.length
    this.valueBytes = value ?? NOTHING
    this.valueAt = 0
    this.valueLength = value === null ? -1 : value.length
  }

  /** Of `isKept`: the hash that was kept. */
  high = 0
  low = 0

  /** Keeps a hash of the record with it, where it can. */
  keep(record: KafkaRecord, high: number, low: number): void {
    if (!(record instanceof RecordView)) return
    record.high = high | 0
    record.low = low | 0
    record.isHashed = true
  }

  /** Whether the record has its hash: then `high` and `low` are its halves, unsigned. */
  isKept(record: KafkaRecord): boolean {
    if (!(record instanceof RecordView) || !record.isHashed) return false
    this.high = record.high >>> 0
    this.low = record.low >>> 0
    return true
  }

  /** Schema id of a framed value (Confluent wire format); -1 where there is no value, or one without framing. */
  get schemaId(): number {
    const { valueBytes: bytes, valueAt: at } = this
    if (this.valueLength < FRAME_BYTES || bytes[at] !== 0) return -1
    const upper = ((bytes[at + 1] as number) << 8) | (bytes[at + 2] as number)
    return upper * 0x1_0000 + (((bytes[at + 3] as number) << 8) | (bytes[at + 4] as number))
  }
}

/** Magic byte and schema id. */
export const FRAME_BYTES = 5

/** Bytes of key and value. */
export const bytesOf = (record: KafkaRecord): number =>
  record instanceof RecordView
    ? Math.max(0, record.keyLength) + Math.max(0, record.valueLength)
    : (record.key?.length ?? 0) + (record.value?.length ?? 0)
