import {
  closeSync,
  mkdirSync,
  openSync,
  readFileSync,
  renameSync,
  statSync,
  truncateSync,
  writeFileSync,
  writeSync,
} from 'node:fs'
import { dirname, join } from 'node:path'
import { DAY_MS, dateText } from '../../calendar.ts'
import type { WorldEvent } from '../event.ts'
import { HOUR_MS, type WorldSettings } from '../settings.ts'
import { type Cells, cellsOf, csvLine, jsonLine } from './cells.ts'
import { FileFlaws, FLAW_COLUMNS, type Flaw, type FlawOptions, flawLine, misread } from './flaws.ts'
import type { FileLayout } from './layout.ts'
import { layouts } from './layouts.ts'

export interface FilesOptions {
  readonly folder: string
  readonly settings: WorldSettings
  readonly flaws?: FlawOptions
}

/** What was written. */
export interface FilesSummary {
  readonly files: number
  /** Rows by kind of file; a line that comes twice counts once. */
  readonly rows: Readonly<Record<string, number>>
  readonly bytes: number
  readonly flaws: number
}

/** A topic's way into one kind of file. */
interface Way {
  readonly layout: FileLayout
  readonly cells: (value: object) => Cells
}

const waysOf = (): ReadonlyMap<string, readonly Way[]> => {
  const ways = new Map<string, Way[]>()
  for (const layout of layouts)
    for (const row of layout.rows) {
      const way = { layout, cells: cellsOf(layout, row) }
      ways.set(row.topic.name, [...(ways.get(row.topic.name) ?? []), way])
    }
  return ways
}

/**
 * Writes events as the files of the old systems, one a period and kind. A file has its name once it is complete; until
 * then it ends in `.part`. The same events give the same bytes, flaws included.
 */
export class FilesWriter {
  private readonly options: FilesOptions
  private readonly ways = waysOf()
  private readonly open = new Map<FileLayout, OpenFile>()
  private readonly rows: Record<string, number> = {}
  private readonly flaws: Flaw[] = []
  private period = ''
  private files = 0
  private bytes = 0

  constructor(options: FilesOptions) {
    this.options = options
  }

  /** Writes events that come in an hour (since 1970, UTC). Hours come in their order. */
  write(events: readonly WorldEvent[], hour: number): void {
    const period = this.periodOf(hour)
    if (period !== this.period) this.complete(({ per }) => per === 'period')
    this.period = period
    for (const { topic, value } of events)
      for (const { layout, cells } of this.ways.get(topic.name) ?? []) {
        this.fileOf(layout).row(cells(value as object))
        this.rows[layout.stem] = (this.rows[layout.stem] ?? 0) + 1
      }
  }

  /** Completes every file, and with flaws the list of them: `truth/flaws.csv`. */
  close(): FilesSummary {
    this.complete(() => true)
    if (this.options.flaws) {
      const path = join(this.options.folder, 'truth', 'flaws.csv')
      mkdirSync(dirname(path), { recursive: true })
      writeFileSync(path, csvLine(FLAW_COLUMNS) + this.flaws.map(flawLine).join(''))
      this.files++
    }
    return { files: this.files, rows: this.rows, bytes: this.bytes, flaws: this.flaws.length }
  }

  private periodOf(hour: number): string {
    const day = dateText(Math.floor((hour * HOUR_MS) / DAY_MS))
    return this.options.settings.frequency === 'daily' ? day : `${day}_${String(hour % 24).padStart(2, '0')}`
  }

  private fileOf(layout: FileLayout): OpenFile {
    let file = this.open.get(layout)
    if (!file) {
      const name = `${layout.stem}${layout.per === 'period' ? `_${this.period}` : ''}.${layout.format}`
      const { folder, flaws, settings } = this.options
      file = new OpenFile(join(folder, name), layout, flaws && new FileFlaws(name, layout, settings.seed, flaws))
      this.open.set(layout, file)
    }
    return file
  }

  private complete(which: (layout: FileLayout) => boolean): void {
    for (const [layout, file] of this.open) {
      if (!which(layout)) continue
      this.bytes += file.complete()
      this.flaws.push(...(file.flaws?.found ?? []))
      this.files++
      this.open.delete(layout)
    }
  }
}

const BUFFER_CHARACTERS = 1 << 18

class OpenFile {
  readonly flaws: FileFlaws | undefined
  private readonly path: string
  private readonly layout: FileLayout
  private readonly descriptor: number
  private waiting = ''
  private line = 0
  private last = ''

  constructor(path: string, layout: FileLayout, flaws: FileFlaws | undefined) {
    this.path = path
    this.layout = layout
    this.flaws = flaws
    mkdirSync(dirname(path), { recursive: true })
    this.descriptor = openSync(`${path}.part`, 'w')
    if (layout.format === 'csv') this.add(csvLine(flaws?.header() ?? layout.columns))
    else this.waiting = '[\n'
  }

  row(cells: Cells): void {
    const twice = this.flaws?.spoil(cells, this.line + (this.layout.format === 'csv' ? 1 : 2)) === true
    const { format, columns } = this.layout
    const text = format === 'csv' ? csvLine(cells) : jsonLine(columns, cells)
    for (let times = twice ? 2 : 1; times > 0; times--)
      this.add(format === 'csv' ? text : this.line === 0 ? text : `,\n${text}`)
  }

  /** Gives the file its name; its size in bytes. */
  complete(): number {
    if (this.layout.format === 'json') this.waiting += '\n]\n'
    this.flush()
    closeSync(this.descriptor)
    const part = `${this.path}.part`
    if (this.flaws?.cut && this.line > 1) this.cutLast(part, this.flaws)
    let bytes = sizeOf(part)
    if (this.flaws?.misread) {
      const before = readFileSync(part)
      const after = misread(before)
      if (!after.equals(before)) {
        writeFileSync(part, after)
        this.flaws.noteMisread()
        bytes = after.length
      }
    }
    renameSync(part, this.path)
    return bytes
  }

  /** Takes away the second half of the last line, and whatever ends the file. */
  private cutLast(part: string, flaws: FileFlaws): void {
    const end = this.layout.format === 'json' ? '\n]\n' : ''
    const kept = this.last.slice(0, Math.ceil(this.last.length / 2))
    const lost = Buffer.byteLength(this.last) - Buffer.byteLength(kept) + Buffer.byteLength(end)
    truncateSync(part, sizeOf(part) - lost)
    flaws.noteCut(this.last.trim(), this.line + (this.layout.format === 'json' ? 1 : 0))
  }

  private add(text: string): void {
    this.waiting += text
    this.last = text
    this.line++
    if (this.waiting.length > BUFFER_CHARACTERS) this.flush()
  }

  private flush(): void {
    writeSync(this.descriptor, this.waiting)
    this.waiting = ''
  }
}

const sizeOf = (path: string): number => statSync(path).size
