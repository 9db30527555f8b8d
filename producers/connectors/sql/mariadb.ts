import { readFileSync } from 'node:fs'
import mysql from 'mysql2/promise'
import { KappaError } from '#engine/errors'
import type { Column, ColumnKind, Database, SqlSource } from './contract.ts'
import { failureOf } from './failure.ts'
import { type Dialect, pageStatement, quoted } from './statements.ts'

const KINDS: Readonly<Record<string, ColumnKind>> = {
  ...{
    tinyint: 'integer',
    smallint: 'integer',
    mediumint: 'integer',
    int: 'integer',
    bigint: 'integer',
    year: 'integer',
  },
  ...{ decimal: 'decimal', float: 'single', double: 'double', date: 'date', time: 'time' },
  ...{ timestamp: 'instant', datetime: 'local-timestamp', uuid: 'uuid', bit: 'bytes' },
  ...{ char: 'text', varchar: 'text', tinytext: 'text', text: 'text', mediumtext: 'text', longtext: 'text' },
  ...{ enum: 'text', set: 'text', json: 'text' },
  ...{ binary: 'bytes', varbinary: 'bytes', tinyblob: 'bytes', blob: 'bytes', mediumblob: 'bytes', longblob: 'bytes' },
}

export const dialect: Dialect = {
  quote: (name) => `\`${name}\``,
  // Numbers as numbers: beside text they would be compared as binary fractions.
  literal: (value, { kind }) =>
    (kind === 'integer' || kind === 'decimal') && /^-?\d+(\.\d+)?$/.test(value)
      ? value
      : `'${value.replaceAll("'", "''")}'`,
  // FLOAT is shown with six digits; as DOUBLE with all that tell it from others.
  exact: (name, { kind }) => (kind === 'single' ? `(${name} + 0e0)` : name),
}

/** No backslash escapes: a quote is the only character that is doubled. */
const SESSION = "SET time_zone = '+00:00', sql_mode = 'NO_BACKSLASH_ESCAPES'"
/** ER_SPECIFIC_ACCESS_DENIED_ERROR: the account has no PROCESS privilege. */
const NO_PRIVILEGE = 1227

/** Connects to MariaDB or MySQL. */
export async function connectMariadb(source: SqlSource, password: string | undefined): Promise<Database> {
  const { name, host, port, database, user, tls, caFile } = source
  let connection: mysql.Connection
  try {
    connection = await mysql.createConnection({
      ...{ host, port, database, user, connectTimeout: 10_000, enableKeepAlive: true },
      ...(password === undefined ? {} : { password }),
      ...(tls === 'off' ? {} : { ssl: caFile === undefined ? {} : { ca: readFileSync(caFile, 'utf8') } }),
      rowsAsArray: true,
      // TEXT and BLOB look alike here: what is text is told by the column.
      typeCast: (field) => field.buffer(),
    })
  } catch (thrown) {
    throw failureOf(name, `connecting to ${host}:${port}`, thrown)
  }
  // A connection that breaks while nothing is asked is told by the next question.
  connection.on('error', () => {})
  const ask = async (statement: string): Promise<readonly (readonly (Buffer | null)[])[]> => {
    try {
      const [rows] = await connection.query<mysql.RowDataPacket[][]>({ sql: statement, timeout: 300_000 })
      return rows as unknown as readonly (readonly (Buffer | null)[])[]
    } catch (thrown) {
      throw failureOf(name, `asking ${host}:${port}`, thrown)
    }
  }
  const one = async (statement: string): Promise<string | null> => {
    const [[cell = null] = []] = await ask(statement)
    return cell === null ? null : String(cell)
  }
  const moment = async (statement: string): Promise<string | null> =>
    one(`SELECT DATE_FORMAT(${statement}, '%Y-%m-%d %H:%i:%s.%f')`)
  const sure = (text: string | null): string => {
    if (text === null) throw new KappaError('STORE', `taking in ${name}: the server tells no time`)
    return text
  }
  let seesTransactions = true
  try {
    await ask(SESSION)
  } catch (thrown) {
    connection.destroy()
    throw thrown
  }
  return {
    async columns(table) {
      const [own = '', schema] = table.split('.').reverse()
      const where = schema === undefined ? 'DATABASE()' : `'${schema}'`
      const rows = await ask(
        `SELECT column_name, data_type, is_nullable, datetime_precision FROM information_schema.columns
         WHERE table_name = '${own}' AND table_schema = ${where} ORDER BY ordinal_position`,
      )
      return rows.map(([column, type, nullable, fraction]) =>
        columnOf(String(column), String(type), String(nullable), Number(fraction ?? 0)),
      )
    },
    async settledAt(lagMs, longestMs) {
      const behind = async (ms: number) =>
        sure(await moment(`UTC_TIMESTAMP(6) - INTERVAL ${Math.round(ms * 1_000)} MICROSECOND`))
      const lagged = await behind(lagMs)
      let oldest: string | null = null
      try {
        if (seesTransactions)
          oldest = await moment(
            `(SELECT CONVERT_TZ(MIN(trx_started), 'SYSTEM', '+00:00') FROM information_schema.innodb_trx
              WHERE trx_mysql_thread_id <> CONNECTION_ID())`,
          )
      } catch (thrown) {
        if (errorNumberOf(thrown) !== NO_PRIVILEGE) throw thrown
        seesTransactions = false
      }
      if (oldest === null || oldest >= lagged) return lagged
      const longest = await behind(Math.max(lagMs, longestMs))
      return oldest > longest ? oldest : longest
    },
    now: async () => sure(await moment('UTC_TIMESTAMP(6)')),
    largest: (table, column) => one(`SELECT MAX(${dialect.quote(column.name)}) FROM ${quoted(dialect, table)}`),
    async without(table, column) {
      const inner = `SELECT 1 FROM ${quoted(dialect, table)} WHERE ${dialect.quote(column.name)} IS NULL LIMIT 1000`
      return Number(await one(`SELECT COUNT(*) FROM (${inner}) AS nameless`))
    },
    async page(query) {
      const rows = await ask(pageStatement(dialect, query))
      const isBytes = query.select.map(({ kind }) => kind === 'bytes')
      return rows.map((row) => row.map((cell, i) => (cell === null || isBytes[i] ? cell : cell.toString('utf8'))))
    },
    close: () => connection.end().catch(() => connection.destroy()),
  }
}

const errorNumberOf = (thrown: unknown): unknown =>
  ((thrown as { readonly cause?: unknown }).cause as { readonly errno?: unknown } | undefined)?.errno

const columnOf = (name: string, type: string, nullable: string, fraction: number): Column => ({
  ...{ name, type, kind: KINDS[type] ?? 'other', nullable: nullable === 'YES', fraction },
})
