import { isUtf8 } from 'node:buffer'

const NOTHING = Buffer.alloc(0)
const NO_WORDS = new Int32Array(0)
/** Up to so many bytes are copied here: the call into the runtime costs more than the loop. */
const SHORT = 48

/** A growing buffer of little-endian values: one column's data as ClickHouse's Native format lays it out. */
export class Bytes {
  private buffer = NOTHING
  private words = NO_WORDS
  private hint: number
  private marked = 0
  length = 0

  /** @param capacity bytes, about */
  constructor(capacity = 4096) {
    this.hint = capacity
  }

  private need(bytes: number): void {
    if (this.length + bytes <= this.buffer.length) return
    const wanted = Math.max(this.hint, this.buffer.length * 2, this.length + bytes)
    const larger = Buffer.allocUnsafeSlow((wanted + 7) & ~7)
    this.buffer.copy(larger, 0, 0, this.length)
    this.buffer = larger
    this.words = new Int32Array(larger.buffer, larger.byteOffset, larger.length >> 2)
  }

  /** What is written from here on can be taken back. */
  mark(): void {
    this.marked = this.length
  }

  rollback(): void {
    this.length = this.marked
  }

  /** Empty again, with new memory: views stay. The next filling is taken to be as long as this one. */
  reset(): void {
    this.hint = Math.max(64, this.length + (this.length >> 4))
    this.buffer = NOTHING
    this.words = NO_WORDS
    this.length = 0
    this.marked = 0
  }

  u8(value: number): void {
    this.need(1)
    this.buffer[this.length++] = value
  }

  u32(value: number): void {
    this.need(4)
    const { buffer } = this
    let at = this.length
    this.length = at + 4
    if ((at & 3) === 0) {
      this.words[at >> 2] = value
      return
    }
    buffer[at++] = value
    buffer[at++] = value >>> 8
    buffer[at++] = value >>> 16
    buffer[at] = value >>> 24
  }

  /** A safe integer as 64 bit two's complement. */
  i64(value: number): void {
    this.u32(value | 0)
    this.u32(Math.floor(value / 0x1_0000_0000))
  }

  /** A 64 bit integer as its lower and upper half. */
  halves(low: number, high: number): void {
    this.u32(low)
    this.u32(high)
  }

  /** The number that was written last by `i64`, 0 at the beginning. */
  get lastI64(): number {
    const at = this.length >> 2
    return at < 2 ? 0 : ((this.words[at - 2] as number) >>> 0) + (this.words[at - 1] as number) * 0x1_0000_0000
  }

  f32(value: number): void {
    this.need(4)
    this.length = this.buffer.writeFloatLE(value, this.length)
  }

  f64(value: number): void {
    this.need(8)
    this.length = this.buffer.writeDoubleLE(value, this.length)
  }

  /** A bigint as two's complement of 8, 16 or 32 bytes. */
  wide(value: bigint, width: 8 | 16 | 32): void {
    this.need(width)
    if (width === 8) {
      this.length = this.buffer.writeBigInt64LE(value, this.length)
      return
    }
    let rest = value
    for (let i = 0; i < width; i += 8) {
      this.length = this.buffer.writeBigInt64LE(BigInt.asIntN(64, rest), this.length)
      rest >>= 64n
    }
  }

  varint(value: number): void {
    this.need(5)
    let rest = value
    while (rest > 0x7f) {
      this.buffer[this.length++] = (rest & 0x7f) | 0x80
      rest >>>= 7
    }
    this.buffer[this.length++] = rest
  }

  /** Length and UTF-8. */
  text(value: string): void {
    const { length } = value
    if (length < SHORT) {
      this.need(length + 1)
      const { buffer } = this
      const start = this.length
      let at = start + 1
      for (let i = 0; i < length; i++) {
        const code = value.charCodeAt(i)
        if (code > 0x7f) {
          this.longText(value)
          return
        }
        buffer[at++] = code
      }
      buffer[start] = length
      this.length = at
      return
    }
    this.longText(value)
  }

  private longText(value: string): void {
    const bytes = Buffer.byteLength(value)
    this.varint(bytes)
    this.need(bytes)
    this.buffer.write(value, this.length, bytes, 'utf8')
    this.length += bytes
  }

  /** Length and bytes that must be UTF-8; false, and what was written is no text, where they are not. */
  utf8(from: Buffer, at: number, size: number): boolean {
    this.varint(size)
    this.need(size)
    const { buffer, length } = this
    this.length = length + size
    if (size >= SHORT) {
      from.copy(buffer, length, at, at + size)
      return isUtf8(buffer.subarray(length, length + size))
    }
    let all = 0
    for (let i = 0; i < size; i++) {
      const byte = from[at + i] as number
      all |= byte
      buffer[length + i] = byte
    }
    return all < 0x80 || isUtf8(buffer.subarray(length, length + size))
  }

  blob(value: Uint8Array): void {
    this.varint(value.length)
    this.raw(value)
  }

  raw(value: Uint8Array): void {
    this.need(value.length)
    this.buffer.set(value, this.length)
    this.length += value.length
  }

  /** Bytes of another buffer. */
  copy(from: Buffer, at: number, size: number): void {
    this.need(size)
    const { buffer, length } = this
    this.length = length + size
    if (size >= SHORT) from.copy(buffer, length, at, at + size)
    else for (let i = 0; i < size; i++) buffer[length + i] = from[at + i] as number
  }

  /** What was written; valid until more is. */
  view(): Buffer {
    return this.buffer.subarray(0, this.length)
  }
}
