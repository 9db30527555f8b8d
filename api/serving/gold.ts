import { GOLD, type Mart } from '../../marts/index.ts'
import type { Scope } from './access/scopes.ts'
import { columnOf, type Relation } from './relation.ts'

/** Columns that name one person or household: who may read them has the scope `customers`. */
const OF_PERSONS = new Set(['id_client', 'customer_id', 'household_id'])

export const scopeOf = ({ columns }: Relation): Scope =>
  columns.some(({ name }) => OF_PERSONS.has(name)) ? 'customers' : 'figures'

/**
 * Marts as relations, by name; where a mart has an English name, also the view that shows it so. A column that its file calls personal is none of the relation's: what is masked or erased
 * does not leave through the API (governance).
 */
export function goldRelations(marts: readonly Mart[]): ReadonlyMap<string, Relation> {
  const byName = new Map(marts.map((mart) => [mart.name, mart]))
  return new Map(
    marts.flatMap((mart) => {
      const own = relationOf(mart, byName)
      const all: [string, Relation][] = [[mart.name, own]]
      if (mart.english !== undefined) all.push([mart.english, inEnglish(mart, mart.english, own)])
      return all
    }),
  )
}

/** The same rows under English names. */
function inEnglish(mart: Mart, name: string, own: Relation): Relation {
  const names = new Map(mart.columns.map((column) => [column.name, column.english]))
  const named = (column: string): string => names.get(column) ?? column
  return {
    ...own,
    name: `${GOLD}.${name}`,
    from: `${GOLD}.${name}`,
    columns: own.columns.map((column) => ({ ...column, name: named(column.name) })),
    key: own.key.map(named),
    tables: [`${GOLD}.${name}`, ...own.tables],
    ...(own.completeUntil === undefined ? {} : { completeUntil: named(own.completeUntil) }),
  }
}

function relationOf(mart: Mart, byName: ReadonlyMap<string, Mart>): Relation {
  const shown = mart.columns.filter(({ pii }) => !pii)
  const columns = shown.map(({ name, type, doc }) => columnOf(name, type, doc))
  return {
    name: `${GOLD}.${mart.name}`,
    from: `${GOLD}.${mart.name}`,
    columns,
    key: keyOf(
      mart,
      new Set(columns.filter(({ nullable, kind }) => !nullable && kind !== 'json').map(({ name }) => name)),
    ),
    tables: [...new Set(tablesOf(mart, byName))],
    ...(columns.some(({ name }) => name === COMPLETE) ? { completeUntil: COMPLETE } : {}),
  }
}

const COMPLETE = 'complete_until'

/**
 * In the order of the table, made unique by the columns that are tested to be, or by all that can be compared: then rows
 * that are equal in all of them are one to whoever turns pages.
 */
function keyOf({ orderBy, checks }: Mart, usable: ReadonlySet<string>): readonly string[] {
  const unique = checks.flatMap((check) => (check.kind === 'unique' ? [check.columns] : []))
  const tested = unique.find((columns) => columns.every((name) => usable.has(name)))
  return [...new Set([...orderBy.filter((name) => usable.has(name)), ...(tested ?? usable)])]
}

/** What a question of the mart reads: a table reads itself, a view also what it is made of. */
function tablesOf(mart: Mart, byName: ReadonlyMap<string, Mart>): readonly string[] {
  const own = `${GOLD}.${mart.name}`
  if (mart.materialized === 'table') return [own]
  const read = mart.reads.flatMap((name) => {
    const other = byName.get(name)
    return other === undefined ? [`${GOLD}.${name}`] : tablesOf(other, byName)
  })
  return [own, ...read, ...mart.sources.map((name) => name.replace(/_latest$/, ''))]
}
