import { GOLD } from './mart.ts'

/** Text and comments, which are passed over, or a name in two parts, which may be a table. */
const TOKEN = /'(?:[^'\\]|\\.)*'|--[^\n]*|\/\*[\s\S]*?\*\/|\b([A-Za-z_]\w*)\.([A-Za-z_]\w*)\b/g

/** The query with every name in two parts, outside of text and comments, as `replace` would have it. */
export function mapNames(sql: string, replace: (first: string, second: string) => string | undefined): string {
  return sql.replace(TOKEN, (whole, first: string | undefined, second: string | undefined) =>
    first === undefined || second === undefined ? whole : (replace(first, second) ?? whole),
  )
}

/** Tables that a query reads: marts by name, others as `database.table`. `databases` tells them from `alias.column`. */
export function referencesOf(
  sql: string,
  databases: ReadonlySet<string>,
): { readonly marts: readonly string[]; readonly sources: readonly string[] } {
  const marts = new Set<string>()
  const sources = new Set<string>()
  mapNames(sql, (first, second) => {
    if (first === GOLD) marts.add(second)
    else if (databases.has(first)) sources.add(`${first}.${second}`)
    return undefined
  })
  return { marts: [...marts].sort(), sources: [...sources].sort() }
}

/** The query with the tables of some marts under other names. */
export const renamed = (sql: string, names: ReadonlyMap<string, string>): string =>
  mapNames(sql, (first, second) => {
    const name = first === GOLD ? names.get(second) : undefined
    return name === undefined ? undefined : `${GOLD}.${name}`
  })
