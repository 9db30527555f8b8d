/** Walks Avro's binary encoding; throws RangeError where the bytes end too early. */
export class AvroReader {
  private readonly buffer: Buffer
  private at = 0

  constructor(buffer: Buffer) {
    this.buffer = buffer
  }

  get atEnd(): boolean {
    return this.at >= this.buffer.length
  }

  long(): number {
    let value = 0
    for (let unit = 1; ; unit *= 128) {
      const byte = this.buffer[this.at++]
      if (byte === undefined) throw new RangeError('the bytes end within a number')
      value += (byte & 0x7f) * unit
      if (byte < 0x80) break
    }
    return value % 2 === 0 ? value / 2 : -(value + 1) / 2
  }

  raw(length: number): Buffer {
    const end = this.at + length
    if (length < 0 || end > this.buffer.length) throw new RangeError('the bytes end within a value')
    const part = this.buffer.subarray(this.at, end)
    this.at = end
    return part
  }

  bytes(): Buffer {
    return this.raw(this.long())
  }

  text(): string {
    return this.bytes().toString('utf8')
  }

  /** A union of null and something, null first. */
  optional<T>(read: () => T): T | null {
    return this.long() === 0 ? null : read()
  }

  /** A map: blocks of entries, closed by an empty one; a negative count is followed by the block's size. */
  map<T>(read: () => T): [string, T][] {
    const entries: [string, T][] = []
    for (let count = this.long(); count !== 0; count = this.long()) {
      if (count < 0) this.long()
      for (let i = 0; i < Math.abs(count); i++) entries.push([this.text(), read()])
    }
    return entries
  }
}
