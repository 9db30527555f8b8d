import { type AnyTopic, decimalText, tableOf } from '#engine/schema'

/** What puts rows into a topic's table, decimals exact. */
export function insert(topic: AnyTopic, rows: readonly object[]): string {
  const { database, name, upserts } = tableOf(topic)
  const scales = new Map(
    topic.contract.fields.flatMap(({ name, type }) => (type.kind === 'decimal' ? [[name, type.scale] as const] : [])),
  )
  const lines = rows.map((row, i) =>
    JSON.stringify({
      ...Object.fromEntries(
        Object.entries(row).map(([key, value]) => [
          key,
          typeof value === 'bigint' ? decimalText(value, scales.get(key) ?? 0) : value,
        ]),
      ),
      _partition: 0,
      _offset: i,
      ...(upserts ? { _version: i, _deleted: 0 } : {}),
    }),
  )
  return `INSERT INTO \`${database}\`.\`${name}\` FORMAT JSONEachRow\n${lines.join('\n')}`
}
