import { z } from 'zod'
import { arrowOf } from '../formats/arrow.ts'
import { csvOf } from '../formats/csv.ts'
import type { Format } from '../parameters.ts'
import type { Column, Row } from '../relation.ts'
import { json } from '../route.ts'

/** What a row is in JSON, for the OpenAPI document and for tests. */
export const rowSchema = (columns: readonly Column[]) =>
  z.strictObject(Object.fromEntries(columns.map((column) => [column.name, valueSchema(column)])))

function valueSchema(column: Column): z.ZodType {
  const own = ofKind(column)
  return (column.nullable ? own.nullable() : own).describe(column.doc)
}

function ofKind({ kind }: Column): z.ZodType {
  switch (kind) {
    case 'boolean':
      return z.boolean()
    case 'integer':
      return z.int()
    case 'number':
      return z.number()
    case 'decimal':
      return z.string().regex(/^-?\d+(\.\d+)?$/)
    case 'date':
      return z.iso.date()
    case 'instant':
      return z.iso.datetime()
    case 'text':
      return z.string()
    case 'json':
      return z.unknown()
  }
}

/** Rows in the format that was asked for; `body` makes what JSON has around them. */
export function bodyOf(
  format: Format,
  columns: readonly Column[],
  rows: readonly Row[],
  body: (rows: readonly Row[]) => unknown,
): Buffer {
  if (format === 'csv') return csvOf(columns, rows)
  return format === 'arrow' ? arrowOf(columns, rows) : json(body(rows))
}
