/** A growing buffer of little-endian values: one column's data as ClickHouse's Native format lays it out. */
export class Bytes {
  private buffer: Buffer
  length = 0

  constructor(capacity = 4096) {
    this.buffer = Buffer.allocUnsafeSlow(capacity)
  }

  private need(bytes: number): void {
    if (this.length + bytes <= this.buffer.length) return
    const larger = Buffer.allocUnsafeSlow(Math.max(this.buffer.length * 2, this.length + bytes))
    this.buffer.copy(larger, 0, 0, this.length)
    this.buffer = larger
  }

  u8(value: number): void {
    this.need(1)
    this.buffer[this.length++] = value
  }

  u32(value: number): void {
    this.need(4)
    const { buffer } = this
    let at = this.length
    buffer[at++] = value
    buffer[at++] = value >>> 8
    buffer[at++] = value >>> 16
    buffer[at++] = value >>> 24
    this.length = at
  }

  /** A safe integer as 64 bit two's complement. */
  i64(value: number): void {
    this.u32(value | 0)
    this.u32(Math.floor(value / 0x1_0000_0000))
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

  /** Length and UTF-8. Short ASCII, the usual case, is written here: the call into the runtime costs more than the loop. */
  text(value: string): void {
    const { length } = value
    if (length < 48) {
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

  blob(value: Uint8Array): void {
    this.varint(value.length)
    this.raw(value)
  }

  raw(value: Uint8Array): void {
    this.need(value.length)
    this.buffer.set(value, this.length)
    this.length += value.length
  }

  /** What was written; valid until more is. */
  view(): Buffer {
    return this.buffer.subarray(0, this.length)
  }
}
