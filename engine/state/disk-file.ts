import { createHash } from 'node:crypto'
import { mkdirSync } from 'node:fs'
import { type Database, open, type RootDatabase } from 'lmdb'
import { KappaError, reasonOf } from '#engine/errors'

type Bytes = Database<Buffer, Buffer>

/** When something of an entry is due, as the file orders it. */
export interface DueRow {
  readonly time: number
  readonly text: string
}

/** One change of the file: an entry's content and when it is due next, or that it is gone. */
export interface DiskChange extends DueRow {
  readonly content: Buffer | undefined
}

const MARK = Buffer.from('mark')
const OWNER = Buffer.from('owner')
const COUNT = Buffer.from('count')
/** LMDB takes keys of up to 1978 bytes; longer ones are cut and told apart by a digest. */
const LONGEST = 1_800
const TIME_BYTES = 8

/**
 * The file of one task's state that is larger than memory (LMDB): entries by key, an index of when each is due, and the mark
 * that says what it reflects. Every change of it is one transaction with its mark, so a process that dies leaves it as of
 * some earlier commit, whole. A file has one owner: who opens it takes it over, and an earlier owner's writes are refused.
 */
export class DiskFile {
  readonly #root: RootDatabase<Buffer, Buffer>
  readonly #entries: Bytes
  readonly #times: Bytes
  readonly #meta: Bytes
  readonly #owner = createHash('sha256').update(crypto.randomUUID()).digest()
  count = 0

  /** @param folder made where it is missing; nobody else may keep anything there */
  constructor(folder: string) {
    mkdirSync(folder, { recursive: true })
    // The last transactions may be lost with the machine's power, never the file's integrity: what is lost is read again.
    const options = { keyEncoding: 'binary', encoding: 'binary' } as const
    this.#root = open<Buffer, Buffer>({ path: folder, ...options, noMetaSync: true, maxDbs: 3, cache: false })
    this.#entries = this.#root.openDB<Buffer, Buffer>({ name: 'entries', ...options })
    this.#times = this.#root.openDB<Buffer, Buffer>({ name: 'times', ...options })
    this.#meta = this.#root.openDB<Buffer, Buffer>({ name: 'meta', ...options })
    this.#root.transactionSync(() => this.#meta.putSync(OWNER, this.#owner))
    this.count = Number(this.#meta.get(COUNT)?.toString() ?? 0)
  }

  /** What the file reflects, as it was said when it was written; undefined: nothing is sure. */
  get mark(): Buffer | undefined {
    return this.#meta.get(MARK)
  }

  get(text: string): Buffer | undefined {
    return this.#entries.get(keyOf(text))?.subarray(TIME_BYTES)
  }

  has(text: string): boolean {
    return this.#entries.doesExist(keyOf(text))
  }

  /** The next rows that are due, behind one that is known, in (time, key) order. */
  due(after: DueRow | undefined, limit: number): DueRow[] {
    const start = after === undefined ? undefined : Buffer.concat([dueKey(after), Buffer.of(0)])
    const range = this.#times.getRange({ ...(start ? { start } : {}), limit })
    return [...range].map(({ key, value }) => ({ time: timeOf(key), text: value.toString() }))
  }

  /** Entries in the order of their keys, from the first on or behind one that is known. */
  entries(after: Buffer | undefined, limit: number): { readonly key: Buffer; readonly content: Buffer }[] {
    const start = after === undefined ? undefined : Buffer.concat([after, Buffer.of(0)])
    const range = this.#entries.getRange({ ...(start ? { start } : {}), limit })
    return [...range].map(({ key, value }) => ({ key, content: value.subarray(TIME_BYTES) }))
  }

  /**
   * Changes entries and says what the file reflects now; without a mark nothing is sure until the next one. Throws FENCED
   * where another owner opened the file since, STORE where it cannot be written.
   */
  write(changes: Iterable<DiskChange>, mark: Buffer | undefined): void {
    this.#transaction(() => {
      let { count } = this
      for (const { text, content, time } of changes) {
        const key = keyOf(text)
        const before = this.#entries.get(key)
        if (before) this.#times.removeSync(dueKey({ time: timeOf(before), text }))
        count += (content ? 1 : 0) - (before ? 1 : 0)
        if (!content) {
          this.#entries.removeSync(key)
          continue
        }
        this.#entries.putSync(key, Buffer.concat([timeBytes(time), content]))
        if (Number.isFinite(time)) this.#times.putSync(dueKey({ time, text }), Buffer.from(text))
      }
      this.#setMark(mark)
      this.#meta.putSync(COUNT, Buffer.from(String(count)))
      return count
    })
  }

  /** Forgets everything. */
  clear(): void {
    this.#transaction(() => {
      this.#entries.clearSync()
      this.#times.clearSync()
      this.#setMark(undefined)
      this.#meta.putSync(COUNT, Buffer.from('0'))
      return 0
    })
  }

  close(): void {
    void this.#root.close()
  }

  #setMark(mark: Buffer | undefined): void {
    if (mark) this.#meta.putSync(MARK, mark)
    else this.#meta.removeSync(MARK)
  }

  #transaction(change: () => number): void {
    try {
      this.count = this.#root.transactionSync(() => {
        if (!this.#meta.get(OWNER)?.equals(this.#owner))
          throw new KappaError('FENCED', 'writing state to disk: another owner opened the file')
        return change()
      })
    } catch (thrown) {
      if (thrown instanceof KappaError) throw thrown
      throw new KappaError('STORE', `writing state to disk: ${reasonOf(thrown)}`, { cause: thrown, retriable: true })
    }
  }
}

/** The key of an entry's text. */
export const keyOf = (text: string): Buffer => cut(Buffer.from(text))

const cut = (bytes: Buffer): Buffer =>
  bytes.length <= LONGEST
    ? bytes
    : Buffer.concat([bytes.subarray(0, LONGEST - 32), createHash('sha256').update(bytes).digest()])

/** Ordered by time, then by the text's UTF-16 units, as texts are ordered in memory. */
const dueKey = ({ time, text }: DueRow): Buffer =>
  cut(Buffer.concat([timeBytes(time), Buffer.from(text, 'utf16le').swap16()]))

/** A double whose bytes are ordered as the numbers are. */
function timeBytes(time: number): Buffer {
  const bytes = Buffer.alloc(TIME_BYTES)
  bytes.writeDoubleBE(time)
  if (((bytes[0] ?? 0) & 0x80) === 0) bytes[0] = (bytes[0] ?? 0) ^ 0x80
  else for (let n = 0; n < TIME_BYTES; n++) bytes[n] = (bytes[n] ?? 0) ^ 0xff
  return bytes
}

function timeOf(key: Buffer): number {
  const bytes = Buffer.from(key.subarray(0, TIME_BYTES))
  if (((bytes[0] ?? 0) & 0x80) !== 0) bytes[0] = (bytes[0] ?? 0) ^ 0x80
  else for (let n = 0; n < TIME_BYTES; n++) bytes[n] = (bytes[n] ?? 0) ^ 0xff
  return bytes.readDoubleBE()
}
