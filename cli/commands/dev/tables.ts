import { tableOf } from '#engine/schema'
import { topics } from '#schemas'
import type { Addresses } from '../../../deploy/addresses.ts'

/** Rows per ClickHouse table, asked over plain HTTP as the read-only user; empty while nothing answers. */
export async function rowsPerTable({ clickhouse }: Addresses): Promise<ReadonlyMap<string, number>> {
  const databases = [...new Set(topics.map((topic) => tableOf(topic).database))].map((name) => `'${name}'`).join(',')
  const query = `SELECT database || '.' || name AS table, toInt64(total_rows) AS rows FROM system.tables
    WHERE database IN (${databases}) AND engine LIKE '%MergeTree' AND total_rows > 0 ORDER BY table FORMAT JSONCompact`
  try {
    const answer = await fetch(clickhouse.url, {
      method: 'POST',
      body: query,
      headers: { 'X-ClickHouse-User': clickhouse.reader.username, 'X-ClickHouse-Key': clickhouse.reader.password },
      signal: AbortSignal.timeout(5_000),
    })
    if (!answer.ok) return new Map()
    const { data } = (await answer.json()) as { data: readonly (readonly [string, string | number])[] }
    return new Map(data.map(([table, rows]) => [table, Number(rows)]))
  } catch {
    return new Map()
  }
}
