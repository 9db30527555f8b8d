import { crc32c } from '@node-rs/crc32'
import { int64At } from './response.ts'

/** Bytes before a batch's length counts, and of the whole header (Kafka, "Message format", magic 2). */
const PREFIX = 12
const HEADER = 61
const MAGIC_AT = 16
const CRC_AT = 17
const CRC_FROM = 21

export type Codec = 'none' | 'gzip' | 'snappy' | 'lz4' | 'zstd'
const CODECS: readonly (Codec | undefined)[] = ['none', 'gzip', 'snappy', 'lz4', 'zstd']

/** The header of a record batch, and where its records lie in the bytes it was read from. */
export interface Batch {
  readonly baseOffset: number
  /** Also where compaction took the last records, or all, away. */
  readonly lastOffset: number
  readonly codec: Codec
  readonly transactional: boolean
  readonly control: boolean
  readonly baseTimestamp: number
  /** The broker's time of appending, where the topic stamps so; else `undefined`, and records carry their own. */
  readonly appendTime: number | undefined
  readonly producerId: number
  readonly count: number
  readonly bytes: Buffer
  readonly recordsAt: number
  readonly end: number
}

/** A batch that cannot be read as it came. Fetched again it may: bytes were damaged on the way, not in the log. */
export class BrokenBatch extends Error {
  override readonly name = 'BrokenBatch'
}

export interface Batches {
  readonly batches: readonly Batch[]
  /** Whole size of the batch that was cut off at the end; 0 where none was, or not enough of it to tell. */
  readonly cutOff: number
}

/**
 * The whole batches of a fetch, in order. The last may be cut off by the fetch's size: it is left out, to be fetched anew.
 * Throws BrokenBatch where a checksum (CRC32C from the attributes on) is wrong or a header makes no sense.
 */
export function batchesOf(bytes: Buffer): Batches {
  const batches: Batch[] = []
  let at = 0
  while (bytes.length - at >= PREFIX) {
    const length = bytes.readInt32BE(at + 8)
    const end = at + PREFIX + length
    if (length < HEADER - PREFIX) throw new BrokenBatch(`the batch at ${int64At(bytes, at)} has ${length} bytes`)
    if (end > bytes.length) return { batches, cutOff: PREFIX + length }
    batches.push(batchAt(bytes, at, end))
    at = end
  }
  return { batches, cutOff: 0 }
}

function batchAt(bytes: Buffer, at: number, end: number): Batch {
  const baseOffset = int64At(bytes, at)
  const magic = bytes[at + MAGIC_AT]
  if (magic !== 2)
    throw new BrokenBatch(`the batch at ${baseOffset} is of format ${magic}: only 2 (Kafka 0.11 and later) is read`)
  if (crc32c(bytes.subarray(at + CRC_FROM, end)) !== bytes.readUInt32BE(at + CRC_AT))
    throw new BrokenBatch(`the batch at ${baseOffset} does not have its checksum`)
  const attributes = bytes.readInt16BE(at + 21)
  const codec = CODECS[attributes & 7]
  if (codec === undefined) throw new BrokenBatch(`the batch at ${baseOffset} is compressed by codec ${attributes & 7}`)
  return {
    baseOffset,
    lastOffset: baseOffset + bytes.readInt32BE(at + 23),
    codec,
    transactional: (attributes & 16) !== 0,
    control: (attributes & 32) !== 0,
    baseTimestamp: int64At(bytes, at + 27),
    appendTime: (attributes & 8) !== 0 ? int64At(bytes, at + 35) : undefined,
    producerId: int64At(bytes, at + 43),
    count: bytes.readInt32BE(at + 57),
    bytes,
    recordsAt: at + HEADER,
    end,
  }
}
