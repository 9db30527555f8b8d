import { row, type SourceRow } from '#engine/ingest'
import type { AnyTopic, Topic } from '#engine/schema'
import type { CsvLine } from '../connectors/csv.ts'

/** A cell that its column does not allow; the message names the column. */
export class Unreadable extends Error {}

export type Columns = Readonly<Record<string, string>>

const isMissing = (cell: string | undefined): boolean =>
  cell === undefined || cell === 'NA' || cell === '' || cell === '\\N'

export const text = (columns: Columns, name: string): string | null =>
  isMissing(columns[name]) ? null : (columns[name] as string)

export function requiredText(columns: Columns, name: string): string {
  const cell = text(columns, name)
  if (cell === null) throw new Unreadable(`column ${name} is empty`)
  return cell
}

/** Null for `NA`, as the data set spells what nobody measured. */
export function number(columns: Columns, name: string): number | null {
  const cell = text(columns, name)
  if (cell === null) return null
  if (!/^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i.test(cell)) throw new Unreadable(`column ${name} is no number: ${cell}`)
  return Number(cell)
}

export function requiredNumber(columns: Columns, name: string): number {
  const value = number(columns, name)
  if (value === null) throw new Unreadable(`column ${name} is empty`)
  return value
}

/** An instant as `2013-01-01T10:00:00Z`, milliseconds. */
export function instant(columns: Columns, name: string): number {
  const cell = requiredText(columns, name)
  const milliseconds = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/.test(cell) ? Date.parse(cell) : Number.NaN
  if (Number.isNaN(milliseconds)) throw new Unreadable(`column ${name} is no instant: ${cell}`)
  return milliseconds
}

/** The value that `make` reads from a line, or the line as a broken row. */
export function rowOf<V>(topic: Topic<V>, file: string, line: CsvLine, make: (columns: Columns) => V): SourceRow {
  const place = { file, line: line.line }
  if ('reason' in line) return { topic: topic as AnyTopic, found: line.found, reason: line.reason, place }
  try {
    return row(topic, make(line.columns), place)
  } catch (thrown) {
    if (!(thrown instanceof Unreadable)) throw thrown
    return { topic: topic as AnyTopic, found: line.columns, reason: thrown.message, place }
  }
}
