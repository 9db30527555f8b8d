import avsc from 'avsc'
import { bytesOfDecimal, decimalOfBytes, fitsPrecision } from './decimal.ts'

/** `decimal` over bytes, as the unscaled bigint. Avro specification 1.12, "Decimal". */
class DecimalType extends avsc.types.LogicalType {
  readonly precision: number
  readonly scale: number

  constructor(schema: { readonly precision: number; readonly scale?: number }, options: unknown) {
    super(schema as unknown as avsc.Schema, options)
    this.precision = schema.precision
    this.scale = schema.scale ?? 0
  }

  protected override _fromValue(bytes: Buffer): bigint {
    return decimalOfBytes(bytes)
  }

  /** Undefined, which avsc refuses as not valid, where the value is no bigint or has too many digits. */
  protected override _toValue(value: unknown): Buffer | undefined {
    return typeof value === 'bigint' && fitsPrecision(value, this.precision) ? bytesOfDecimal(value) : undefined
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

const exactLong = new ExactLong() as unknown as avsc.Type

const isLong = (schema: unknown): boolean =>
  schema === 'long' || (typeof schema === 'object' && schema !== null && (schema as { type?: unknown }).type === 'long')

export type Resolver = avsc.Resolver

/** What Kappa uses of avsc's record type. */
export interface RecordType<V> {
  encode(value: V, buffer: Buffer, position: number): number
  toBuffer(value: V): Buffer
  decode(buffer: Buffer, position: number, resolver?: Resolver): { value: V; offset: number }
  createResolver(writer: RecordType<unknown>): Resolver
  isValid(value: unknown, options: { errorHook: (path: readonly string[], value: unknown) => void }): boolean
}

/** Values decoded are plain objects: the prototype is that of object literals, so that deep equality is what it seems. */
function plain(type: avsc.Type): avsc.Type {
  if (type instanceof avsc.types.RecordType) type.recordConstructor.prototype = Object.prototype
  return type
}

/** How every schema is read: decimals as bigint, any other logical type as the number beneath it, longs exactly. */
export const avroOptions = {
  typeHook: (schema: unknown): avsc.Type | undefined => (isLong(schema) ? exactLong : undefined),
  logicalTypes: {
    decimal: DecimalType as unknown as new (schema: avsc.Schema, opts?: unknown) => avsc.types.LogicalType,
  },
  omitRecordMethods: true,
}

/**
 * An avsc type of a record schema. With `fields`, a reader's type that has only these (in the schema's order), for
 * projected decoding. Throws what avsc throws.
 */
export function recordType<V>(avro: string, fields?: readonly string[]): RecordType<V> {
  const schema = JSON.parse(avro) as { fields: readonly { readonly name: string }[] }
  const wanted = fields && new Set(fields)
  const projected = wanted ? { ...schema, fields: schema.fields.filter((field) => wanted.has(field.name)) } : schema
  const type = avsc.Type.forSchema(
    projected as unknown as avsc.Schema,
    { ...avroOptions } as Partial<avsc.ForSchemaOptions>,
  ) // avsc writes into its options
  return plain(type) as unknown as RecordType<V>
}
