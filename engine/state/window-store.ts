import { keyText } from '#engine/schema'
import { ENTRIES_PER_BLOCK, type StatePart } from './block.ts'
import type { ByteReader, ByteWriter } from './bytes.ts'
import { Packed } from './packed.ts'

/** The aggregate of one key in one window. `slots` are laid out by the accumulators. */
export interface Cell {
  readonly key: readonly unknown[]
  readonly slots: unknown[]
  dirty: boolean
}

/** A number: a cell as it was restored. */
type Level = Map<unknown, Level | Cell | number>

/**
 * The cells of one window, reached by nested maps: no key text is built per event. What was restored stays in its bytes
 * until its key has an event or the window closes.
 */
export class Bucket {
  readonly start: number
  /** Exclusive. */
  readonly end: number
  /** Stream time at which the window is no longer open. */
  readonly closesAt: number
  readonly root: Level = new Map()
  readonly dirty: Cell[] = []
  readonly #cells: Cell[] = []
  #packed: Packed | undefined
  /** How many cells are packed. */
  #left = 0

  constructor(start: number, end: number, closesAt: number) {
    this.start = start
    this.end = end
    this.closesAt = closesAt
  }

  /** The cell of a key given as a list of values. */
  cellOf(key: readonly unknown[], emptySlots: () => unknown[]): Cell {
    const last = key.length - 1
    let level = this.root
    for (let i = 0; i < last; i++) level = below(level, key[i])
    const found = level.get(key[last]) as Cell | number | undefined
    if (typeof found === 'number') return this.#unpack(level, key[last], found)
    return found ?? this.#put(level, key, emptySlots())
  }

  /** The cell of a row's key. */
  cellAt(row: Readonly<Record<string, unknown>>, fields: readonly string[], emptySlots: () => unknown[]): Cell {
    const last = fields.length - 1
    let level = this.root
    for (let i = 0; i < last; i++) level = below(level, row[fields[i] as string])
    const value = row[fields[last] as string]
    const found = level.get(value) as Cell | number | undefined
    if (typeof found === 'number') return this.#unpack(level, value, found)
    if (found !== undefined) return found
    const key = fields.map((field) => row[field])
    return this.#put(level, key, emptySlots())
  }

  #put(level: Level, key: readonly unknown[], slots: unknown[]): Cell {
    const cell: Cell = { key, slots, dirty: false }
    level.set(key[key.length - 1], cell)
    this.#cells.push(cell)
    return cell
  }

  #unpack(level: Level, value: unknown, number: number): Cell {
    const reader = (this.#packed as Packed).read(number)
    const cell: Cell = { key: reader.values(), slots: reader.values(), dirty: false }
    level.set(value, cell)
    this.#cells.push(cell)
    this.#left--
    if (this.#left === 0) this.#packed = undefined
    return cell
  }

  #unpackAll(level: Level): void {
    for (const [value, found] of level)
      if (typeof found === 'number') this.#unpack(level, value, found)
      else if (found instanceof Map) this.#unpackAll(found)
  }

  get size(): number {
    return this.#cells.length + this.#left
  }

  /** All cells. */
  get cells(): readonly Cell[] {
    if (this.#left > 0) this.#unpackAll(this.root)
    return this.#cells
  }

  /** Takes in cells as the changelog has them. */
  read(reader: ByteReader, count: number): void {
    const origin = reader.at
    const packed = this.#packed ?? new Packed()
    for (let left = count; left > 0; left--) {
      const start = reader.at
      let level = this.root
      let value: unknown
      for (let parts = reader.varint(); parts > 0; parts--) {
        value = reader.value()
        if (parts > 1) level = below(level, value)
      }
      const found = level.get(value) as Cell | number | undefined
      if (typeof found === 'object') {
        const slots = reader.values()
        found.slots.splice(0, found.slots.length, ...slots)
        continue
      }
      reader.skipValues()
      level.set(value, packed.add(start - origin, reader.at - origin))
      if (found === undefined) this.#left++
      else packed.drop()
    }
    packed.hold(reader.copied(origin, reader.at))
    this.#packed = this.#left > 0 ? packed : undefined
    if (packed.wasteful) this.#unpackAll(this.root)
  }

  touch(cell: Cell): void {
    if (cell.dirty) return
    cell.dirty = true
    this.dirty.push(cell)
  }

  /** The cells in the order in which a task emits them: by key text. */
  sorted(): readonly Cell[] {
    const { cells } = this
    if (cells.length < 2) return cells
    const keyed = cells.map((cell) => ({ cell, text: keyText(cell.key) }))
    keyed.sort((a, b) => (a.text < b.text ? -1 : a.text > b.text ? 1 : 0))
    return keyed.map(({ cell }) => cell)
  }
}

const below = (level: Level, value: unknown): Level => {
  const found = level.get(value) as Level | undefined
  if (found !== undefined) return found
  const made: Level = new Map()
  level.set(value, made)
  return made
}

/**
 * Open windows by start. Closing needs no entry in the changelog: a window closes at a stream time, which the stage's
 * header carries, by the same predicate as in life.
 */
export class WindowStore implements StatePart {
  readonly tag: string
  readonly #buckets = new Map<number, Bucket>()
  /** The least `closesAt` of the open windows; Infinity where there are none. */
  nextClose = Number.POSITIVE_INFINITY

  constructor(tag: string) {
    this.tag = tag
  }

  get entries(): number {
    let entries = 0
    for (const bucket of this.#buckets.values()) entries += bucket.size
    return entries
  }

  get open(): Iterable<Bucket> {
    return this.#buckets.values()
  }

  bucketAt(start: number): Bucket | undefined {
    return this.#buckets.get(start)
  }

  add(start: number, end: number, closesAt: number): Bucket {
    const bucket = new Bucket(start, end, closesAt)
    this.#buckets.set(start, bucket)
    if (closesAt < this.nextClose) this.nextClose = closesAt
    return bucket
  }

  /** Takes out every window that is no longer open at `streamTime`, in (closing time, start) order. */
  close(streamTime: number): readonly Bucket[] {
    if (streamTime < this.nextClose) return []
    const closed: Bucket[] = []
    let next = Number.POSITIVE_INFINITY
    for (const bucket of this.#buckets.values()) {
      if (bucket.closesAt <= streamTime) closed.push(bucket)
      else if (bucket.closesAt < next) next = bucket.closesAt
    }
    for (const bucket of closed) this.#buckets.delete(bucket.start)
    this.nextClose = next
    return closed.sort((a, b) => a.closesAt - b.closesAt || a.start - b.start)
  }

  writeDelta(writer: ByteWriter): boolean {
    let changed = false
    for (const bucket of this.#buckets.values()) {
      if (bucket.dirty.length === 0) continue
      changed = true
      writeBucket(writer, bucket, bucket.dirty, 0, bucket.dirty.length)
      for (const cell of bucket.dirty) cell.dirty = false
      bucket.dirty.length = 0
    }
    return changed
  }

  writeAll(begin: () => ByteWriter, end: () => void): void {
    for (const bucket of this.#buckets.values()) {
      const { cells } = bucket
      for (let from = 0; from < cells.length; from += ENTRIES_PER_BLOCK) {
        const to = Math.min(cells.length, from + ENTRIES_PER_BLOCK)
        writeBucket(begin(), bucket, cells, from, to)
        end()
      }
    }
  }

  read(reader: ByteReader): void {
    while (!reader.done) {
      const start = reader.value() as number
      const end = reader.value() as number
      const closesAt = reader.value() as number
      const bucket = this.#buckets.get(start) ?? this.add(start, end, closesAt)
      bucket.read(reader, reader.varint())
    }
  }

  clear(): void {
    this.#buckets.clear()
    this.nextClose = Number.POSITIVE_INFINITY
  }
}

function writeBucket(writer: ByteWriter, bucket: Bucket, cells: readonly Cell[], from: number, to: number): void {
  writer.value(bucket.start)
  writer.value(bucket.end)
  writer.value(bucket.closesAt)
  writer.varint(to - from)
  for (let i = from; i < to; i++) {
    const cell = cells[i] as Cell
    writer.values(cell.key)
    writer.values(cell.slots)
  }
}
