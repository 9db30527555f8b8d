import { expectationOf, type RowSum } from '#engine/delivery'
import type { Route } from '../../../sinks/index.ts'
import { tallyTopic } from '../../../sinks/s3/index.ts'
import type { Finding } from './compare.ts'
import { keptSince, landedBefore, together } from './expired.ts'
import type { Stores } from './stores.ts'

/**
 * The stores with each other, without Kafka: the rows of ClickHouse up to where S3 stands, and what S3's archive holds. Of
 * facts alone: a table of upserts keeps the latest row of each identity, the archive all of them.
 */
export async function betweenStores({ topic, clickhouse }: Route, stores: Stores): Promise<readonly Finding[]> {
  if (!clickhouse || topic.contract.topic.kind !== 'facts') return []
  const [table, archive] = await Promise.all([
    expectationOf(stores.logs.clickhouse, topic.name),
    expectationOf(stores.logs.s3, topic.name),
  ])
  if (table === undefined || archive === undefined) return []
  const about = { topic: topic.name, store: 'clickhouse and s3', generation: table.generation, refused: table.refused }
  const tally = await tallyTopic(stores.objects, topic.name, archive.generation, archive.cuts, false)
  const expected: RowSum = together(tally.bronze, tally.expired.bronze)
  const since = keptSince(topic)
  const gone = since === undefined ? 0 : (await landedBefore(since, topic.name, table, stores)).rows
  const ahead = Object.entries(archive.positions).some(
    ([partition, position]) => position > (table.positions[Number(partition)] ?? 0),
  )
  const why = ahead
    ? 'ClickHouse is behind S3: nothing common to the end of a cut'
    : table.refused > 0
      ? `${table.refused} rows are dead letters of the table`
      : gone > 0
        ? `${gone} rows are past the table's retention`
        : table.promoted || archive.promoted
          ? 'a replay was promoted'
          : undefined
  const found = await stores.clickhouse.tallies.ofGeneration(topic, table.generation, archive.positions)
  if (why !== undefined) return [{ ...about, expected, found, equal: undefined, note: why }]
  const equal = expected.rows === found.rows && expected.hashSum === found.hashSum
  return [
    { ...about, expected, found, equal, note: equal ? 'up to where S3 stands' : 'the stores differ from each other' },
  ]
}
