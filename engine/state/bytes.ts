import { KappaError } from '#engine/errors'
import { textOf } from './texts.ts'

/**
 * The binary form of state and partial aggregates: a tag and the value. Integers are variable length, so a small count
 * takes two bytes; exact decimals are kept as the integers they are.
 */
const NULL = 0
const FALSE = 1
const TRUE = 2
const INTEGER = 3
const NEGATIVE = 4
const DOUBLE = 5
const BIG = 6
const NEGATIVE_BIG = 7
const TEXT = 8
const BYTES = 9
const LIST = 10
const ABSENT = 11

const FIRST_SIZE = 1024
const SMALL_BIG = 9_007_199_254_740_991n

/** Appends to a buffer that grows. `take` hands out a copy and empties it. */
export class ByteWriter {
  #bytes = Buffer.allocUnsafeSlow(FIRST_SIZE)
  length = 0

  #room(bytes: number): void {
    if (this.length + bytes <= this.#bytes.length) return
    const larger = Buffer.allocUnsafeSlow(Math.max(this.#bytes.length * 2, this.length + bytes))
    this.#bytes.copy(larger, 0, 0, this.length)
    this.#bytes = larger
  }

  byte(value: number): void {
    this.#room(1)
    this.#bytes[this.length++] = value
  }

  /** A safe integer of zero or more; seven bits a byte, the least first. */
  varint(value: number): void {
    this.#room(8)
    const bytes = this.#bytes
    let rest = value
    while (rest > 0x7fffffff) {
      bytes[this.length++] = (rest % 128) | 0x80
      rest = Math.floor(rest / 128)
    }
    while (rest > 0x7f) {
      bytes[this.length++] = (rest & 0x7f) | 0x80
      rest >>>= 7
    }
    bytes[this.length++] = rest
  }

  /** Bytes as they are, without their number. */
  raw(source: Buffer, start: number, end: number): void {
    this.#room(end - start)
    this.length += source.copy(this.#bytes, this.length, start, end)
  }

  double(value: number): void {
    this.#room(8)
    this.length = this.#bytes.writeDoubleLE(value, this.length)
  }

  text(value: string): void {
    const size = Buffer.byteLength(value)
    this.varint(size)
    this.#room(size)
    this.length += this.#bytes.write(value, this.length, 'utf8')
  }

  bytes(value: Uint8Array): void {
    this.varint(value.length)
    this.#room(value.length)
    this.#bytes.set(value, this.length)
    this.length += value.length
  }

  /**
   * Any plain value: null, undefined, boolean, number, bigint, string, bytes, or a list of these; or an object that says
   * by `toState` which plain value it is written as, and is read back as that.
   */
  value(value: unknown): void {
    if (typeof value === 'number') this.#number(value)
    else if (typeof value === 'string') {
      this.byte(TEXT)
      this.text(value)
    } else if (typeof value === 'bigint') this.#big(value)
    else if (typeof value === 'boolean') this.byte(value ? TRUE : FALSE)
    else if (value === undefined) this.byte(ABSENT)
    else if (value === null) this.byte(NULL)
    else if (value instanceof Uint8Array) {
      this.byte(BYTES)
      this.bytes(value)
    } else if (Array.isArray(value)) {
      this.byte(LIST)
      this.values(value)
    } else if (typeof value === 'object' && 'toState' in value && typeof value.toState === 'function') {
      this.value(value.toState())
    } else throw new KappaError('STATE_MISMATCH', `writing a ${typeof value} into state`)
  }

  values(values: readonly unknown[]): void {
    this.varint(values.length)
    for (let i = 0; i < values.length; i++) this.value(values[i])
  }

  #number(value: number): void {
    if (!Number.isSafeInteger(value) || Object.is(value, -0)) {
      this.byte(DOUBLE)
      this.double(value)
    } else if (value >= 0) {
      this.byte(INTEGER)
      this.varint(value)
    } else {
      this.byte(NEGATIVE)
      this.varint(-value)
    }
  }

  #big(value: bigint): void {
    const size = value < 0n ? -value : value
    this.byte(value < 0n ? NEGATIVE_BIG : BIG)
    if (size <= SMALL_BIG) {
      this.byte(0)
      this.varint(Number(size))
      return
    }
    const digits = size.toString(16)
    this.byte(1)
    this.text(digits)
  }

  /** Four bytes to be filled by `patch` with the number of bytes that follow them. */
  reserve(): number {
    this.#room(4)
    this.length += 4
    return this.length
  }

  patch(reserved: number): void {
    this.#bytes.writeUInt32LE(this.length - reserved, reserved - 4)
  }

  /** Forgets what was written from `length` on. */
  cutTo(length: number): void {
    this.length = length
  }

  take(): Buffer {
    const taken = Buffer.from(this.#bytes.subarray(0, this.length))
    this.length = 0
    return taken
  }
}

/** Reads what ByteWriter wrote. STATE_MISMATCH where the bytes end early or hold something else. */
export class ByteReader {
  readonly #bytes: Buffer
  #at: number
  readonly #end: number

  constructor(bytes: Buffer, start = 0, end = bytes.length) {
    this.#bytes = bytes
    this.#at = start
    this.#end = end
  }

  get done(): boolean {
    return this.#at >= this.#end
  }

  #step(bytes: number): number {
    const at = this.#at
    this.#at += bytes
    if (this.#at > this.#end) throw new KappaError('STATE_MISMATCH', 'reading a block of state that ends early')
    return at
  }

  byte(): number {
    return this.#bytes[this.#step(1)] as number
  }

  varint(): number {
    const first = this.byte()
    if (first < 0x80) return first
    let value = first & 0x7f
    let scale = 128
    for (;;) {
      const byte = this.byte()
      value += (byte & 0x7f) * scale
      if (byte < 0x80) return value
      scale *= 128
    }
  }

  double(): number {
    return this.#bytes.readDoubleLE(this.#step(8))
  }

  text(): string {
    const size = this.varint()
    const at = this.#step(size)
    return this.#bytes.toString('utf8', at, at + size)
  }

  bytes(): Buffer {
    const size = this.varint()
    const at = this.#step(size)
    return Buffer.from(this.#bytes.subarray(at, at + size))
  }

  value(): unknown {
    const tag = this.byte()
    switch (tag) {
      case NULL:
        return null
      case FALSE:
        return false
      case TRUE:
        return true
      case INTEGER:
        return this.varint()
      case NEGATIVE:
        return -this.varint()
      case DOUBLE:
        return this.double()
      case BIG:
        return this.#big()
      case NEGATIVE_BIG:
        return -this.#big()
      case TEXT: {
        const size = this.varint()
        const at = this.#step(size)
        return textOf(this.#bytes, at, at + size)
      }
      case BYTES:
        return this.bytes()
      case LIST:
        return this.values()
      case ABSENT:
        return undefined
      default:
        throw new KappaError('STATE_MISMATCH', `reading a block of state: no value has the tag ${tag}`)
    }
  }

  /** Where it stands in the bytes it was given. */
  get at(): number {
    return this.#at
  }

  /** Goes past a value without making it. */
  skip(): void {
    const tag = this.byte()
    switch (tag) {
      case INTEGER:
      case NEGATIVE:
        this.varint()
        return
      case DOUBLE:
        this.#step(8)
        return
      case BIG:
      case NEGATIVE_BIG:
        if (this.byte() === 0) this.varint()
        else this.skipBytes()
        return
      case TEXT:
      case BYTES:
        this.skipBytes()
        return
      case LIST:
        this.skipValues()
        return
      default:
        if (tag > ABSENT)
          throw new KappaError('STATE_MISMATCH', `reading a block of state: no value has the tag ${tag}`)
    }
  }

  skipValues(): void {
    for (let left = this.varint(); left > 0; left--) this.skip()
  }

  /** Past what `bytes` or `text` wrote. */
  skipBytes(): void {
    this.#step(this.varint())
  }

  values(): unknown[] {
    const size = this.varint()
    if (size > this.#end - this.#at)
      throw new KappaError('STATE_MISMATCH', 'reading a block of state: a list that is longer than the block')
    // As long as it will be: a list that grows by pushing holds room for sixteen more.
    const values: unknown[] = new Array(size)
    for (let i = 0; i < size; i++) values[i] = this.value()
    return values
  }

  #big(): bigint {
    return this.byte() === 0 ? BigInt(this.varint()) : BigInt(`0x${this.text()}`)
  }

  /** A copy of what lies in `[start, end)`, by `at`: whoever keeps it keeps nothing else alive. */
  copied(start: number, end: number): Buffer {
    const copy = Buffer.allocUnsafeSlow(end - start)
    this.#bytes.copy(copy, 0, start, end)
    return copy
  }

  /** The bytes that are left. */
  rest(): Buffer {
    return this.#bytes.subarray(this.#step(this.#end - this.#at), this.#end)
  }

  /** A reader of the next part, whose size `reserve` and `patch` wrote. */
  part(): ByteReader {
    const size = this.#bytes.readUInt32LE(this.#step(4))
    const at = this.#step(size)
    return new ByteReader(this.#bytes, at, at + size)
  }
}
