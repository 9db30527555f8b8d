import type { KafkaRecord } from '#engine/broker'
import { KappaError } from '#engine/errors'
import { Blocks, type ByteReader, type ByteWriter, type StatePart } from '#engine/state'
import type { Row } from '#engine/topology'
import type { At } from './at.ts'
import type { Advance, OutputRecord, Stage, TaskContext } from './contract.ts'
import type { RowsHost } from './ordered-rows.ts'
import { type Lateness, lateRecord } from './outputs.ts'
import { readPartials } from './partials.ts'
import { Throws } from './throws.ts'
import { Watermarks } from './watermarks.ts'
import type { Merging } from './windows/merging.ts'

/**
 * The second stage of a re-key: merges partial aggregates of all source partitions, and closes a window when the least
 * stream time of them closes it; or takes rows in order. Nothing is late here: each source decided that by its own records.
 */
export class MergeStage implements Stage, RowsHost {
  readonly counts = { taken: 0, late: 0, deadLettered: 0 }
  readonly #sources: Sources
  readonly #merging: Merging
  readonly #throws = new Throws()
  readonly #blocks: Blocks
  #out: OutputRecord[] = []

  constructor(task: TaskContext, mergingOf: (host: RowsHost) => Merging) {
    this.#sources = new Sources(task.partitions, this.#throws)
    this.#merging = mergingOf(this)
    this.#blocks = new Blocks([this.#sources, ...this.#merging.parts])
  }

  get streamTime(): number {
    return this.#sources.reached
  }

  get stateEntries(): number {
    return this.#blocks.entries
  }

  get sourceTimes(): readonly number[] {
    return this.#sources.times
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
        if (this.#throws.fades()) this.endThrows()
        readPartials(value, this)
      }
    }
  }

  takePartial(source: number, reader: ByteReader): void {
    this.#merging.takePartial(source, reader)
  }

  watermark(source: number, streamTime: number): void {
    this.#sources.advance(source, streamTime)
    this.#merging.moved(this.streamTime)
  }

  out(record: OutputRecord): void {
    this.endThrows()
    this.#out.push(record)
  }

  /** An operator on rows may still say so; what windows take was judged by its source. */
  late(at: At, lateness: Lateness): void {
    this.counts.late++
    this.out(lateRecord(at.record, lateness))
  }

  threw(record: OutputRecord): void {
    this.#throws.add(record, 'emit')
  }

  get throwing(): number {
    return this.#throws.series
  }

  endThrows(): void {
    if (!this.#throws.running) return
    this.#sources.changed = true
    this.counts.deadLettered += this.#throws.end(this.#out)
  }

  /** Time comes from the sources alone: their advances arrive as watermarks. */
  advance(_advance: Advance): void {
    this.endThrows()
  }

  drain(): readonly OutputRecord[] {
    const out = this.#out
    this.#out = []
    return out
  }

  *inspect(key?: string): Iterable<Row> {
    yield* this.#merging.inspect?.(key) ?? []
  }

  takeDelta(): Buffer | undefined {
    return this.#blocks.delta()
  }

  snapshot(): Iterable<Buffer> {
    return this.#blocks.snapshot()
  }

  restore(block: Buffer): void {
    this.#blocks.restore(block)
    this.#merging.restored(this.streamTime)
  }
}

/** The stream time of each source partition. */
class Sources implements StatePart {
  readonly tag = 'sources'
  readonly entries = 0
  changed = false
  readonly #watermarks: Watermarks
  readonly #throws: Throws

  constructor(partitions: number, throws: Throws) {
    this.#watermarks = new Watermarks(partitions)
    this.#throws = throws
  }

  get reached(): number {
    return this.#watermarks.reached
  }

  get times(): readonly number[] {
    return this.#watermarks.times
  }

  advance(source: number, time: number): void {
    if (this.#watermarks.advance(source, time)) this.changed = true
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
    const { times } = this.#watermarks
    writer.varint(times.length)
    for (const time of times) writer.double(time)
    this.#throws.write(writer)
  }

  read(reader: ByteReader): void {
    const partitions = reader.varint()
    const own = this.#watermarks.times.length
    if (partitions !== own)
      throw new KappaError('STATE_MISMATCH', `restoring state of ${partitions} source partitions into ${own}`)
    this.#watermarks.restore(Array.from({ length: partitions }, () => reader.double()))
    this.#throws.read(reader)
  }

  clear(): void {
    this.#watermarks.clear()
    this.#throws.clear()
  }
}
