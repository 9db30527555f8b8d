import { KappaError } from '#engine/errors'
import type { Clock } from '#engine/time'
import { type CheckResult, checkMart } from './checks.ts'
import { GOLD, type Mart } from './mart.ts'
import { renamed } from './references.ts'
import { CANDIDATES, candidateOf, createCandidate, createEnglishView, createView } from './statements.ts'
import type { Warehouse } from './warehouse.ts'

export interface BuildOptions {
  readonly warehouse: Warehouse
  /** In order (`selected`). */
  readonly marts: readonly Mart[]
  readonly clock: Clock
  /** Tells this build's tables from another's: hexadecimal. */
  readonly run: string
  readonly onBuilt?: (built: BuiltMart) => void
}

export interface BuiltMart {
  readonly mart: string
  readonly materialized: Mart['materialized']
  readonly rows: number
  readonly seconds: number
}

export interface Build {
  /** False where a check failed: then nothing was changed. */
  readonly published: boolean
  readonly marts: readonly BuiltMart[]
  readonly checks: readonly CheckResult[]
}

/** A table of a build that died is removed once it is so old. */
const STALE_HOURS = 6

/**
 * Makes marts anew: 1 each beside the one that is there, reading what this build made before it · 2 every check · 3 where
 * all hold, each takes its place, tables by an exchange that a reader sees as a whole. So a reader never sees a mart that
 * broke its checks, nor half of one; and figures of one build agree, because its first table is the only one that reads
 * what flows. Killed, it leaves tables behind that no name leads to; a later build removes them.
 */
export async function build({ warehouse, marts, clock, run, onBuilt }: BuildOptions): Promise<Build> {
  const names = new Map<string, string>()
  const built: BuiltMart[] = []
  const checks: CheckResult[] = []
  await warehouse.run(`CREATE DATABASE IF NOT EXISTS ${GOLD}`, `making the database ${GOLD}`)
  await removeStale(warehouse)
  await expectSources(warehouse, marts)
  try {
    for (const mart of marts) {
      const begun = clock.now()
      const doing = `building ${GOLD}.${mart.name}`
      await expectColumns(warehouse, mart, names)
      names.set(mart.name, candidateOf(mart.name, run))
      for (const statement of createCandidate(mart, names)) await warehouse.run(statement, doing)
      const [counted] = await warehouse.rows(`SELECT count() AS rows FROM ${GOLD}.${names.get(mart.name)}`, doing)
      const { name, materialized } = mart
      const one = { mart: name, materialized, rows: Number(counted?.rows), seconds: (clock.now() - begun) / 1_000 }
      built.push(one)
      onBuilt?.(one)
    }
    for (const mart of marts) checks.push(...(await checkMart(mart, { warehouse, names, now: clock.now() })))
    const published = checks.every(({ failing, severity }) => failing === 0 || severity === 'warn')
    if (published) await publish(warehouse, marts, names)
    return { published, marts: built, checks }
  } finally {
    for (const name of [...names.values()].reverse())
      await warehouse.run(`DROP TABLE IF EXISTS ${GOLD}.${name} SYNC`, `removing ${GOLD}.${name}`)
  }
}

/** Tables before the views over them: where a column is new, a view of it needs it there. */
async function publish(
  warehouse: Warehouse,
  marts: readonly Mart[],
  names: ReadonlyMap<string, string>,
): Promise<void> {
  const isTable = ({ materialized }: Mart): boolean => materialized === 'table'
  for (const mart of marts.filter(isTable)) {
    const [own, next] = [`${GOLD}.${mart.name}`, `${GOLD}.${names.get(mart.name)}`]
    const doing = `publishing ${own}`
    const present = await engineOf(warehouse, mart.name)
    await warehouse.run(
      present === undefined ? `RENAME TABLE ${next} TO ${own}` : `EXCHANGE TABLES ${next} AND ${own}`,
      doing,
    )
  }
  for (const mart of marts.filter((mart) => !isTable(mart))) {
    const doing = `publishing ${GOLD}.${mart.name}`
    const present = await engineOf(warehouse, mart.name)
    if (present !== undefined && present !== 'View') await warehouse.run(`DROP TABLE ${GOLD}.${mart.name} SYNC`, doing)
    await warehouse.run(createView(mart), doing)
  }
  for (const mart of marts)
    if (mart.english !== undefined)
      await warehouse.run(createEnglishView(mart, mart.english), `publishing ${GOLD}.${mart.english}`)
}

async function engineOf(warehouse: Warehouse, name: string): Promise<string | undefined> {
  const query = `SELECT engine FROM system.tables WHERE database = '${GOLD}' AND name = '${name}'`
  const [found] = await warehouse.rows(query, `looking for ${GOLD}.${name}`)
  return found === undefined ? undefined : String(found.engine)
}

/** Throws CONFIG_INVALID where the query's columns are not those that the file declares, in their order and types. */
async function expectColumns(warehouse: Warehouse, mart: Mart, names: ReadonlyMap<string, string>): Promise<void> {
  const doing = `building ${GOLD}.${mart.name}`
  const made = await warehouse.rows(`DESCRIBE TABLE (\n${renamed(mart.sql, names)}\n)`, doing)
  const text = (columns: readonly { readonly name: unknown; readonly type: unknown }[]): readonly string[] =>
    columns.map(({ name, type }) => `${name} ${type}`)
  const [declared, found] = [text(mart.columns), text(made as unknown as { name: string; type: string }[])]
  const at = declared.findIndex((column, i) => column !== found[i])
  if (at >= 0 || declared.length !== found.length) {
    const place = at >= 0 ? at : declared.length
    throw new KappaError(
      'CONFIG_INVALID',
      `${doing}: column ${place + 1} is declared as ${declared[place] ?? 'none'}, and the query makes ${found[place] ?? 'none'}`,
    )
  }
}

/** Throws STORE naming a table of results that is not there yet. */
async function expectSources(warehouse: Warehouse, marts: readonly Mart[]): Promise<void> {
  const wanted = [...new Set(marts.flatMap(({ sources }) => sources))]
  if (wanted.length === 0) return
  const found = await warehouse.rows(
    `SELECT concat(database, '.', name) AS table FROM system.tables WHERE (database, name) IN (${wanted.map((name) => `('${name.replace('.', "', '")}')`).join(', ')})`,
    'looking for the tables that marts read',
  )
  const there = new Set(found.map(({ table }) => String(table)))
  const missing = wanted.filter((name) => !there.has(name))
  if (missing.length > 0)
    throw new KappaError('STORE', `building marts: there is no ${missing.join(', ')} yet (kappa sink run clickhouse)`)
}

async function removeStale(warehouse: Warehouse): Promise<void> {
  const doing = 'looking for tables that a build left behind'
  const stale = await warehouse.rows(
    `SELECT name FROM system.tables WHERE database = '${GOLD}' AND match(name, '^${CANDIDATES}$') AND metadata_modification_time < now() - INTERVAL ${STALE_HOURS} HOUR`,
    doing,
  )
  for (const { name } of stale) await warehouse.run(`DROP TABLE IF EXISTS ${GOLD}.${name} SYNC`, doing)
}
