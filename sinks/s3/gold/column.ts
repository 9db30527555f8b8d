import { KappaError } from '#engine/errors'
import { decimalOfText, type FieldType } from '#engine/schema'
import type { Shape } from '../iceberg/types.ts'
import { type ParquetType, parquetType } from '../silver/parquet-type.ts'

/** A column of gold: its name, and its type as ClickHouse writes it. */
export interface GoldColumn {
  readonly name: string
  readonly type: string
}

/** How a column of a table stands in Parquet, and how a value is read that ClickHouse wrote as JSON. */
export interface GoldParquet extends ParquetType {
  readonly read: (json: unknown) => unknown
}

/**
 * Parquet's type for ClickHouse's: what silver writes for the same. Values come as JSON with 64-bit numbers and decimals
 * as text and instants in ISO 8601, so nothing is rounded. Throws CONFIG_INVALID naming a type that gold does not have.
 */
export function goldParquet({ name, type }: GoldColumn): GoldParquet {
  const inner = /^Nullable\((.*)\)$/.exec(type)?.[1]
  const [field, read] = kindOf(inner ?? type, name)
  const { elements, convert } = parquetType(name, field, inner !== undefined)
  return { elements, convert, read: (json) => (json === null ? null : convert(read(json))) }
}

/** The column as an Iceberg table shows it. */
export function goldShape({ name, type }: GoldColumn): Shape {
  const inner = /^Nullable\((.*)\)$/.exec(type)?.[1]
  const [field] = kindOf(inner ?? type, name)
  return { name, required: inner === undefined, type: field }
}

const DAY_MS = 86_400_000

function kindOf(type: string, name: string): readonly [FieldType, (json: unknown) => unknown] {
  const [, precision, scale] = /^Decimal\((\d+), (\d+)\)$/.exec(type) ?? []
  if (precision !== undefined && scale !== undefined) {
    const [digits, places] = [Number(precision), Number(scale)]
    return [{ kind: 'decimal', precision: digits, scale: places }, (json) => decimalOfText(String(json), places)]
  }
  if (/^DateTime(64\(3(, '[^']+')?\)|\('[^']+'\))?$/.test(type))
    return [{ kind: 'timestamp' }, (json) => Date.parse(String(json))]
  switch (type) {
    case 'String':
      return [{ kind: 'string' }, (json) => json]
    case 'Bool':
      return [{ kind: 'boolean' }, (json) => json]
    case 'UInt8':
    case 'UInt16':
    case 'Int32':
      return [{ kind: 'int' }, Number]
    case 'UInt32':
    case 'Int64':
    case 'UInt64':
      return [{ kind: 'long' }, (json) => BigInt(json as string | number)]
    case 'Float64':
      return [{ kind: 'double' }, Number]
    case 'Date':
      return [{ kind: 'date' }, (json) => Date.parse(`${json}T00:00:00Z`) / DAY_MS]
    default:
      throw new KappaError('CONFIG_INVALID', `writing column ${name} as Parquet: there is no way yet for ${type}`)
  }
}
