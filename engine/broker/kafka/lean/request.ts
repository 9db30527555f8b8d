/** Writes the body of a request in the protocol's older, not "flexible", encoding (Kafka protocol guide, "Protocol primitive types"). */
export class RequestBody {
  #bytes = Buffer.allocUnsafe(512)
  #length = 0

  int8(value: number): this {
    this.#length = this.#room(1).writeInt8(value, this.#length)
    return this
  }

  int16(value: number): this {
    this.#length = this.#room(2).writeInt16BE(value, this.#length)
    return this
  }

  int32(value: number): this {
    this.#length = this.#room(4).writeInt32BE(value, this.#length)
    return this
  }

  /** Offsets and times are whole numbers below 2^53, and -1 and -2 where the protocol says so. */
  int64(value: number): this {
    this.#length = this.#room(8).writeBigInt64BE(BigInt(value), this.#length)
    return this
  }

  string(text: string): this {
    const length = Buffer.byteLength(text)
    this.int16(length)
    this.#length += this.#room(length).write(text, this.#length)
    return this
  }

  bytes(value: Buffer): this {
    this.int32(value.length)
    this.#length += value.copy(this.#room(value.length), this.#length)
    return this
  }

  array<T>(items: readonly T[], write: (item: T) => void): this {
    this.int32(items.length)
    for (const item of items) write(item)
    return this
  }

  done(): Buffer {
    return this.#bytes.subarray(0, this.#length)
  }

  #room(count: number): Buffer {
    if (this.#length + count > this.#bytes.length) {
      const larger = Buffer.allocUnsafe(Math.max(2 * this.#bytes.length, this.#length + count))
      this.#bytes.copy(larger, 0, 0, this.#length)
      this.#bytes = larger
    }
    return this.#bytes
  }
}
