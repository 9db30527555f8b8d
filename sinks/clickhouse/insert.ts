import { Readable } from 'node:stream'
import type { ClickHouseClient, ClickHouseSettings } from '@clickhouse/client'
import type { KafkaRecord } from '#engine/broker'
import type { Cut, RefusedRow } from '#engine/delivery'
import { KappaError } from '#engine/errors'
import type { ClusterLayout, Table } from '#engine/schema'
import { RowsRefused, translated } from './connect.ts'
import { type Block, type BlockEncoder, columnNames } from './native/block.ts'
import { placeOf } from './present.ts'
import { nameOf } from './tables.ts'

/**
 * What makes one insert one block, acknowledged when it is there. A block is split by the table's partitions only, and the
 * token counts for each of them, so a block that landed in part completes when it is sent again.
 */
const ONE_BLOCK = {
  async_insert: 0,
  insert_deduplicate: 1,
  max_insert_block_size: '10000000',
  min_insert_block_size_rows: '10000000',
  min_insert_block_size_bytes: '0',
  max_insert_threads: '1',
  max_partitions_per_insert_block: '0',
  deduplicate_blocks_in_dependent_materialized_views: 1,
} as const

/**
 * On a cluster an insert is acknowledged when a majority of replicas has it, one insert after another (so that a sequential
 * read sees all of them), and a Distributed table hands the rows to their shards before it answers.
 */
export const settingsOf = (cluster: ClusterLayout | undefined): ClickHouseSettings => ({
  ...ONE_BLOCK,
  ...(cluster === undefined ? {} : { insert_quorum: 'auto', insert_quorum_parallel: 0 }),
  ...(cluster?.sharded === true ? { distributed_foreground_insert: 1 } : {}),
})

/** `<sink>/<table>/<generation>/<lane>/<number>/<partition>:<first>-<last>…`: names the cut's bytes, and nothing else ever. */
function tokenOf({ table: { database, name }, tokensOf = name, cut, burnt = 0 }: CutInsert): string {
  const ranges = cut.ranges.map(({ partition, first, last }) => `${partition}:${first}-${last}`).join(',')
  return `${cut.sink}/${database}.${tokensOf}/${cut.topic}/${cut.generation}/${cut.lane}/${cut.number}/${ranges}${burnt === 0 ? '' : `/after-${burnt}`}`
}

/** A cut on its way into a table. */
export interface CutInsert {
  readonly client: ClickHouseClient
  readonly encoder: BlockEncoder
  readonly table: Table
  /** The table that tokens name: another than this one where it is to take that one's place. @defaultValue its own name */
  readonly tokensOf?: string
  readonly cut: Cut
  readonly cluster?: ClusterLayout | undefined
  /** Those that are in the table already, as `partition:offset`. */
  readonly present: ReadonlySet<string>
  /** Tokens of the cut that are known to bring nothing. @defaultValue 0 */
  readonly burnt?: number
  /** Awaited right before each insert. */
  readonly confirm: () => Promise<void>
}

/**
 * Inserts rows of a cut under its token. Where ClickHouse refuses the rows, halves are tried until the ones to blame are
 * found. The cut is halved the same way however much of it is there already, and a half's token names its first and last
 * row: so a half that arrives late, from a process that is long gone, meets its own token.
 * @param block of all rows, in order of partition and offset
 */
export async function insertRows(
  insert: CutInsert,
  block: Pick<Block, 'bytes' | 'rows'>,
  token = tokenOf(insert),
): Promise<readonly RefusedRow[]> {
  const { client, table, present, confirm } = insert
  const { rows } = block
  const absent = present.size === 0 ? rows : rows.filter((record) => !present.has(placeOf(record)))
  const [only] = absent
  if (only === undefined) return []
  const bytes = absent.length === rows.length ? block.bytes : blockOf(insert, absent).bytes
  await confirm()
  try {
    await insertBlock(client, table, bytes, {
      ...settingsOf(insert.cluster),
      insert_deduplication_token: token,
    })
    return []
  } catch (thrown) {
    const error = translated(thrown, `inserting ${absent.length} rows into ${nameOf(table)}`)
    if (!(error instanceof RowsRefused)) throw error
    if (absent.length === 1) return [{ record: only, reason: `ClickHouse: ${error.message}` }]
    const middle = rows.length >> 1
    const refused: RefusedRow[] = []
    for (const half of [rows.slice(0, middle), rows.slice(middle)])
      refused.push(...(await insertRows(insert, blockOf(insert, half), `${tokenOf(insert)}/${boundsOf(half)}`)))
    return refused
  }
}

/** The block of rows that were taken before. */
export function blockOf({ encoder, table, cut }: CutInsert, rows: readonly KafkaRecord[]): Block {
  const block = encoder.encode(table, cut, rows)
  const [other] = block.refused
  if (other !== undefined)
    throw new KappaError('STATE_MISMATCH', `encoding rows of ${nameOf(table)} again: ${other.reason}`)
  return block
}

const boundsOf = (rows: readonly KafkaRecord[]): string =>
  [rows[0], rows.at(-1)].map((row) => `${row?.partition}:${row?.offset}`).join('-')

async function insertBlock(
  client: ClickHouseClient,
  table: Table,
  block: Buffer,
  settings: ClickHouseSettings,
): Promise<void> {
  const columns = columnNames(table)
    .map((name) => `\`${name}\``)
    .join(', ')
  const { stream } = await client.exec({
    query: `INSERT INTO ${nameOf(table)} (${columns}) FORMAT Native`,
    values: Readable.from([block], { objectMode: false }),
    clickhouse_settings: settings,
  })
  for await (const _ of stream) {
    // the answer has no body; reading it to its end gives the connection back
  }
}
