import { ENTRIES_PER_BLOCK, type StatePart } from './block.ts'
import type { ByteReader, ByteWriter } from './bytes.ts'
import { TimeHeap } from './time-heap.ts'

/** An event kept for partners that may come. */
export interface Held {
  /** Its key. */
  readonly text: string
  /** Event time. */
  readonly time: number
  /** Partition and input, as one number that orders by both. */
  readonly source: number
  readonly offset: number
  readonly values: readonly unknown[]
  matched: boolean
  /** What the changelog knows of it. */
  mark: Mark
}

/** `fresh`: nothing; `matched`: it, but not that it found a partner; `gone`: it left, which needs no entry. */
type Mark = 'fresh' | 'matched' | 'written' | 'gone'

/** How long events are kept and waited for, in milliseconds of event time. */
export interface Keeping {
  /** An event is kept while its time plus this has not been passed by stream time. */
  readonly keepMs: number
  /** One without a partner is due once stream time has passed its time plus this; undefined: never. */
  readonly waitMs: number | undefined
}

const BUCKETS = 32
const EMPTY: readonly Held[] = []

/**
 * One side of a join of two streams: events by key in (time, source, offset) order. The changelog holds what was added and
 * what found its first partner. Nothing is written for what leaves: that follows from the stage's stream time, after a
 * restore by the same predicate as in life.
 */
export class JoinBuffer implements StatePart {
  readonly tag: string
  readonly #keepMs: number
  readonly #waitMs: number | undefined
  readonly #width: number
  readonly #lists = new Map<string, Held[]>()
  /** Events by stretch of time: what is dropped together. */
  readonly #buckets = new Map<number, Held[]>()
  readonly #waiting = new TimeHeap<Held>()
  #dirty: Held[] = []
  /** Read from the changelog and not yet settled. */
  #read: Held[] = []
  #least = Number.POSITIVE_INFINITY
  #count = 0

  constructor(tag: string, { keepMs, waitMs }: Keeping) {
    this.tag = tag
    this.#keepMs = keepMs
    this.#waitMs = waitMs
    this.#width = Math.max(1, Math.ceil(keepMs / BUCKETS))
  }

  get entries(): number {
    return this.#count
  }

  /** The stream time from which on `due` or `purge` may have something to do. */
  get nextTime(): number {
    const purge = (this.#least + 1) * this.#width + this.#keepMs
    return Math.min(purge, this.#waiting.time + 1)
  }

  /** True while an event of this time is kept, and partners of it admitted. */
  open(time: number, streamTime: number): boolean {
    return time + this.#keepMs >= streamTime
  }

  /** True where an event of this time that has no partner is not waited for any more. */
  given(time: number, streamTime: number): boolean {
    return this.#waitMs !== undefined && time + this.#waitMs < streamTime
  }

  put(held: Held): void {
    this.#insert(held)
    this.#dirty.push(held)
    if (this.#waitMs !== undefined && !held.matched) this.#waiting.push(held.time + this.#waitMs, '', held)
  }

  #insert(held: Held): void {
    const list = this.#lists.get(held.text)
    if (list === undefined) this.#lists.set(held.text, [held])
    else {
      let at = list.length
      while (at > 0 && later(list[at - 1] as Held, held)) at--
      if (at === list.length) list.push(held)
      else list.splice(at, 0, held)
    }
    const number = Math.floor(held.time / this.#width)
    const bucket = this.#buckets.get(number)
    if (bucket === undefined) this.#buckets.set(number, [held])
    else bucket.push(held)
    if (number < this.#least) this.#least = number
    this.#count++
  }

  /** The events of a key in order; only those `open` are there to be met. */
  of(text: string): readonly Held[] {
    return this.#lists.get(text) ?? EMPTY
  }

  /** The event has found a partner. */
  match(held: Held): void {
    if (held.matched) return
    held.matched = true
    if (held.mark !== 'written') return
    held.mark = 'matched'
    this.#dirty.push(held)
  }

  /** Takes out the events that are given up without a partner, in (time, key, source, offset) order. */
  due(streamTime: number): readonly Held[] {
    const due: Held[] = []
    const waiting = this.#waiting
    for (let held = waiting.item; held !== undefined && waiting.time < streamTime; held = waiting.item) {
      waiting.pop()
      if (held.matched || !this.#remove(held)) continue
      due.push(held)
    }
    return due.length < 2 ? due : due.sort(inOrder)
  }

  #remove(held: Held): boolean {
    const list = this.#lists.get(held.text)
    const at = list?.indexOf(held) ?? -1
    if (list === undefined || at < 0) return false
    list.splice(at, 1)
    if (list.length === 0) this.#lists.delete(held.text)
    held.mark = 'gone'
    this.#count--
    return true
  }

  /** Drops what is no longer kept, a stretch of time at once. */
  purge(streamTime: number): void {
    if (streamTime <= (this.#least + 1) * this.#width + this.#keepMs) return
    let least = Number.POSITIVE_INFINITY
    for (const [number, bucket] of this.#buckets) {
      if ((number + 1) * this.#width + this.#keepMs < streamTime) {
        this.#buckets.delete(number)
        for (const { text } of bucket) this.#drop(text, streamTime)
      } else if (number < least) least = number
    }
    this.#least = least
  }

  /** The closed events of a key are the first of its list. */
  #drop(text: string, streamTime: number): void {
    const list = this.#lists.get(text)
    if (list === undefined) return
    let closed = 0
    for (let held = list[0]; held !== undefined && !this.open(held.time, streamTime); held = list[closed]) {
      held.mark = 'gone'
      closed++
    }
    if (closed === list.length) this.#lists.delete(text)
    else if (closed > 0) list.splice(0, closed)
    this.#count -= closed
  }

  writeDelta(writer: ByteWriter): boolean {
    const dirty = this.#dirty.filter(({ mark }) => mark !== 'gone')
    this.#dirty = []
    for (const held of dirty) {
      if (held.mark === 'fresh') write(writer, held)
      else writeMatch(writer, held)
      held.mark = 'written'
    }
    return dirty.length > 0
  }

  writeAll(begin: () => ByteWriter, end: () => void): void {
    let written = 0
    let writer: ByteWriter | undefined
    for (const list of this.#lists.values())
      for (const held of list) {
        writer ??= begin()
        write(writer, held)
        if (++written % ENTRIES_PER_BLOCK > 0) continue
        end()
        writer = undefined
      }
    if (writer !== undefined) end()
  }

  read(reader: ByteReader): void {
    while (!reader.done) {
      const kind = reader.byte()
      const text = reader.text()
      const time = reader.value() as number
      const source = reader.varint()
      const offset = reader.varint()
      if (kind === MATCHED_LATER) {
        const held = this.of(text).find((one) => one.source === source && one.offset === offset && one.time === time)
        if (held) held.matched = true
        continue
      }
      const held: Held = {
        text,
        time,
        source,
        offset,
        values: reader.values(),
        matched: kind === MATCHED,
        mark: 'written',
      }
      this.#insert(held)
      this.#read.push(held)
    }
  }

  /** After a block was restored, whose stream time this is: what was given up or dropped by then is gone. */
  settle(streamTime: number): void {
    if (this.#waitMs !== undefined)
      for (const held of this.#read) if (!held.matched) this.#waiting.push(held.time + this.#waitMs, '', held)
    this.#read = []
    this.due(streamTime)
    this.purge(streamTime)
  }

  clear(): void {
    this.#lists.clear()
    this.#buckets.clear()
    this.#waiting.clear()
    this.#dirty = []
    this.#read = []
    this.#least = Number.POSITIVE_INFINITY
    this.#count = 0
  }
}

const ALONE = 0
const MATCHED = 1
const MATCHED_LATER = 2

function write(writer: ByteWriter, held: Held): void {
  writePlace(writer, held.matched ? MATCHED : ALONE, held)
  writer.values(held.values)
}

const writeMatch = (writer: ByteWriter, held: Held): void => writePlace(writer, MATCHED_LATER, held)

function writePlace(writer: ByteWriter, kind: number, { text, time, source, offset }: Held): void {
  writer.byte(kind)
  writer.text(text)
  writer.value(time)
  writer.varint(source)
  writer.varint(offset)
}

const later = (a: Held, b: Held): boolean =>
  a.time !== b.time ? a.time > b.time : a.source !== b.source ? a.source > b.source : a.offset > b.offset

/** By time, then key, source and offset: the order in which a task gives events up. */
const inOrder = (a: Held, b: Held): number =>
  a.time - b.time || (a.text < b.text ? -1 : a.text > b.text ? 1 : a.source - b.source || a.offset - b.offset)
