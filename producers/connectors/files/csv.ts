import { parse } from 'csv-parse/sync'
import { reasonOf } from '#engine/errors'
import { decoderOf, type Encoding } from './encoding.ts'
import { type Line, linesOf } from './lines.ts'
import { columnName, type FileRecord, type RecordPlace, type RecordReader } from './record.ts'

export interface CsvOptions {
  readonly encoding: Encoding
  /** One byte: `,`, `;`, a tab, `|`. */
  readonly delimiter: string
  /** The columns of files without a header line. */
  readonly columns?: readonly string[]
  /** True where every line ends in a line feed: a last one without was cut, however many columns it has left. */
  readonly finalNewline: boolean
}

/** A quoted field may go over so many lines; one that does not end by then was never meant as one. */
const MOST_LINES = 100
const QUOTE = 0x22

/**
 * Records of CSV (RFC 4180). A record with another number of columns than the header, with broken quotes, bytes that are not
 * of the encoding, or cut by the end of the file, is unread, and the next line begins a new one. Column names are compared
 * without case, spaces or dashes.
 */
export function csvReader(options: CsvOptions): RecordReader {
  return async function* records(path) {
    const cutter = new RecordCutter(options)
    for await (const lines of linesOf(path)) {
      const found = [...cutter.take(lines)]
      if (found.length > 0) yield found
    }
    const last = [...cutter.finish()]
    if (last.length > 0) yield last
  }
}

/** Puts lines together to records. */
class RecordCutter {
  private readonly options: CsvOptions
  private readonly decode: ReturnType<typeof decoderOf>
  private names: readonly string[] | undefined
  private headerReason: string | undefined
  private shape: Readonly<Record<string, string>> | undefined
  /** Lines of a record whose quotes are still open. */
  private open: Line[] = []

  constructor(options: CsvOptions) {
    this.options = options
    this.decode = decoderOf(options.encoding)
    this.names = options.columns?.map(columnName)
  }

  *take(lines: readonly Line[]): Generator<FileRecord> {
    for (const line of lines) {
      if (this.open.length === 0 && !line.bytes.includes(QUOTE)) {
        if (line.bytes.length > 0) yield* this.record([line])
        continue
      }
      this.open.push(line)
      yield* this.closed(false)
    }
  }

  *finish(): Generator<FileRecord> {
    while (this.open.length > 0) yield* this.closed(true)
  }

  /** Hands over the open lines once their quotes are even; where they never will be, the first line alone is broken. */
  private *closed(atEnd: boolean): Generator<FileRecord> {
    const quotes = this.open.reduce((sum, { bytes }) => sum + quotesIn(bytes), 0)
    if (quotes % 2 === 0) {
      const lines = this.open
      this.open = []
      yield* this.record(lines)
    } else if (atEnd || this.open.length >= MOST_LINES) {
      const [first, ...others] = this.open
      this.open = []
      if (first) yield* this.record([first])
      yield* this.take(others)
    }
  }

  private *record(lines: readonly Line[]): Generator<FileRecord> {
    const [first, last] = [lines[0], lines.at(-1)]
    if (first === undefined || last === undefined) return
    const place: RecordPlace = { line: first.number, bytes: [first.at, last.end - first.at] }
    const bytes =
      lines.length === 1
        ? first.bytes
        : Buffer.concat(lines.flatMap((line, i) => (i === 0 ? [line.bytes] : [FEED, line.bytes])))
    const decoded = this.decode(bytes)
    if (this.names === undefined) {
      this.names = []
      if ('reason' in decoded) this.headerReason = `the header is ${decoded.reason}`
      else this.header(decoded.text)
      return
    }
    if ('reason' in decoded) yield { ...place, found: decoded.found, reason: decoded.reason }
    else yield this.cells(place, decoded.text, last.ended)
  }

  private header(text: string): void {
    const fields = this.fields(text)
    if (typeof fields === 'string') this.headerReason = `the header cannot be read: ${fields}`
    else {
      this.names = fields.map(columnName)
      const twice = this.names.find((name, i) => this.names?.indexOf(name) !== i)
      if (twice !== undefined) this.headerReason = `the header has column ${twice} twice`
    }
  }

  private cells(place: RecordPlace, text: string, ended: boolean): FileRecord {
    if (this.headerReason !== undefined) return { ...place, found: text, reason: this.headerReason }
    const fields = this.fields(text)
    if (typeof fields === 'string') return { ...place, found: text, reason: fields }
    const names = this.names ?? []
    const cut = ended ? '' : '; the file ends here'
    if (fields.length !== names.length)
      return { ...place, found: text, reason: `${fields.length} columns instead of ${names.length}${cut}` }
    if (!ended && this.options.finalNewline) return { ...place, found: text, reason: 'the file ends within this line' }
    // a copy of one shape: objects that are made name by name become hash tables
    this.shape ??= Object.fromEntries(names.map((name) => [name, '']))
    const cells = { ...this.shape }
    for (let i = 0; i < names.length; i++) cells[names[i] as string] = fields[i] as string
    return { ...place, cells, found: text }
  }

  /** Fields without a quote, nearly all, are split as they are; the others are csv-parse's. A text is why not. */
  private fields(text: string): readonly string[] | string {
    const { delimiter } = this.options
    if (!text.includes('"')) return text.split(delimiter)
    try {
      const [fields = []] = parse(text, { delimiter, relax_column_count: true }) as string[][]
      return fields
    } catch (thrown) {
      return reasonOf(thrown).replace(/ at line \d+.*$/s, '')
    }
  }
}

const FEED = Buffer.from('\n')

function quotesIn(bytes: Buffer): number {
  let count = 0
  for (let at = bytes.indexOf(QUOTE); at !== -1; at = bytes.indexOf(QUOTE, at + 1)) count++
  return count
}
