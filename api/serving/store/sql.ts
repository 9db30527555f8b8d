import type { Column, Condition, Select } from '../relation.ts'

/** A query with its values: `{v:Array(String)}` holds them all, so that no value is ever part of the statement. */
export interface Question {
  readonly query: string
  readonly values: readonly string[]
}

export function questionOf({ relation, where, descending, after, limit }: Select): Question {
  const { columns, key, from } = relation
  const values: string[] = []
  const known = new Map(columns.map((column) => [column.name, column]))
  const columnNamed = (name: string): Column => {
    const column = known.get(name)
    if (column === undefined) throw new Error(`${relation.name} has no column ${name}`)
    return column
  }
  const bound = (column: Column, value: string): string => typed(column, `{v:Array(String)}[${values.push(value)}]`)
  const conditions = where.map(({ column: name, is, values: wanted }: Condition) => {
    const column = columnNamed(name)
    const all = wanted.map((value) => bound(column, value))
    return is === 'in' ? `${quoted(name)} IN (${all.join(', ')})` : `${quoted(name)} ${SIGN[is]} ${all[0]}`
  })
  if (after !== undefined) {
    const bounds = key.map((name, i) => bound(columnNamed(name), String(after[i])))
    conditions.push(`(${key.map(quoted).join(', ')}) ${descending ? '<' : '>'} (${bounds.join(', ')})`)
  }
  const lines = [
    `SELECT ${columns.map(({ name }) => quoted(name)).join(', ')}`,
    `FROM ${from}`,
    ...(conditions.length === 0 ? [] : [`WHERE ${conditions.join('\n  AND ')}`]),
    ...(key.length === 0
      ? []
      : [`ORDER BY ${key.map((name) => quoted(name) + (descending ? ' DESC' : '')).join(', ')}`]),
    `LIMIT ${limit}`,
  ]
  return { query: lines.join('\n'), values }
}

const SIGN = { least: '>=', below: '<', most: '<=' } as const

/** Names come from marts and contracts, never from a request. */
const quoted = (name: string): string => `\`${name}\``

/** Text that was checked before, as a value of the column's type. */
function typed({ kind, scale }: Column, text: string): string {
  switch (kind) {
    case 'integer':
      return `toInt64(${text})`
    case 'number':
      return `toFloat64(${text})`
    case 'decimal':
      return `toDecimal128(${text}, ${scale ?? 0})`
    case 'date':
      return `toDate32(${text})`
    case 'instant':
      return `parseDateTime64BestEffort(${text}, 3, 'UTC')`
    case 'boolean':
      return `(${text} = 'true')`
    default:
      return text
  }
}
