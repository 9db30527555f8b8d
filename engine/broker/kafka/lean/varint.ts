/** Reads variable-length numbers in zig-zag form (Protocol Buffers, "Encoding"), as record bodies have them. */
export class VarintReader {
  readonly bytes: Uint8Array
  at: number

  constructor(bytes: Uint8Array, at = 0) {
    this.bytes = bytes
    this.at = at
  }

  /** 32 bits. Past the end, or longer than five bytes, throws RangeError. */
  varint(): number {
    const first = this.bytes[this.at++]
    if (first === undefined) throw new RangeError('the records end within a number')
    if (first < 0x80) return (first >>> 1) ^ -(first & 1)
    let value = first & 0x7f
    for (let shift = 7; shift <= 28; shift += 7) {
      const byte = this.bytes[this.at++]
      if (byte === undefined) throw new RangeError('the records end within a number')
      value |= (byte & 0x7f) << shift
      if (byte < 0x80) return (value >>> 1) ^ -(value & 1)
    }
    throw new RangeError('a number of more than 32 bits')
  }

  /** 64 bits, as a double: exact to 2^53. */
  varlong(): number {
    const start = this.at
    let low = 0
    let scale = 1
    for (let count = 0; count < 10; count++) {
      const byte = this.bytes[this.at++]
      if (byte === undefined) throw new RangeError('the records end within a number')
      low += (byte & 0x7f) * scale
      scale *= 128
      if (byte < 0x80) return low % 2 === 0 ? low / 2 : -(low + 1) / 2
      // Beyond 2^53 a double would round: the whole is read in 64 bits then.
      if (count === 6) return this.#long(start)
    }
    throw new RangeError('a number of more than 64 bits')
  }

  #long(start: number): number {
    let value = 0n
    this.at = start
    for (let shift = 0n; shift < 70n; shift += 7n) {
      const byte = this.bytes[this.at++]
      if (byte === undefined) throw new RangeError('the records end within a number')
      value |= BigInt(byte & 0x7f) << shift
      if (byte < 0x80) return Number((value >> 1n) ^ -(value & 1n))
    }
    throw new RangeError('a number of more than 64 bits')
  }
}
