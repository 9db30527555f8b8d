/** Reads the body of a response in the protocol's older, not "flexible", encoding. A body that ends early throws RangeError. */
export class ResponseBody {
  readonly #bytes: Buffer
  #at = 0

  constructor(bytes: Buffer) {
    this.#bytes = bytes
  }

  int8(): number {
    this.#at += 1
    return this.#bytes.readInt8(this.#at - 1)
  }

  int16(): number {
    this.#at += 2
    return this.#bytes.readInt16BE(this.#at - 2)
  }

  int32(): number {
    this.#at += 4
    return this.#bytes.readInt32BE(this.#at - 4)
  }

  int64(): number {
    this.#at += 8
    return int64At(this.#bytes, this.#at - 8)
  }

  string(): string | null {
    const length = this.int16()
    return length < 0 ? null : this.#slice(length).toString()
  }

  /** A view of the response, not a copy. */
  bytes(): Buffer | null {
    const length = this.int32()
    return length < 0 ? null : this.#slice(length)
  }

  /** Items in order; a null array counts as empty. */
  array<T>(read: () => T): T[] {
    const length = this.int32()
    if (length > this.#bytes.length) throw new RangeError(`an array of ${length} in ${this.#bytes.length} bytes`)
    const items: T[] = []
    for (let i = 0; i < length; i++) items.push(read())
    return items
  }

  #slice(length: number): Buffer {
    const end = this.#at + length
    if (end > this.#bytes.length) throw new RangeError(`the response ends at ${this.#bytes.length}, not ${end}`)
    const slice = this.#bytes.subarray(this.#at, end)
    this.#at = end
    return slice
  }
}

/** A signed 64-bit number as a double: exact to 2^53, which offsets and times stay below. */
export const int64At = (bytes: Buffer, at: number): number =>
  bytes.readInt32BE(at) * 4_294_967_296 + bytes.readUInt32BE(at + 4)
