import { deserialize, serialize } from 'node:v8'
import { ENTRIES_PER_BLOCK, type StatePart } from './block.ts'
import type { ByteReader, ByteWriter } from './bytes.ts'
import { TimeHeap } from './time-heap.ts'

/** What a stateful operator holds for one key. */
export interface KeyedEntry {
  readonly text: string
  readonly key: readonly unknown[]
  /** The author's own state; plain data. */
  state: unknown
  /** Event times at which `onTimer` is due, ascending. */
  timers: number[]
  /** The latest event time that touched it. */
  touched: number
  /** The least of its times that the heap holds; what comes later is scheduled when that one is due. */
  scheduled: number
}

/** What is due: a timer, or the end of an entry's time to live. */
export interface Due {
  readonly time: number
  readonly entry: KeyedEntry
  readonly kind: 'timer' | 'expiry'
}

/**
 * Typed state by key, with timers. State is held live and written with V8's structured serialisation, which a newer Node
 * reads as well (node:v8).
 */
export class KeyedStore implements StatePart {
  readonly tag: string
  readonly #ttlMs: number | undefined
  readonly #entries = new Map<string, KeyedEntry>()
  readonly #dirty = new Set<string>()
  readonly #heap = new TimeHeap<KeyedEntry>()

  constructor(tag: string, ttlMs: number | undefined) {
    this.tag = tag
    this.#ttlMs = ttlMs
  }

  get entries(): number {
    return this.#entries.size
  }

  /** The least time at which something may be due; Infinity where nothing is. */
  get nextDue(): number {
    return this.#heap.head?.time ?? Number.POSITIVE_INFINITY
  }

  get(text: string): KeyedEntry | undefined {
    return this.#entries.get(text)
  }

  all(): Iterable<KeyedEntry> {
    return this.#entries.values()
  }

  /** Puts an entry in place, or what became of it; its times are due from now on. */
  put(entry: KeyedEntry): void {
    this.#entries.set(entry.text, entry)
    this.#dirty.add(entry.text)
    this.#schedule(entry)
  }

  remove(text: string): void {
    if (this.#entries.delete(text)) this.#dirty.add(text)
  }

  #nextOf(entry: KeyedEntry): number {
    const timer = entry.timers[0] ?? Number.POSITIVE_INFINITY
    return this.#ttlMs === undefined ? timer : Math.min(timer, entry.touched + this.#ttlMs)
  }

  #schedule(entry: KeyedEntry): void {
    const next = this.#nextOf(entry)
    if (next >= entry.scheduled) return
    entry.scheduled = next
    this.#heap.push(next, entry.text, entry)
  }

  /** The next thing due at or before `time`, in (time, key) order, timers before expiry; undefined where nothing is. */
  due(time: number): Due | undefined {
    for (;;) {
      const head = this.#heap.head
      if (head === undefined || head.time > time) return undefined
      const entry = head.item
      const alive = this.#entries.get(head.text) === entry
      const next = this.#nextOf(entry)
      if (alive && next === head.time) return { time: next, entry, kind: entry.timers[0] === next ? 'timer' : 'expiry' }
      this.#heap.pop()
      if (!alive || head.time !== entry.scheduled) continue
      entry.scheduled = Number.POSITIVE_INFINITY
      this.#schedule(entry)
    }
  }

  writeDelta(writer: ByteWriter): boolean {
    if (this.#dirty.size === 0) return false
    for (const text of this.#dirty) this.#write(writer, text)
    this.#dirty.clear()
    return true
  }

  writeAll(begin: () => ByteWriter, end: () => void): void {
    const texts = [...this.#entries.keys()]
    for (let from = 0; from < texts.length; from += ENTRIES_PER_BLOCK) {
      const writer = begin()
      for (const text of texts.slice(from, from + ENTRIES_PER_BLOCK)) this.#write(writer, text)
      end()
    }
  }

  #write(writer: ByteWriter, text: string): void {
    const entry = this.#entries.get(text)
    writer.text(text)
    writer.byte(entry ? 1 : 0)
    if (!entry) return
    writer.values(entry.key)
    writer.bytes(serialize(entry.state))
    writer.values(entry.timers)
    writer.value(entry.touched)
  }

  read(reader: ByteReader): void {
    while (!reader.done) {
      const text = reader.text()
      if (reader.byte() === 0) {
        this.#entries.delete(text)
        continue
      }
      const entry: KeyedEntry = {
        text,
        key: reader.values(),
        state: deserialize(reader.bytes()),
        timers: reader.values() as number[],
        touched: reader.value() as number,
        scheduled: Number.POSITIVE_INFINITY,
      }
      this.#entries.set(text, entry)
      this.#schedule(entry)
    }
  }

  clear(): void {
    this.#entries.clear()
    this.#dirty.clear()
    this.#heap.clear()
  }
}
