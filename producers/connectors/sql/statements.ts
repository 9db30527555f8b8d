import { KappaError } from '#engine/errors'
import type { Column, PageQuery } from './contract.ts'

/** How a database spells what differs. */
export interface Dialect {
  /** A name of a column, or of a table without its schema. */
  quote(name: string): string
  /** A value in a comparison with this column. */
  literal(value: string, column: Column): string
  /** A column, so that its text has all its digits. */
  exact(quoted: string, column: Column): string
}

/** Names are put into statements as they are quoted, so that nothing but a name gets there. */
export const NAME = /^[A-Za-z_][A-Za-z0-9_$]{0,62}$/

/** `schema.table`, each part quoted. Throws CONFIG_INVALID for what is no name. */
export function quoted({ quote }: Dialect, name: string): string {
  const parts = name.split('.')
  if (parts.length > 2 || parts.some((part) => !NAME.test(part)))
    throw new KappaError('CONFIG_INVALID', `reading the table '${name}': it is not a name`)
  return parts.map(quote).join('.')
}

/**
 * A page of rows behind a row, in the order of columns that together are unique: `a > x or (a = x and b > y)`, with `a >= x`
 * before it, by which an index is used.
 */
export function pageStatement(dialect: Dialect, { table, select, orderBy, after, bound, limit }: PageQuery): string {
  const { quote, literal, exact } = dialect
  const conditions: string[] = []
  if (after !== undefined) {
    const [first] = after.columns
    if (first !== undefined) conditions.push(`${quote(first.name)} >= ${literal(after.values[0] ?? '', first)}`)
    const steps = after.columns.map((column, i) => {
      const equal = after.columns
        .slice(0, i)
        .map((own, j) => `${quote(own.name)} = ${literal(after.values[j] ?? '', own)}`)
      return [...equal, `${quote(column.name)} > ${literal(after.values[i] ?? '', column)}`].join(' AND ')
    })
    conditions.push(`(${steps.map((step) => `(${step})`).join(' OR ')})`)
  }
  if (bound !== undefined) {
    const sign = bound.kind === 'below' ? '<' : '<='
    conditions.push(`${quote(bound.column.name)} ${sign} ${literal(bound.value, bound.column)}`)
  }
  const where = conditions.length === 0 ? '' : ` WHERE ${conditions.join(' AND ')}`
  const order = orderBy.map(({ name }) => quote(name)).join(', ')
  const cells = select.map((column) => exact(quote(column.name), column)).join(', ')
  return `SELECT ${cells} FROM ${quoted(dialect, table)}${where} ORDER BY ${order} LIMIT ${limit}`
}
