import { deserialize, serialize } from 'node:v8'
import { ENTRIES_PER_BLOCK, type StatePart } from './block.ts'
import type { ByteReader, ByteWriter } from './bytes.ts'
import { Packed } from './packed.ts'
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

/** Typed state by key with timers, wherever it is kept. What `get` gives is changed in place and then put. */
export interface KeyedState extends StatePart {
  /** The least time at which something may be due; Infinity where nothing is. */
  readonly nextDue: number
  get(text: string): KeyedEntry | undefined
  all(): Iterable<KeyedEntry>
  /** Puts an entry in place, or what became of it; its times are due from now on. */
  put(entry: KeyedEntry): void
  remove(text: string): void
  /** The next thing due at or before `time`, in (time, key) order, timers before expiry; undefined where nothing is. */
  due(time: number): Due | undefined
}

/** The least time at which something is due for an entry; Infinity where nothing is. */
export function nextOf(entry: KeyedEntry, ttlMs: number | undefined): number {
  const timer = entry.timers[0] ?? Number.POSITIVE_INFINITY
  return ttlMs === undefined ? timer : Math.min(timer, entry.touched + ttlMs)
}

/** An entry as the changelog has it: the text of its key, and what it holds or that it is gone. */
export function writeEntry(writer: ByteWriter, text: string, entry: KeyedEntry | undefined): void {
  writer.text(text)
  writer.byte(entry ? 1 : 0)
  if (entry) writeContent(writer, entry)
}

export function writeContent(writer: ByteWriter, entry: KeyedEntry): void {
  writer.values(entry.key)
  writer.bytes(serialize(entry.state))
  writer.values(entry.timers)
  writer.value(entry.touched)
}

/** `entry` undefined: it is gone. */
export function readEntry(reader: ByteReader): { readonly text: string; readonly entry: KeyedEntry | undefined } {
  const text = reader.text()
  return { text, entry: reader.byte() === 0 ? undefined : readContent(reader, text) }
}

export const readContent = (reader: ByteReader, text: string): KeyedEntry => ({
  text,
  key: reader.values(),
  state: deserialize(reader.bytes()),
  timers: reader.values() as number[],
  touched: reader.value() as number,
  scheduled: Number.POSITIVE_INFINITY,
})

/**
 * Typed state by key in memory. State is held live and written with V8's structured serialisation, which a newer Node
 * reads as well (node:v8). What was restored stays in its bytes until its key is asked for; only when it is due is known.
 */
export class KeyedStore implements KeyedState {
  readonly tag: string
  readonly #ttlMs: number | undefined
  /** A number: as it was restored. */
  readonly #entries = new Map<string, KeyedEntry | number>()
  readonly #packed = new Packed()
  readonly #dirty = new Set<string>()
  /** Times at which a key's entry may be due, and never later than it is. */
  readonly #heap = new TimeHeap<undefined>()

  constructor(tag: string, ttlMs: number | undefined) {
    this.tag = tag
    this.#ttlMs = ttlMs
  }

  get entries(): number {
    return this.#entries.size
  }

  /** The least time at which something may be due; Infinity where nothing is. */
  get nextDue(): number {
    return this.#heap.time
  }

  get(text: string): KeyedEntry | undefined {
    const found = this.#entries.get(text)
    if (typeof found !== 'number') return found
    const entry = this.#unpacked(text, found)
    this.#entries.set(text, entry)
    this.#packed.drop()
    this.#packed.settle()
    return entry
  }

  *all(): Iterable<KeyedEntry> {
    for (const [text, found] of this.#entries) yield typeof found === 'number' ? this.#unpacked(text, found) : found
  }

  #unpacked(text: string, packed: number): KeyedEntry {
    const entry = readContent(this.#packed.read(packed), text)
    entry.scheduled = this.#nextOf(entry)
    return entry
  }

  /** Puts an entry in place, or what became of it; its times are due from now on. */
  put(entry: KeyedEntry): void {
    this.#entries.set(entry.text, entry)
    this.#dirty.add(entry.text)
    this.#schedule(entry)
  }

  remove(text: string): void {
    if (this.#forget(text)) this.#dirty.add(text)
    this.#packed.settle()
  }

  #forget(text: string): boolean {
    if (typeof this.#entries.get(text) === 'number') this.#packed.drop()
    return this.#entries.delete(text)
  }

  #nextOf(entry: KeyedEntry): number {
    return nextOf(entry, this.#ttlMs)
  }

  #schedule(entry: KeyedEntry): void {
    const next = this.#nextOf(entry)
    if (next >= entry.scheduled) return
    entry.scheduled = next
    this.#heap.push(next, entry.text, undefined)
  }

  /** The next thing due at or before `time`, in (time, key) order, timers before expiry; undefined where nothing is. */
  due(time: number): Due | undefined {
    for (;;) {
      const { time: soonest, text } = this.#heap
      if (soonest === Number.POSITIVE_INFINITY || soonest > time) return undefined
      const entry = this.get(text)
      const next = entry && this.#nextOf(entry)
      if (entry && next === soonest) return { time: next, entry, kind: entry.timers[0] === next ? 'timer' : 'expiry' }
      this.#heap.pop()
      if (!entry || soonest !== entry.scheduled) continue
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
    const found = this.#entries.get(text)
    if (typeof found !== 'number') {
      writeEntry(writer, text, found)
      return
    }
    const { block, start, end } = this.#packed.bytes(found)
    writer.text(text)
    writer.byte(1)
    writer.raw(block, start, end)
  }

  read(reader: ByteReader): void {
    const origin = reader.at
    while (!reader.done) {
      const text = reader.text()
      if (reader.byte() === 0) {
        this.#forget(text)
        continue
      }
      const start = reader.at
      const next = this.#skipContent(reader)
      const packed = this.#packed.add(start - origin, reader.at - origin)
      if (typeof this.#entries.get(text) === 'number') this.#packed.drop()
      this.#entries.set(text, packed)
      if (next < Number.POSITIVE_INFINITY) this.#heap.push(next, text, undefined)
    }
    this.#packed.hold(reader.copied(origin, reader.at))
    this.#packed.settle()
    if (this.#packed.wasteful) for (const text of this.#entries.keys()) this.get(text)
  }

  /** When an entry is due of whose content nothing else is made. */
  #skipContent(reader: ByteReader): number {
    reader.skipValues()
    reader.skipBytes()
    const timers = reader.varint()
    const timer = timers === 0 ? Number.POSITIVE_INFINITY : (reader.value() as number)
    for (let left = timers - 1; left > 0; left--) reader.skip()
    const touched = reader.value() as number
    return this.#ttlMs === undefined ? timer : Math.min(timer, touched + this.#ttlMs)
  }

  clear(): void {
    this.#entries.clear()
    this.#packed.clear()
    this.#dirty.clear()
    this.#heap.clear()
  }
}
