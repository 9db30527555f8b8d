import type { ContractField, FieldType } from '#engine/schema'
import { Bytes } from './bytes.ts'

/** A column in the making. Values come as the topic's decoder gives them: decimals unscaled, times in milliseconds. */
export interface ColumnWriter {
  readonly name: string
  /** The type sent: plain where the table's is LowCardinality; ClickHouse converts. */
  readonly type: string
  put(value: unknown): void
  /** Its data, in order. */
  parts(): readonly Uint8Array[]
}

/** Why a value cannot be stored in a column although it is a value of its schema; undefined where it can. */
export type Refusal = (value: unknown) => string | undefined

/** DateTime64(3) and Date32 hold 1900-01-01 up to 2299-12-31. */
const FIRST_DAY = -25_567
const LAST_DAY = 120_529
const DAY_MS = 86_400_000

export function writerOf({ name, type, nullable }: ContractField): ColumnWriter {
  if (type.kind === 'array') return arrayWriter(name, type.items)
  const { sent, put, zero } = scalar(type)
  const data = new Bytes()
  if (!nullable) return { name, type: sent, put: (value) => put(data, value), parts: () => [data.view()] }
  const nulls = new Bytes()
  return {
    name,
    type: `Nullable(${sent})`,
    put: (value) => {
      const absent = value === null || value === undefined
      nulls.u8(absent ? 1 : 0)
      put(data, absent ? zero : value)
    },
    parts: () => [nulls.view(), data.view()],
  }
}

function arrayWriter(name: string, items: FieldType): ColumnWriter {
  const inner = writerOf({ name, type: items, nullable: false, doc: '' })
  const ends = new Bytes()
  let end = 0
  return {
    name,
    type: `Array(${inner.type})`,
    put: (value) => {
      const list = (value ?? []) as readonly unknown[]
      for (const item of list) inner.put(item)
      end += list.length
      ends.i64(end)
    },
    parts: () => [ends.view(), ...inner.parts()],
  }
}

interface Scalar {
  readonly sent: string
  readonly zero: unknown
  put(data: Bytes, value: unknown): void
}

/** Bytes of a decimal in ClickHouse; contracts reach 38 digits at most in Avro's practice, ClickHouse 76. */
const decimalWidth = (precision: number): 8 | 16 | 32 => (precision <= 18 ? 8 : precision <= 38 ? 16 : 32)

function scalar(type: Exclude<FieldType, { kind: 'array' }>): Scalar {
  switch (type.kind) {
    case 'string':
    case 'enum':
      return { sent: 'String', zero: '', put: (data, value) => data.text(value as string) }
    case 'bytes':
      return { sent: 'String', zero: Buffer.alloc(0), put: (data, value) => data.blob(value as Uint8Array) }
    case 'boolean':
      return { sent: 'Bool', zero: false, put: (data, value) => data.u8(value === true ? 1 : 0) }
    case 'int':
      return { sent: 'Int32', zero: 0, put: (data, value) => data.u32(value as number) }
    case 'date':
      return { sent: 'Date32', zero: 0, put: (data, value) => data.u32(value as number) }
    case 'long':
      return { sent: 'Int64', zero: 0, put: (data, value) => data.i64(value as number) }
    case 'timestamp':
      return { sent: "DateTime64(3, 'UTC')", zero: 0, put: (data, value) => data.i64(value as number) }
    case 'double':
      return { sent: 'Float64', zero: 0, put: (data, value) => data.f64(value as number) }
    case 'decimal': {
      const width = decimalWidth(type.precision)
      // Up to 9 digits ClickHouse keeps 4 bytes; Decimal(18, s) is sent instead and converted exactly.
      const sent = `Decimal(${Math.max(type.precision, 18)}, ${type.scale})`
      return { sent, zero: 0n, put: (data, value) => data.wide(value as bigint, width) }
    }
  }
}

/** The check of a field that can hold values its column cannot; undefined where every value fits. */
export function refusalOf({ name, type }: ContractField): Refusal | undefined {
  switch (type.kind) {
    case 'decimal': {
      const limit = 10n ** BigInt(type.precision)
      return (value) =>
        typeof value === 'bigint' && (value >= limit || value <= -limit)
          ? `column ${name}: ${value} (unscaled) has more than ${type.precision} digits`
          : undefined
    }
    case 'timestamp':
      return (value) =>
        typeof value === 'number' && (value < FIRST_DAY * DAY_MS || value >= (LAST_DAY + 1) * DAY_MS)
          ? `column ${name}: ${value} ms is outside the years 1900 to 2299`
          : undefined
    case 'date':
      return (value) =>
        typeof value === 'number' && (value < FIRST_DAY || value > LAST_DAY)
          ? `column ${name}: day ${value} is outside the years 1900 to 2299`
          : undefined
    case 'array': {
      const inner = refusalOf({ name, type: type.items, nullable: false, doc: '' })
      return inner && ((value) => (value as readonly unknown[]).map(inner).find((reason) => reason !== undefined))
    }
    default:
      return undefined
  }
}
