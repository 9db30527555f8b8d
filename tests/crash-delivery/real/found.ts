import type { ClickHouseClient } from '@clickhouse/client'
import type { KafkaRecord } from '#engine/broker'
import { sinkDeadLetterTopic } from '#engine/delivery'
import { type AnyTopic, tableOf } from '#engine/schema'
import type { ObjectStore } from '../../../sinks/s3/index.ts'
import { storeNames } from '../script.ts'
import { inBucket, lettersOf, tableLine } from '../simulated/found.ts'
import type { Lines } from '../truth.ts'

export interface Stores {
  readonly clickhouse: ClickHouseClient
  readonly objects: ObjectStore
  /** Every committed record of a topic; none where there is no such topic. */
  read(topic: string): Promise<readonly KafkaRecord[]>
}

/** What a run left of one topic in real stores and dead-letter topics. */
export async function foundIn({ clickhouse, objects, read }: Stores, topic: AnyTopic): Promise<Lines> {
  const table = tableOf(topic)
  const columns = topic.contract.fields.map(({ name, type }) => {
    if (type.kind === 'decimal') return `toInt64(\`${name}\` * ${10 ** type.scale}) AS ${name}`
    return type.kind === 'timestamp' ? `toUnixTimestamp64Milli(\`${name}\`) AS ${name}` : name
  })
  const answer = await clickhouse.query({
    query: `SELECT ${columns.join(', ')}, _generation, _partition, _offset, _hash FROM ${table.database}.${table.name} ${table.upserts ? 'FINAL' : ''}`,
    format: 'JSONEachRow',
    clickhouse_settings: { output_format_json_quote_64bit_integers: 1 },
  })
  const rows = await answer.json<Readonly<Record<string, unknown>>>()
  const letters: [string, string[]][] = []
  for (const sink of storeNames) {
    const records = await read(sinkDeadLetterTopic(topic.name, sink))
    letters.push([`letters of ${sink} of ${topic.name}`, lettersOf(records)])
  }
  return new Map([
    [`table of ${topic.name}`, rows.map((row) => tableLine(topic, row))],
    ...(await inBucket(objects, topic)),
    ...letters,
  ])
}
