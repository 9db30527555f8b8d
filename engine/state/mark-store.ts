import { keyText } from '#engine/schema'
import { ENTRIES_PER_BLOCK, type StatePart } from './block.ts'
import type { ByteReader, ByteWriter } from './bytes.ts'
import { KeyTree } from './key-tree.ts'
import { TimeHeap } from './time-heap.ts'

/** What happened to a key at one event time. */
export interface Mark {
  readonly time: number
  /** It counts in windows that end here or later: those that were open when it was taken. */
  readonly from: number
  readonly slots: unknown[]
  dirty: boolean
}

export interface MarkKey {
  readonly key: readonly unknown[]
  readonly text: string
  /** By (time, from). */
  readonly marks: Mark[]
  /** Stream time at which to look at the key next. */
  scheduled: number
  dirty: boolean
}

/** Index of the first mark at `time` or later. */
export function firstFrom(marks: readonly Mark[], time: number): number {
  let low = 0
  let high = marks.length
  while (low < high) {
    const middle = (low + high) >>> 1
    if ((marks[middle] as Mark).time < time) low = middle + 1
    else high = middle
  }
  return low
}

/**
 * Marks by key. When a mark goes follows from stream time, so going needs no entry in the changelog.
 */
export class MarkStore implements StatePart {
  readonly tag: string
  readonly #keys = new KeyTree<MarkKey>()
  readonly #heap = new TimeHeap<MarkKey>()
  #dirty: MarkKey[] = []
  entries = 0

  constructor(tag: string) {
    this.tag = tag
  }

  /** No key has to be looked at before this stream time. */
  get nextDue(): number {
    return this.#heap.time
  }

  ownerAt(row: Readonly<Record<string, unknown>>, fields: readonly string[]): MarkKey | undefined {
    return this.#keys.at(row, fields)
  }

  ownerOf(key: readonly unknown[]): MarkKey {
    return this.#keys.get(key) ?? this.addOwner(key)
  }

  addOwner(key: readonly unknown[]): MarkKey {
    const owner = { key, text: keyText(key), marks: [], scheduled: Number.POSITIVE_INFINITY, dirty: false }
    this.#keys.add(key, owner)
    return owner
  }

  /** The mark of a time, made where there is none. */
  mark(owner: MarkKey, time: number, from: number, empty: () => unknown[]): Mark {
    const { marks } = owner
    let at = marks.length
    for (; at > 0; at--) {
      const before = marks[at - 1] as Mark
      if (before.time < time || (before.time === time && before.from < from)) break
      if (before.time === time && before.from === from) return before
    }
    const made: Mark = { time, from, slots: empty(), dirty: false }
    if (at === marks.length) marks.push(made)
    else marks.splice(at, 0, made)
    this.entries++
    return made
  }

  touch(owner: MarkKey, mark: Mark): void {
    mark.dirty = true
    if (owner.dirty) return
    owner.dirty = true
    this.#dirty.push(owner)
  }

  /** Has the key looked at when stream time comes to `time`, if not before. */
  schedule(owner: MarkKey, time: number): void {
    if (time >= owner.scheduled) return
    owner.scheduled = time
    this.#heap.push(time, owner.text, owner)
  }

  /** The next key due at `streamTime`, in (time, key) order, and when it was; it is no longer scheduled. */
  due(streamTime: number): { readonly owner: MarkKey; readonly time: number } | undefined {
    const heap = this.#heap
    for (let owner = heap.item; owner !== undefined && heap.time <= streamTime; owner = heap.item) {
      const { time } = heap
      heap.pop()
      if (time !== owner.scheduled) continue
      owner.scheduled = Number.POSITIVE_INFINITY
      return { owner, time }
    }
    return undefined
  }

  /** Drops the marks of a key that are older than `time`. */
  dropBefore(owner: MarkKey, time: number): void {
    const gone = firstFrom(owner.marks, time)
    if (gone === 0) return
    owner.marks.splice(0, gone)
    this.entries -= gone
    if (owner.marks.length === 0) this.#keys.remove(owner.key)
  }

  /** All keys that have marks. */
  all(): Iterable<MarkKey> {
    return this.#keys.values()
  }

  writeDelta(writer: ByteWriter): boolean {
    let changed = false
    for (const owner of this.#dirty) {
      owner.dirty = false
      const dirty = owner.marks.filter((mark) => mark.dirty)
      if (dirty.length === 0) continue
      changed = true
      writeMarks(writer, owner, dirty, 0, dirty.length)
      for (const mark of dirty) mark.dirty = false
    }
    this.#dirty = []
    return changed
  }

  writeAll(begin: () => ByteWriter, end: () => void): void {
    let writer: ByteWriter | undefined
    let left = ENTRIES_PER_BLOCK
    for (const owner of this.#keys.values()) {
      for (let from = 0; from < owner.marks.length; ) {
        writer ??= begin()
        const to = Math.min(owner.marks.length, from + left)
        writeMarks(writer, owner, owner.marks, from, to)
        left -= to - from
        from = to
        if (left > 0) continue
        end()
        writer = undefined
        left = ENTRIES_PER_BLOCK
      }
    }
    if (writer !== undefined) end()
  }

  read(reader: ByteReader): void {
    while (!reader.done) {
      const owner = this.ownerOf(reader.values())
      for (let left = reader.varint(); left > 0; left--) {
        const time = reader.value() as number
        const from = reader.value() as number
        const slots = reader.values()
        const mark = this.mark(owner, time, from, () => slots)
        if (mark.slots !== slots) mark.slots.splice(0, mark.slots.length, ...slots)
        this.schedule(owner, time)
      }
    }
  }

  clear(): void {
    this.#keys.clear()
    this.#heap.clear()
    this.#dirty = []
    this.entries = 0
  }
}

function writeMarks(writer: ByteWriter, owner: MarkKey, marks: readonly Mark[], from: number, to: number): void {
  writer.values(owner.key)
  writer.varint(to - from)
  for (let i = from; i < to; i++) {
    const mark = marks[i] as Mark
    writer.value(mark.time)
    writer.value(mark.from)
    writer.values(mark.slots)
  }
}
