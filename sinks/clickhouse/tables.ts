import type { ClickHouseClient } from '@clickhouse/client'
import { KappaError } from '#engine/errors'
import {
  type AnyTopic,
  type ClusterLayout,
  type Column,
  createTable,
  onCluster,
  storedTable,
  type Table,
  tableOf,
} from '#engine/schema'
import { translated } from './connect.ts'

/** The table of a topic: the live one, or that of a replay's generation. */
export const tableFor = (topic: AnyTopic, replay: number | undefined): Table =>
  tableOf(topic, replay === undefined ? {} : { generation: replay })

const quoted = (name: string): string => `\`${name}\``
export const nameOf = ({ database, name }: Table): string => `${quoted(database)}.${quoted(name)}`
const literal = (text: string): string => `'${text.replace(/[\\']/g, '\\$&')}'`

/** What of a column's type may grow without any row changing its meaning: the Avro promotions, and becoming nullable. */
const WIDENINGS: Readonly<Record<string, readonly string[]>> = {
  Int32: ['Int64', 'Float64'],
  Int64: ['Float64'],
}

/**
 * Makes the topic's database, table and view, or brings an older table to the contract: columns are added, made nullable
 * or widened. Throws SCHEMA_INCOMPATIBLE naming the column where that would change what rows mean.
 */
export async function prepareTable(
  client: ClickHouseClient,
  topic: AnyTopic,
  replay: number | undefined,
  cluster?: ClusterLayout,
): Promise<void> {
  const table = tableFor(topic, replay)
  const doing = `preparing ${nameOf(table)}`
  try {
    const statements = createTable(topic, { cluster, ...(replay === undefined ? {} : { generation: replay }) })
    const isView = (query: string): boolean => query.startsWith('CREATE VIEW')
    for (const query of statements) if (!isView(query)) await client.command({ query })
    const changed = await alter(client, table, doing, cluster)
    for (const query of statements.filter(isView)) {
      const replacing = query.replace('CREATE VIEW IF NOT EXISTS', 'CREATE OR REPLACE VIEW')
      await client.command({ query: changed ? replacing : query })
    }
  } catch (thrown) {
    throw translated(thrown, doing)
  }
}

/** True where the table had to be changed. */
async function alter(
  client: ClickHouseClient,
  table: Table,
  doing: string,
  cluster: ClusterLayout | undefined,
): Promise<boolean> {
  const answer = await client.query({
    query:
      'SELECT name, type FROM system.columns WHERE database = {database:String} AND table = {table:String} ORDER BY position',
    query_params: { database: table.database, table: table.name },
    format: 'JSONEachRow',
  })
  const present = new Map((await answer.json<{ name: string; type: string }>()).map(({ name, type }) => [name, type]))
  const changes: string[] = []
  let before: Column | undefined
  for (const column of [...table.fields, ...table.engineColumns]) {
    const type = present.get(column.name)
    if (type === undefined)
      changes.push(
        `ADD COLUMN IF NOT EXISTS ${definition(column)}${before ? ` AFTER ${quoted(before.name)}` : ' FIRST'}`,
      )
    else if (type !== column.type) {
      if (!widens(type, column.type))
        throw new KappaError(
          'SCHEMA_INCOMPATIBLE',
          `${doing}: column ${column.name} is ${type} and would have to become ${column.type}`,
        )
      changes.push(`MODIFY COLUMN ${definition(column)}`)
    }
    before = column
  }
  if (changes.length === 0) return false
  // Where the rows are first: the Distributed table must not offer a column that its shards do not have.
  const names = new Set([storedTable(table, cluster), table].map(nameOf))
  for (const name of names)
    await client.command({
      query: `ALTER TABLE ${name}${onCluster(cluster)} ${changes.join(', ')}`,
      clickhouse_settings: { alter_sync: '2' },
    })
  return true
}

const definition = ({ name, type, comment }: Column): string => `${quoted(name)} ${type} COMMENT ${literal(comment)}`

/** `Nullable(Int32)` may become `Nullable(Int64)`, `Int32` either; what is nullable stays so where the contract is stricter. */
function widens(from: string, to: string): boolean {
  const [fromPlain, toPlain] = [plain(from), plain(to)]
  if (isNullable(from) && !isNullable(to)) return false
  return fromPlain === toPlain || (WIDENINGS[fromPlain]?.includes(toPlain) ?? false)
}

const isNullable = (type: string): boolean => type.includes('Nullable(')
const plain = (type: string): string => {
  const inner = /^(?:LowCardinality|Nullable)\((.*)\)$/.exec(type)?.[1]
  return inner === undefined ? type : plain(inner)
}
