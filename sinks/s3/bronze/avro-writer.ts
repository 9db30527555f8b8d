/** A growing buffer of Avro's binary encoding (specification 1.12, "Binary encoding"). */
export class AvroWriter {
  private buffer: Buffer
  length = 0

  constructor(capacity = 65_536) {
    this.buffer = Buffer.allocUnsafeSlow(capacity)
  }

  private need(bytes: number): void {
    if (this.length + bytes <= this.buffer.length) return
    const larger = Buffer.allocUnsafeSlow(Math.max(this.buffer.length * 2, this.length + bytes))
    this.buffer.copy(larger, 0, 0, this.length)
    this.buffer = larger
  }

  /** A safe integer, zig-zag, seven bits a byte. */
  long(value: number): void {
    this.need(10)
    let rest = value < 0 ? -value * 2 - 1 : value * 2
    while (rest > 0x7f) {
      this.buffer[this.length++] = (rest % 128) | 0x80
      rest = Math.floor(rest / 128)
    }
    this.buffer[this.length++] = rest
  }

  bytes(value: Uint8Array): void {
    this.long(value.length)
    this.raw(value)
  }

  text(value: string): void {
    this.bytes(Buffer.from(value))
  }

  raw(value: Uint8Array): void {
    this.need(value.length)
    this.buffer.set(value, this.length)
    this.length += value.length
  }

  u32(value: number): void {
    this.need(4)
    this.length = this.buffer.writeUInt32BE(value, this.length)
  }

  /** What was written since the last call, copied; the writer begins anew. */
  take(): Buffer {
    const taken = Buffer.from(this.buffer.subarray(0, this.length))
    this.length = 0
    return taken
  }
}
