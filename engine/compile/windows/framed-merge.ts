import { KappaError } from '#engine/errors'
import { keyText } from '#engine/schema'
import { type Bucket, type ByteReader, type Cell, type StatePart, WindowStore } from '#engine/state'
import type { Row } from '#engine/topology'
import { type Frames, frameClosesAt } from '../frames.ts'
import type { Grouping } from '../grouping.ts'
import type { Host } from '../operator.ts'
import type { Merging } from './merging.ts'
import { emitRow, type WindowTarget } from './target.ts'

/** Windows whose bounds are known before any event, behind a re-key. */
export class FramedMerge implements Merging {
  readonly parts: readonly StatePart[]
  readonly #frames: Frames
  readonly #grouping: Grouping
  readonly #store: WindowStore
  readonly #target: WindowTarget
  readonly #host: Host
  readonly #partitions: number

  constructor(frames: Frames, grouping: Grouping, target: WindowTarget, host: Host, partitions: number) {
    this.#frames = frames
    this.#grouping = grouping
    this.#target = target
    this.#host = host
    this.#partitions = partitions
    this.#store = new WindowStore(grouping.tag)
    this.parts = [this.#store]
  }

  takePartial(source: number, reader: ByteReader): void {
    const start = reader.value() as number
    const key = reader.values()
    const slots = reader.values()
    const end = this.#frames.endOf(start)
    const closing = frameClosesAt(end, this.#frames.graceMs)
    if (closing <= this.#host.streamTime)
      throw new KappaError(
        'STATE_MISMATCH',
        `merging a partial aggregate of source ${source} for a window that is closed`,
      )
    const bucket = this.#store.bucketAt(start) ?? this.#store.add(start, end, closing)
    const cell = bucket.cellOf(key, () => (this.#grouping.ordered ? [] : this.#grouping.empty()))
    if (this.#grouping.ordered) this.#keep(cell, source, slots)
    else this.#grouping.merge(cell.slots, slots)
    bucket.touch(cell)
    if (this.#target.emit === 'on-update') this.#emit(bucket, cell)
  }

  /** Where the order of additions shows, each source's slots stand by themselves, to be folded in partition order. */
  #keep(cell: Cell, source: number, slots: readonly unknown[]): void {
    const { width } = this.#grouping
    while (cell.slots.length < width * this.#partitions) cell.slots.push(undefined)
    for (let n = 0; n < width; n++) cell.slots[source * width + n] = slots[n]
  }

  #folded(cell: Cell): readonly unknown[] {
    if (!this.#grouping.ordered) return cell.slots
    const { width } = this.#grouping
    const folded = this.#grouping.empty()
    for (let source = 0; source < this.#partitions; source++) {
      const from = cell.slots.slice(source * width, source * width + width)
      if (from[0] !== undefined) this.#grouping.merge(folded, from)
    }
    return folded
  }

  #emit(bucket: Bucket, cell: Cell): void {
    emitRow(this.#host, this.#target, this.#grouping.rowOf(bucket.start, bucket.end, cell.key, this.#folded(cell)))
  }

  moved(streamTime: number): void {
    for (const bucket of this.#store.close(streamTime)) {
      if (this.#target.emit === 'on-close') for (const cell of bucket.sorted()) this.#emit(bucket, cell)
    }
  }

  *inspect(key?: string): Iterable<Row> {
    for (const bucket of this.#store.open)
      for (const cell of bucket.cells)
        if (key === undefined || keyText(cell.key) === key)
          yield this.#grouping.rowOf(bucket.start, bucket.end, cell.key, this.#folded(cell))
  }

  restored(streamTime: number): void {
    this.#store.close(streamTime)
  }
}
