const NOTHING = Buffer.alloc(0)

/**
 * Walks one value in Avro's binary encoding (specification 1.12, "Binary Encoding") and makes nothing of it: for whoever
 * carries bytes from the wire to another format. It is strict: what ends too early, is longer than it need be, or is not
 * what Kappa's decoder gives back unchanged sets `failed`. That is no verdict; such a value has to be read by a `Decoder`.
 */
export class WireCursor {
  bytes: Buffer = NOTHING
  at = 0
  /** Behind the last byte of the value. */
  end = 0
  failed = false
  /** The lower and upper 32 bits of the last `long`, in two's complement. */
  low = 0
  high = 0

  begin(bytes: Buffer, at: number, end: number): void {
    this.bytes = bytes
    this.at = at
    this.end = end
    this.failed = false
  }

  /** The value was walked to its end and nothing was odd about it. */
  get isWhole(): boolean {
    return !this.failed && this.at === this.end
  }

  /** An int, or the index of a branch or symbol. */
  int(): number {
    const { bytes } = this
    let { at } = this
    let byte = bytes[at++] as number
    let unsigned = byte & 0x7f
    for (let shift = 7; byte > 0x7f && shift < 35; shift += 7) {
      byte = bytes[at++] as number
      unsigned |= (byte & 0x7f) << shift
      if (shift === 28 && byte > 0x0f) this.failed = true
    }
    this.at = at
    return (unsigned >>> 1) ^ -(unsigned & 1)
  }

  /** A long, of all 64 bits: into `low` and `high`. */
  long(): void {
    const lower = this.seven(4)
    const middle = this.more ? this.seven(4) : 0
    const upper = this.more ? this.seven(2) : 0
    if (this.more || upper > 0xff) this.failed = true
    const low = lower | (middle << 28)
    const high = (middle >>> 4) | (upper << 24)
    const sign = -(low & 1)
    this.low = ((low >>> 1) | (high << 31)) ^ sign
    this.high = (high >>> 1) ^ sign
  }

  /** The last long as a number; exact below 2^53. */
  get number(): number {
    return this.high * 0x1_0000_0000 + (this.low >>> 0)
  }

  /** The length of what follows; 0 and `failed` where the value does not hold as much. */
  size(): number {
    const size = this.int()
    if (size >= 0 && size <= this.end - this.at) return size
    this.failed = true
    return 0
  }

  /** The place of so many bytes, which are passed; they are all there, or `failed` is set. */
  pass(size: number): number {
    const { at } = this
    if (size > this.end - at) this.failed = true
    else this.at = at + size
    return at
  }

  /** True while the varint under way has further bytes. */
  private more = false

  /** So many groups of seven bits at most. */
  private seven(most: number): number {
    const { bytes } = this
    let { at } = this
    let value = 0
    let byte = 0x80
    for (let shift = 0; byte > 0x7f && shift < 7 * most; shift += 7) {
      byte = bytes[at++] as number
      value |= (byte & 0x7f) << shift
    }
    this.at = at
    this.more = byte > 0x7f
    return value
  }
}
