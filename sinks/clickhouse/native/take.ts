import type { FieldType, WireCursor } from '#engine/schema'
import type { Bytes } from './bytes.ts'
import { FIRST_DAY, firstOf, LAST_DAY, type PER_MS } from './range.ts'
import { decimalWidth, type ScalarType } from './scalar.ts'

/** Carries one value from Avro's bytes into its column; sets `failed` where it is not certainly what the decoder gives. */
export type Take = (from: WireCursor, into: Bytes) => void

/**
 * The counterpart of `scalar` for values that were never made: the same bytes for the same value. Undefined where the writer's
 * type is another one.
 */
export function takeOf(type: ScalarType, wire: FieldType): Take | undefined {
  if (type.kind === 'enum') return wire.kind === 'enum' && wire.name === type.name ? symbols(type, wire) : undefined
  if (type.kind === 'long' && wire.kind === 'int') return intAsLong
  if (wire.kind !== type.kind || unitOf(wire) !== unitOf(type)) return undefined
  switch (type.kind) {
    case 'string':
      return text
    case 'bytes':
      return blob
    case 'fixed':
      return wire.kind === 'fixed' && wire.size === type.size ? raw(type.size) : undefined
    case 'boolean':
      return boolean
    case 'int':
      return int
    case 'date':
      return ints(FIRST_DAY, LAST_DAY)
    case 'long':
      return long
    case 'time':
      return type.unit === 'millis' ? ints(0, 86_399_999) : longs(0, 86_399_999_999)
    case 'timestamp':
      return instants('millis')
    case 'local-timestamp':
    case 'fine-timestamp':
      return instants(type.unit)
    case 'float':
      return float
    case 'double':
      return double
    case 'uuid':
      return uuid
    case 'decimal':
      return wire.kind === 'decimal' && wire.scale === type.scale && wire.precision <= type.precision
        ? decimal(type.precision, wire.size)
        : undefined
  }
}

const unitOf = (type: FieldType): string | undefined => ('unit' in type ? type.unit : undefined)

const text: Take = (from, into) => {
  const size = from.size()
  if (!into.utf8(from.bytes, from.at, size)) from.failed = true
  from.at += size
}

const blob: Take = (from, into) => {
  const size = from.size()
  into.varint(size)
  into.copy(from.bytes, from.at, size)
  from.at += size
}

const raw =
  (size: number): Take =>
  (from, into) =>
    into.copy(from.bytes, from.pass(size), size)

const boolean: Take = (from, into) => {
  const byte = from.bytes[from.at++] as number
  if (byte > 1) from.failed = true
  into.u8(byte)
}

const int: Take = (from, into) => into.u32(from.int())

const ints =
  (least: number, most: number): Take =>
  (from, into) => {
    const value = from.int()
    if (value < least || value > most) from.failed = true
    into.u32(value)
  }

/** Longs of the decoder have less than 52 bits. */
const long: Take = (from, into) => {
  from.long()
  if (from.high >= 0x10_0000 || from.high <= -0x10_0000) from.failed = true
  into.halves(from.low, from.high)
}

const longs =
  (least: number, most: number): Take =>
  (from, into) => {
    long(from, into)
    if (from.number < least || from.number > most) from.failed = true
  }

const intAsLong: Take = (from, into) => {
  const value = from.int()
  into.halves(value, value >> 31)
}

/** How far from a bound a number of more than 53 bits is certainly on its side of it. */
const CERTAIN = 1 - 1e-9

function instants(unit: keyof typeof PER_MS): Take {
  const bounds = [firstOf(FIRST_DAY, unit), firstOf(LAST_DAY + 1, unit)].map(Number)
  const [first, end] = bounds as [number, number]
  if (unit === 'millis') return longs(first, end - 1)
  return (from, into) => {
    from.long()
    const { number } = from
    if (number < first * CERTAIN || number > end * CERTAIN) from.failed = true
    into.halves(from.low, from.high)
  }
}

/** What is not a number has many bit patterns, and the runtime may give another back. */
const float: Take = (from, into) => {
  const { bytes } = from
  const at = from.pass(4)
  if (((bytes[at + 3] as number) & 0x7f) === 0x7f && (bytes[at + 2] as number) > 0x7f) from.failed = true
  into.copy(bytes, at, 4)
}

const double: Take = (from, into) => {
  const { bytes } = from
  const at = from.pass(8)
  if (((bytes[at + 7] as number) & 0x7f) === 0x7f && (bytes[at + 6] as number) >= 0xf0) from.failed = true
  into.copy(bytes, at, 8)
}

function symbols(type: ScalarType & { kind: 'enum' }, wire: FieldType & { kind: 'enum' }): Take {
  const known = wire.symbols.map((symbol) => (type.symbols.includes(symbol) ? Buffer.from(symbol) : undefined))
  return (from, into) => {
    const symbol = known[from.int()]
    if (symbol === undefined) from.failed = true
    else {
      into.varint(symbol.length)
      into.copy(symbol, 0, symbol.length)
    }
  }
}

/** Big endian two's complement of any length → little endian of the column's width. Longer than 64 bits: padding only. */
function decimal(precision: number, fixed: number | undefined): Take {
  const width = decimalWidth(precision)
  const limit = 10 ** precision * (precision > 15 ? CERTAIN : 1)
  return (from, into) => {
    const size = fixed ?? from.size()
    const { bytes } = from
    let at = from.pass(size)
    const end = at + size
    const sign = size > 0 && (bytes[at] as number) > 0x7f ? -1 : 0
    while (end - at > 8 && bytes[at] === (sign & 0xff)) at++
    let low = sign
    let high = sign
    if (end - at > 8) from.failed = true
    else
      for (; at < end; at++) {
        high = (high << 8) | (low >>> 24)
        low = (low << 8) | (bytes[at] as number)
      }
    const value = high * 0x1_0000_0000 + (low >>> 0)
    // A sign that differs: the first byte that was no padding belongs to the value.
    if (high >> 31 !== sign || value >= limit || value <= -limit) from.failed = true
    into.halves(low, high)
    for (let written = 8; written < width; written += 8) into.halves(sign, sign)
  }
}

const DIGITS = Int8Array.from({ length: 256 }, (_, code) => {
  const digit = Number.parseInt(String.fromCharCode(code), 16)
  return Number.isNaN(digit) ? -1 : digit
})
const DASH = 0x2d
const DASHES = [8, 13, 18, 23]
/** Where the two digits of each byte of a column's UUID stand in its text: the halves are little endian each. */
const PLACES = [16, 14, 11, 9, 6, 4, 2, 0, 34, 32, 30, 28, 26, 24, 21, 19]

const uuid: Take = (from, into) => {
  const { bytes } = from
  if (from.size() !== 36) {
    from.failed = true
    return
  }
  const start = from.pass(36)
  for (const dash of DASHES) if (bytes[start + dash] !== DASH) from.failed = true
  for (const place of PLACES) {
    const high = DIGITS[bytes[start + place] as number] as number
    const low = DIGITS[bytes[start + place + 1] as number] as number
    if ((high | low) < 0) from.failed = true
    into.u8((high << 4) | low)
  }
}
