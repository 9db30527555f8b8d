import { createReadStream } from 'node:fs'
import { type CsvError, parse } from 'csv-parse'
import { KappaError } from '#engine/errors'

/** A line of a CSV file: its columns by name, or what is wrong with it. */
export type CsvLine =
  | { readonly line: number; readonly columns: Readonly<Record<string, string>> }
  | { readonly line: number; readonly found: string; readonly reason: string }

/**
 * The records of a CSV file (RFC 4180) with a header line, streamed. `line` is where a record ends, counted from 1 with the
 * header. A record with another number of columns, or with broken quotes, comes as what was found; the rest goes on.
 * Throws CONFIG_INVALID naming the file where it cannot be read or lacks one of the columns.
 */
export async function* csvLines(path: string, required: readonly string[]): AsyncGenerator<CsvLine> {
  const broken: CsvLine[] = []
  let names: readonly string[] | undefined
  const parser = parse({
    bom: true,
    info: true,
    raw: true,
    relax_column_count: true,
    skip_records_with_error: true,
    on_skip: (error, raw) => {
      broken.push({ line: lineOf(error), found: (raw ?? '').trimEnd(), reason: error?.message ?? 'the line is no CSV' })
    },
  })
  const source = createReadStream(path)
  source.once('error', (cause) => parser.destroy(cause))
  source.pipe(parser)
  try {
    for await (const { info, record, raw } of parser as AsyncIterable<Parsed>) {
      if (names === undefined) {
        names = record
        const missing = required.filter((name) => !record.includes(name))
        if (missing.length > 0)
          throw new KappaError('CONFIG_INVALID', `reading ${path}: it has no column ${missing.join(', ')}`)
        continue
      }
      yield* broken.splice(0)
      const line = info.lines
      if (record.length === names.length) yield { line, columns: columnsOf(names, record) }
      else yield { line, found: raw.trimEnd(), reason: `${record.length} columns instead of ${names.length}` }
    }
    yield* broken.splice(0)
  } catch (cause) {
    if (cause instanceof KappaError) throw cause
    throw new KappaError('CONFIG_INVALID', `reading ${path} as CSV`, { cause })
  } finally {
    source.destroy()
    parser.destroy()
  }
}

interface Parsed {
  readonly info: { readonly lines: number }
  readonly record: readonly string[]
  readonly raw: string
}

const lineOf = (error: CsvError | undefined): number => Number(error?.lines ?? 0)

function columnsOf(names: readonly string[], record: readonly string[]): Record<string, string> {
  const columns: Record<string, string> = {}
  for (let i = 0; i < names.length; i++) columns[names[i] as string] = record[i] as string
  return columns
}
