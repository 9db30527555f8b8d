import { type AnyTopic, type ClusterLayout, onCluster, type Table, tableOf } from '#engine/schema'
import { nameOf } from './tables.ts'

/** The view of a table of results with what late events add to it. */
export const settledView = (topic: AnyTopic): Table => {
  const table = tableOf(topic)
  return { ...table, name: `${table.name}_settled` }
}

/**
 * The statement that makes `…_settled`: one row an identity, counts and sums with all corrections added, what no addition
 * corrects as the last correction has it, and how many corrections there are. Rows that came only by corrections are among
 * them.
 * @param columns those that are added up
 * @param replaced those that a correction puts in place of others
 */
export function createSettledView(
  topic: AnyTopic,
  corrections: AnyTopic,
  columns: readonly string[],
  replaced: readonly string[],
  cluster?: ClusterLayout,
): string {
  const { fields } = tableOf(topic)
  const quoted = (name: string): string => `\`${name}\``
  const own = [...columns, ...replaced]
  const keys = fields.filter(({ name }) => !own.includes(name)).map(({ name }) => quoted(name))
  const from = (of: AnyTopic, corrects: 0 | 1): string => {
    const table = tableOf(of)
    const values = own.map((name) => `${quoted(name)} AS ${quoted(`own_${name}`)}`)
    return `  SELECT ${[...keys, ...values].join(', ')}, ${corrects === 0 ? '0' : '`number`'} AS \`turn\` FROM ${nameOf({ ...table, name: `${table.name}_latest` })}`
  }
  const shown = fields.map(({ name, type }) =>
    columns.includes(name)
      ? `  CAST(sum(${quoted(`own_${name}`)}), '${type}') AS ${quoted(name)}`
      : replaced.includes(name)
        ? // Within a tuple, because argMax passes over what is null.
          `  tupleElement(argMax(tuple(${quoted(`own_${name}`)}), \`turn\`), 1) AS ${quoted(name)}`
        : `  ${quoted(name)}`,
  )
  return [
    `CREATE OR REPLACE VIEW ${nameOf(settledView(topic))}${onCluster(cluster)} AS`,
    `SELECT\n${[...shown, '  countIf(`turn` > 0) AS `corrections`'].join(',\n')}`,
    `FROM (\n${from(topic, 0)}\n  UNION ALL\n${from(corrections, 1)}\n)`,
    `GROUP BY ${keys.join(', ')}`,
  ].join('\n')
}
