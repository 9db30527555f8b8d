import { Readable } from 'node:stream'
import type { ClickHouseClient } from '@clickhouse/client'
import type { Cut, RefusedRow } from '#engine/delivery'
import type { AnyTopic, Table } from '#engine/schema'
import { RowsRefused, translated } from './connect.ts'
import { columnNames, nativeBlock } from './native/block.ts'
import type { Row } from './rows.ts'
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

/** `<sink>/<table>/<generation>/<lane>/<number>/<partition>:<first>-<last>…`: names the cut's bytes, and nothing else ever. */
function tokenOf(table: Table, cut: Cut): string {
  const ranges = cut.ranges.map(({ partition, first, last }) => `${partition}:${first}-${last}`).join(',')
  return `${cut.sink}/${table.database}.${table.name}/${cut.topic}/${cut.generation}/${cut.lane}/${cut.number}/${ranges}`
}

/**
 * Inserts rows of a cut under its token. Where ClickHouse refuses the rows, halves are tried until the ones to blame are
 * found. A half's token names its first and last row: tried again, other halves (of the rows still absent) have other tokens.
 */
export async function insertRows(
  client: ClickHouseClient,
  topic: AnyTopic,
  table: Table,
  cut: Cut,
  rows: readonly Row[],
  token = tokenOf(table, cut),
): Promise<readonly RefusedRow[]> {
  if (rows.length === 0) return []
  try {
    await insertBlock(client, table, nativeBlock(topic, table, cut, rows), token)
    return []
  } catch (thrown) {
    const error = translated(thrown, `inserting ${rows.length} rows into ${nameOf(table)}`)
    if (!(error instanceof RowsRefused)) throw error
    const [only] = rows
    if (rows.length === 1 && only !== undefined)
      return [{ record: only.record, reason: `ClickHouse: ${error.message}` }]
    const middle = rows.length >> 1
    const refused: RefusedRow[] = []
    for (const half of [rows.slice(0, middle), rows.slice(middle)])
      refused.push(...(await insertRows(client, topic, table, cut, half, `${tokenOf(table, cut)}/${boundsOf(half)}`)))
    return refused
  }
}

const boundsOf = (rows: readonly Row[]): string =>
  [rows[0], rows.at(-1)].map((row) => `${row?.record.partition}:${row?.record.offset}`).join('-')

async function insertBlock(client: ClickHouseClient, table: Table, block: Buffer, token: string): Promise<void> {
  const columns = columnNames(table)
    .map((name) => `\`${name}\``)
    .join(', ')
  const { stream } = await client.exec({
    query: `INSERT INTO ${nameOf(table)} (${columns}) FORMAT Native`,
    values: Readable.from([block], { objectMode: false }),
    clickhouse_settings: { ...ONE_BLOCK, insert_deduplication_token: token },
  })
  for await (const _ of stream) {
    // the answer has no body; reading it to its end gives the connection back
  }
}
