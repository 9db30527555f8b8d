import { keyText } from '#engine/schema'
import { type Bucket, type StatePart, WindowStore } from '#engine/state'
import type { Row } from '#engine/topology'
import type { At } from '../at.ts'
import type { OutputRecord } from '../contract.ts'
import { type Frames, frameClosesAt } from '../frames.ts'
import type { Grouping } from '../grouping.ts'
import type { Host, Operator } from '../operator.ts'
import type { Partials } from '../partials.ts'
import { emitRow, type WindowTarget } from './target.ts'

/**
 * Windows whose bounds are known before any event, in one stage or ahead of a re-key. Without `partials` it holds whole aggregates and emits rows. With `partials` it
 * holds what has not been shipped yet: everything since the last drain, or (where the order of additions shows in the
 * result) everything of a window until the window closes here.
 */
export class FramedWindows implements Operator {
  readonly parts: readonly StatePart[]
  readonly #frames: Frames
  readonly #grouping: Grouping
  readonly #store: WindowStore
  readonly #target: WindowTarget
  readonly #partials: Partials | undefined
  readonly #host: Host
  /** Closed here, to be shipped with the next drain. */
  #closed: Bucket[] = []
  #last: Bucket | undefined

  constructor(frames: Frames, grouping: Grouping, target: WindowTarget, partials: Partials | undefined, host: Host) {
    this.#frames = frames
    this.#grouping = grouping
    this.#target = target
    this.#partials = partials
    this.#host = host
    this.#store = new WindowStore(grouping.tag)
    // What is shipped with every drain is never in the state between commits.
    this.parts = partials && !grouping.ordered ? [] : [this.#store]
  }

  get nextTime(): number {
    return this.#store.nextClose
  }

  take(row: Row, at: At): void {
    const grouping = this.#grouping
    grouping.read(row)
    const { startOf } = this.#frames
    const last = this.#last
    if (last !== undefined && startOf !== undefined && at.time >= last.start && at.time < last.end)
      this.#add(last, row, at)
    else if (startOf !== undefined) this.#takeOne(startOf(at.time), row, at)
    else this.#takeEach(row, at)
  }

  #takeOne(start: number, row: Row, at: At): void {
    const bucket = this.#openAt(start)
    if (bucket === undefined) this.#late(at, 'late', [start])
    else {
      this.#last = bucket
      this.#add(bucket, row, at)
    }
  }

  #takeEach(row: Row, at: At): void {
    const missed: number[] = []
    const starts = this.#frames.starts(at.time)
    for (const start of starts) {
      const bucket = this.#openAt(start)
      if (bucket === undefined) missed.push(start)
      else this.#add(bucket, row, at)
    }
    if (missed.length > 0) this.#late(at, missed.length === starts.length ? 'late' : 'partly-late', missed)
  }

  /** The window that starts there; undefined where it is no longer open. */
  #openAt(start: number): Bucket | undefined {
    const found = this.#store.bucketAt(start)
    if (found !== undefined) return found
    const frames = this.#frames
    const end = frames.endOf(start)
    const closing = frameClosesAt(end, frames.graceMs)
    return closing <= this.#host.streamTime ? undefined : this.#store.add(start, end, closing)
  }

  #late(at: At, reason: 'late' | 'partly-late', starts: readonly number[]): void {
    const { streamTime } = this.#host
    const windows = starts.map((start) => `${start}/${this.#frames.endOf(start)}`).join(',')
    this.#host.late(at, {
      reason,
      eventTime: at.time,
      lateness: streamTime - at.time,
      streamTime,
      windows,
    })
  }

  #add(bucket: Bucket, row: Row, at: At): void {
    const grouping = this.#grouping
    const cell = bucket.cellAt(row, grouping.keyBy, grouping.empty)
    grouping.add(cell, at)
    bucket.touch(cell)
    if (this.#target.emit === 'on-update' && this.#partials === undefined) this.#emit(bucket, cell.key, cell.slots)
  }

  #emit(bucket: Bucket, key: readonly unknown[], slots: readonly unknown[]): void {
    const row = this.#grouping.rowOf(bucket.start, bucket.end, key, slots)
    emitRow(this.#host, this.#target, row)
  }

  moved(streamTime: number): void {
    for (const bucket of this.#store.close(streamTime)) {
      if (bucket === this.#last) this.#last = undefined
      if (this.#partials !== undefined) this.#closed.push(bucket)
      else if (this.#target.emit === 'on-close')
        for (const cell of bucket.sorted()) this.#emit(bucket, cell.key, cell.slots)
    }
  }

  settledAt(time: number): number {
    const frames = this.#frames
    return frames
      .starts(time)
      .reduce((latest, start) => Math.max(latest, frameClosesAt(frames.endOf(start), frames.graceMs)), time)
  }

  restored(streamTime: number): void {
    this.#store.close(streamTime)
    this.#last = undefined
    this.#partials?.restored(streamTime)
  }

  *inspect(key?: string): Iterable<Row> {
    for (const bucket of this.#store.open)
      for (const cell of bucket.cells)
        if (key === undefined || keyText(cell.key) === key)
          yield this.#grouping.rowOf(bucket.start, bucket.end, cell.key, cell.slots)
  }

  drain(streamTime: number, out: OutputRecord[]): void {
    const partials = this.#partials
    if (partials === undefined) return
    for (const bucket of this.#closed) ship(bucket, partials)
    this.#closed = []
    if (!this.#grouping.ordered) {
      for (const bucket of this.#store.open) ship(bucket, partials)
      this.#store.clear()
      this.#last = undefined
    }
    partials.ship(streamTime, out)
  }
}

function ship({ start, cells }: Bucket, partials: Partials): void {
  for (const { key, slots } of cells) {
    const writer = partials.row(keyText(key))
    writer.value(start)
    writer.values(key)
    writer.values(slots)
  }
}
