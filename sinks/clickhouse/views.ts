import type { ClickHouseClient } from '@clickhouse/client'
import type { Cut } from '#engine/delivery'
import { DEDUPLICATION_WINDOW, type Table } from '#engine/schema'
import { translated } from './connect.ts'
import { nameOf } from './tables.ts'

/**
 * Materialized views over Kappa's tables. An insert reaches a view's target after the table, each part under the insert's
 * token. So a target needs a deduplication window of its own, and an insert that was cut off is sent again whole: what the
 * table has it passes over, what the target lacks it takes.
 */

/** Gives every target of a view over the table a window, where it is an ordinary MergeTree without one. */
export async function protectViewTargets(client: ClickHouseClient, table: Table): Promise<void> {
  for (const target of await targetsOf(client, table)) {
    if (target.engine.startsWith('Replicated') || !target.engine.endsWith('MergeTree')) continue
    if (/non_replicated_deduplication_window = [1-9]/.test(target.statement)) continue
    await client.command({
      query: `ALTER TABLE ${target.name} MODIFY SETTING non_replicated_deduplication_window = ${DEDUPLICATION_WINDOW}`,
    })
  }
}

interface Target {
  readonly name: string
  readonly engine: string
  readonly statement: string
}

async function targetsOf(client: ClickHouseClient, { database, name }: Table): Promise<readonly Target[]> {
  const views = await ask<{ database: string; name: string; uuid: string; statement: string }>(
    client,
    `SELECT database, name, toString(uuid) AS uuid, create_table_query AS statement FROM system.tables
     WHERE engine = 'MaterializedView' AND (database, name) IN (
       SELECT arrayJoin(arrayZip(dependencies_database, dependencies_table)) FROM system.tables
       WHERE database = {database:String} AND name = {name:String})`,
    { database, name },
  )
  const targets: Target[] = []
  for (const view of views) {
    const [, of = view.database, to = `.inner_id.${view.uuid}`] =
      /\bTO (?:`?([^`.\s]+)`?\.)?`?([^`\s(]+)`?/.exec(view.statement.split(/\bAS\s+SELECT\b/i)[0] ?? '') ?? []
    const [found] = await ask<{ engine: string; statement: string }>(
      client,
      'SELECT engine, create_table_query AS statement FROM system.tables WHERE database = {of:String} AND name = {to:String}',
      { of, to },
    )
    if (found !== undefined) targets.push({ name: `\`${of}\`.\`${to}\``, ...found })
  }
  return targets
}

/**
 * Whether a cut is to be sent again whole: the table has views, and so few parts came since the cut was decided that its
 * token is certainly remembered.
 */
export async function isResentWhole(client: ClickHouseClient, table: Table, cut: Cut): Promise<boolean> {
  const [views] = await ask<{ views: string | number }>(
    client,
    'SELECT length(dependencies_table) AS views FROM system.tables WHERE database = {database:String} AND name = {name:String}',
    { database: table.database, name: table.name },
  )
  if (Number(views?.views ?? 0) === 0) return false
  const [since] = await ask<{ parts: string | number }>(
    client,
    `SELECT uniqExact(_writtenAt, _partition_id) AS parts FROM ${nameOf(table)}
     WHERE _writtenAt >= fromUnixTimestamp64Milli({decidedAt:Int64})`,
    { decidedAt: cut.decidedAt },
  )
  return Number(since?.parts ?? 0) < DEDUPLICATION_WINDOW / 4
}

async function ask<T>(client: ClickHouseClient, query: string, query_params: Record<string, unknown>): Promise<T[]> {
  try {
    const answer = await client.query({ query, query_params, format: 'JSONEachRow' })
    return await answer.json<T>()
  } catch (thrown) {
    throw translated(thrown, 'looking for materialized views')
  }
}
