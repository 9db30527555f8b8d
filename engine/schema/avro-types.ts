import avsc from 'avsc'
import type { AvroDuration } from './contract.ts'
import { bytesOfDecimal, decimalOfBytes, fitsPrecision } from './decimal.ts'

/** avsc's types as Kappa reads them: nothing is rounded, nothing lost, and what does not fit is refused. */

/** `decimal` over bytes, as the unscaled bigint. Avro specification 1.12, "Decimal". */
export class DecimalType extends avsc.types.LogicalType {
  readonly precision: number
  readonly scale: number
  /** Where the bytes are a `fixed`. */
  readonly size: number | undefined

  constructor(
    schema: { readonly precision: number; readonly scale?: number; readonly size?: number },
    options: unknown,
  ) {
    super(schema as unknown as avsc.Schema, options)
    this.precision = schema.precision
    this.scale = schema.scale ?? 0
    this.size = schema.size
  }

  protected override _fromValue(bytes: Buffer): bigint {
    return decimalOfBytes(bytes)
  }

  /** Undefined, which avsc refuses as not valid, where the value is no bigint or has too many digits. */
  protected override _toValue(value: unknown): Buffer | undefined {
    if (typeof value !== 'bigint' || !fitsPrecision(value, this.precision)) return undefined
    const bytes = bytesOfDecimal(value)
    if (this.size === undefined || bytes.length === this.size) return bytes
    return bytes.length > this.size
      ? undefined
      : Buffer.concat([Buffer.alloc(this.size - bytes.length, value < 0n ? 0xff : 0), bytes])
  }

  /** Reads what a decimal of the same scale and no greater precision wrote; anything else would change the value. */
  protected override _resolve(writer: unknown): ((value: bigint) => bigint) | undefined {
    const readable = writer instanceof DecimalType && writer.scale === this.scale && writer.precision <= this.precision
    return readable ? (value) => value : undefined
  }

  protected override _export(schema: avsc.Schema): void {
    Object.assign(schema, { precision: this.precision, scale: this.scale })
  }
}

/** The methods of avsc's types that `ExactLong` refines; not part of its typings (avsc is pinned, and tested by properties). */
interface LongMethods {
  _check(value: unknown, flags: unknown, hook: ((value: unknown, type: unknown) => void) | undefined): boolean
  _read(tap: unknown): number
  _write(tap: unknown, value: unknown): void
}

const LONG_LIMIT = 2 ** 52
const LongBase = avsc.types.LongType as unknown as new () => LongMethods

/**
 * Longs of less than 52 bits. Beyond, avsc 5.7.9 writes and reads other numbers than it was given, without an error: its
 * zigzag arithmetic rounds (-4503599627370497 comes back as 4503599627370496). Whatever was larger reads as at least
 * 2^52, so that this limit finds every one.
 */
class ExactLong extends LongBase {
  override _check(
    value: unknown,
    _flags: unknown,
    hook: ((value: unknown, type: unknown) => void) | undefined,
  ): boolean {
    const fits = typeof value === 'number' && Number.isInteger(value) && Math.abs(value) < LONG_LIMIT
    if (!fits && hook) hook(value, this)
    return fits
  }

  override _read(tap: unknown): number {
    const value = super._read(tap)
    if (value >= LONG_LIMIT || value <= -LONG_LIMIT) throw new RangeError('a long of more than 52 bits')
    return value
  }

  override _write(tap: unknown, value: unknown): void {
    if (!this._check(value, undefined, undefined)) throw new RangeError('no long of less than 52 bits')
    super._write(tap, value)
  }
}

export const exactLong = new ExactLong() as unknown as avsc.Type

/** All 64 bits, as bigint: for units finer than a millisecond. */
export const wideLong = avsc.types.LongType.__with({
  fromBuffer: (bytes: Buffer) => bytes.readBigInt64LE(),
  toBuffer: (value: bigint) => {
    const bytes = Buffer.alloc(8)
    bytes.writeBigInt64LE(value)
    return bytes
  },
  fromJSON: (value: number | string) => BigInt(value),
  toJSON: (value: bigint) => value.toString(),
  isValid: (value: unknown) => typeof value === 'bigint' && BigInt.asIntN(64, value) === value,
  compare: (a: bigint, b: bigint) => (a < b ? -1 : a > b ? 1 : 0),
})

/** A logical type that changes no value and admits only some. */
abstract class Checked extends avsc.types.LogicalType {
  protected abstract admits(value: unknown): boolean

  protected override _fromValue(value: unknown): unknown {
    if (!this.admits(value)) throw new RangeError('a value that its type does not admit')
    return value
  }

  protected override _toValue(value: unknown): unknown {
    return this.admits(value) ? value : undefined
  }

  protected override _resolve(writer: unknown): ((value: unknown) => unknown) | undefined {
    return writer instanceof Checked && writer.constructor === this.constructor ? (value) => value : undefined
  }

  protected override _export(): void {}
}

const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/

/** RFC 9562, in lower case: the one text that a column of the type UUID gives back. */
export class UuidType extends Checked {
  protected override admits(value: unknown): boolean {
    return typeof value === 'string' && UUID.test(value)
  }

  protected override _fromValue(value: unknown): unknown {
    return super._fromValue(String(value).toLowerCase())
  }
}

const within = (value: unknown, end: number): boolean =>
  typeof value === 'number' && Number.isInteger(value) && value >= 0 && value < end

/** A time of day; readers of tables refuse others. */
export class TimeMillisType extends Checked {
  protected override admits(value: unknown): boolean {
    return within(value, 86_400_000)
  }
}

export class TimeMicrosType extends Checked {
  protected override admits(value: unknown): boolean {
    return within(value, 86_400_000_000)
  }
}

/** `duration` over 12 bytes: months, days and milliseconds as 32 bit unsigned little endian (Avro specification 1.12). */
export class DurationType extends avsc.types.LogicalType {
  protected override _fromValue(bytes: Buffer): AvroDuration {
    return { months: bytes.readUInt32LE(0), days: bytes.readUInt32LE(4), milliseconds: bytes.readUInt32LE(8) }
  }

  protected override _toValue(value: unknown): Buffer | undefined {
    const { months, days, milliseconds } = (value ?? {}) as AvroDuration
    if (![months, days, milliseconds].every((part) => within(part, 2 ** 32))) return undefined
    const bytes = Buffer.alloc(12)
    bytes.writeUInt32LE(months, 0)
    bytes.writeUInt32LE(days, 4)
    bytes.writeUInt32LE(milliseconds, 8)
    return bytes
  }

  protected override _resolve(writer: unknown): ((value: AvroDuration) => AvroDuration) | undefined {
    return writer instanceof DurationType ? (value) => value : undefined
  }

  protected override _export(): void {}
}

/** What avsc reads from; not part of its typings (avsc is pinned). */
interface Tap {
  readonly buf: Buffer
  pos: number
  readLong(): number
  skipLong(): void
  readString(): string
  skipString(): void
}
interface Inner {
  _read(tap: Tap): unknown
  _skip(tap: Tap): void
}

/**
 * Items of the next block, 0 at the end (Avro specification 1.12, "Arrays"). Throws RangeError where the bytes have ended:
 * avsc itself would go on to the count that damaged bytes name.
 */
function blockSize(tap: Tap): number {
  const count = tap.readLong()
  if (count < 0) tap.skipLong()
  checkEnd(tap)
  return Math.abs(count)
}

function checkEnd({ pos, buf }: Tap): void {
  if (pos > buf.length) throw new RangeError('the bytes end within a list or map')
}

/** Passes all blocks over; like `blockSize`, never beyond the bytes. */
function skipBlocks(tap: Tap, skipItem: () => void): void {
  for (let count = tap.readLong(); count !== 0; count = tap.readLong()) {
    if (count < 0) {
      const size = tap.readLong()
      if (!(size >= 0)) throw new RangeError('a block of less than no bytes')
      tap.pos += size
    }
    for (; count > 0; count--) {
      skipItem()
      checkEnd(tap)
    }
    checkEnd(tap)
  }
}

const MapBase = avsc.types.MapType as unknown as new (
  schema: unknown,
  options: unknown,
) => { readonly valuesType: Inner }

/** Maps that lose no entry: an object cannot be given `__proto__` like any other key, so such a map is refused. */
export class SafeMap extends MapBase {
  _read(tap: Tap): Record<string, unknown> {
    const { valuesType } = this
    const value: Record<string, unknown> = {}
    for (let left = blockSize(tap); left > 0; left = blockSize(tap))
      for (; left > 0; left--) {
        const key = tap.readString()
        if (key === '__proto__') throw new RangeError('a map with the key __proto__')
        value[key] = valuesType._read(tap)
        checkEnd(tap)
      }
    return value
  }

  _skip(tap: Tap): void {
    skipBlocks(tap, () => {
      tap.skipString()
      this.valuesType._skip(tap)
    })
  }
}

const ArrayBase = avsc.types.ArrayType as unknown as new (
  schema: unknown,
  options: unknown,
) => { readonly itemsType: Inner }

/** Lists that end with their bytes. */
export class SafeArray extends ArrayBase {
  _read(tap: Tap): unknown[] {
    const { itemsType } = this
    const items: unknown[] = []
    for (let left = blockSize(tap); left > 0; left = blockSize(tap))
      for (; left > 0; left--) {
        items.push(itemsType._read(tap))
        checkEnd(tap)
      }
    return items
  }

  _skip(tap: Tap): void {
    skipBlocks(tap, () => this.itemsType._skip(tap))
  }
}

interface UnionMethods {
  readonly types: readonly (avsc.Type & { readonly _branchConstructor: (new (value: unknown) => unknown) | null })[]
  _update(resolver: { _read?: (tap: Tap) => unknown }, writer: avsc.Type, options: unknown): void
}
const UnionBase = avsc.types.WrappedUnionType as unknown as new (schema: unknown, options: unknown) => UnionMethods

/**
 * A union whose values keep their branch when the schemas of writer and reader are resolved: the branch of the same name
 * comes before one that could hold the value too (an int as a long). avsc takes the first that fits.
 */
export class NamedUnion extends UnionBase {
  override _update(resolver: { _read?: (tap: Tap) => unknown }, writer: avsc.Type, options: unknown): void {
    const same = this.types.find(({ branchName }) => branchName === writer.branchName)
    const inner = same && resolverOf(same, writer, options)
    if (same === undefined || inner === undefined) {
      super._update(resolver, writer, options)
      return
    }
    const Branch = same._branchConstructor
    resolver._read = Branch === null ? () => null : (tap) => new Branch(inner._read(tap))
  }
}

function resolverOf(reader: avsc.Type, writer: avsc.Type, options: unknown): Inner | undefined {
  try {
    const create = reader.createResolver as unknown as (writer: avsc.Type, options: unknown) => Inner
    return create.call(reader, writer, options)
  } catch {
    return undefined
  }
}
