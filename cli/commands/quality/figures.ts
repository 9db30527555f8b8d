import { tableOf } from '#engine/schema'
import { quality } from '#schemas'
import { ruleSets } from '../../../schemas/rule-sets.ts'
import type { Expectation } from '../../../schemas/rules.ts'
import type { ClickHouseWarehouse } from '../../../sinks/clickhouse/index.ts'

/** What is asked: event times `[from, to)` in milliseconds, and how hours are summed up. */
export interface Asked {
  /** Undefined: all sources. */
  readonly sources: readonly string[] | undefined
  readonly from: number | undefined
  readonly to: number | undefined
  readonly by: 'hour' | 'day' | 'all'
}

/** Figures of one source's topic, of an hour, a day (UTC) or all that was asked for. */
export interface Figures {
  readonly source: string
  readonly topic: string
  /** Start of the window, ISO 8601; null: all hours. */
  readonly window: string | null
  readonly records: number
  /** Records that came and could not be events, of the topic's whole life; null beside windows, for they have no event time. */
  readonly rejected: number | null
  readonly duplicates: number
  readonly elsewhere: number
  readonly wantedCells: number
  readonly missingCells: number
  readonly flaggedRecords: number
  readonly outliers: number
  readonly unknowns: number
  /** Shares from 0 to 1; null where there is nothing to take a share of. */
  readonly completeness: number | null
  readonly uniqueness: number | null
  readonly validity: number | null
  readonly meanAgeSeconds: number | null
  readonly maxAgeSeconds: number | null
  /** End of the last hour that has records, ISO 8601; null: there are none. */
  readonly until: string | null
}

/** A topic of a source that has rules. */
export interface Measured {
  readonly source: string
  readonly topic: string
  /** Where its records are rejected at ingest: of a masked topic, the one that is masked. */
  readonly rawTopic: string
  readonly expect: Expectation
}

export const measuredTopics: readonly Measured[] = ruleSets.flatMap(({ sources }) =>
  sources.map(({ name, topic, expect }) => {
    return { source: name, topic: topic.name, rawTopic: topic.name.replace('.masked-', '.'), expect }
  }),
)

export type Sums = Omit<Figures, 'rejected' | 'completeness' | 'uniqueness' | 'validity'>

const literal = (text: string): string => `'${text.replace(/[\\']/g, '\\$&')}'`
const instant = (milliseconds: number): string => `fromUnixTimestamp64Milli(${Math.trunc(milliseconds)}, 'UTC')`
const WINDOWS = { hour: 'windowStart', day: "toStartOfDay(windowStart, 'UTC')", all: 'NULL' } as const

/** The question, over the latest figures of every hour. */
export function questionOf({ sources, from, to, by }: Asked): string {
  const { database, name } = tableOf(quality)
  const conditions = [
    ...(sources === undefined ? [] : [`source IN (${sources.map(literal).join(', ')})`]),
    ...(from === undefined ? [] : [`windowStart >= ${instant(from)}`]),
    ...(to === undefined ? [] : [`windowStart < ${instant(to)}`]),
  ]
  const iso = (time: string): string => `formatDateTime(${time}, '%Y-%m-%dT%H:%i:%SZ', 'UTC')`
  return `SELECT source, topic, ${by === 'all' ? 'NULL' : iso(WINDOWS[by])} AS window,
    ${['records', 'duplicates', 'elsewhere', 'wantedCells', 'missingCells', 'flaggedRecords', 'outliers', 'unknowns']
      .map((column) => `sum(${column}) AS ${column}_`)
      .join(', ')},
    sum(meanAgeSeconds * records) / sum(records) AS meanAge, max(maxAgeSeconds) AS maxAge, ${iso('max(windowEnd)')} AS until
    FROM ${database}.${name}_latest ${conditions.length > 0 ? `WHERE ${conditions.join(' AND ')}` : ''}
    GROUP BY source, topic, window ORDER BY source, topic, window`
}

/** Sums as the warehouse has them; empty where nothing was measured yet. */
export async function sumsOf(warehouse: ClickHouseWarehouse, asked: Asked): Promise<readonly Sums[]> {
  const { database, name } = tableOf(quality)
  const there = await warehouse.rows(
    `SELECT name FROM system.tables WHERE database = '${database}' AND name = '${name}_latest'`,
    'looking for figures of quality',
  )
  if (there.length === 0) return []
  const rows = await warehouse.rows(questionOf(asked), 'reading figures of quality')
  return rows.map((row) => ({
    source: String(row.source),
    topic: String(row.topic),
    window: row.window === null ? null : String(row.window),
    records: Number(row.records_),
    duplicates: Number(row.duplicates_),
    elsewhere: Number(row.elsewhere_),
    wantedCells: Number(row.wantedCells_),
    missingCells: Number(row.missingCells_),
    flaggedRecords: Number(row.flaggedRecords_),
    outliers: Number(row.outliers_),
    unknowns: Number(row.unknowns_),
    meanAgeSeconds: Number(row.meanAge),
    maxAgeSeconds: Number(row.maxAge),
    until: String(row.until),
  }))
}

/** Rows of a clean table that no row of another one refers to. */
export interface Unreferred {
  readonly topic: string
  readonly column: string
  readonly in: string
  readonly rows: number
  readonly without: number
}

/** Of the sources' rule sets; a pair of which a table is not there yet is left out. Counted over all rows: a reference has no hour. */
export async function unreferredOf(
  warehouse: ClickHouseWarehouse,
  { sources }: Pick<Asked, 'sources'>,
): Promise<readonly Unreferred[]> {
  const tables = await warehouse.rows(`SELECT database || '.' || name AS name FROM system.tables`, 'looking for tables')
  const there = new Set(tables.map(({ name }) => String(name)))
  const found: Unreferred[] = []
  for (const rules of ruleSets) {
    if (sources !== undefined && !rules.sources.some(({ name }) => sources.includes(name))) continue
    for (const { column, in: other, by } of rules.counterparts) {
      const [own, theirs] = [rules.to, other].map((topic) => `${tableOf(topic).database}.${tableOf(topic).name}`)
      if (own === undefined || theirs === undefined || !there.has(own) || !there.has(theirs)) continue
      const query = `SELECT count() AS rows, countIf(${column} NOT IN (SELECT ${by} FROM ${theirs})) AS without FROM ${own}_latest`
      const [row] = await warehouse.rows(query, 'counting rows that nothing refers to')
      const [rows, without] = [Number(row?.rows ?? 0), Number(row?.without ?? 0)]
      if (rows > 0) found.push({ topic: rules.to.name, column, in: other.name, rows, without })
    }
  }
  return found
}

const NOTHING = {
  ...{ records: 0, duplicates: 0, elsewhere: 0, wantedCells: 0, missingCells: 0 },
  ...{ flaggedRecords: 0, outliers: 0, unknowns: 0, meanAgeSeconds: null, maxAgeSeconds: null, until: null },
}

const share = (part: number, whole: number): number | null => (whole === 0 ? null : 1 - part / whole)

/** @param rejected undefined: not asked for, as beside windows */
export function figuresOf(sums: Sums, rejected: number | undefined): Figures {
  return {
    ...sums,
    rejected: rejected ?? null,
    completeness: share(sums.missingCells, sums.wantedCells),
    uniqueness: share(sums.duplicates, sums.records),
    validity: share(sums.flaggedRecords + (rejected ?? 0), sums.records + (rejected ?? 0)),
  }
}

/** A topic of which every record was rejected. */
export const onlyRejected = ({ source, topic }: Measured, rejected: number): Figures =>
  figuresOf({ source, topic, window: null, ...NOTHING }, rejected)
