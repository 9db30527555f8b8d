import type { SchemaElement } from 'hyparquet-writer'
import { BRANCH, type Composite, type FieldType } from '#engine/schema'

/** How a type stands in Parquet (docs/decisions/0013-types.md): its elements, depth first, and its values. */
export interface ParquetType {
  readonly elements: readonly SchemaElement[]
  /** The value as the writer takes it; null and undefined do not come. */
  convert(value: unknown): unknown
}

type Physical = Omit<SchemaElement, 'name' | 'repetition_type'>

/** Both spellings: without the logical one some readers take the instant for a local time. */
export const INSTANT: Physical = {
  type: 'INT64',
  converted_type: 'TIMESTAMP_MILLIS',
  logical_type: { type: 'TIMESTAMP', isAdjustedToUTC: true, unit: 'MILLIS' },
}

export function parquetType(name: string, type: FieldType, nullable: boolean): ParquetType {
  const repetition_type = nullable ? 'OPTIONAL' : 'REQUIRED'
  switch (type.kind) {
    case 'array': {
      const items = parquetType('element', type.items, type.nullableItems === true)
      return {
        elements: [
          { name, repetition_type, converted_type: 'LIST', num_children: 1 },
          { name: 'list', repetition_type: 'REPEATED', num_children: 1 },
          ...items.elements,
        ],
        convert: (value) => (value as readonly unknown[]).map((item) => convertOrNull(items, item)),
      }
    }
    case 'map': {
      const values = parquetType('value', type.values, type.nullableValues === true)
      return {
        elements: [
          { name, repetition_type, converted_type: 'MAP', num_children: 1 },
          { name: 'key_value', repetition_type: 'REPEATED', num_children: 2 },
          { name: 'key', repetition_type: 'REQUIRED', ...TEXT },
          ...values.elements,
        ],
        convert: (value) =>
          Object.entries(value as object).map(([key, own]) => ({ key, value: convertOrNull(values, own) })),
      }
    }
    case 'record': {
      const fields = type.fields.map(
        (field) => [field.name, parquetType(field.name, field.type, field.nullable)] as const,
      )
      return groupOf(name, nullable, fields)
    }
    case 'union':
      return unionOf(name, nullable, type)
    case 'duration':
      return groupOf(
        name,
        nullable,
        ['months', 'days', 'milliseconds'].map((part) => [part, parquetType(part, { kind: 'long' }, false)] as const),
      )
    default:
      return { elements: [{ name, repetition_type, ...physical(type) }], convert: converter(type) }
  }
}

const convertOrNull = ({ convert }: ParquetType, value: unknown): unknown =>
  value === null || value === undefined ? null : convert(value)

function groupOf(name: string, nullable: boolean, members: readonly (readonly [string, ParquetType])[]): ParquetType {
  const repetition_type = nullable ? 'OPTIONAL' : 'REQUIRED'
  return {
    elements: [
      { name, repetition_type, num_children: members.length },
      ...members.flatMap(([, { elements }]) => elements),
    ],
    convert: (value) => {
      const held = value as Readonly<Record<string, unknown>>
      const group: Record<string, unknown> = {}
      for (const [member, own] of members) group[member] = convertOrNull(own, held[member])
      return group
    },
  }
}

/** A group that says which branch it holds; the members of the others are null. */
function unionOf(name: string, nullable: boolean, { branches }: Extract<FieldType, { kind: 'union' }>): ParquetType {
  const members = branches.map(({ name, member, type }) => ({ name, member, own: parquetType(member, type, true) }))
  const branch: ParquetType = {
    elements: [{ name: BRANCH, repetition_type: 'REQUIRED', ...TEXT }],
    convert: (value) => value,
  }
  const { elements } = groupOf(name, nullable, [
    [BRANCH, branch],
    ...members.map(({ member, own }) => [member, own] as const),
  ])
  return {
    elements,
    convert: (value) => {
      const [held, inner] = Object.entries(value as object)[0] ?? []
      const group: Record<string, unknown> = {}
      for (const { name, member, own } of members) {
        if (name === held) group[BRANCH] = member
        group[member] = name === held ? own.convert(inner) : null
      }
      return group
    },
  }
}

function converter(type: FieldType): (value: unknown) => unknown {
  switch (type.kind) {
    case 'time':
      return (value) => BigInt(value as number) * (type.unit === 'millis' ? 1_000n : 1n)
    case 'long':
    case 'timestamp':
    case 'local-timestamp':
      return (value) => BigInt(value as number | bigint)
    default:
      return (value) => value
  }
}

const TEXT: Physical = { type: 'BYTE_ARRAY', converted_type: 'UTF8' }
const TIMESTAMPS = { millis: 'MILLIS', micros: 'MICROS', nanos: 'NANOS' } as const

/** Parquet's types (parquet-format, LogicalTypes.md); decimals by their unscaled value, so nothing is rounded. */
function physical(type: Exclude<FieldType, Composite>): Physical {
  switch (type.kind) {
    case 'string':
    case 'enum':
      return TEXT
    case 'bytes':
      return { type: 'BYTE_ARRAY' }
    case 'fixed':
      return { type: 'FIXED_LEN_BYTE_ARRAY', type_length: type.size }
    case 'uuid':
      return { type: 'FIXED_LEN_BYTE_ARRAY', type_length: 16, logical_type: { type: 'UUID' } }
    case 'boolean':
      return { type: 'BOOLEAN' }
    case 'int':
      return { type: 'INT32' }
    case 'long':
      return { type: 'INT64' }
    case 'float':
      return { type: 'FLOAT' }
    case 'double':
      return { type: 'DOUBLE' }
    case 'date':
      return { type: 'INT32', converted_type: 'DATE' }
    case 'time':
      return TIME
    case 'timestamp':
      return INSTANT
    case 'fine-timestamp':
      return timestamp(type.unit, true)
    case 'local-timestamp':
      return timestamp(type.unit, false)
    case 'decimal': {
      const { precision, scale } = type
      const wide: Physical = { type: 'FIXED_LEN_BYTE_ARRAY', type_length: precision <= 38 ? 16 : 32 }
      return { ...(precision <= 18 ? { type: 'INT64' } : wide), converted_type: 'DECIMAL', precision, scale }
    }
  }
}

/** The converted types say "adjusted to UTC", so a local time has the logical one alone. */
const timestamp = (unit: 'millis' | 'micros' | 'nanos', isAdjustedToUTC: boolean): Physical => ({
  type: 'INT64',
  ...(isAdjustedToUTC && unit === 'micros' ? { converted_type: 'TIMESTAMP_MICROS' } : {}),
  logical_type: { type: 'TIMESTAMP', isAdjustedToUTC, unit: TIMESTAMPS[unit] },
})

/** Microseconds whatever the contract's unit is: the one that Iceberg knows. */
const TIME: Physical = { type: 'INT64', logical_type: { type: 'TIME', isAdjustedToUTC: false, unit: 'MICROS' } }
