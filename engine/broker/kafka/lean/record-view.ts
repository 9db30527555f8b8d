import type { Headers, KafkaRecord } from '../../contract.ts'
import { VarintReader } from './varint.ts'

/** What the records of a batch have in common. */
export interface RecordBlock {
  readonly topic: string
  readonly partition: number
  readonly baseOffset: number
  readonly baseTimestamp: number
  readonly appendTime: number | undefined
  /** The uncompressed records. */
  readonly bytes: Buffer
}

/**
 * A record as a place in its batch: nothing is copied. `key` and `value` are views made when first asked for, and the same
 * ones after; they share the batch's memory, so a view that is kept keeps its batch in memory, never the whole fetch, and writing
 * to one would change the record. `valueAt` and `valueLength` serve those who read fields straight from `bytes`.
 */
export class RecordView implements KafkaRecord {
  readonly topic: string
  readonly partition: number
  readonly offset: number
  readonly timestamp: number
  readonly bytes: Buffer
  readonly keyAt: number
  /** -1 for null. */
  readonly keyLength: number
  readonly valueAt: number
  /** -1 for null. */
  readonly valueLength: number
  /** For whoever hashes records: what it made of this one, and whether it did. */
  high = 0
  low = 0
  isHashed = false
  private keyView: Buffer | null | undefined = undefined
  private valueView: Buffer | null | undefined = undefined

  constructor(
    block: RecordBlock,
    offset: number,
    timestamp: number,
    keyAt: number,
    keyLength: number,
    valueAt: number,
    valueLength: number,
  ) {
    this.topic = block.topic
    this.partition = block.partition
    this.offset = offset
    this.timestamp = timestamp
    this.bytes = block.bytes
    this.keyAt = keyAt
    this.keyLength = keyLength
    this.valueAt = valueAt
    this.valueLength = valueLength
  }

  get key(): Buffer | null {
    if (this.keyView === undefined) this.keyView = view(this.bytes, this.keyAt, this.keyLength)
    return this.keyView
  }

  get value(): Buffer | null {
    if (this.valueView === undefined) this.valueView = view(this.bytes, this.valueAt, this.valueLength)
    return this.valueView
  }

  /** Read anew each time: few ask. A name that occurs twice has its last value. */
  get headers(): Headers | undefined {
    const at = this.valueAt + Math.max(0, this.valueLength)
    if (this.bytes[at] === 0) return undefined
    const reader = new VarintReader(this.bytes, at)
    const count = reader.varint()
    if (count <= 0) return undefined
    const headers: [string, Buffer][] = []
    for (let i = 0; i < count; i++) {
      const nameLength = reader.varint()
      const name = this.bytes.toString('utf8', reader.at, reader.at + nameLength)
      reader.at += nameLength
      const length = reader.varint()
      headers.push([name, view(this.bytes, reader.at, length) ?? Buffer.alloc(0)])
      reader.at += Math.max(0, length)
    }
    return Object.fromEntries(headers)
  }
}

const view = (bytes: Buffer, at: number, length: number): Buffer | null =>
  length < 0 ? null : bytes.subarray(at, at + length)
