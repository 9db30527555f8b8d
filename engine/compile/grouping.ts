import { KappaError } from '#engine/errors'
import type { Cell } from '#engine/state'
import { type AggregateColumn, columnType, fieldsOf, type Plan, type Row, type WindowOperator } from '#engine/topology'
import { type Accumulator, accumulatorOf, type Place } from './accumulators/index.ts'
import { elementsOf, type Shape, shapeOf } from './row-shapes.ts'

/** A windowed aggregation, laid out: which field goes to which accumulator at which slots of a cell. */
export class Grouping {
  readonly keyBy: readonly string[]
  /** Slots of a cell. */
  readonly width: number
  /** True where partitions have to be folded in order: they ship once per key and window. */
  readonly ordered: boolean
  /** Names of the columns for which that is so. */
  readonly orderedColumns: readonly string[]
  /** Names the layout, so that state of another one is refused. */
  readonly tag: string
  readonly #names: readonly string[]
  readonly #fields: readonly (string | undefined)[]
  readonly #accumulators: readonly Accumulator[]
  readonly #offsets: readonly number[]
  readonly #values: unknown[] = []
  readonly #shape: Shape
  /** The accumulators that make what they add themselves, by column. */
  readonly #prepared: readonly number[]

  constructor(plan: Plan, operator: WindowOperator) {
    this.keyBy = plan.keyBy ?? []
    this.#names = Object.keys(operator.columns)
    const columns = Object.values(operator.columns)
    this.#fields = columns.map(({ field }) => field)
    const targets = plan.finish.length > 0 ? [] : plan.destination.contract.fields
    this.#accumulators = columns.map((column, n) =>
      accumulatorOf(column, columnType(plan, column.field), targets.find(({ name }) => name === this.#names[n])?.type),
    )
    let width = 0
    this.#offsets = this.#accumulators.map((accumulator) => {
      width += accumulator.width
      return width - accumulator.width
    })
    this.width = width
    const made = ['windowStart', 'windowEnd', ...this.#names]
    this.#shape = shapeOf(new Map([...elementsOf(this.keyBy), ...elementsOf(made, 1)]))
    this.orderedColumns = this.#names.filter((_name, n) => this.#accumulators[n]?.ordered)
    this.ordered = this.orderedColumns.length > 0
    this.#prepared = [...this.#accumulators.keys()].filter((n) => this.#accumulators[n]?.prepare !== undefined)
    const aggregates = columns.map((column, n) => `${this.#names[n]}=${tagOf(column)}`)
    this.tag = `window ${JSON.stringify(operator.window)} by ${this.keyBy.join(',')}: ${aggregates.join(',')}`
  }

  readonly empty = (): unknown[] => {
    const slots: unknown[] = new Array(this.width)
    for (let n = 0; n < this.#accumulators.length; n++)
      (this.#accumulators[n] as Accumulator).start(slots, this.#offsets[n] as number)
    return slots
  }

  /** Reads a row's values, before anything is changed. Throws where one does not fit its aggregate. */
  read(row: Row): void {
    for (let n = 0; n < this.#fields.length; n++) {
      const field = this.#fields[n]
      const value = field === undefined ? null : (row[field] ?? null)
      if (value !== null) {
        const misfit = (this.#accumulators[n] as Accumulator).misfit(value)
        if (misfit !== undefined) throw new KappaError('DECODE_FAILED', `aggregating '${field}': it ${misfit}`)
      }
      this.#values[n] = value
    }
    for (let p = 0; p < this.#prepared.length; p++) {
      const n = this.#prepared[p] as number
      this.#values[n] = this.#accumulators[n]?.prepare?.(row)
    }
  }

  /** Adds the values read last. Never throws. */
  add(cell: Pick<Cell, 'slots'>, place: Place): void {
    for (let n = 0; n < this.#accumulators.length; n++)
      (this.#accumulators[n] as Accumulator).add(cell.slots, this.#offsets[n] as number, this.#values[n], place)
  }

  merge(slots: unknown[], from: readonly unknown[]): void {
    for (let n = 0; n < this.#accumulators.length; n++)
      (this.#accumulators[n] as Accumulator).merge(slots, this.#offsets[n] as number, from)
  }

  rowOf(start: number, end: number, key: readonly unknown[], slots: readonly unknown[]): Row {
    const values: unknown[] = [start, end]
    for (let n = 0; n < this.#accumulators.length; n++)
      values.push((this.#accumulators[n] as Accumulator).result(slots, this.#offsets[n] as number))
    return this.#shape(key, values)
  }
}

/** What an aggregate's state depends on: its kind, the fields it reads, and its options; not the text of functions. */
function tagOf(column: AggregateColumn): string {
  const { kind, field: _field, ...options } = column
  const told = Object.entries(options).filter(([name, value]) => name !== 'reads' && typeof value !== 'function')
  const text = told.length > 0 ? JSON.stringify(Object.fromEntries(told)) : ''
  return `${kind}(${fieldsOf(column).join(',')})${text}`
}
