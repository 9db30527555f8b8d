import {
  bool,
  columnFromArray,
  type DataType,
  dateDay,
  decimal,
  float64,
  int64,
  TimeUnit,
  tableFromColumns,
  tableToIPC,
  timestamp,
  utf8,
} from '@uwdata/flechette'
import { decimalOfText } from '#engine/schema'
import type { Column, Row } from '../relation.ts'

/** Rows as an Arrow IPC stream: decimals exact, instants in milliseconds UTC, dates as days. */
export function arrowOf(columns: readonly Column[], rows: readonly Row[]): Buffer {
  const table = tableFromColumns(
    columns.map((column) => {
      const value = reader(column)
      const values = rows.map((row) => {
        const own = row[column.name]
        return own === null || own === undefined ? null : value(own)
      })
      return [column.name, columnFromArray(values, typeOf(column))] as const
    }),
  )
  const bytes = tableToIPC(table, { format: 'stream' })
  if (bytes === null) throw new Error('Arrow made no bytes of a table')
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)
}

function typeOf({ kind, precision = 38, scale = 0 }: Column): DataType {
  switch (kind) {
    case 'boolean':
      return bool()
    case 'integer':
      return int64()
    case 'number':
      return float64()
    case 'decimal':
      return decimal(precision, scale, 128)
    case 'date':
      return dateDay()
    case 'instant':
      return timestamp(TimeUnit.MILLISECOND, 'UTC')
    default:
      return utf8()
  }
}

/** A value of JSON as Arrow takes it. */
function reader({ kind, scale = 0 }: Column): (value: unknown) => unknown {
  switch (kind) {
    case 'integer':
      return (value) => BigInt(value as number)
    case 'decimal':
      return (value) => decimalOfText(value as string, scale)
    case 'date':
    case 'instant':
      return (value) => Date.parse(value as string)
    case 'json':
      return (value) => JSON.stringify(value)
    default:
      return (value) => value
  }
}
