import type { KafkaRecord } from '#engine/broker'
import { KappaError } from '#engine/errors'
import {
  Blocks,
  type Bucket,
  type ByteReader,
  type ByteWriter,
  type Cell,
  type StatePart,
  WindowStore,
} from '#engine/state'
import type { Advance, OutputRecord, Stage, TaskContext } from './contract.ts'
import { closesAt } from './frames.ts'
import type { Grouping } from './grouping.ts'
import { readPartials } from './partials.ts'
import { Throws } from './throws.ts'
import { emitRow, type WindowTarget } from './window-operator.ts'

/**
 * The second stage of a re-key: merges partial aggregates of all source partitions, and closes a window when the least
 * stream time of them closes it. Nothing is late here: each source decided that by its own records.
 */
export class MergeStage implements Stage {
  readonly counts = { taken: 0, late: 0, deadLettered: 0 }
  readonly #grouping: Grouping
  readonly #target: WindowTarget
  readonly #partitions: number
  readonly #sources: Sources
  readonly #store: WindowStore
  readonly #throws = new Throws()
  readonly #blocks: Blocks
  #out: OutputRecord[] = []

  constructor(grouping: Grouping, target: WindowTarget, task: TaskContext) {
    this.#grouping = grouping
    this.#target = target
    this.#partitions = task.partitions
    this.#sources = new Sources(task.partitions, this.#throws)
    this.#store = new WindowStore(grouping.tag)
    this.#blocks = new Blocks([this.#sources, this.#store])
  }

  get streamTime(): number {
    return this.#sources.least
  }

  get stateEntries(): number {
    return this.#blocks.entries
  }

  lastEvent(): undefined {
    return undefined
  }

  async prepare(): Promise<void> {
    // Partial aggregates need no schema and no secret.
  }

  cut(buffers: readonly (readonly KafkaRecord[])[]): readonly number[] {
    return buffers.map((records) => records.length)
  }

  accept(slice: readonly (readonly KafkaRecord[])[]): void {
    for (const records of slice) {
      for (const { value } of records) {
        if (value === null) continue
        this.counts.taken++
        readPartials(value, this)
      }
    }
  }

  row(source: number, start: number, key: readonly unknown[], slots: unknown[]): void {
    const { frames } = this.#grouping
    const end = frames.endOf(start)
    const closing = closesAt(end, frames.graceMs)
    if (closing <= this.streamTime)
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
    emitRow(this, this.#target, this.#grouping.rowOf(bucket.start, bucket.end, cell.key, this.#folded(cell)))
  }

  watermark(source: number, streamTime: number): void {
    this.#sources.reached(source, streamTime)
    for (const bucket of this.#store.close(this.streamTime)) {
      if (this.#target.emit === 'on-close') for (const cell of bucket.sorted()) this.#emit(bucket, cell)
    }
  }

  out(record: OutputRecord): void {
    if (this.#throws.running) this.#throws.end(this.#out)
    this.#out.push(record)
  }

  late(): never {
    throw new KappaError('STATE_MISMATCH', 'taking partial aggregates: lateness was decided by their sources')
  }

  threw(record: OutputRecord): void {
    this.counts.deadLettered++
    this.#sources.changed = true
    this.#throws.add(record, 'emit')
  }

  advance(_advance: Advance): void {
    // Time comes from the sources alone: their advances arrive as watermarks.
  }

  drain(holdThrown = false): readonly OutputRecord[] {
    if (!holdThrown && this.#throws.release(this.#out) > 0) this.#sources.changed = true
    const out = this.#out
    this.#out = []
    return out
  }

  takeDelta(): Buffer | undefined {
    return this.#blocks.delta()
  }

  snapshot(): Iterable<Buffer> {
    return this.#blocks.snapshot()
  }

  restore(block: Buffer): void {
    this.#blocks.restore(block)
    this.#store.close(this.streamTime)
  }
}

/** The stream time of each source partition. */
class Sources implements StatePart {
  readonly tag = 'sources'
  readonly entries = 0
  changed = false
  least = Number.NEGATIVE_INFINITY
  readonly #times: number[]
  readonly #throws: Throws

  constructor(partitions: number, throws: Throws) {
    this.#times = new Array(partitions).fill(Number.NEGATIVE_INFINITY)
    this.#throws = throws
  }

  reached(source: number, time: number): void {
    if (time <= (this.#times[source] ?? Number.POSITIVE_INFINITY)) return
    this.#times[source] = time
    this.least = Math.min(...this.#times)
    this.changed = true
  }

  writeDelta(writer: ByteWriter): boolean {
    if (!this.changed) return false
    this.changed = false
    this.#write(writer)
    return true
  }

  writeAll(begin: () => ByteWriter, end: () => void): void {
    this.#write(begin())
    end()
  }

  #write(writer: ByteWriter): void {
    writer.varint(this.#times.length)
    for (const time of this.#times) writer.double(time)
    this.#throws.write(writer)
  }

  read(reader: ByteReader): void {
    const partitions = reader.varint()
    if (partitions !== this.#times.length)
      throw new KappaError(
        'STATE_MISMATCH',
        `restoring state of ${partitions} source partitions into ${this.#times.length}`,
      )
    for (let n = 0; n < partitions; n++) this.#times[n] = reader.double()
    this.least = Math.min(...this.#times)
    this.#throws.read(reader)
  }

  clear(): void {
    this.#times.fill(Number.NEGATIVE_INFINITY)
    this.least = Number.NEGATIVE_INFINITY
    this.#throws.clear()
  }
}
