import { ENTRIES_PER_BLOCK, type StatePart } from './block.ts'
import type { ByteReader, ByteWriter } from './bytes.ts'
import { TimeHeap } from './time-heap.ts'

/** An event that waits for its time. */
export interface Delayed {
  /** Event time. */
  readonly time: number
  /** Partition and input, as one number that orders by both. */
  readonly source: number
  readonly offset: number
  readonly values: readonly unknown[]
}

/**
 * Events that wait until stream time has come to their time plus a delay. The changelog holds what was added: what has
 * left follows from the stage's stream time.
 */
export class DelayQueue implements StatePart {
  readonly tag: string
  readonly #heap = new TimeHeap<Delayed>()
  readonly #waiting = new Set<Delayed>()
  #fresh = new Set<Delayed>()
  readonly #delayOf: (source: number) => number

  /** @param delayOf milliseconds that events of a source wait */
  constructor(tag: string, delayOf: (source: number) => number) {
    this.tag = tag
    this.#delayOf = delayOf
  }

  get entries(): number {
    return this.#waiting.size
  }

  /** The stream time at which the next event leaves; Infinity where none waits. */
  get nextTime(): number {
    return this.#heap.time
  }

  put(delayed: Delayed): void {
    this.#insert(delayed)
    this.#fresh.add(delayed)
  }

  #insert(delayed: Delayed): void {
    this.#heap.push(delayed.time + this.#delayOf(delayed.source), '', delayed)
    this.#waiting.add(delayed)
  }

  /** Takes out what leaves at the next time, in (time, source, offset) order. */
  next(): { readonly at: number; readonly events: readonly Delayed[] } {
    const at = this.nextTime
    const events: Delayed[] = []
    for (let head = this.#heap.item; head !== undefined && this.#heap.time === at; head = this.#heap.item) {
      this.#heap.pop()
      this.#waiting.delete(head)
      this.#fresh.delete(head)
      events.push(head)
    }
    return { at, events: events.sort((a, b) => a.time - b.time || a.source - b.source || a.offset - b.offset) }
  }

  writeDelta(writer: ByteWriter): boolean {
    if (this.#fresh.size === 0) return false
    for (const delayed of this.#fresh) write(writer, delayed)
    this.#fresh = new Set()
    return true
  }

  writeAll(begin: () => ByteWriter, end: () => void): void {
    let written = 0
    let writer: ByteWriter | undefined
    for (const delayed of this.#waiting) {
      writer ??= begin()
      write(writer, delayed)
      if (++written % ENTRIES_PER_BLOCK > 0) continue
      end()
      writer = undefined
    }
    if (writer !== undefined) end()
  }

  read(reader: ByteReader): void {
    while (!reader.done) {
      const time = reader.value() as number
      const source = reader.varint()
      const offset = reader.varint()
      this.#insert({ time, source, offset, values: reader.values() })
    }
  }

  /** After a block was restored, whose stream time this is: what had left by then is gone. */
  settle(streamTime: number): void {
    while (this.nextTime <= streamTime) this.next()
  }

  clear(): void {
    this.#heap.clear()
    this.#waiting.clear()
    this.#fresh = new Set()
  }
}

function write(writer: ByteWriter, { time, source, offset, values }: Delayed): void {
  writer.value(time)
  writer.varint(source)
  writer.varint(offset)
  writer.values(values)
}
