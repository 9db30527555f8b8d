import { keyText } from '#engine/schema'
import { type RowPair, RowPairs, type StatePart } from '#engine/state'
import { columnsWanted, type Plan, type Row, type TablesOperator } from '#engine/topology'
import { type At, inputOf } from '../at.ts'
import type { OutputRecord } from '../contract.ts'
import type { Host, Operator } from '../operator.ts'
import { partitioner, type Surroundings } from '../steps.ts'
import { valuesOf } from './held-rows.ts'
import { pairRows } from './pair-shapes.ts'

type Maker = (row: Row) => OutputRecord

/**
 * A join of two tables by key: the last record of a key in a table is its row, in the order taken. Each change of a side is
 * a row of what both have now, or (that being nothing, where there was something) a record that takes the row back.
 */
export class TableJoin implements Operator {
  readonly parts: readonly StatePart[]
  readonly nextTime = Number.POSITIVE_INFINITY
  readonly #operator: TablesOperator
  readonly #result: Maker
  readonly #retraction: Maker
  readonly #pairs: RowPairs
  readonly #joined: ReturnType<typeof pairRows>
  readonly #keys: readonly (readonly string[])[]
  readonly #fields: readonly (readonly string[])[]

  readonly #host: Host & Surroundings
  readonly #partitionOf: (key: string) => number

  constructor(plan: Plan, operator: TablesOperator, result: Maker, retraction: Maker, host: Host & Surroundings) {
    this.#operator = operator
    this.#host = host
    this.#partitionOf = partitioner(host.partitions)
    this.#result = result
    this.#retraction = retraction
    const wanted = columnsWanted(plan)
    const { on, select } = operator
    const left = [...on, ...wanted.filter((column) => !(column in select) && !on.includes(column))]
    const right = wanted.filter((column) => column in select)
    this.#keys = plan.inputs.map(({ topic }) => topic.contract.topic.key)
    const fields = right.map((column) => select[column] as string)
    this.#fields = [left, [...(this.#keys[1] ?? []), ...fields]]
    const keys = new Map(on.map((column, n) => [column, n]))
    this.#joined = pairRows({ left, right, rightFrom: on.length, keys })
    this.#pairs = new RowPairs(`tables ${this.#fields.map((names) => names.join(',')).join(' and ')}`)
    this.parts = [this.#pairs]
  }

  take(row: Row, at: At): void {
    const input = inputOf(at.source)
    const { record } = at
    const gone = record.value === null
    const key = gone
      ? (record.key?.toString('utf8') ?? '')
      : keyText((this.#keys[input] ?? []).map((field) => row[field]))
    if (this.#partitionOf(key) !== this.#host.partition) {
      this.#host.refuse(at, 'join of tables', 'it stands on a partition that its key does not belong to')
      return
    }
    const before = this.#pairs.of(key)
    const values = gone ? null : valuesOf(row, this.#fields[input] ?? [])
    const after: RowPair = input === 0 ? { ...before, left: values } : { ...before, right: values }
    const [was, is] = [this.#rowOf(before), this.#rowOf(after)]
    const out = is !== undefined ? this.#result(is) : was !== undefined ? this.#retraction(was) : undefined
    this.#pairs.put(key, after)
    if (out !== undefined) this.#host.out(out)
  }

  /** The row of what both tables have; undefined where the join makes none. */
  #rowOf({ left, right }: RowPair): Row | undefined {
    const { join } = this.#operator
    if (left === null ? join !== 'outer' || right === null : join === 'inner' && right === null) return undefined
    return this.#joined(left, right)
  }

  moved(): void {
    // Nothing waits for time.
  }

  settledAt(time: number): number {
    return time
  }

  restored(): void {
    // Every change is in the changelog.
  }

  drain(): void {
    // Rows are handed out as they come.
  }
}
