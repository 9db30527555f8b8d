import type { ClickHouseReader } from '../../../sinks/clickhouse/index.ts'
import type { Store } from './contract.ts'
import { questionOf } from './sql.ts'

/**
 * A table's version: its identity (an exchange changes it) and the parts that are active (an insert, a mutation and a merge
 * change them). Views have an identity alone: what they read has versions of its own.
 */
const VERSIONS = `
SELECT concat(t.database, '.', t.name) AS name, concat(toString(t.uuid), ':', toString(p.parts)) AS version
FROM system.tables AS t
LEFT JOIN (
  SELECT database, table, groupBitXor(cityHash64(name)) AS parts
  FROM system.parts WHERE active
  GROUP BY database, table
) AS p ON p.database = t.database AND p.table = t.name
WHERE t.database NOT IN ('system', 'information_schema', 'INFORMATION_SCHEMA')`

/** Asks ClickHouse as a user who may only read. */
export const clickhouseStore = (reader: ClickHouseReader): Store => ({
  select(select) {
    const { query, values } = questionOf(select)
    return reader.rows(query, { v: values }, `reading ${select.relation.name}`)
  },
  async versions() {
    const rows = await reader.rows(VERSIONS, {}, 'looking for what is new in ClickHouse')
    return new Map(rows.map(({ name, version }) => [String(name), String(version)]))
  },
})
