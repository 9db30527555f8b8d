import type { ClickHouseClient } from '@clickhouse/client'
import type { KafkaRecord } from '#engine/broker'
import type { Cut } from '#engine/delivery'
import type { ClusterLayout, Table } from '#engine/schema'
import { translated } from './connect.ts'
import { nameOf } from './tables.ts'

/** A row of a cut, as `partition:offset`. */
export const placeOf = ({ partition, offset }: KafkaRecord): string => `${partition}:${offset}`

/** Which rows of a cut the table already holds, as `partition:offset`. */
export async function rowsPresent(
  client: ClickHouseClient,
  table: Table,
  cut: Cut,
  cluster?: ClusterLayout,
): Promise<ReadonlySet<string>> {
  const within = cut.ranges
    .map(({ partition, first, last }) => `(_partition = ${partition} AND _offset BETWEEN ${first} AND ${last})`)
    .join(' OR ')
  try {
    const answer = await client.query({
      query: `SELECT _partition, _offset FROM ${nameOf(table)} WHERE _topic = {topic:String} AND _generation = {generation:UInt32} AND (${within})`,
      query_params: { topic: cut.topic, generation: cut.generation },
      format: 'JSONCompactEachRow',
      clickhouse_settings: {
        output_format_json_quote_64bit_integers: 0,
        // Never a replica that lags behind the one that took the insert.
        ...(cluster === undefined ? {} : { select_sequential_consistency: '1' as const }),
      },
    })
    const present = new Set<string>()
    for (const [partition, offset] of await answer.json<[number, number]>()) present.add(`${partition}:${offset}`)
    return present
  } catch (thrown) {
    throw translated(thrown, `looking for cut ${cut.number} in ${nameOf(table)}`)
  }
}
