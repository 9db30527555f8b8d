import { ENTRIES_PER_BLOCK, type StatePart } from './block.ts'
import type { ByteReader, ByteWriter } from './bytes.ts'

/** The rows that two tables have under one key; null where a table has none. */
export interface RowPair {
  readonly left: readonly unknown[] | null
  readonly right: readonly unknown[] | null
}

const NEITHER: RowPair = { left: null, right: null }

/** The last rows of two tables by key text. */
export class RowPairs implements StatePart {
  readonly tag: string
  readonly #pairs = new Map<string, RowPair>()
  readonly #dirty = new Set<string>()

  constructor(tag: string) {
    this.tag = tag
  }

  get entries(): number {
    return this.#pairs.size
  }

  of(key: string): RowPair {
    return this.#pairs.get(key) ?? NEITHER
  }

  put(key: string, pair: RowPair): void {
    if (pair.left === null && pair.right === null) this.#pairs.delete(key)
    else this.#pairs.set(key, pair)
    this.#dirty.add(key)
  }

  writeDelta(writer: ByteWriter): boolean {
    if (this.#dirty.size === 0) return false
    for (const key of this.#dirty) this.#write(writer, key)
    this.#dirty.clear()
    return true
  }

  writeAll(begin: () => ByteWriter, end: () => void): void {
    const keys = [...this.#pairs.keys()]
    for (let from = 0; from < keys.length; from += ENTRIES_PER_BLOCK) {
      const writer = begin()
      for (const key of keys.slice(from, from + ENTRIES_PER_BLOCK)) this.#write(writer, key)
      end()
    }
  }

  #write(writer: ByteWriter, key: string): void {
    const { left, right } = this.of(key)
    writer.text(key)
    writer.value(left)
    writer.value(right)
  }

  read(reader: ByteReader): void {
    while (!reader.done) {
      const key = reader.text()
      const left = reader.value() as RowPair['left']
      const right = reader.value() as RowPair['right']
      if (left === null && right === null) this.#pairs.delete(key)
      else this.#pairs.set(key, { left, right })
    }
  }

  clear(): void {
    this.#pairs.clear()
    this.#dirty.clear()
  }
}
