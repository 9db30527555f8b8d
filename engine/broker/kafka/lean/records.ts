import type { KafkaRecord } from '../../contract.ts'
import { type Batch, BrokenBatch } from './batch.ts'
import { recordsOf } from './compression.ts'
import { type RecordBlock, RecordView } from './record-view.ts'
import { VarintReader } from './varint.ts'

/** Walks the records of one batch in place, as many at a time as are wanted. */
export class BatchWalk {
  readonly lastOffset: number
  readonly #block: RecordBlock
  readonly #reader: VarintReader
  #left: number

  /** Decompresses. Throws BrokenBatch. */
  constructor(topic: string, partition: number, batch: Batch) {
    const { baseOffset, baseTimestamp, appendTime, lastOffset, count } = batch
    const bytes = recordsOf(batch)
    this.#block = { topic, partition, baseOffset, baseTimestamp, appendTime, bytes }
    this.#reader = new VarintReader(bytes)
    this.#left = count
    this.lastOffset = lastOffset
  }

  get ended(): boolean {
    return this.#left === 0
  }

  /**
   * Adds the next records to `into` until it has `max`, leaving out those before `from`: a fetch within a batch returns it
   * whole. Throws BrokenBatch where lengths contradict one another; records added before that are right.
   */
  take(into: KafkaRecord[], max: number, from: number): void {
    try {
      while (this.#left > 0 && into.length < max) {
        const record = this.#next()
        this.#left--
        if (record.offset >= from) into.push(record)
      }
    } catch (thrown) {
      throw new BrokenBatch(`the batch at ${this.#block.baseOffset} cannot be walked`, { cause: thrown })
    }
  }

  #next(): RecordView {
    const reader = this.#reader
    const block = this.#block
    const length = reader.varint()
    const end = reader.at + length
    if (length <= 0 || end > block.bytes.length) throw new RangeError(`a record of ${length} bytes`)
    reader.at++ // attributes: unused
    const timestampDelta = reader.varlong()
    const offset = block.baseOffset + reader.varint()
    const keyLength = reader.varint()
    const keyAt = reader.at
    if (keyLength > 0) reader.at += keyLength
    const valueLength = reader.varint()
    const valueAt = reader.at
    // At least the count of headers follows.
    if (valueAt + Math.max(0, valueLength) >= end) throw new RangeError(`a value of ${valueLength} bytes`)
    reader.at = end
    const timestamp = block.appendTime ?? block.baseTimestamp + timestampDelta
    return new RecordView(block, offset, timestamp, keyAt, keyLength, valueAt, valueLength)
  }
}

/** Markers end a transaction (KIP-98); control batches of other kinds are passed over like them. */
export type ControlKind = 'abort' | 'commit' | 'other'

/** What a control batch says: the type in its first record's key. Throws BrokenBatch. */
export function controlKind(batch: Batch): ControlKind {
  if (batch.count === 0) return 'other'
  const records: KafkaRecord[] = []
  new BatchWalk('', 0, batch).take(records, 1, batch.baseOffset)
  const key = records[0]?.key
  if (!key || key.length < 4) return 'other'
  const type = key.readInt16BE(2)
  return type === 0 ? 'abort' : type === 1 ? 'commit' : 'other'
}
