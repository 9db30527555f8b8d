import { keyText } from '#engine/schema'
import { DelayQueue, type StatePart } from '#engine/state'
import { holdsAt, type Plan, type Row, wantedBehind } from '#engine/topology'
import { type At, inputOf } from '../at.ts'
import type { OutputRecord } from '../contract.ts'
import type { Host, Operator } from '../operator.ts'
import { deadRow } from '../outputs.ts'
import { elementsOf, type Shape, shapeOf } from '../row-shapes.ts'
import { partitioner, type Surroundings } from '../steps.ts'
import type { Downstream } from './downstream.ts'
import { placeOf, valuesOf } from './held-rows.ts'

/** An input whose events wait for the table. */
interface Waiting {
  readonly graceMs: number
  readonly on: readonly string[]
  /** What is kept of a row. */
  readonly columns: readonly string[]
  readonly rowOf: Shape
  /** The table is read whole: the key of the look-up decides about no partition. */
  readonly broadcast: boolean
  readonly where: string
}

/**
 * Holds events before a table's join until stream time has come to their time plus the grace, then looks up as of their
 * time: versions written that much later are found (KIP-923). An event that is older already does not wait. Events leave
 * in (time, partition, input, offset) order.
 */
export class DelayedJoin implements Operator {
  readonly parts: readonly StatePart[]
  readonly #queue: DelayQueue
  readonly #inputs: readonly (Waiting | undefined)[]
  readonly #topics: readonly string[]
  readonly #host: Host & Surroundings
  readonly #down: Downstream
  readonly #partitionOf: (key: string) => number

  constructor(plan: Plan, host: Host & Surroundings, down: Downstream) {
    this.#host = host
    this.#down = down
    this.#inputs = plan.inputs.map((input) => {
      const at = holdsAt(input)
      const step = input.steps[at]
      if (step?.kind !== 'join') return undefined
      const columns = [...wantedBehind(plan, input, at)]
      return {
        graceMs: step.graceMs,
        on: step.on,
        columns,
        rowOf: shapeOf(elementsOf(columns)),
        broadcast: step.table.broadcast === true,
        where: `join ${step.table.topic.name}`,
      }
    })
    this.#topics = plan.inputs.map(({ topic }) => topic.name)
    const layout = this.#inputs.map((input, n) => `${this.#topics[n]}(${input?.columns.join(',') ?? ''})`)
    this.#queue = new DelayQueue(
      `waiting: ${layout.join(' ')}`,
      (source) => this.#inputs[inputOf(source)]?.graceMs ?? 0,
    )
    this.#partitionOf = partitioner(host.partitions)
    this.parts = [this.#queue, ...down.operator.parts]
  }

  get nextTime(): number {
    return Math.min(this.#queue.nextTime, this.#down.operator.nextTime)
  }

  take(row: Row, at: At): void {
    const { streamTime } = this.#host
    const input = this.#inputs[inputOf(at.source)]
    this.#down.moveTo(streamTime)
    if (input === undefined || at.time + input.graceMs <= streamTime) {
      this.#down.push(row, at)
      return
    }
    const key = keyText(input.on.map((field) => row[field]))
    if (!input.broadcast && this.#partitionOf(key) !== this.#host.partition) {
      this.#host.refuse(at, input.where, 'it stands on a partition that its key does not belong to')
      return
    }
    this.#queue.put({ time: at.time, source: at.source, offset: at.offset, values: valuesOf(row, input.columns) })
  }

  moved(streamTime: number): void {
    while (this.#queue.nextTime <= streamTime) {
      const { at, events } = this.#queue.next()
      this.#down.moveTo(at)
      for (const event of events) {
        const { where, rowOf } = this.#inputs[inputOf(event.source)] as Waiting
        const row = rowOf(event.values)
        const place = placeOf(event, this.#topics, this.#host.partition)
        const failed = this.#down.offer(row, place)
        if (failed) this.#host.threw(deadRow(row, where, failed.thrown))
      }
    }
    this.#down.moveTo(streamTime)
  }

  settledAt(time: number): number {
    const longest = Math.max(0, ...this.#inputs.map((input) => input?.graceMs ?? 0))
    return Math.max(this.#down.operator.settledAt(time), time + longest)
  }

  restored(streamTime: number): void {
    this.#queue.settle(streamTime)
    this.#down.restored(streamTime)
  }

  inspect(key?: string): Iterable<Row> {
    return this.#down.operator.inspect?.(key) ?? []
  }

  drain(streamTime: number, out: OutputRecord[]): void {
    this.#down.operator.drain(streamTime, out)
  }
}
