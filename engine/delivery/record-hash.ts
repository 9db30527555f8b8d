import { createHash, type Hash } from 'node:crypto'
import { type KafkaRecord, RawRecord } from '#engine/broker'

/**
 * What cuts and stores are compared by. Every record is laid out as one frame (partition, offset, key, value, headers by
 * name; null is told from empty), zero-padded to 16 bytes. A cut's sha256 runs over the digests of its partitions, each a
 * sha256 over that partition's frames in offset order: so it does not depend on how partitions were read in turn. A
 * record's `_hash` is 64 bit of its own frame (MurmurHash3_x86_128, first half), so that stores are compared by a sum
 * which forgets no row and no position.
 */
const PREFIX = 24

/** A frame just written, valid until the next call: byte positions in `bytes`, which is aligned to 16. */
export class RecordFrame {
  private buffer = new ArrayBuffer(4096)
  bytes = new Uint8Array(this.buffer)
  words = new Int32Array(this.buffer)
  private readonly raw = new RawRecord()
  length = 0
  /** The record's 64 bit hash, as two unsigned halves: numbers are quicker than bigints. */
  high = 0
  low = 0

  /** Lays the record out and hashes it. */
  take(record: KafkaRecord): void {
    const { raw } = this
    raw.show(record)
    const keyLength = Math.max(0, raw.keyLength)
    const valueLength = Math.max(0, raw.valueLength)
    const headers = record.headers === undefined ? undefined : headerBytes(record.headers)
    const headersLength = headers?.length ?? 0
    const used = PREFIX + keyLength + valueLength + headersLength
    const length = (used + 15) & ~15
    if (length > this.bytes.length) this.grow(length)
    const { words, bytes } = this
    // What pads the last block.
    for (let word = used >> 2; word < length >> 2; word++) words[word] = 0
    words[0] = record.partition
    words[1] = record.offset | 0
    words[2] = Math.floor(record.offset / 0x1_0000_0000)
    words[3] = raw.keyLength < 0 ? -1 : keyLength
    words[4] = raw.valueLength < 0 ? -1 : valueLength
    words[5] = headersLength
    copy(raw.keyBytes, raw.keyAt, keyLength, bytes, PREFIX)
    copy(raw.valueBytes, raw.valueAt, valueLength, bytes, PREFIX + keyLength)
    if (headers !== undefined) bytes.set(headers, PREFIX + keyLength + valueLength)
    this.length = length
    this.hash(length)
    raw.keep(record, this.high, this.low)
  }

  /** The hash alone, which a record that was taken before may still know. */
  hashOf(record: KafkaRecord): void {
    const { raw } = this
    if (raw.isKept(record)) {
      this.high = raw.high
      this.low = raw.low
    } else this.take(record)
  }

  private grow(length: number): void {
    this.buffer = new ArrayBuffer((length + 4095) & ~4095)
    this.bytes = new Uint8Array(this.buffer)
    this.words = new Int32Array(this.buffer)
  }

  /** MurmurHash3_x86_128 over whole 16-byte blocks (frames are padded, so there is no tail), seed 0. */
  private hash(length: number): void {
    const { words } = this
    let a = 0
    let b = 0
    let c = 0
    let d = 0
    for (let i = 0; i < length >> 2; i += 4) {
      a ^= scramble(words[i] as number, C1, 15, C2)
      a = (Math.imul(rotate(a, 19) + b, 5) + 0x561ccd1b) | 0
      b ^= scramble(words[i + 1] as number, C2, 16, C3)
      b = (Math.imul(rotate(b, 17) + c, 5) + 0x0bcaa747) | 0
      c ^= scramble(words[i + 2] as number, C3, 17, C4)
      c = (Math.imul(rotate(c, 15) + d, 5) + 0x96cd1c35) | 0
      d ^= scramble(words[i + 3] as number, C4, 18, C1)
      d = (Math.imul(rotate(d, 13) + a, 5) + 0x32ac3b17) | 0
    }
    a ^= length
    b ^= length
    c ^= length
    d ^= length
    a = (a + b + c + d) | 0
    b = finish((b + a) | 0)
    c = finish((c + a) | 0)
    d = finish((d + a) | 0)
    a = (finish(a) + b + c + d) | 0
    this.low = a >>> 0
    this.high = (b + a) >>> 0
  }
}

const C1 = 0x239b961b
const C2 = 0xab0e9789 | 0
const C3 = 0x38b34ae5
const C4 = 0xa1e38b93 | 0

const rotate = (x: number, by: number): number => (x << by) | (x >>> (32 - by))
const scramble = (k: number, before: number, by: number, after: number): number =>
  Math.imul(rotate(Math.imul(k, before), by), after)

function finish(h: number): number {
  let x = h ^ (h >>> 16)
  x = Math.imul(x, 0x85ebca6b)
  x ^= x >>> 13
  x = Math.imul(x, 0xc2b2ae35)
  return x ^ (x >>> 16)
}

/** Up to so many bytes the loop is quicker than the call into the runtime. */
const SHORT = 192

function copy(from: Uint8Array, at: number, length: number, into: Uint8Array, to: number): void {
  if (length > SHORT) into.set(from.subarray(at, at + length), to)
  else for (let i = 0; i < length; i++) into[to + i] = from[at + i] as number
}

/** Headers by name, each as name length, value length, name, value. */
function headerBytes(headers: Readonly<Record<string, Buffer>>): Buffer | undefined {
  const names = Object.keys(headers)
  if (names.length === 0) return undefined
  const parts: Buffer[] = []
  for (const name of names.sort()) {
    const text = Buffer.from(name)
    const value = headers[name] as Buffer
    const lengths = Buffer.allocUnsafe(8)
    lengths.writeUInt32LE(text.length, 0)
    lengths.writeUInt32LE(value.length, 4)
    parts.push(lengths, text, value)
  }
  return Buffer.concat(parts)
}

/** A sum of record hashes modulo 2^64: what `sum(_hash)` over UInt64 gives in ClickHouse. */
export class HashSum {
  private high = 0
  private low = 0

  add(high: number, low: number): void {
    const sum = this.low + low
    this.low = sum >>> 0
    this.high = (this.high + high + (sum > 0xffff_ffff ? 1 : 0)) >>> 0
  }

  get value(): bigint {
    return (BigInt(this.high) << 32n) | BigInt(this.low)
  }
}

/** Sums of two sums, as decimal text: hash sums are kept as text because JSON has no 64 bit integers. */
export const addHashes = (a: string, b: string): string => BigInt.asUintN(64, BigInt(a) + BigInt(b)).toString()
export const subtractHashes = (a: string, b: string): string => BigInt.asUintN(64, BigInt(a) - BigInt(b)).toString()

const PIECE = 64 * 1024

/** sha256 over one partition's frames, handed to the digest in large pieces: a call per record costs more than hashing. */
class PartitionDigest {
  private readonly digest: Hash = createHash('sha256')
  private readonly pending = new Uint8Array(PIECE)
  private readonly words = new Int32Array(this.pending.buffer)
  private filled = 0

  add({ bytes, words, length }: RecordFrame): void {
    if (this.filled + length > PIECE) this.flush()
    if (length > PIECE) {
      this.digest.update(bytes.subarray(0, length))
      return
    }
    // Frames are whole words.
    const at = this.filled >> 2
    for (let i = 0; i < length >> 2; i++) this.words[at + i] = words[i] as number
    this.filled += length
  }

  private flush(): void {
    this.digest.update(this.pending.subarray(0, this.filled))
    this.filled = 0
  }

  end(): Buffer {
    this.flush()
    return this.digest.digest()
  }
}

/** The sha256 of a cut, taken record by record; within a partition in offset order. */
export class CutDigest {
  private readonly partitions = new Map<number, PartitionDigest>()

  add(partition: number, frame: RecordFrame): void {
    let digest = this.partitions.get(partition)
    if (digest === undefined) {
      digest = new PartitionDigest()
      this.partitions.set(partition, digest)
    }
    digest.add(frame)
  }

  /** Ends the digest: to be called once. */
  hex(): string {
    const whole = createHash('sha256')
    for (const [partition, digest] of [...this.partitions].sort(([a], [b]) => a - b)) {
      whole.update(`${partition}:`)
      whole.update(digest.end())
    }
    return whole.digest('hex')
  }
}
