import { KappaError } from '#engine/errors'
import { type ByteReader, firstFrom, type Mark, type MarkKey, MarkStore, type StatePart } from '#engine/state'
import type { Row, SlidingWindow } from '#engine/topology'
import type { At } from '../at.ts'
import { closesAt } from '../frames.ts'
import type { Grouping } from '../grouping.ts'
import type { Host, Operator } from '../operator.ts'
import type { Merging } from './merging.ts'
import { endsAround, hasEnd, nextEnd, rightEnd } from './sliding-ends.ts'
import { lateForSliding, openFrom } from './sliding-late.ts'
import { emitRow, type WindowTarget } from './target.ts'

/**
 * Sliding windows of one stage, or behind a re-key. Kept are the events' aggregates by event time; a window is made of
 * them when it closes (or changes), so which windows there are, and what is in them, follows from event times alone. An
 * event counts in the windows that were open when it was taken, where it was taken: behind a re-key that is the source,
 * and the result does not depend on the order in which sources are read.
 */
export class Sliding implements Operator, Merging {
  readonly parts: readonly StatePart[]
  readonly #window: SlidingWindow
  readonly #grouping: Grouping
  readonly #store: MarkStore
  readonly #target: WindowTarget
  readonly #host: Host

  constructor(window: SlidingWindow, grouping: Grouping, target: WindowTarget, host: Host) {
    this.#window = window
    this.#grouping = grouping
    this.#target = target
    this.#host = host
    this.#store = new MarkStore(grouping.tag)
    this.parts = [this.#store]
  }

  get nextTime(): number {
    return this.#store.nextDue
  }

  take(row: Row, at: At): void {
    const grouping = this.#grouping
    const store = this.#store
    grouping.read(row)
    const owner = store.ownerAt(row, grouping.keyBy)
    const from = openFrom(this.#host, at.time, this.#window)
    if (from > at.time && lateForSliding(this.#host, at, this.#window, owner?.marks ?? [])) return
    const own = owner ?? store.addOwner(grouping.keyBy.map((field) => row[field]))
    const known = this.#knows(own, at.time)
    const mark = store.mark(own, at.time, from, grouping.empty)
    grouping.add(mark, at)
    this.#changed(own, mark, known)
  }

  takePartial(source: number, reader: ByteReader): void {
    const time = reader.value() as number
    const from = reader.value() as number
    const owner = this.#store.ownerOf(reader.values())
    if (closesAt(time + this.#window.sizeMs, this.#window.graceMs) <= this.#host.streamTime)
      throw new KappaError('STATE_MISMATCH', `merging what source ${source} took for windows that are closed`)
    const known = this.#knows(owner, time)
    const mark = this.#store.mark(owner, time, from, this.#grouping.empty)
    this.#grouping.merge(mark.slots, reader.values())
    this.#changed(owner, mark, known)
  }

  #knows({ marks }: MarkKey, time: number): boolean {
    const last = marks[marks.length - 1]
    return last !== undefined && last.time >= time && marks[firstFrom(marks, time)]?.time === time
  }

  #changed(owner: MarkKey, mark: Mark, known: boolean): void {
    const { sizeMs, graceMs } = this.#window
    const { streamTime } = this.#host
    this.#store.touch(owner, mark)
    this.#store.schedule(owner, Math.max(closesAt(mark.time, graceMs), streamTime + 1))
    if (this.#target.emit === 'on-close') return
    const from = Math.max(mark.from, streamTime - graceMs)
    // The window right behind an event does not hold it: it is news only where the event is.
    for (const end of endsAround(owner.marks, mark.time, from, sizeMs)) {
      // The window right behind an event does not hold it: it is news only where it is there because of it.
      const behind = end === rightEnd(mark.time, sizeMs)
      if (!behind || (!known && !this.#knows(owner, end))) this.#emit(owner, end)
    }
  }

  #emit(owner: MarkKey, end: number): void {
    const grouping = this.#grouping
    const start = end - this.#window.sizeMs
    const { marks } = owner
    let slots: unknown[] | undefined
    for (let n = firstFrom(marks, start); n < marks.length; n++) {
      const mark = marks[n] as Mark
      if (mark.time > end) break
      if (mark.from > end) continue
      slots ??= grouping.empty()
      grouping.merge(slots, mark.slots)
    }
    if (slots !== undefined) emitRow(this.#host, this.#target, grouping.rowOf(start, end, owner.key, slots))
  }

  moved(streamTime: number): void {
    const { sizeMs, graceMs } = this.#window
    for (let due = this.#store.due(streamTime); due; due = this.#store.due(streamTime)) {
      const { owner, time } = due
      const end = time - closesAt(0, graceMs)
      if (this.#target.emit === 'on-close' && hasEnd(owner.marks, end, sizeMs)) this.#emit(owner, end)
      this.#passed(owner, end)
    }
  }

  /** All windows of a key up to this end are closed. */
  #passed(owner: MarkKey, end: number): void {
    const { sizeMs, graceMs } = this.#window
    this.#store.dropBefore(owner, end - sizeMs)
    const next = nextEnd(owner.marks, end, sizeMs)
    if (next < Number.POSITIVE_INFINITY) this.#store.schedule(owner, closesAt(next, graceMs))
  }

  settledAt(time: number): number {
    return closesAt(rightEnd(time, this.#window.sizeMs), this.#window.graceMs)
  }

  restored(streamTime: number): void {
    const end = streamTime - closesAt(0, this.#window.graceMs)
    for (let due = this.#store.due(streamTime); due; due = this.#store.due(streamTime)) this.#passed(due.owner, end)
  }

  drain(): void {
    // Rows are handed out as they are made.
  }
}
