import { Readable } from 'node:stream'
import { type ClickHouseClient, ClickHouseError } from '@clickhouse/client'
import type { SimulatedProcess } from '../../crash/simulated/process.ts'
import { UNWANTED } from '../facts.ts'
import { rowsOfBlock } from './native-reader.ts'
import type { StoreWay } from './way.ts'

/** As the tables are made. */
const WINDOW = 10_000

export type TableRow = Readonly<Record<string, unknown>>

interface Table {
  readonly columns: { readonly name: string; readonly type: string }[]
  readonly rows: TableRow[]
  /** Partition and token of the last inserts, the oldest first. */
  readonly tokens: string[]
}

/**
 * ClickHouse as a sink meets it, in memory: an insert is cut by the table's partitions; each part is there whole or not at
 * all, and is passed over, with success, where the partition has seen the token among its table's last ones. Rows that a
 * constraint forbids make the whole insert fail before any part of it is there.
 */
export class FakeClickHouse {
  readonly tables = new Map<string, Table>()

  /** Others' inserts push every token out of the window. */
  overflow(): void {
    for (const { tokens } of this.tables.values()) tokens.length = 0
  }

  /** The client of one process. */
  clientFor(process: SimulatedProcess, way: StoreWay): ClickHouseClient {
    const client = {
      command: ({ query }: { query: string }) => way.request(process, false, () => this.#define(query)),
      query: ({ query, query_params }: { query: string; query_params: Readonly<Record<string, unknown>> }) =>
        way.request(process, false, () => {
          const answer = query.includes('system.tables')
            ? []
            : query.includes('system.columns')
              ? (this.tables.get(`${query_params.database}.${query_params.table}`)?.columns ?? [])
              : this.#present(query, query_params)
          return { json: async () => answer }
        }),
      exec: async ({ query, values, clickhouse_settings }: Insert) => {
        const parts: Buffer[] = []
        for await (const part of values) parts.push(part as Buffer)
        const block = Buffer.concat(parts)
        await way.request(process, true, (how) => this.#insert(query, block, clickhouse_settings, how))
        return { stream: Readable.from([]) }
      },
      close: async () => {},
    }
    return client as unknown as ClickHouseClient
  }

  #define(query: string): void {
    const name = /^CREATE TABLE IF NOT EXISTS `(.+)`\.`(.+)`/.exec(query)?.slice(1).join('.')
    if (name === undefined || this.tables.has(name)) return
    const columns = [...query.matchAll(/^ {2}`(\w+)` (.+) COMMENT '/gm)].map(([, column = '', type = '']) => ({
      name: column,
      type,
    }))
    this.tables.set(name, { columns, rows: [], tokens: [] })
  }

  #table(query: string): Table {
    const name = /(?:INTO|FROM) `(.+?)`\.`(.+?)`/.exec(query)?.slice(1).join('.') ?? ''
    const table = this.tables.get(name)
    if (table === undefined)
      throw new ClickHouseError({ code: '60', type: 'UNKNOWN_TABLE', message: `no table ${name}` })
    return table
  }

  #present(query: string, { topic, generation }: Readonly<Record<string, unknown>>): [number, number][] {
    const ranges = [...query.matchAll(/_partition = (\d+) AND _offset BETWEEN (\d+) AND (\d+)/g)].map((found) =>
      found.slice(1).map(Number),
    )
    return this.#table(query).rows.flatMap(({ _topic, _generation, _partition, _offset }): [number, number][] => {
      if (_topic !== topic || _generation !== generation) return []
      const [partition, offset] = [Number(_partition), Number(_offset)]
      const within = ranges.some(
        ([of = 0, first = 0, last = 0]) => partition === of && offset >= first && offset <= last,
      )
      return within ? [[partition, offset]] : []
    })
  }

  #insert(query: string, block: Buffer, settings: Insert['clickhouse_settings'], how: 'whole' | 'half'): void {
    const table = this.#table(query)
    const rows = rowsOfBlock(block)
    const forbidden = rows.find(({ amount }) => amount === UNWANTED)
    if (forbidden !== undefined)
      throw new ClickHouseError({
        code: '469',
        type: 'VIOLATED_CONSTRAINT',
        message: `Constraint \`wanted\` is violated at row ${forbidden.id}`,
      })
    const months = new Map<string, TableRow[]>()
    for (const row of rows) {
      const month = new Date(Number(row.at)).toISOString().slice(0, 7)
      months.set(month, [...(months.get(month) ?? []), row])
    }
    for (const [index, [month, part]] of [...months].entries()) {
      const token = `${month} ${settings.insert_deduplication_token}`
      if (table.tokens.includes(token)) continue
      // As MergeTreeSink does it: the token is written down, then the part is made visible.
      table.tokens.push(token)
      if (table.tokens.length > WINDOW) table.tokens.shift()
      if (how === 'half' && index >= (months.size - 1) / 2) return
      table.rows.push(...part)
    }
  }
}

interface Insert {
  readonly query: string
  readonly values: Readable
  readonly clickhouse_settings: { readonly insert_deduplication_token: string }
}
