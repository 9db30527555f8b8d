import { keyText } from '#engine/schema'
import { type ByteReader, DelayQueue, type StatePart } from '#engine/state'
import { columnsWanted, type Plan, type Row } from '#engine/topology'
import { type At, inputOf } from './at.ts'
import type { OutputRecord, TaskContext } from './contract.ts'
import { placeOf, valuesOf } from './joins/held-rows.ts'
import type { Host, Operator } from './operator.ts'
import { deadRow, type Lateness } from './outputs.ts'
import { Partials } from './partials.ts'
import { elementsOf, type Shape, shapeOf } from './row-shapes.ts'
import { TRIES } from './throws.ts'
import type { Merging } from './windows/merging.ts'

/*
 * An operator that depends on the order of its rows, behind a re-key. Equal keys come from several partitions, and which of them
 * is read first is chance. So stage 1 ships each row with where it stood, and stage 2 holds it until no source can send an
 * earlier one: until the least stream time of all sources is past its time and the grace. Then rows are taken by (time, source topic,
 * partition, offset), whatever the commits, crashes and the parallelism were.
 */

/** Stage 1: ships the columns that the operator reads. A row is late by its own partition's stream time, and goes no further. */
export class ShippedRows implements Operator {
  readonly parts: readonly StatePart[] = []
  readonly nextTime = Number.POSITIVE_INFINITY
  readonly #graceMs: number
  readonly #keyBy: readonly string[]
  readonly #columns: readonly string[]
  readonly #partials: Partials
  readonly #host: Host

  constructor(plan: Plan, graceMs: number, task: TaskContext, host: Host) {
    this.#graceMs = graceMs
    this.#keyBy = plan.keyBy ?? []
    this.#columns = columnsWanted(plan)
    this.#partials = new Partials(task.partition, task.partitions)
    this.#host = host
  }

  take(row: Row, at: At): void {
    const { streamTime } = this.#host
    if (at.time < streamTime - this.#graceMs) {
      this.#host.late(at, { reason: 'late', eventTime: at.time, lateness: streamTime - at.time, streamTime })
      return
    }
    const values = valuesOf(row, this.#columns)
    const writer = this.#partials.row(keyText(this.#keyBy.map((field) => row[field])))
    writer.value(at.time)
    writer.varint(inputOf(at.source))
    writer.varint(at.offset)
    writer.values(values)
  }

  moved(): void {
    // Nothing waits for time here.
  }

  settledAt(time: number): number {
    return time + this.#graceMs + 1
  }

  restored(streamTime: number): void {
    this.#partials.restored(streamTime)
  }

  drain(streamTime: number, out: OutputRecord[]): void {
    this.#partials.ship(streamTime, out)
  }
}

/** What the second stage offers. */
export interface RowsHost extends Host {
  /** A row went through: those before it that threw were bad rows, not a broken step. */
  endThrows(): void
}

const MOST_PARTITIONS = 2 ** 20

/** Stage 2: the rows in order, each at a time of its own, so that a jump of stream time gives what a slow advance gives. */
export class OrderedRows implements Merging, Host {
  readonly parts: readonly StatePart[]
  streamTime = Number.NEGATIVE_INFINITY
  readonly #graceMs: number
  readonly #step: string
  readonly #topics: readonly string[]
  /** Inputs in the order of their topics' names, and the place of each in it. */
  readonly #inputs: readonly number[]
  readonly #rowOf: Shape
  readonly #queue: DelayQueue
  readonly #operator: Operator
  readonly #host: RowsHost

  constructor(plan: Plan, graceMs: number, host: RowsHost, operatorOf: (host: Host) => Operator) {
    this.#graceMs = graceMs
    this.#step = plan.operator?.kind === 'stateful' ? plan.operator.name : plan.name
    this.#host = host
    this.#topics = plan.inputs.map(({ topic }) => topic.name)
    const nameOf = (input: number): string => this.#topics[input] ?? ''
    this.#inputs = [...this.#topics.keys()].sort((a, b) => (nameOf(a) < nameOf(b) ? -1 : 1))
    const columns = columnsWanted(plan)
    this.#rowOf = shapeOf(elementsOf(columns))
    this.#queue = new DelayQueue(`ordered rows: ${columns.join(',')}`, () => graceMs + 1)
    this.#operator = operatorOf(this)
    this.parts = [this.#queue, ...this.#operator.parts]
  }

  takePartial(partition: number, reader: ByteReader): void {
    const time = reader.value() as number
    const source = this.#inputs.indexOf(reader.varint()) * MOST_PARTITIONS + partition
    const offset = reader.varint()
    this.#queue.put({ time, source, offset, values: reader.values() })
  }

  moved(streamTime: number): void {
    if (!Number.isFinite(streamTime)) return
    while (this.#queue.nextTime <= streamTime)
      for (const { time, source, offset, values } of this.#queue.next().events) {
        const partition = source % MOST_PARTITIONS
        const input = this.#inputs[Math.floor(source / MOST_PARTITIONS)] ?? 0
        this.#moveTo(time)
        const { record } = placeOf({ time, source: input, offset }, this.#topics, partition)
        this.#offer(this.#rowOf(values), { record, time, source, offset })
        this.#moveTo(time)
      }
    this.#moveTo(this.#timeAt(streamTime))
  }

  /** Every row up to this time has been taken when the sources have come to `streamTime`. */
  #timeAt(streamTime: number): number {
    return streamTime - this.#graceMs - 1
  }

  #moveTo(time: number): void {
    this.streamTime = Math.max(this.streamTime, time)
    if (this.streamTime >= this.#operator.nextTime) this.#operator.moved(this.streamTime)
  }

  #offer(row: Row, at: At): void {
    for (let attempt = 1; ; attempt++) {
      try {
        this.#operator.take(row, at)
        this.#host.endThrows()
        return
      } catch (thrown) {
        if (attempt < TRIES) continue
        this.#host.threw(deadRow(row, this.#step, thrown))
        return
      }
    }
  }

  out(record: OutputRecord): void {
    this.#host.out(record)
  }

  late(at: At, lateness: Lateness): void {
    this.#host.late(at, lateness)
  }

  threw(record: OutputRecord): void {
    this.#host.threw(record)
  }

  restored(streamTime: number): void {
    if (!Number.isFinite(streamTime)) return
    this.#queue.settle(streamTime)
    this.streamTime = this.#timeAt(streamTime)
    this.#operator.restored(this.streamTime)
  }

  *inspect(key?: string): Iterable<Row> {
    yield* this.#operator.inspect?.(key) ?? []
  }
}
