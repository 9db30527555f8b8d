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
import { parseType, widens } from './widen.ts'

/** The table of a topic: the live one, or that of a replay's generation. */
export const tableFor = (topic: AnyTopic, replay: number | undefined): Table =>
  tableOf(topic, replay === undefined ? {} : { generation: replay })

const quoted = (name: string): string => `\`${name}\``
export const nameOf = ({ database, name }: Table): string => `${quoted(database)}.${quoted(name)}`
const literal = (text: string): string => `'${text.replace(/[\\']/g, '\\$&')}'`

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
    const changed = await alter(client, topic, table, doing, cluster)
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
  topic: AnyTopic,
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
        `ADD COLUMN IF NOT EXISTS ${definition(column, defaultOf(topic, column.name))}${before ? ` AFTER ${quoted(before.name)}` : ' FIRST'}`,
      )
    else if (!covers(type, column.type)) {
      if (!widens(parseType(type), parseType(column.type)))
        throw new KappaError(
          'SCHEMA_INCOMPATIBLE',
          `${doing}: column ${column.name} is ${type} and would have to become ${column.type}, which older rows do not allow. Give the change a topic version of its own`,
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

/**
 * The table's column is the contract's, or was widened for a later version that a producer wrote already: then it takes
 * what the contract has as it is.
 */
const covers = (present: string, wanted: string): boolean => widens(parseType(wanted), parseType(present))

const definition = ({ name, type, comment }: Column, given = ''): string =>
  `${quoted(name)} ${type}${given} COMMENT ${literal(comment)}`

/** What older rows read as in a column that came later: as older events do, the contract's default. */
function defaultOf({ contract }: AnyTopic, name: string): string {
  const field = contract.fields.find((one) => one.name === name)
  const given = field?.default
  if (field?.type.kind === 'string' || field?.type.kind === 'enum')
    return typeof given === 'string' ? ` DEFAULT ${literal(given)}` : ''
  return typeof given === 'number' || typeof given === 'boolean' ? ` DEFAULT ${given}` : ''
}
