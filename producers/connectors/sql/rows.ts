import { createHash } from 'node:crypto'
import { KappaError } from '#engine/errors'
import type { SourceRow } from '#engine/ingest'
import type { ContractField } from '#engine/schema'
import { originText } from '../origin.ts'
import type { Cell, Column, SqlSource, SqlTable } from './contract.ts'
import { checkpointName } from './progress.ts'
import { misfit, reads, Unreadable, type ValueOf } from './values.ts'

/** A table as it is: its columns beside what they become. */
export interface OpenTable {
  readonly table: SqlTable
  /** Every column that is read. */
  readonly select: readonly Column[]
  readonly key: readonly Column[]
  readonly mark: Column
  /** The values of some columns of a row. */
  cells(row: readonly Cell[], columns: readonly Column[]): readonly string[]
  /** The event of a row, or why it is none. */
  rowOf(row: readonly Cell[], line: number, takenAt: number): SourceRow
}

/** Fields that may be null, whose usual column is not there, are null. */
function withoutAbsent(table: SqlTable, there: readonly Column[]): SqlTable {
  const { contract } = table.topic
  const absent = table.usual.filter(
    (field) =>
      contract.fields.some(({ name, nullable }) => name === field && nullable) &&
      !there.some(({ name }) => name === table.columns[field]),
  )
  const left = Object.entries(table.columns).filter(([field]) => !absent.includes(field))
  return { ...table, columns: Object.fromEntries(left) }
}

/** One field of the contract out of a row. */
type Part = (row: readonly Cell[]) => unknown

/**
 * Brings a table's columns and its contract together. Throws CONFIG_INVALID naming the column or field where something is
 * missing, or would be lost.
 */
export function openTable(source: SqlSource, declared: SqlTable, columns: readonly Column[]): OpenTable {
  const table = withoutAbsent(declared, columns)
  const refuse = (why: string): never => {
    throw new KappaError('CONFIG_INVALID', `taking in ${source.name}: table ${table.name}: ${why}`)
  }
  if (columns.length === 0) refuse('the database has none of this name, or does not show it to this account')
  const column = (name: string): Column =>
    columns.find((one) => one.name === name) ??
    refuse(`it has no column ${name}; there are ${columns.map((one) => one.name).join(', ')}`)
  const mark = column(table.mark.column)
  const key = table.key.map(column)
  checkMark(source, table, mark, refuse)
  const nullable = key.find((one) => one.nullable)
  if (nullable !== undefined) refuse(`key column ${nullable.name} may be null, and so does not tell rows apart`)
  const joined = Object.values(table.join).flatMap((template) => placesIn(template))
  const used = [...table.key, mark.name, ...Object.values(table.columns), ...joined].map(column)
  const select = [...new Set(used)]
  const at = new Map(select.map(({ name }, index) => [name, index]))
  const cellOf = (row: readonly Cell[], name: string): Cell => row[at.get(name) ?? -1] ?? null
  const parts: [string, Part][] = table.topic.contract.fields.flatMap((field) => {
    const part = partOf(source, table, field, column, cellOf, refuse)
    return part === undefined ? [] : [[field.name, part]]
  })
  const cells = (row: readonly Cell[], of: readonly Column[]): readonly string[] =>
    of.map(({ name }) => String(cellOf(row, name)))
  const hidden = keyIsPersonal(table)
  const place = (row: readonly Cell[], line: number, takenAt: number) => {
    const text = table.key.map((name) => `${name}=${String(cellOf(row, name))}`).join('&')
    const shown = hidden ? createHash('sha256').update(text).digest('hex').slice(0, 16) : text
    return {
      file: `${source.name}/${table.name}?${shown}`,
      line,
      origin: originText({ source: checkpointName(source), unit: table.name, line, takenAt }),
    }
  }
  return {
    ...{ table, select, key, mark, cells },
    rowOf(row, line, takenAt) {
      const { topic } = table
      try {
        const value = Object.fromEntries(parts.map(([name, part]) => [name, part(row)]))
        return { topic, value, place: place(row, line, takenAt) }
      } catch (thrown) {
        if (!(thrown instanceof Unreadable)) throw thrown
        const found = foundOf(table, row, cellOf)
        return { topic, found, reason: thrown.message, place: place(row, line, takenAt) }
      }
    },
  }
}

/** The row as found, by the names of the fields: so that personal ones are sealed in dead letters too. */
function foundOf(table: SqlTable, row: readonly Cell[], cellOf: (row: readonly Cell[], name: string) => Cell) {
  const texts = Object.entries(table.columns).map(([field, name]) => {
    const cell = cellOf(row, name)
    return [field, Buffer.isBuffer(cell) ? cell.toString('base64') : cell] as const
  })
  return { ...table.set, ...Object.fromEntries(texts) }
}

function partOf(
  { timeZone }: SqlSource,
  table: SqlTable,
  field: ContractField,
  column: (name: string) => Column,
  cellOf: (row: readonly Cell[], name: string) => Cell,
  refuse: (why: string) => never,
): Part | undefined {
  const { name, type, nullable } = field
  const template = table.join[name]
  if (template !== undefined)
    return (row) =>
      template.replaceAll(/\{(\w+)\}/g, (_, own: string) => {
        const cell = cellOf(row, own)
        if (cell === null) throw new Unreadable(`column ${own} is null, and field ${name} is made of it`)
        return String(cell)
      })
  const fixed = table.set[name]
  if (fixed !== undefined) {
    const text: Column = { name: `'${fixed}'`, kind: 'text', type: 'text', nullable: false, fraction: 0 }
    const value = reads(type, text, timeZone)(fixed)
    return () => value
  }
  const own = table.columns[name]
  if (own === undefined) return nullable ? () => null : undefined
  const found = column(own)
  const wrong = misfit(type, found, table.truncate.includes(name))
  if (wrong !== undefined) refuse(`field ${name}: ${wrong}`)
  const value: ValueOf = reads(type, found, timeZone)
  return (row) => {
    const cell = cellOf(row, own)
    if (cell !== null) return value(cell)
    if (nullable) return null
    throw new Unreadable(`column ${own} is null, and field ${name} may not be`)
  }
}

const ZONES_WITHOUT_CHANGES = /^(UTC|Etc\/.*|[+-]\d{2}:\d{2})$/

function checkMark({ timeZone }: SqlSource, { mark }: SqlTable, column: Column, refuse: (why: string) => never): void {
  if (mark.kind === 'id') {
    if (column.kind !== 'integer') refuse(`mark ${column.name} is ${column.type}, not a whole number`)
    return
  }
  if (column.kind === 'instant') return
  if (column.kind !== 'local-timestamp') refuse(`mark ${column.name} is ${column.type}, not a moment`)
  if (!ZONES_WITHOUT_CHANGES.test(timeZone))
    refuse(
      `mark ${column.name} has no zone, and clocks in ${timeZone} are set back: rows of that hour would be missed; take a column with a zone, or an id`,
    )
  if (timeZone !== 'UTC')
    refuse(`mark ${column.name} has no zone and is in ${timeZone}: only UTC can be compared with the clock`)
}

/** Columns that a template names. */
export const placesIn = (template: string): readonly string[] =>
  [...template.matchAll(/\{(\w+)\}/g)].map(([, name = '']) => name)

/** True where a key column becomes a field that is sealed: then nothing in the clear may tell it. */
export function keyIsPersonal({ topic, columns, key }: SqlTable): boolean {
  const sealed = topic.contract.fields.filter(({ pii }) => pii?.sealed === true)
  return sealed.some(({ name }) => key.includes(columns[name] ?? ''))
}
