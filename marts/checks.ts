import { type Check, GOLD, type Mart } from './mart.ts'
import { renamed } from './references.ts'
import type { Warehouse, WarehouseRow } from './warehouse.ts'

/** What came of one check. */
export interface CheckResult {
  readonly mart: string
  /** In words: `id_client references dim_clients.id_client`. */
  readonly check: string
  readonly severity: Check['severity']
  /** Rows, or groups of them, that are not as they should be. */
  readonly failing: number
  /** The first of them. */
  readonly rows: readonly WarehouseRow[]
}

const SHOWN = 5

export interface CheckOptions {
  readonly warehouse: Warehouse
  /** Names of tables that stand for marts; none: the marts themselves. */
  readonly names?: ReadonlyMap<string, string>
  /** Milliseconds: what freshness is measured from. */
  readonly now: number
}

/** Every check of a mart, one after the other on the server, in one question; failing rows are asked for then. */
export async function checkMart(mart: Mart, options: CheckOptions): Promise<readonly CheckResult[]> {
  const { warehouse, names = new Map() } = options
  const { name, checks } = mart
  if (checks.length === 0) return []
  const queries = checks.map((check) => renamed(failingRows(mart, check, options.now), names))
  const counted = queries.map((query, i) => `SELECT ${i} AS place, count() AS failing FROM (${query})`)
  const doing = `testing ${GOLD}.${name}`
  const counts = new Map<number, number>()
  for (const { place, failing } of await warehouse.rows(counted.join('\nUNION ALL\n'), doing))
    counts.set(Number(place), Number(failing))
  const results: CheckResult[] = []
  for (const [i, check] of checks.entries()) {
    const failing = counts.get(i) ?? 0
    const rows = failing === 0 ? [] : await warehouse.rows(`SELECT * FROM (${queries[i]}) LIMIT ${SHOWN}`, doing)
    results.push({ mart: name, check: checkText(check), severity: check.severity, failing, rows })
  }
  return results
}

/** A query of the rows that break a check; none: it holds. */
export function failingRows({ name }: Mart, check: Check, now: number): string {
  const table = `${GOLD}.${name}`
  switch (check.kind) {
    case 'unique': {
      const columns = check.columns.join(', ')
      return `SELECT ${columns}, count() AS rows FROM ${table} GROUP BY ${columns} HAVING rows > 1`
    }
    case 'not-null':
      return `SELECT * FROM ${table} WHERE ${check.column} IS NULL`
    case 'not-empty':
      return `SELECT * FROM ${table} WHERE ifNull(${check.column}, '') = ''`
    case 'accepted-values': {
      const values = check.values.map(literal).join(', ')
      return `SELECT ${check.column}, count() AS rows FROM ${table} WHERE ${check.column} NOT IN (${values}) GROUP BY ${check.column}`
    }
    case 'range': {
      const { column, min, max } = check
      const outside = [
        ...(min === undefined ? [] : [`${column} < ${min}`]),
        ...(max === undefined ? [] : [`${column} > ${max}`]),
      ]
      return `SELECT * FROM ${table} WHERE ${outside.join(' OR ')}`
    }
    case 'matches':
      return `SELECT ${check.column}, count() AS rows FROM ${table} WHERE NOT match(${check.column}, ${literal(check.pattern)}) GROUP BY ${check.column}`
    case 'relationship': {
      const { column, mart, to } = check
      return `SELECT ${column}, count() AS rows FROM ${table} WHERE ${column} IS NOT NULL AND ${column} NOT IN (SELECT ${to} FROM ${GOLD}.${mart}) GROUP BY ${column}`
    }
    case 'freshness': {
      const { column, withinMs } = check
      return `SELECT max(${column}) AS latest FROM ${table} HAVING toUnixTimestamp64Milli(toDateTime64(latest, 3)) < ${now - withinMs}`
    }
    case 'rows':
      return check.query
  }
}

export function checkText(check: Check): string {
  switch (check.kind) {
    case 'unique':
      return `${check.columns.join(', ')} unique`
    case 'not-null':
      return `${check.column} not null`
    case 'not-empty':
      return `${check.column} not empty`
    case 'accepted-values':
      return `${check.column} one of ${check.values.join(', ')}`
    case 'range':
      return `${check.column} ${[...(check.min === undefined ? [] : [`≥ ${check.min}`]), ...(check.max === undefined ? [] : [`≤ ${check.max}`])].join(' and ')}`
    case 'matches':
      return `${check.column} matches ${check.pattern}`
    case 'relationship':
      return `${check.column} references ${check.mart}.${check.to}`
    case 'freshness':
      return `${check.column} not older than ${check.withinMs / 3_600_000} hours`
    case 'rows':
      return check.name
  }
}

export const literal = (text: string): string => `'${text.replace(/[\\']/g, '\\$&')}'`
