import { milliseconds } from '#engine/time'
import { clickhouseType } from './clickhouse-type.ts'
import type { AnyTopic } from './contract.ts'
import { partsOf } from './generate/names.ts'

export interface Column {
  readonly name: string
  /** As ClickHouse writes it, e.g. `Nullable(Decimal(18, 2))`. */
  readonly type: string
  readonly comment: string
}

/** Where a topic's rows are: database = domain, table = facts with underscores, columns = the event's fields. */
export interface Table {
  readonly database: string
  readonly name: string
  /** The event's fields, in the contract's order. */
  readonly fields: readonly Column[]
  /** What Kappa adds: position, generation, time of writing, hash; version and deletion where rows are upserted. */
  readonly engineColumns: readonly Column[]
  /** True where a row replaces earlier ones of its identity: ReplacingMergeTree, and a view of the latest rows. */
  readonly upserts: boolean
}

/**
 * A cluster as ClickHouse's configuration names it: statements run ON CLUSTER, tables are replicated through Keeper and
 * share their deduplication window. Sharded: each table is `…_local` on every shard, under a Distributed one of its name.
 */
export interface ClusterLayout {
  readonly name: string
  readonly sharded: boolean
}

export interface TableOptions {
  /** Absent: a single server. */
  readonly cluster?: ClusterLayout | undefined
  /** A generation that is not promoted yet: its table stands beside the live one, as `…__v<generation>`. */
  readonly generation?: number
}

const POSITION: readonly Column[] = [
  { name: '_topic', type: 'LowCardinality(String)', comment: 'Kafka topic that the row was read from.' },
  { name: '_partition', type: 'Int32', comment: 'Its partition.' },
  { name: '_offset', type: 'Int64', comment: 'Its offset.' },
  { name: '_generation', type: 'UInt32', comment: 'Generation of the processor that wrote it.' },
  {
    name: '_writtenAt',
    type: "DateTime64(3, 'UTC')",
    comment: 'When the cut was decided; retention counts from here.',
  },
  { name: '_hash', type: 'UInt64', comment: '64 bits of a hash of the raw record and its position.' },
]
const UPSERT: readonly Column[] = [
  { name: '_version', type: 'UInt64', comment: 'The row with the largest is the latest of its identity.' },
  { name: '_deleted', type: 'UInt8', comment: '1 where the row was retracted.' },
]

/** Blocks whose tokens are remembered per table: about an hour of 500 ms blocks, with room. */
export const DEDUPLICATION_WINDOW = 10_000
/** And for how long, where Keeper keeps them: longer than any store stays away. */
const DEDUPLICATION_SECONDS = 604_800

export function tableOf({ contract }: AnyTopic, { generation }: TableOptions = {}): Table {
  const { domain, facts, version } = partsOf(contract.topic.name)
  const upserts = contract.topic.kind !== 'facts'
  const own = `${facts.replaceAll('-', '_')}${version === 1 ? '' : `_v${version}`}`
  return {
    database: domain,
    name: generation === undefined ? own : `${own}__v${generation}`,
    fields: contract.fields.map(({ name, type, nullable, doc }) => ({
      name,
      type: clickhouseType(type, nullable),
      comment: doc,
    })),
    engineColumns: upserts ? [...POSITION, ...UPSERT] : POSITION,
    upserts,
  }
}

const quoted = (name: string): string => `\`${name}\``
const text = (value: string): string => `'${value.replace(/[\\']/g, '\\$&')}'`
const fullName = ({ database, name }: Table): string => `${quoted(database)}.${quoted(name)}`

/**
 * The statements that make a topic's table, in order; each can be repeated. Facts: MergeTree in order of event time.
 * Results and tables: ReplacingMergeTree by identity, and (but for a generation) a view `…_latest` of the latest rows.
 * Months are partitions where no identity can move from one to another, so that an upsert always meets its earlier row;
 * a block of history may hold up to 100 months.
 */
export function createTable(topic: AnyTopic, options: TableOptions = {}): readonly string[] {
  const { cluster } = options
  const table = tableOf(topic, options)
  const stored = storedTable(table, cluster)
  const on = onCluster(cluster)
  const { time, id, kind } = topic.contract.topic
  const columns = [...table.fields, ...table.engineColumns].map(
    ({ name, type, comment }) => `  ${quoted(name)} ${type} COMMENT ${text(comment)}`,
  )
  const order = table.upserts ? id : [time, '_partition', '_offset']
  const lines = [
    `CREATE TABLE IF NOT EXISTS ${fullName(stored)}${on}\n(\n${columns.join(',\n')}\n)`,
    `ENGINE = ${engineOf(table, cluster)}`,
    ...(kind === 'facts' || id.includes(time) ? [`PARTITION BY toYYYYMM(${quoted(time)})`] : []),
    `ORDER BY (${order.map(quoted).join(', ')})`,
    ...timeToLive(topic),
    `SETTINGS ${windowSettings(cluster)}`,
    `COMMENT ${text(topic.contract.doc)}`,
  ]
  const database = `CREATE DATABASE IF NOT EXISTS ${quoted(table.database)}${on}`
  return [
    database,
    lines.join('\n'),
    ...(cluster?.sharded === true ? [distributedTable(table, id, cluster, topic.contract.doc)] : []),
    ...(table.upserts && options.generation === undefined ? [latestView(table, on)] : []),
  ]
}

/** ` ON CLUSTER …`, or nothing for a single server. */
export const onCluster = (cluster: ClusterLayout | undefined): string =>
  cluster === undefined ? '' : ` ON CLUSTER ${quoted(cluster.name)}`

/** The table that holds the rows: the table itself, or on every shard the one under the Distributed table. */
export const storedTable = (table: Table, cluster: ClusterLayout | undefined): Table =>
  cluster?.sharded === true ? { ...table, name: `${table.name}_local` } : table

/** The path in Keeper follows the table's uuid, the same on every replica: names can be exchanged. */
function engineOf({ upserts }: Table, cluster: ClusterLayout | undefined): string {
  const columns = upserts ? '`_version`, `_deleted`' : ''
  const engine = upserts ? 'ReplacingMergeTree' : 'MergeTree'
  if (cluster === undefined) return upserts ? `${engine}(${columns})` : engine
  const place = "'/clickhouse/tables/{uuid}/{shard}', '{replica}'"
  return `Replicated${engine}(${upserts ? `${place}, ${columns}` : place})`
}

const windowSettings = (cluster: ClusterLayout | undefined): string =>
  cluster === undefined
    ? `non_replicated_deduplication_window = ${DEDUPLICATION_WINDOW}`
    : `replicated_deduplication_window = ${DEDUPLICATION_WINDOW}, replicated_deduplication_window_seconds = ${DEDUPLICATION_SECONDS}`

/** Rows of one identity share a shard: there FINAL sees all of them, and a row sent again meets its token. */
function distributedTable(table: Table, id: readonly string[], cluster: ClusterLayout, doc: string): string {
  const stored = storedTable(table, cluster)
  const key = id.length > 0 ? id : ['_partition', '_offset']
  return [
    `CREATE TABLE IF NOT EXISTS ${fullName(table)}${onCluster(cluster)} AS ${fullName(stored)}`,
    `ENGINE = Distributed(${text(cluster.name)}, ${text(table.database)}, ${text(stored.name)}, cityHash64(${key.map(quoted).join(', ')}))`,
    `COMMENT ${text(doc)}`,
  ].join('\n')
}

function timeToLive({ contract }: AnyTopic): readonly string[] {
  const { retention } = contract.topic
  if (retention === 'forever') return []
  return [`TTL toDateTime(\`_writtenAt\`) + INTERVAL ${Math.ceil(milliseconds(retention) / 1_000)} SECOND`]
}

/** The analysts' view: the latest row of every identity, without Kappa's columns. */
function latestView(table: Table, on: string): string {
  const columns = table.fields.map(({ name }) => `  ${quoted(name)}`).join(',\n')
  const view = `${quoted(table.database)}.${quoted(`${table.name}_latest`)}`
  return `CREATE VIEW IF NOT EXISTS ${view}${on} AS\nSELECT\n${columns}\nFROM ${fullName(table)} FINAL`
}
