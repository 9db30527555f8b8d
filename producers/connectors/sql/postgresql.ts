import { readFileSync } from 'node:fs'
import pg from 'pg'
import { KappaError } from '#engine/errors'
import type { Cell, Column, ColumnKind, Database, SqlSource } from './contract.ts'
import { failureOf } from './failure.ts'
import { type Dialect, pageStatement, quoted } from './statements.ts'

const KINDS: Readonly<Record<string, ColumnKind>> = {
  ...{ smallint: 'integer', integer: 'integer', bigint: 'integer', numeric: 'decimal' },
  ...{ real: 'single', 'double precision': 'double', boolean: 'boolean', uuid: 'uuid', bytea: 'bytes' },
  ...{ text: 'text', 'character varying': 'text', character: 'text', date: 'date' },
  ...{ 'time without time zone': 'time', 'timestamp with time zone': 'instant' },
  'timestamp without time zone': 'local-timestamp',
}

/** Strings are standard-conforming: a quote is the only character that is doubled (PostgreSQL 15, 4.1.2.1). */
const text = (value: string): string => `'${value.replaceAll("'", "''")}'`

export const dialect: Dialect = {
  quote: (name) => `"${name}"`,
  literal: (value, { kind }) => (kind === 'instant' ? text(`${value.replace(/\+00$/, '')}+00`) : text(value)),
  exact: (name) => name,
}

/** Every value as the server wrote it. */
const asText = { getTypeParser: () => (value: string | Buffer) => value }

const SESSION =
  "SET TIME ZONE 'UTC'; SET datestyle = 'ISO, YMD'; SET bytea_output = 'hex'; SET extra_float_digits = 3; SET standard_conforming_strings = on"

/** A moment as UTC text. */
const utc = (moment: string): string => `to_char((${moment}) AT TIME ZONE 'UTC', 'YYYY-MM-DD HH24:MI:SS.US')`

/** Connects to PostgreSQL. */
export async function connectPostgresql(source: SqlSource, password: string | undefined): Promise<Database> {
  const { name, host, port, database, user, tls, caFile } = source
  const client = new pg.Client({
    ...{ host, port, database, user, types: asText, connectionTimeoutMillis: 10_000, keepAlive: true },
    application_name: `kappa-${name}`,
    query_timeout: 300_000,
    ...(password === undefined ? {} : { password }),
    ssl: tls === 'off' ? false : caFile === undefined ? true : { ca: readFileSync(caFile, 'utf8') },
  })
  // A connection that breaks while nothing is asked is told by the next question.
  client.on('error', () => {})
  const ask = async (statement: string, values?: readonly unknown[]): Promise<readonly (readonly Cell[])[]> => {
    try {
      const config = {
        text: statement,
        rowMode: 'array' as const,
        ...(values === undefined ? {} : { values: [...values] }),
      }
      return (await client.query<Cell[]>(config)).rows
    } catch (thrown) {
      throw failureOf(name, `asking ${host}:${port}`, thrown)
    }
  }
  try {
    await client.connect()
    await client.query(SESSION)
  } catch (thrown) {
    await client.end().catch(() => {})
    throw failureOf(name, `connecting to ${host}:${port}`, thrown)
  }
  const one = async (statement: string, values?: readonly unknown[]): Promise<string | null> => {
    const [[cell = null] = []] = await ask(statement, values)
    return cell === null ? null : String(cell)
  }
  const sure = (moment: string | null): string => {
    if (moment === null) throw new KappaError('STORE', `taking in ${name}: the server tells no time`)
    return moment
  }
  return {
    async columns(table) {
      const [own = '', schema] = table.split('.').reverse()
      const rows = await ask(
        `SELECT column_name, data_type, is_nullable, datetime_precision FROM information_schema.columns
         WHERE table_name = $1 AND table_schema = coalesce($2, current_schema()) ORDER BY ordinal_position`,
        [own, schema ?? null],
      )
      return rows.map(([column, type, nullable, fraction]) =>
        columnOf(String(column), String(type), nullable, fraction),
      )
    },
    settledAt: async (lagMs, longestMs) =>
      sure(
        await one(
          `SELECT ${utc(
            `greatest(clock_timestamp() - $2::float8 * interval '1 millisecond',
               least(clock_timestamp() - $1::float8 * interval '1 millisecond',
                 (SELECT min(xact_start) FROM pg_stat_activity WHERE backend_type = 'client backend'
                    AND pid <> pg_backend_pid() AND datname = current_database())))`,
          )}`,
          [lagMs, Math.max(lagMs, longestMs)],
        ),
      ),
    now: async () => sure(await one(`SELECT ${utc('clock_timestamp()')}`)),
    largest: (table, column) => one(`SELECT max(${dialect.quote(column.name)}) FROM ${quoted(dialect, table)}`),
    async without(table, column) {
      const inner = `SELECT 1 FROM ${quoted(dialect, table)} WHERE ${dialect.quote(column.name)} IS NULL LIMIT 1000`
      return Number(await one(`SELECT count(*) FROM (${inner}) AS nameless`))
    },
    async page(query) {
      const rows = await ask(pageStatement(dialect, query))
      if (!query.select.some(({ kind }) => kind === 'bytes')) return rows
      return rows.map((row) => row.map((cell, i) => (query.select[i]?.kind === 'bytes' ? bytesOf(cell) : cell)))
    },
    close: () => client.end().catch(() => {}),
  }
}

const bytesOf = (cell: Cell): Cell => (typeof cell === 'string' ? Buffer.from(cell.slice(2), 'hex') : cell)

const columnOf = (name: string, type: string, nullable: Cell | undefined, fraction: Cell | undefined): Column => ({
  ...{ name, type, kind: KINDS[type] ?? 'other', nullable: nullable === 'YES', fraction: Number(fraction ?? 0) },
})
