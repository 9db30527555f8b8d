import { type AnyTopic, type ContractField, decimalText } from '#engine/schema'
import type { FileLayout, RowLayout } from './layout.ts'

/** Text of the cells by column, in the layout's order; null where there is nothing. */
export type Cells = (string | null)[]

/** Writes a part of a value as old systems do; null stays null. */
type Spell = (part: unknown) => string | null

function spellingOf({ type }: ContractField): Spell {
  switch (type.kind) {
    case 'timestamp':
      return (part) => (part === null ? null : new Date(part as number).toISOString())
    case 'decimal':
      return (part) => (part === null ? null : decimalText(part as bigint, type.scale))
    case 'array':
      return (part) => (part as readonly string[]).join('|')
    default:
      return (part) => (part === null ? null : String(part))
  }
}

/** Makes the cells of an event of the topic. */
export function cellsOf(layout: FileLayout, row: RowLayout): (value: object) => Cells {
  const fields = new Map(row.topic.contract.fields.map((field) => [field.name, field]))
  const blank = layout.columns.map((column) => row.constants[column] ?? null)
  const parts = layout.columns.flatMap((column, at) => {
    const field = fields.get(row.fields[column] ?? '')
    return field === undefined ? [] : [{ at, name: field.name, spell: spellingOf(field) }]
  })
  return (value) => {
    const cells = blank.slice()
    for (const { at, name, spell } of parts) cells[at] = spell((value as Readonly<Record<string, unknown>>)[name])
    return cells
  }
}

/** Reads text back; undefined where it is nothing of the kind. */
function readingOf({ type, nullable }: ContractField): (text: string) => unknown {
  const inner = (text: string): unknown => {
    switch (type.kind) {
      case 'string':
        return text
      case 'enum':
        return type.symbols.includes(text) ? text : undefined
      case 'boolean':
        return text === 'true' ? true : text === 'false' ? false : undefined
      case 'timestamp':
        return /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/.test(text) ? Date.parse(text) : undefined
      case 'decimal':
        return /^-?\d+\.\d+$/.test(text) && text.length - text.indexOf('.') - 1 === type.scale
          ? BigInt(text.replace('.', ''))
          : undefined
      case 'array':
        return text.split('|')
      default:
        return /^-?\d+(\.\d+)?(e-?\d+)?$/.test(text) ? Number(text) : undefined
    }
  }
  return (text) => (text === '' && nullable ? null : inner(text))
}

/** An event read back from the cells of a row, or why it cannot be. */
export type Read = { readonly topic: AnyTopic; readonly value: object } | { readonly reason: string }

/**
 * Reads rows of a file that holds whole events, strictly in the spelling that they are written in without flaws: the text
 * of each cell by column name.
 */
export function readerOf(layout: FileLayout): (cells: Readonly<Record<string, string>>) => Read {
  const rows = layout.rows.map((row) => {
    const columns = new Map(Object.entries(row.fields).map(([column, field]) => [field, column]))
    const fields = row.topic.contract.fields.map((field) => {
      return { name: field.name, column: columns.get(field.name) ?? field.name, read: readingOf(field) }
    })
    return { row, fields }
  })
  return (cells) => {
    const found = rows.find(({ row }) =>
      Object.entries(row.constants).every(([column, text]) => cells[column] === text),
    )
    if (!found) return { reason: 'the row is of no known type' }
    const value: Record<string, unknown> = {}
    for (const { name, column, read } of found.fields) {
      const text = cells[column]
      const part = text === undefined ? undefined : read(text)
      if (part === undefined) return { reason: `column ${column} cannot be ${JSON.stringify(text ?? null)}` }
      value[name] = part
    }
    return { topic: found.row.topic, value }
  }
}

const QUOTED = /[",\r\n]/

/** A line of CSV (RFC 4180), ended by a line feed. */
export function csvLine(cells: readonly (string | null)[]): string {
  let line = ''
  for (let i = 0; i < cells.length; i++) {
    const cell = cells[i] ?? ''
    if (i > 0) line += ','
    if (cell !== '') line += QUOTED.test(cell) ? `"${cell.replaceAll('"', '""')}"` : cell
  }
  return `${line}\n`
}

/** An object of JSON on a line, without a line feed; cells that hold nothing are left out. */
export const jsonLine = (columns: readonly string[], cells: readonly (string | null)[]): string =>
  JSON.stringify(Object.fromEntries(columns.flatMap((column, i) => (cells[i] === null ? [] : [[column, cells[i]]]))))
