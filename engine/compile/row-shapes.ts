import type { Row } from '#engine/topology'

/**
 * Where a column of a new row comes from: the property or element `at` of argument number `from`, or `or` where that
 * argument has no such property; null: the column is null.
 */
export type Source = { readonly from: number; readonly at: string | number; readonly or?: Source } | null

/** Makes a row of its arguments: rows, objects, or lists of values. */
export type Shape = (...from: (Row | readonly unknown[])[]) => Row

/**
 * A function that makes rows of these columns, in this order. It is generated once per plan, so that all its rows have one
 * hidden class: copying with a spread and adding, or deleting, columns under names that are variables makes V8 keep each row as a
 * dictionary, which took a third of the time of a stateless query.
 *
 * Safe to generate: names become JSON string literals, which are string literals of ECMAScript (2019, "JSON superset"),
 * and numbers become numbers. No value is ever in the text.
 */
export function shapeOf(columns: Iterable<readonly [column: string, source: Source]>): Shape {
  const sources = [...columns]
  const text = sources.map(([column, source]) => `${keyed(column)}: ${read(source)}`).join(', ')
  const most = Math.max(0, ...sources.flatMap(([, source]) => argumentsOf(source)))
  const names = Array.from({ length: most + 1 }, (_none, n) => `a${n}`)
  return new Function(...names, `return { ${text} }`) as Shape
}

/** Columns taken as they are from argument `from`. */
export const fieldsOf = (columns: Iterable<string>, from = 0): (readonly [string, Source])[] =>
  [...columns].map((column) => [column, { from, at: column }])

/** Columns that are elements of the list which is argument `from`, the first of them at `first`. */
export const elementsOf = (columns: Iterable<string>, from = 0, first = 0): (readonly [string, Source])[] =>
  [...columns].map((column, n) => [column, { from, at: first + n }])

/** In a literal `"__proto__": …` sets the prototype; the computed name is a column like any other. */
const keyed = (column: string): string => (column === '__proto__' ? '["__proto__"]' : JSON.stringify(column))

function read(source: Source): string {
  if (source === null) return 'null'
  const own = `a${source.from}[${JSON.stringify(source.at)}]`
  return source.or === undefined ? own : `(${has(source)} ? ${own} : ${read(source.or)})`
}

/** Names that every object inherits have to be its own; `in` is what V8 is quick at. */
function has({ from, at }: { readonly from: number; readonly at: string | number }): string {
  const name = JSON.stringify(at)
  return at in Object.prototype ? `Object.hasOwn(a${from}, ${name})` : `(${name} in a${from})`
}

const argumentsOf = (source: Source): number[] =>
  source === null ? [] : [source.from, ...(source.or === undefined ? [] : argumentsOf(source.or))]
