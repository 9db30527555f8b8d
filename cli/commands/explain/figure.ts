import type { AnyTopic } from '#engine/schema'
import { tableOf } from '#engine/schema'
import type { Row } from '#engine/topology'
import { ClickHouseReader } from '../../../sinks/clickhouse/index.ts'
import type { Platform } from '../../platform.ts'

/** A row as analysts see it. */
export interface Figure {
  /** By the names of the topic's fields: decimals as exact text, instants in ISO 8601. */
  readonly row: Readonly<Record<string, unknown>>
  /** Of the processor that made it. */
  readonly generation: number
  /** Its record on the topic of results. */
  readonly place: string
}

/** The row of this identity in ClickHouse; undefined where there is none. */
export async function figureOf({ addresses }: Platform, topic: AnyTopic, values: Row): Promise<Figure | undefined> {
  const { database, name } = tableOf(topic)
  const { id } = topic.contract.topic
  const isTime = (field: string): boolean =>
    topic.contract.fields.some((one) => one.name === field && one.type.kind === 'timestamp')
  const where = id.map((field) =>
    isTime(field)
      ? `toUnixTimestamp64Milli(\`${field}\`) = {${field}:Int64}`
      : `toString(\`${field}\`) = {${field}:String}`,
  )
  const reader = new ClickHouseReader(addresses.clickhouse)
  try {
    const query = `SELECT * FROM \`${database}\`.\`${name}\`${topic.contract.topic.kind === 'facts' ? '' : ' FINAL'} WHERE ${where.join(' AND ')} LIMIT 1`
    const parameters = Object.fromEntries(
      id.map((field) => [field, isTime(field) ? values[field] : String(values[field])]),
    )
    const [found] = await reader.rows(query, parameters, `looking for a row of ${database}.${name}`)
    if (found === undefined) return undefined
    return {
      row: Object.fromEntries(topic.contract.fields.map((field) => [field.name, found[field.name] ?? null])),
      generation: Number(found._generation ?? 1),
      place: `${topic.name}[${found._partition}]@${found._offset}`,
    }
  } finally {
    await reader.close()
  }
}
