import { type ContractField, decimalOfText, type FieldType } from '#engine/schema'
import { DAY_MS } from '../../calendar.ts'
import type { ReadInstant } from './dates.ts'

/** How the texts of a file are spelt. */
export interface Spelling {
  readonly instant: ReadInstant
  /** Between whole number and fraction: `.` or `,`; the other one, spaces and apostrophes may group digits. */
  readonly decimal: '.' | ','
  /** Between the items of a list in a cell of text. */
  readonly listSeparator: string
  /** Cells that mean nothing, beside the empty one: `NULL`, `NA`. */
  readonly empty: readonly string[]
}

/** The value that a cell means; undefined where it means none of the field's type. */
export type ReadValue = (cell: unknown) => unknown

/** What reads cells of a field: text, or what JSON, Parquet and Avro have. Undefined where files cannot hold the type. */
export function valueReader(
  { type, nullable }: Pick<ContractField, 'type' | 'nullable'>,
  spelling: Spelling,
): ReadValue | undefined {
  const read = readerOf(type, spelling)
  if (read === undefined) return undefined
  const { empty } = spelling
  return (cell) => {
    if (cell === null || cell === undefined) return nullable ? null : undefined
    if (nullable && typeof cell === 'string' && (cell === '' || empty.includes(cell))) return null
    return read(cell)
  }
}

function readerOf(type: FieldType, spelling: Spelling): ReadValue | undefined {
  switch (type.kind) {
    case 'string':
    case 'uuid':
      return (cell) => (typeof cell === 'string' ? cell : isPlain(cell) ? String(cell) : undefined)
    case 'boolean':
      return (cell) => (typeof cell === 'boolean' ? cell : BOOLEANS.get(String(cell).toLowerCase()))
    case 'int':
    case 'long':
      return (cell) => {
        const value = numberOf(cell, spelling)
        return Number.isSafeInteger(value) ? value : undefined
      }
    case 'float':
    case 'double':
      return (cell) => numberOf(cell, spelling)
    case 'decimal':
      return (cell) => decimalOf(cell, type.scale, spelling)
    case 'timestamp':
      return (cell) => instantOf(cell, spelling)
    case 'date':
      return (cell) => {
        const instant = instantOf(cell, spelling)
        return instant === undefined ? undefined : Math.floor(instant / DAY_MS)
      }
    case 'enum':
      return (cell) => type.symbols.find((symbol) => symbol === cell) ?? looselyOneOf(type.symbols, cell)
    case 'bytes':
      return (cell) => (cell instanceof Uint8Array ? Buffer.from(cell) : fromBase64(cell))
    case 'array':
      return listReader(type, spelling)
    case 'map':
    case 'record':
      return nestedReader(type, spelling)
    default:
      return undefined
  }
}

const BOOLEANS = new Map([
  ...['true', 't', 'yes', 'y', '1'].map((text) => [text, true] as const),
  ...['false', 'f', 'no', 'n', '0'].map((text) => [text, false] as const),
])

const isPlain = (cell: unknown): boolean => ['number', 'bigint', 'boolean'].includes(typeof cell)

/** `1.234,50` → `1234.50` where the comma is the decimal mark. Undefined where it is no number. */
function numberText(text: string, { decimal }: Spelling): string | undefined {
  const trimmed = text.trim()
  if (decimal === '.' && /^[+-]?\d+(\.\d*)?([eE][+-]?\d+)?$/.test(trimmed)) return trimmed
  const group = decimal === '.' ? ',' : '.'
  if (
    !new RegExp(
      `^[+-]?\\d{1,3}([${group}' \u00a0\u202f]?\\d{3})*([${decimal}]\\d*)?$|^[+-]?\\d+([${decimal}]\\d*)?$`,
    ).test(trimmed)
  )
    return undefined
  return trimmed
    .replace(/[^\d.,+-]/g, '')
    .replaceAll(group, '')
    .replace(decimal, '.')
}

function numberOf(cell: unknown, spelling: Spelling): number | undefined {
  if (typeof cell === 'number') return Number.isFinite(cell) ? cell : undefined
  if (typeof cell === 'bigint') return Number.isSafeInteger(Number(cell)) ? Number(cell) : undefined
  const text = typeof cell === 'string' ? numberText(cell, spelling) : undefined
  return text === undefined ? undefined : Number(text)
}

/** Exact; a binary fraction of JSON or Parquet is what its shortest text says. */
function decimalOf(cell: unknown, scale: number, spelling: Spelling): bigint | undefined {
  if (typeof cell === 'bigint') return cell * 10n ** BigInt(scale)
  if (typeof cell === 'number') return decimalOfText(String(cell), scale)
  const text = typeof cell === 'string' ? numberText(cell, spelling) : undefined
  return text === undefined ? undefined : decimalOfText(text, scale)
}

function instantOf(cell: unknown, { instant }: Spelling): number | undefined {
  if (cell instanceof Date) return Number.isNaN(cell.getTime()) ? undefined : cell.getTime()
  if (typeof cell === 'string') return instant(cell.trim())
  return isPlain(cell) ? instant(String(cell)) : undefined
}

/** `paid` where the symbol is PAID. */
const looselyOneOf = (symbols: readonly string[], cell: unknown): string | undefined => {
  const wanted = typeof cell === 'string' ? cell.trim().toUpperCase() : ''
  return symbols.find((symbol) => symbol.toUpperCase() === wanted)
}

const fromBase64 = (cell: unknown): Buffer | undefined =>
  typeof cell === 'string' && /^[A-Za-z0-9+/]*={0,2}$/.test(cell) ? Buffer.from(cell, 'base64') : undefined

function listReader(
  { items, nullableItems }: Extract<FieldType, { kind: 'array' }>,
  spelling: Spelling,
): ReadValue | undefined {
  const read = valueReader({ type: items, nullable: nullableItems === true }, spelling)
  if (read === undefined) return undefined
  return (cell) => {
    const parts = typeof cell === 'string' ? (cell === '' ? [] : cell.split(spelling.listSeparator)) : cell
    return Array.isArray(parts) ? allOf(parts.map(read)) : undefined
  }
}

const allOf = (values: readonly unknown[]): readonly unknown[] | undefined =>
  values.includes(undefined) ? undefined : values

function nestedReader(type: Extract<FieldType, { kind: 'map' | 'record' }>, spelling: Spelling): ReadValue | undefined {
  const isObject = (cell: unknown): cell is Readonly<Record<string, unknown>> =>
    typeof cell === 'object' && cell !== null && !Array.isArray(cell)
  if (type.kind === 'map') {
    const read = valueReader({ type: type.values, nullable: type.nullableValues === true }, spelling)
    if (read === undefined) return undefined
    return (cell) => {
      if (!isObject(cell)) return undefined
      const entries = Object.entries(cell).map(([name, part]) => [name, read(part)] as const)
      return entries.some(([, part]) => part === undefined) ? undefined : Object.fromEntries(entries)
    }
  }
  const readers = type.fields.map((field) => ({ name: field.name, read: valueReader(field, spelling) }))
  if (readers.some(({ read }) => read === undefined)) return undefined
  return (cell) => {
    if (!isObject(cell)) return undefined
    const value: Record<string, unknown> = {}
    for (const { name, read } of readers) {
      const part = read?.(cell[name])
      if (part === undefined) return undefined
      value[name] = part
    }
    return value
  }
}
