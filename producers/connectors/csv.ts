import { createReadStream } from 'node:fs'
import { parse } from 'csv-parse/sync'
import { KappaError, reasonOf } from '#engine/errors'

/** A record of a CSV file: its columns by name, or what is wrong with it. `line` is where it begins; the header is line 1. */
export type CsvLine =
  | { readonly line: number; readonly columns: Readonly<Record<string, string>> }
  | { readonly line: number; readonly found: string; readonly reason: string }

/** A quoted field may go over so many lines; one that does not end by then was never meant as one. */
const MOST_LINES = 100

/**
 * The records of a CSV file (RFC 4180) with a header line, in batches, in bounded memory. A record with another number of
 * columns than the header, or with broken quotes, comes as what was found, and the next line begins a new record.
 * Throws CONFIG_INVALID naming the file where it cannot be read or lacks one of the `required` columns.
 */
export async function* csvLines(path: string, required: readonly string[]): AsyncGenerator<readonly CsvLine[]> {
  const doing = `reading ${path} as CSV`
  const records = new Records()
  let names: readonly string[] | undefined
  try {
    for await (const chunk of createReadStream(path, { encoding: 'utf8', highWaterMark: 1 << 18 }))
      if (records.add(chunk as string)) yield* taken(false)
    yield* taken(true)
  } catch (cause) {
    throw cause instanceof KappaError ? cause : new KappaError('CONFIG_INVALID', doing, { cause })
  }
  if (names === undefined) throw new KappaError('CONFIG_INVALID', `${doing}: it is empty`)

  function* taken(whole: boolean): Generator<readonly CsvLine[]> {
    const lines: CsvLine[] = []
    for (const record of records.take(whole)) {
      if (names !== undefined) lines.push(lineOf(record, names))
      else names = headerOf(record, required, doing)
    }
    if (lines.length > 0) yield lines
  }
}

interface RawRecord {
  readonly line: number
  readonly text: string
  /** Undefined where the quotes are broken. */
  readonly fields: readonly string[] | undefined
  readonly reason: string
}

function headerOf({ fields, reason }: RawRecord, required: readonly string[], doing: string): readonly string[] {
  if (fields === undefined) throw new KappaError('CONFIG_INVALID', `${doing}: its header cannot be read: ${reason}`)
  const missing = required.filter((name) => !fields.includes(name))
  if (missing.length === 0) return fields
  throw new KappaError('CONFIG_INVALID', `${doing}: it has no column ${missing.join(', ')}`)
}

function lineOf({ line, text, fields, reason }: RawRecord, names: readonly string[]): CsvLine {
  if (fields === undefined) return { line, found: text, reason }
  if (fields.length !== names.length)
    return { line, found: text, reason: `${fields.length} columns instead of ${names.length}` }
  const columns: Record<string, string> = {}
  for (let i = 0; i < names.length; i++) columns[names[i] as string] = fields[i] as string
  return { line, columns }
}

/** Cuts text into records. Lines without a quote, nearly all, are split as they are; the others are csv-parse's. */
class Records {
  private rest = ''
  private line = 1

  /** True where a line ended. */
  add(chunk: string): boolean {
    this.rest += this.line === 1 && this.rest === '' ? chunk.replace(/^\uFEFF/, '') : chunk
    return chunk.includes('\n')
  }

  /** The records that are complete; with `whole` what is left is one too. */
  *take(whole: boolean): Generator<RawRecord> {
    const text = this.rest
    let start = 0
    while (start < text.length) {
      const end = lineEnd(text, start, whole)
      if (end === undefined) break
      const first = trimmed(text.slice(start, end))
      if (!first.includes('"')) {
        if (first !== '') yield { line: this.line, text: first, fields: first.split(','), reason: '' }
        this.line++
        start = end
        continue
      }
      const quoted = quotedRecord(text, start, end, whole)
      if (quoted === undefined) break
      const { fields, reason } = quoted
      yield { line: this.line, text: quoted.text, fields, reason }
      this.line += quoted.lines
      start = quoted.end
    }
    this.rest = text.slice(start)
  }
}

/** The index behind the line that begins at `start`; undefined where more text has to come. */
function lineEnd(text: string, start: number, whole: boolean): number | undefined {
  const at = text.indexOf('\n', start)
  if (at !== -1) return at + 1
  return whole ? text.length : undefined
}

const trimmed = (line: string): string => line.replace(/\r?\n?$/, '')

const balanced = (text: string): boolean => ((text.match(/"/g)?.length ?? 0) & 1) === 0

/** A record with quotes: as many lines as its quotes need; undefined where more text has to come. */
function quotedRecord(text: string, start: number, firstEnd: number, whole: boolean) {
  let end = firstEnd
  let lines = 1
  while (!balanced(text.slice(start, end)) && lines < MOST_LINES && end < text.length) {
    const next = lineEnd(text, end, whole)
    if (next === undefined) return undefined
    end = next
    lines++
  }
  if (!balanced(text.slice(start, end)) && lines < MOST_LINES && !whole) return undefined
  const record = trimmed(text.slice(start, end))
  try {
    const [fields] = parse(record, { relax_column_count: true }) as string[][]
    return { text: record, fields, reason: '', end, lines }
  } catch (thrown) {
    const reason = reasonOf(thrown).replace(/ at line \d+.*$/s, '')
    return { text: trimmed(text.slice(start, firstEnd)), fields: undefined, reason, end: firstEnd, lines: 1 }
  }
}
