import { KappaError } from '#engine/errors'
import { type Random, randomOf } from '../../shop/random.ts'
import { csvLine } from './cells.ts'
import type { FileLayout } from './layout.ts'

/**
 * missing: a cell is empty · outliers: a number is a hundred times too large, or negative · dates: instants in other
 * spellings · duplicates: a line comes twice · encoding: a whole file of UTF-8 was read as Mac Roman and saved again ·
 * headers: column names in another spelling · truncated: a file ends in the middle of a line.
 */
export const FLAW_KINDS = ['missing', 'outliers', 'dates', 'duplicates', 'encoding', 'headers', 'truncated'] as const
export type FlawKind = (typeof FLAW_KINDS)[number]

export interface FlawOptions {
  readonly kinds: ReadonlySet<FlawKind>
  /** Share of rows with a flaw; files have one with ten times that probability. */
  readonly ratio: number
}

/** Reads `missing,dates` or `all`. Throws CONFIG_INVALID naming what is unknown. */
export function flawKindsOf(text: string): ReadonlySet<FlawKind> {
  if (text === 'all') return new Set(FLAW_KINDS)
  const wrong = text.split(',').find((kind) => !FLAW_KINDS.some((known) => known === kind))
  if (wrong !== undefined)
    throw new KappaError(
      'CONFIG_INVALID',
      `reading --flaws '${text}': there is no '${wrong}', only all or ${FLAW_KINDS.join(', ')}`,
    )
  return new Set(FLAW_KINDS.filter((kind) => text.split(',').includes(kind)))
}

/** Line 0 is the file as a whole. `original` is what the cell or line would have been. */
export interface Flaw {
  readonly file: string
  readonly line: number
  readonly column: string
  readonly kind: FlawKind
  readonly original: string
}

export const FLAW_COLUMNS = ['file', 'line', 'column', 'kind', 'original'] as const
export const flawLine = ({ file, line, column, kind, original }: Flaw): string =>
  csvLine([file, String(line), column, kind, original])

const FILE_FACTOR = 10
const ROW_KINDS: ReadonlySet<FlawKind> = new Set(['missing', 'outliers', 'dates', 'duplicates'])

const INSTANT = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/
const NUMBER = /^-?\d+(\.\d+)?$/

/** What is wrong with one file. The same seed and name give the same flaws. */
export class FileFlaws {
  readonly found: Flaw[] = []
  /** The file is saved in the wrong encoding. */
  readonly misread: boolean
  /** The file ends in the middle of its last line. */
  readonly cut: boolean
  private readonly random: Random
  private readonly rowKinds: readonly FlawKind[]
  private readonly file: string
  private readonly layout: FileLayout
  private readonly options: FlawOptions

  constructor(file: string, layout: FileLayout, seed: number, options: FlawOptions) {
    this.file = file
    this.layout = layout
    this.options = options
    this.random = randomOf(seed, 'flaws', file)
    this.rowKinds = [...options.kinds].filter((kind) => ROW_KINDS.has(kind))
    this.misread = this.whole('encoding')
    this.cut = this.whole('truncated')
  }

  /** The header line's columns, perhaps in another spelling. */
  header(): readonly string[] {
    const { columns } = this.layout
    if (!this.whole('headers')) return columns
    const spelling = this.random.integer(3)
    return columns.map((column) => {
      if (spelling === 0) return column.toUpperCase()
      const words = column.split('_').map((word) => `${word.charAt(0).toUpperCase()}${word.slice(1)}`)
      return spelling === 1 ? words.join(' ') : ` ${column} `
    })
  }

  /** Spoils a row in place; true where its line comes twice. */
  spoil(cells: (string | null)[], line: number): boolean {
    const { random } = this
    if (this.rowKinds.length === 0 || !random.chance(this.options.ratio)) return false
    const kind = random.pick(this.rowKinds)
    if (kind === 'duplicates') {
      this.note(line, '', kind, '')
      return true
    }
    const wanted = kind === 'dates' ? INSTANT : kind === 'outliers' ? NUMBER : /./
    const candidates = cells.flatMap((cell, i) => (cell !== null && wanted.test(cell) && this.mayChange(i) ? [i] : []))
    if (candidates.length === 0) return false
    const column = random.pick(candidates)
    const cell = cells[column] ?? ''
    this.note(line, this.layout.columns[column] ?? '', kind, cell)
    if (kind === 'missing') cells[column] = null
    else if (kind === 'dates') cells[column] = otherSpelling(cell, random)
    else cells[column] = random.chance(0.5) ? `-${cell.replace('-', '')}` : timesHundred(cell)
    return false
  }

  /** Notes what became of the file as a whole, once it is written. */
  noteCut(original: string, line: number): void {
    this.note(line, '', 'truncated', original)
  }

  noteMisread(): void {
    this.note(0, '', 'encoding', 'UTF-8')
  }

  /** The columns that tell rows apart and of what kind they are stay as they are. */
  private mayChange(column: number): boolean {
    const name = this.layout.columns[column] ?? ''
    return column > 0 && !this.layout.rows.some(({ constants }) => name in constants)
  }

  private whole(kind: FlawKind): boolean {
    const flawed = this.options.kinds.has(kind) && this.random.chance(Math.min(1, this.options.ratio * FILE_FACTOR))
    if (flawed && kind === 'headers') this.note(1, '', kind, this.layout.columns.join(' '))
    return flawed
  }

  private note(line: number, column: string, kind: FlawKind, original: string): void {
    this.found.push({ file: this.file, line, column, kind, original })
  }
}

/** `12.34` → `1234.00`: exact, because it moves the point. */
function timesHundred(cell: string): string {
  const [whole = '0', part] = cell.split('.')
  return part === undefined ? `${whole}00` : `${whole}${part.padEnd(2, '0').slice(0, 2)}.${'0'.repeat(part.length)}`
}

const MONTHS = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec']

/** The same instant as other systems spell it; to the second or minute. */
function otherSpelling(instant: string, random: Random): string {
  const [year, month, day, hour, minute, second] = instant.split(/\D/) as [
    string,
    string,
    string,
    string,
    string,
    string,
  ]
  switch (random.integer(4)) {
    case 0:
      return `${day}/${month}/${year} ${hour}:${minute}`
    case 1:
      return `${MONTHS[Number(month) - 1]} ${Number(day)}, ${year} ${hour}:${minute}:${second}`
    case 2:
      return `${year}-${month}-${day} ${hour}:${minute}:${second}`
    default:
      return String(Math.floor(Date.parse(instant) / 1_000))
  }
}

/** What UTF-8 looks like when it was read as Mac Roman and saved as UTF-8 again. */
export const misread = (utf8: Buffer): Buffer => Buffer.from(new TextDecoder('macintosh').decode(utf8))
