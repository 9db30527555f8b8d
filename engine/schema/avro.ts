import avsc from 'avsc'
import {
  DecimalType,
  DurationType,
  exactLong,
  NamedUnion,
  SafeArray,
  SafeMap,
  TimeMicrosType,
  TimeMillisType,
  UuidType,
  wideLong,
} from './avro-types.ts'

export type Resolver = avsc.Resolver

/** What Kappa uses of avsc's record type. */
export interface RecordType<V> {
  encode(value: V, buffer: Buffer, position: number): number
  toBuffer(value: V): Buffer
  decode(buffer: Buffer, position: number, resolver?: Resolver): { value: V; offset: number }
  createResolver(writer: RecordType<unknown>): Resolver
  isValid(value: unknown, options: { errorHook: (path: readonly string[], value: unknown) => void }): boolean
}

/** Values decoded are plain objects: their prototype is that of object literals, so that deep equality is what it seems. */
function plain(type: avsc.Type): avsc.Type {
  const { types } = avsc
  if (type instanceof types.RecordType) {
    type.recordConstructor.prototype = Object.prototype
    for (const field of type.fields) plain(field.type)
  } else if (type instanceof types.ArrayType) plain(type.itemsType as avsc.Type)
  else if (type instanceof types.MapType) plain(type.valuesType as avsc.Type)
  else if (type instanceof types.WrappedUnionType || type instanceof types.UnwrappedUnionType)
    for (const branch of type.types) {
      const made = (branch as unknown as { readonly _branchConstructor: { prototype: unknown } | null })
        ._branchConstructor
      if (made !== null) made.prototype = Object.prototype
      plain(branch)
    }
  return type
}

const is = (schema: unknown, type: string): boolean =>
  schema === type || (typeof schema === 'object' && schema !== null && (schema as { type?: unknown }).type === type)

/** Unions of more than one type beside null are wrapped (`{ long: 5 }`): by the value alone the branch would be a guess. */
function typeHook(schema: unknown, options: unknown): avsc.Type | undefined {
  if (Array.isArray(schema)) {
    const branches = schema.filter((branch) => branch !== 'null').length
    return branches > 1 ? (new NamedUnion(schema, options) as unknown as avsc.Type) : undefined
  }
  const logical = (schema as { readonly logicalType?: unknown }).logicalType
  if (is(schema, 'long')) {
    if (logical === 'time-micros') return undefined
    return WIDE.has(logical) ? wideLong : exactLong
  }
  if (is(schema, 'map')) return new SafeMap(schema, options) as unknown as avsc.Type
  return is(schema, 'array') ? (new SafeArray(schema, options) as unknown as avsc.Type) : undefined
}

const WIDE: ReadonlySet<unknown> = new Set([
  ...['timestamp-micros', 'timestamp-nanos', 'local-timestamp-micros', 'local-timestamp-nanos'],
])

type Logical = new (schema: avsc.Schema, opts?: unknown) => avsc.types.LogicalType

/** How every schema is read. A logical type that is not among these is the type beneath it. */
export const avroOptions = {
  typeHook: typeHook as (schema: unknown) => avsc.Type | undefined,
  logicalTypes: {
    decimal: DecimalType as unknown as Logical,
    uuid: UuidType as Logical,
    'time-millis': TimeMillisType as Logical,
    'time-micros': TimeMicrosType as Logical,
    duration: DurationType as Logical,
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
