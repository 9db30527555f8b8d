import { buffer } from 'node:stream/consumers'
import type { ClickHouseClient } from '@clickhouse/client'
import { type Cut, replayOf } from '#engine/delivery'
import type { AnyTopic } from '#engine/schema'
import { translated } from './connect.ts'
import { RowBinary, readerOf } from './native/row-binary.ts'
import { nameOf, tableFor } from './tables.ts'

/** A row's fields as the topic's decoder gives them, and where it came from. */
export interface StoredRow {
  readonly partition: number
  readonly offset: number
  readonly value: Readonly<Record<string, unknown>>
}

/** Rows of a cut that its table holds, read back exactly; retracted and replaced ones may be gone, and are not there. */
export async function storedRows(client: ClickHouseClient, topic: AnyTopic, cut: Cut): Promise<readonly StoredRow[]> {
  const table = tableFor(topic, replayOf(topic, cut.topic, cut.generation))
  const fields = topic.contract.fields.map((field) => ({ name: field.name, read: readerOf(field) }))
  const columns = ['_partition', '_offset', ...fields.map(({ name }) => `\`${name}\``)].join(', ')
  const within = cut.ranges
    .map(({ partition, first, last }) => `(_partition = ${partition} AND _offset BETWEEN ${first} AND ${last})`)
    .join(' OR ')
  try {
    const { stream } = await client.exec({
      query: `SELECT ${columns} FROM ${nameOf(table)} WHERE _topic = {topic:String} AND _generation = {generation:UInt32} AND (${within})${table.upserts ? ' AND NOT _deleted' : ''} FORMAT RowBinary`,
      query_params: { topic: cut.topic, generation: cut.generation },
    })
    const bytes = new RowBinary(await buffer(stream))
    const rows: StoredRow[] = []
    while (!bytes.atEnd) {
      const partition = bytes.raw(4).readInt32LE()
      const offset = Number(bytes.wide(8))
      rows.push({ partition, offset, value: Object.fromEntries(fields.map(({ name, read }) => [name, read(bytes)])) })
    }
    return rows
  } catch (thrown) {
    throw translated(thrown, `reading rows of cut ${cut.number} back from ${nameOf(table)}`)
  }
}
