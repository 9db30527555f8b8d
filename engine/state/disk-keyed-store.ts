import { ENTRIES_PER_BLOCK } from './block.ts'
import { ByteReader, ByteWriter } from './bytes.ts'
import { type DiskChange, DiskFile, type DueRow } from './disk-file.ts'
import {
  type Due,
  type KeyedEntry,
  type KeyedState,
  nextOf,
  readContent,
  readEntry,
  writeContent,
  writeEntry,
} from './keyed-store.ts'
import { TimeHeap } from './time-heap.ts'

/** Entries kept in memory beside those that the file does not have yet. */
const CACHED = 10_000
/** Entries restored that go to the file at once, before the restore is complete. */
const RESTORED_AT_ONCE = 20_000
const ROWS_AHEAD = 256

/**
 * Typed state by key that is larger than memory: in a local file, with what changed since the file was written last in
 * memory. The file is written after each commit and says which one it reflects; the changelog stays the truth.
 */
export class DiskKeyedStore implements KeyedState {
  readonly tag: string
  readonly #ttlMs: number | undefined
  readonly #file: DiskFile
  /** What the file does not have yet; undefined: gone. */
  readonly #fresh = new Map<string, KeyedEntry | undefined>()
  readonly #dirty = new Set<string>()
  readonly #cache = new Map<string, KeyedEntry>()
  /** When entries of `#fresh` are due. */
  readonly #heap = new TimeHeap<KeyedEntry>()
  /** Rows of the file that are due next; those of fresh entries are passed over. */
  #ahead: DueRow[] = []
  #behind: DueRow | undefined
  #exhausted = false
  #entries: number
  readonly #writer = new ByteWriter()

  constructor(tag: string, ttlMs: number | undefined, folder: string) {
    this.tag = tag
    this.#ttlMs = ttlMs
    this.#file = new DiskFile(folder)
    if (this.#file.mark === undefined) this.#file.clear()
    this.#entries = this.#file.count
  }

  /** What the file reflects, as `persist` was told; undefined where that is not known. */
  get mark(): Buffer | undefined {
    return this.#file.mark
  }

  get entries(): number {
    return this.#entries
  }

  get nextDue(): number {
    return Math.min(this.#heap.time, this.#nextRow()?.time ?? Number.POSITIVE_INFINITY)
  }

  get(text: string): KeyedEntry | undefined {
    if (this.#fresh.has(text)) return this.#fresh.get(text)
    const cached = this.#cache.get(text)
    if (cached) return cached
    const filed = this.#file.get(text)
    if (!filed) return undefined
    const entry = readContent(new ByteReader(contentOf(filed)), text)
    this.#remember(entry)
    return entry
  }

  /** In the order of the file, then what it does not have yet. */
  *all(): Iterable<KeyedEntry> {
    for (const { text, content } of this.#filed()) yield readContent(new ByteReader(content), text)
    for (const entry of this.#fresh.values()) if (entry) yield entry
  }

  put(entry: KeyedEntry): void {
    this.#dirty.add(entry.text)
    this.#set(entry)
  }

  #set(entry: KeyedEntry): void {
    const { text } = entry
    if (!this.#known(text)) this.#entries++
    const before = this.#fresh.get(text)
    this.#fresh.set(text, entry)
    this.#cache.delete(text)
    if (before !== entry) entry.scheduled = Number.POSITIVE_INFINITY
    this.#schedule(entry)
  }

  remove(text: string): void {
    if (!this.#known(text)) return
    this.#dirty.add(text)
    this.#drop(text)
  }

  #drop(text: string): void {
    if (this.#known(text)) this.#entries--
    this.#fresh.set(text, undefined)
    this.#cache.delete(text)
  }

  #known(text: string): boolean {
    return this.#fresh.has(text) ? this.#fresh.get(text) !== undefined : this.#cache.has(text) || this.#file.has(text)
  }

  #remember(entry: KeyedEntry): void {
    this.#cache.set(entry.text, entry)
    if (this.#cache.size <= CACHED) return
    for (const oldest of this.#cache.keys()) {
      this.#cache.delete(oldest)
      return
    }
  }

  #schedule(entry: KeyedEntry): void {
    const next = nextOf(entry, this.#ttlMs)
    if (next >= entry.scheduled) return
    entry.scheduled = next
    this.#heap.push(next, entry.text, entry)
  }

  due(time: number): Due | undefined {
    const fresh = this.#freshDue(time)
    const row = this.#nextRow()
    if (row === undefined || row.time > time) return fresh
    if (fresh && (fresh.time < row.time || (fresh.time === row.time && fresh.entry.text < row.text))) return fresh
    const entry = this.get(row.text)
    return entry && { time: row.time, entry, kind: entry.timers[0] === row.time ? 'timer' : 'expiry' }
  }

  /** As in memory: what the heap says may be early, never late. */
  #freshDue(time: number): Due | undefined {
    for (;;) {
      const { item: entry, time: soonest, text } = this.#heap
      if (entry === undefined || soonest > time) return undefined
      const alive = this.#fresh.get(text) === entry
      const next = nextOf(entry, this.#ttlMs)
      if (alive && next === soonest) return { time: next, entry, kind: entry.timers[0] === next ? 'timer' : 'expiry' }
      this.#heap.pop()
      if (!alive || soonest !== entry.scheduled) continue
      entry.scheduled = Number.POSITIVE_INFINITY
      this.#schedule(entry)
    }
  }

  /** The file's next row whose entry did not change since. */
  #nextRow(): DueRow | undefined {
    for (;;) {
      const row = this.#ahead[this.#ahead.length - 1]
      if (row !== undefined) {
        if (!this.#fresh.has(row.text)) return row
        this.#ahead.pop()
        continue
      }
      if (this.#exhausted) return undefined
      const rows = this.#file.due(this.#behind, ROWS_AHEAD)
      this.#behind = rows.at(-1)
      this.#exhausted = rows.length < ROWS_AHEAD
      this.#ahead = rows.reverse()
    }
  }

  writeDelta(writer: ByteWriter): boolean {
    if (this.#dirty.size === 0) return false
    for (const text of this.#dirty) writeEntry(writer, text, this.#fresh.get(text))
    this.#dirty.clear()
    return true
  }

  writeAll(begin: () => ByteWriter, end: () => void): void {
    let left = 0
    let writer: ByteWriter | undefined
    for (const entry of this.all()) {
      if (left === 0) {
        if (writer) end()
        writer = begin()
        left = ENTRIES_PER_BLOCK
      }
      if (writer) writeEntry(writer, entry.text, entry)
      left--
    }
    if (writer) end()
  }

  /**
   * The file's entries block by block, to be written beside deltas over many commits: each block holds entries as they are
   * when it is asked for. What is fresh then is left out: the delta of the same commit has it.
   */
  *sweep(block: (write: (writer: ByteWriter) => void) => void): Iterable<undefined> {
    for (let after: Buffer | undefined; ; ) {
      const rows = this.#file.entries(after, ENTRIES_PER_BLOCK)
      after = rows.at(-1)?.key
      block((writer) => {
        for (const { content } of rows) {
          const text = textOf(content)
          if (!this.#fresh.has(text)) writeEntry(writer, text, readContent(new ByteReader(contentOf(content)), text))
        }
      })
      yield
      if (rows.length < ENTRIES_PER_BLOCK) return
    }
  }

  read(reader: ByteReader): void {
    while (!reader.done) {
      const { text, entry } = readEntry(reader)
      if (entry) this.#set(entry)
      else this.#drop(text)
    }
    // The file then is ahead of its mark, so it has none until the restore is complete.
    if (this.#fresh.size >= RESTORED_AT_ONCE) this.persist(undefined)
  }

  /** Writes what changed to the file, which then reflects what `mark` says. */
  persist(mark: Buffer | undefined): void {
    this.#file.write(this.#changes(), mark)
    for (const entry of this.#fresh.values()) if (entry) this.#remember(entry)
    this.#fresh.clear()
    this.#heap.clear()
    this.#ahead = []
    this.#behind = undefined
    this.#exhausted = false
  }

  *#changes(): Iterable<DiskChange> {
    for (const [text, entry] of this.#fresh) {
      if (!entry) {
        yield { text, time: 0, content: undefined }
        continue
      }
      this.#writer.text(text)
      writeContent(this.#writer, entry)
      entry.scheduled = Number.POSITIVE_INFINITY
      yield { text, time: nextOf(entry, this.#ttlMs), content: this.#writer.take() }
    }
  }

  *#filed(): Iterable<{ readonly text: string; readonly content: Buffer }> {
    for (let after: Buffer | undefined; ; ) {
      const rows = this.#file.entries(after, ROWS_AHEAD)
      for (const { key, content } of rows) {
        after = key
        const text = textOf(content)
        if (!this.#fresh.has(text)) yield { text, content: contentOf(content) }
      }
      if (rows.length < ROWS_AHEAD) return
    }
  }

  clear(): void {
    this.#fresh.clear()
    this.#dirty.clear()
    this.#cache.clear()
    this.#file.clear()
    this.#entries = 0
    this.#heap.clear()
    this.#ahead = []
    this.#behind = undefined
    this.#exhausted = false
  }

  close(): void {
    this.#file.close()
  }
}

/** What the file holds of an entry begins with its text, which the file's key may have cut. */
const textOf = (filed: Buffer): string => new ByteReader(filed).text()

function contentOf(filed: Buffer): Buffer {
  const reader = new ByteReader(filed)
  reader.text()
  return reader.rest()
}
