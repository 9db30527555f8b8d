import { ENTRIES_PER_BLOCK, type StatePart } from './block.ts'
import type { ByteReader, ByteWriter } from './bytes.ts'
import { KeyTree } from './key-tree.ts'

/** The window of a key that is being filled, and how many there were before it. */
export interface Counted {
  readonly key: readonly unknown[]
  number: number
  filled: number
  /** Least and largest event time in it. */
  start: number
  end: number
  slots: unknown[]
  dirty: boolean
}

/** Windows of a number of events. A key stays for good: its next window is told from those before by its number. */
export class CountStore implements StatePart {
  readonly tag: string
  readonly #keys = new KeyTree<Counted>()
  #dirty: Counted[] = []

  constructor(tag: string) {
    this.tag = tag
  }

  get entries(): number {
    return this.#keys.size
  }

  at(row: Readonly<Record<string, unknown>>, fields: readonly string[]): Counted | undefined {
    return this.#keys.at(row, fields)
  }

  add(key: readonly unknown[], slots: unknown[]): Counted {
    const [start, end] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY]
    const counted: Counted = { key, number: 0, filled: 0, start, end, slots, dirty: false }
    this.#keys.add(key, counted)
    return counted
  }

  /** Begins the key's next window. */
  next(counted: Counted, slots: unknown[]): void {
    counted.number++
    counted.filled = 0
    counted.start = Number.POSITIVE_INFINITY
    counted.end = Number.NEGATIVE_INFINITY
    counted.slots = slots
  }

  touch(counted: Counted): void {
    if (counted.dirty) return
    counted.dirty = true
    this.#dirty.push(counted)
  }

  writeDelta(writer: ByteWriter): boolean {
    const changed = this.#dirty.length > 0
    for (const counted of this.#dirty) {
      write(writer, counted)
      counted.dirty = false
    }
    this.#dirty = []
    return changed
  }

  writeAll(begin: () => ByteWriter, end: () => void): void {
    let left = 0
    let open = false
    let writer: ByteWriter | undefined
    for (const counted of this.#keys.values()) {
      if (!open || writer === undefined) {
        writer = begin()
        left = ENTRIES_PER_BLOCK
        open = true
      }
      write(writer, counted)
      if (--left > 0) continue
      end()
      open = false
    }
    if (open) end()
  }

  read(reader: ByteReader): void {
    while (!reader.done) {
      const key = reader.values()
      const counted = this.#keys.get(key) ?? this.add(key, [])
      counted.number = reader.varint()
      counted.filled = reader.varint()
      counted.start = reader.double()
      counted.end = reader.double()
      counted.slots = reader.values()
    }
  }

  clear(): void {
    this.#keys.clear()
    this.#dirty = []
  }
}

function write(writer: ByteWriter, { key, number, filled, start, end, slots }: Counted): void {
  writer.values(key)
  writer.varint(number)
  writer.varint(filled)
  writer.double(start)
  writer.double(end)
  writer.values(slots)
}
