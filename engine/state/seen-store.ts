import { ENTRIES_PER_BLOCK, type StatePart } from './block.ts'
import type { ByteReader, ByteWriter } from './bytes.ts'

/** Of one identity in one span: the first and the last time it was seen at. */
interface Seen {
  least: number
  most: number
}

/**
 * What was seen, by identity and event time, for as long as something that may still be taken could be within `horizonMs`
 * of it. Times are held in spans as long as the horizon, so that what is out of reach is dropped a span at a time: no
 * queue, and nothing is written for it.
 */
export class SeenStore implements StatePart {
  readonly tag: string
  readonly #horizonMs: number
  readonly #spans = new Map<number, Map<string, Seen>>()
  #fresh = new Map<number, Set<string>>()
  /** Stream time beyond which a span is dropped. */
  #nextDrop = Number.POSITIVE_INFINITY

  constructor(tag: string, horizonMs: number) {
    this.tag = tag
    this.#horizonMs = horizonMs
  }

  get entries(): number {
    let entries = 0
    for (const span of this.#spans.values()) entries += span.size
    return entries
  }

  /** True where the identity was seen at a time at most the horizon away. */
  has(text: string, time: number): boolean {
    const span = Math.floor(time / this.#horizonMs)
    if (this.#spans.get(span)?.has(text)) return true
    const before = this.#spans.get(span - 1)?.get(text)
    if (before !== undefined && before.most >= time - this.#horizonMs) return true
    const after = this.#spans.get(span + 1)?.get(text)
    return after !== undefined && after.least <= time + this.#horizonMs
  }

  put(text: string, time: number): void {
    const number = Math.floor(time / this.#horizonMs)
    if (!this.#note(number, text, time, time)) return
    const fresh = this.#fresh.get(number)
    if (fresh) fresh.add(text)
    else this.#fresh.set(number, new Set([text]))
  }

  /** False where that changes nothing. */
  #note(number: number, text: string, least: number, most: number): boolean {
    const span = this.#spans.get(number) ?? this.#open(number)
    const seen = span.get(text)
    if (seen === undefined) span.set(text, { least, most })
    else if (least >= seen.least && most <= seen.most) return false
    else {
      seen.least = Math.min(seen.least, least)
      seen.most = Math.max(seen.most, most)
    }
    return true
  }

  #open(number: number): Map<string, Seen> {
    const span = new Map<string, Seen>()
    this.#spans.set(number, span)
    this.#nextDrop = Math.min(this.#nextDrop, this.#outOfReach(number))
    return span
  }

  /** What may still be taken is at most a horizon behind stream time, and what it meets another one behind that. */
  #outOfReach(number: number): number {
    return (number + 3) * this.#horizonMs - 1
  }

  /** Drops what nothing can meet any more. Cheap where there is nothing to drop. */
  drop(streamTime: number): void {
    if (streamTime <= this.#nextDrop) return
    let next = Number.POSITIVE_INFINITY
    for (const number of [...this.#spans.keys()]) {
      const outOfReach = this.#outOfReach(number)
      if (outOfReach < streamTime) {
        this.#spans.delete(number)
        this.#fresh.delete(number)
      } else next = Math.min(next, outOfReach)
    }
    this.#nextDrop = next
  }

  writeDelta(writer: ByteWriter): boolean {
    if (this.#fresh.size === 0) return false
    for (const [number, texts] of this.#fresh) this.#write(writer, number, [...texts])
    this.#fresh = new Map()
    return true
  }

  writeAll(begin: () => ByteWriter, end: () => void): void {
    for (const [number, span] of this.#spans) {
      const texts = [...span.keys()]
      for (let from = 0; from < texts.length; from += ENTRIES_PER_BLOCK) {
        this.#write(begin(), number, texts.slice(from, from + ENTRIES_PER_BLOCK))
        end()
      }
    }
  }

  #write(writer: ByteWriter, number: number, texts: readonly string[]): void {
    const start = number * this.#horizonMs
    const span = this.#spans.get(number) as Map<string, Seen>
    writer.value(number)
    writer.varint(texts.length)
    for (const text of texts) {
      const { least, most } = span.get(text) as Seen
      writer.text(text)
      writer.varint(least - start)
      writer.varint(most - least)
    }
  }

  read(reader: ByteReader): void {
    while (!reader.done) {
      const number = reader.value() as number
      for (let left = reader.varint(); left > 0; left--) {
        const text = reader.text()
        const least = number * this.#horizonMs + reader.varint()
        this.#note(number, text, least, least + reader.varint())
      }
    }
  }

  clear(): void {
    this.#spans.clear()
    this.#fresh = new Map()
    this.#nextDrop = Number.POSITIVE_INFINITY
  }
}
