import type { FieldType } from '#engine/schema'
import { type AggregateColumn, columnType, type Plan, type Row } from '#engine/topology'

/**
 * Adds events up by what the words of the plan mean, not by the accumulators that made the figure: so that the two may
 * differ. Columns of other kinds (sketches, folds, first and last) have no part in it.
 */
export class AddUp {
  /** Columns that can be added up, with the field each reads. */
  readonly columns: readonly string[]
  readonly #sums: readonly Sum[]

  constructor(plan: Plan) {
    const { operator } = plan
    const all = operator?.kind === 'window' && plan.finish.length === 0 ? Object.entries(operator.columns) : []
    const added = all.flatMap(([name, column]) => {
      const sum = sumOf(column, columnType(plan, column.field))
      return sum === undefined ? [] : [[name, sum] as const]
    })
    this.columns = added.map(([name]) => name)
    this.#sums = added.map(([, sum]) => sum)
  }

  add(row: Row): void {
    for (const sum of this.#sums) sum.add(row)
  }

  /** What each column comes to, in the types of its events. */
  get row(): Row {
    return Object.fromEntries(this.columns.map((name, n) => [name, this.#sums[n]?.result()]))
  }
}

interface Sum {
  add(row: Row): void
  result(): unknown
}

type Value = bigint | number

function sumOf(column: AggregateColumn, type: FieldType | undefined): Sum | undefined {
  if (column.kind === 'count') {
    let events = 0
    return { add: () => void events++, result: () => events }
  }
  if (column.kind === 'fold') return undefined
  const { field } = column
  const values = (take: (value: Value) => void) => (row: Row) => {
    const value = row[field]
    if (typeof value === 'bigint' || typeof value === 'number') take(value)
  }
  let [total, many, least, most] = [undefined, 0, undefined, undefined] as [
    Value | undefined,
    number,
    ...(Value | undefined)[],
  ]
  const add = values((value) => {
    total = total === undefined ? value : plus(total, value)
    many++
    least = least === undefined || value < least ? value : least
    most = most === undefined || value > most ? value : most
  })
  const scale = type?.kind === 'decimal' ? type.scale : 0
  switch (column.kind) {
    case 'sum':
      return { add, result: () => total ?? (type?.kind === 'decimal' ? 0n : 0) }
    case 'mean':
      return { add, result: () => (many === 0 ? null : Number(total) / 10 ** scale / many) }
    case 'min':
      return isNumeric(type) ? { add, result: () => least ?? null } : undefined
    case 'max':
      return isNumeric(type) ? { add, result: () => most ?? null } : undefined
    default:
      return undefined
  }
}

const plus = (a: Value, b: Value): Value =>
  typeof a === 'bigint' && typeof b === 'bigint' ? a + b : Number(a) + Number(b)

/** Where the type of a made column is not known, its values tell. */
const isNumeric = (type: FieldType | undefined): boolean =>
  type === undefined || ['int', 'long', 'float', 'double', 'decimal', 'timestamp'].includes(type.kind)
