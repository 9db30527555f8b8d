import { KappaError } from '#engine/errors'
import type { FieldType } from '#engine/schema'
import type { Cell } from '#engine/state'
import { type Plan, type Row, unchanged, type WindowOperator } from '#engine/topology'
import { type Accumulator, accumulatorOf, type Place } from './accumulators/index.ts'

/** A windowed aggregation, laid out: which field goes to which accumulator at which slots of a cell. */
export class Grouping {
  readonly keyBy: readonly string[]
  /** Slots of a cell. */
  readonly width: number
  /** True where partitions have to be folded in order: they ship once per key and window. */
  readonly ordered: boolean
  /** Names the layout, so that state of another one is refused. */
  readonly tag: string
  readonly #names: readonly string[]
  readonly #fields: readonly (string | undefined)[]
  readonly #accumulators: readonly Accumulator[]
  readonly #offsets: readonly number[]
  readonly #values: unknown[] = []

  constructor(plan: Plan, operator: WindowOperator) {
    this.keyBy = plan.keyBy ?? []
    this.#names = Object.keys(operator.columns)
    const columns = Object.values(operator.columns)
    this.#fields = columns.map(({ field }) => field)
    const targets = plan.finish.length > 0 ? [] : plan.destination.contract.fields
    this.#accumulators = columns.map((column, n) =>
      accumulatorOf(column, typeOf(plan, column.field), targets.find(({ name }) => name === this.#names[n])?.type),
    )
    let width = 0
    this.#offsets = this.#accumulators.map((accumulator) => {
      width += accumulator.width
      return width - accumulator.width
    })
    this.width = width
    this.ordered = this.#accumulators.some(({ ordered }) => ordered)
    const aggregates = columns.map(({ kind, field }, n) => `${this.#names[n]}=${kind}(${field ?? ''})`)
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
    const row: Row = {}
    for (let n = 0; n < this.keyBy.length; n++) row[this.keyBy[n] as string] = key[n]
    row.windowStart = start
    row.windowEnd = end
    for (let n = 0; n < this.#accumulators.length; n++)
      row[this.#names[n] as string] = (this.#accumulators[n] as Accumulator).result(slots, this.#offsets[n] as number)
    return row
  }
}

/** The type of a column before the operator, where every input has it unchanged or from a table. */
function typeOf(plan: Plan, column: string | undefined): FieldType | undefined {
  if (column === undefined) return undefined
  const types = plan.inputs.map((input) => {
    const field = unchanged(input, input.steps.length, column)
    if (field !== undefined) return input.topic.contract.fields.find(({ name }) => name === field)?.type
    for (let at = input.steps.length - 1; at >= 0; at--) {
      const step = input.steps[at]
      if (step?.kind === 'map' && !step.keep.includes(column)) return undefined
      if (step?.kind !== 'join' || !(column in step.select)) continue
      return step.table.topic.contract.fields.find(({ name }) => name === step.select[column])?.type
    }
    return undefined
  })
  const [first] = types
  return types.every((type) => type !== undefined && JSON.stringify(type) === JSON.stringify(first)) ? first : undefined
}
