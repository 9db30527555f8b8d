import zlib from 'node:zlib'
import { crc32c } from '@node-rs/crc32'
import { compressFrameSync } from 'lz4-napi'
import { compressSync } from 'snappy'
import type { Codec } from './batch.ts'

/** Record batches as a producer and a broker write them, from the format's description, for tests alone. */
export interface WrittenRecord {
  readonly offset: number
  readonly timestamp: number
  readonly key: Buffer | null
  readonly value: Buffer | null
  readonly headers?: readonly (readonly [string, Buffer | null])[]
}

export interface WrittenBatch {
  readonly records: readonly WrittenRecord[]
  readonly baseOffset?: number
  /** Beyond the last record where compaction took some. */
  readonly lastOffset?: number
  readonly codec?: Codec | 'xerial'
  readonly producerId?: number
  readonly transactional?: boolean
  readonly control?: boolean
  readonly appendTime?: number
}

const ATTRIBUTE = { none: 0, gzip: 1, snappy: 2, xerial: 2, lz4: 3, zstd: 4 } as const

export function encodeBatch(batch: WrittenBatch): Buffer {
  const { records, codec = 'none' } = batch
  const baseOffset = batch.baseOffset ?? records[0]?.offset ?? 0
  const lastOffset = batch.lastOffset ?? records.at(-1)?.offset ?? baseOffset
  const baseTimestamp = records[0]?.timestamp ?? 0
  const body = compressed(Buffer.concat(records.map((one) => encodeRecord(one, baseOffset, baseTimestamp))), codec)
  const header = Buffer.alloc(61)
  header.writeBigInt64BE(BigInt(baseOffset), 0)
  header.writeInt32BE(49 + body.length, 8)
  header.writeInt32BE(3, 12)
  header.writeInt8(2, 16)
  const flags =
    (batch.appendTime === undefined ? 0 : 8) | (batch.transactional ? 16 : 0) | (batch.control ? 16 | 32 : 0)
  header.writeInt16BE(ATTRIBUTE[codec] | flags, 21)
  header.writeInt32BE(lastOffset - baseOffset, 23)
  header.writeBigInt64BE(BigInt(baseTimestamp), 27)
  header.writeBigInt64BE(
    BigInt(batch.appendTime ?? Math.max(...records.map((one) => one.timestamp), baseTimestamp)),
    35,
  )
  header.writeBigInt64BE(BigInt(batch.producerId ?? -1), 43)
  header.writeInt16BE(batch.producerId === undefined ? -1 : 0, 51)
  header.writeInt32BE(-1, 53)
  header.writeInt32BE(records.length, 57)
  const whole = Buffer.concat([header, body])
  whole.writeUInt32BE(crc32c(whole.subarray(21)), 17)
  return whole
}

/** A transaction's end: version 0 and the type, as the key of one record. */
export const encodeMarker = (offset: number, producerId: number, how: 'abort' | 'commit'): Buffer =>
  encodeBatch({
    records: [
      {
        offset,
        timestamp: 0,
        key: Buffer.from([0, 0, 0, how === 'commit' ? 1 : 0]),
        value: Buffer.from([0, 0, 0, 0, 0, 0]),
      },
    ],
    producerId,
    control: true,
  })

export function varint(value: number | bigint): Buffer {
  let rest = BigInt.asUintN(64, (BigInt(value) << 1n) ^ (BigInt(value) >> 63n))
  const bytes: number[] = []
  do {
    const low = Number(rest & 0x7fn)
    rest >>= 7n
    bytes.push(rest === 0n ? low : low | 0x80)
  } while (rest !== 0n)
  return Buffer.from(bytes)
}

const sized = (bytes: Buffer | null): Buffer[] => (bytes === null ? [varint(-1)] : [varint(bytes.length), bytes])

function encodeRecord(record: WrittenRecord, baseOffset: number, baseTimestamp: number): Buffer {
  const { headers = [] } = record
  const body = Buffer.concat([
    Buffer.from([0]),
    varint(record.timestamp - baseTimestamp),
    varint(record.offset - baseOffset),
    ...sized(record.key),
    ...sized(record.value),
    varint(headers.length),
    ...headers.flatMap(([name, value]) => [...sized(Buffer.from(name)), ...sized(value)]),
  ])
  return Buffer.concat([varint(body.length), body])
}

function compressed(records: Buffer, codec: Codec | 'xerial'): Buffer {
  switch (codec) {
    case 'none':
      return records
    case 'gzip':
      return zlib.gzipSync(records)
    case 'snappy':
      return compressSync(records)
    case 'xerial':
      return xerial(records)
    case 'lz4':
      return compressFrameSync(records)
    case 'zstd':
      return zstdOfRawBlocks(records)
  }
}

/** As Java's client frames snappy: a magic, two versions, then sized blocks. */
function xerial(records: Buffer): Buffer {
  const parts: Buffer[] = [Buffer.from([0x82, 0x53, 0x4e, 0x41, 0x50, 0x50, 0x59, 0, 0, 0, 0, 1, 0, 0, 0, 1])]
  for (let at = 0; at < records.length; at += 1_000) {
    const block = compressSync(records.subarray(at, at + 1_000))
    const size = Buffer.alloc(4)
    size.writeInt32BE(block.length)
    parts.push(size, block)
  }
  return Buffer.concat(parts)
}

/** A Zstandard frame (RFC 8878) whose blocks are stored, since Node 20 cannot compress so: magic, window, blocks. */
function zstdOfRawBlocks(records: Buffer): Buffer {
  const parts: Buffer[] = [Buffer.from([0x28, 0xb5, 0x2f, 0xfd, 0, 0x58])]
  let at = 0
  do {
    const block = records.subarray(at, at + 100_000)
    at += block.length
    const last = at >= records.length ? 1 : 0
    const header = Buffer.alloc(3)
    header.writeUIntLE((block.length << 3) | last, 0, 3)
    parts.push(header, block)
  } while (at < records.length)
  return Buffer.concat(parts)
}
