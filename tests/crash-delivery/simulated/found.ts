import { parquetReadObjects } from 'hyparquet'
import type { KafkaRecord } from '#engine/broker'
import { sinkDeadLetterTopic } from '#engine/delivery'
import type { AnyTopic } from '#engine/schema'
import { readBronzeFile } from '../../../sinks/s3/bronze/container.ts'
import type { ObjectStore } from '../../../sinks/s3/index.ts'
import { readManifests } from '../../../sinks/s3/index.ts'
import { storeNames } from '../script.ts'
import { type Lines, letterLine, reasonIn, recordLine, rowLine } from '../truth.ts'
import type { TableRow } from './clickhouse.ts'
import type { World } from './crew.ts'

/** What a run left of one topic in stores and dead-letter topics that are in memory. */
export async function foundInFakes({ clickhouse, bucket, broker }: World, topic: AnyTopic): Promise<Lines> {
  const { rows = [] } =
    clickhouse.tables.get(`crash.${topic.name.replace('crash.', '').replace('.v1', '').replaceAll('-', '_')}`) ?? {}
  const upserts = topic.contract.topic.kind !== 'facts'
  const table = (upserts ? latest(rows) : rows).map((row) => tableLine(topic, row))
  const known = await broker.admin.topics()
  const letters = storeNames.map((sink): [string, string[]] => {
    const name = sinkDeadLetterTopic(topic.name, sink)
    return [`letters of ${sink} of ${topic.name}`, known.has(name) ? lettersOf(broker.committed(name)) : []]
  })
  return new Map([[`table of ${topic.name}`, table], ...(await inBucket(bucket.store, topic)), ...letters])
}

/** What a merge leaves: of each identity the row with the largest version, unless it is deleted. */
function latest(rows: readonly TableRow[]): TableRow[] {
  const kept = new Map<unknown, TableRow>()
  for (const row of rows) {
    const before = kept.get(row.item)
    if (before === undefined || (row._version as bigint) >= (before._version as bigint)) kept.set(row.item, row)
  }
  return [...kept.values()].filter(({ _deleted }) => _deleted === 0)
}

export function tableLine(topic: AnyTopic, row: TableRow): string {
  const fields = topic.contract.fields.map(({ name }) => [name, row[name]])
  const at = {
    generation: Number(row._generation),
    partition: Number(row._partition),
    offset: Number(row._offset),
    hash: String(row._hash),
  }
  return rowLine(at, Object.fromEntries(fields))
}

export const lettersOf = (records: readonly KafkaRecord[]): string[] =>
  records.map(({ value, headers }) =>
    letterLine(
      String(headers?.['kappa.partition']),
      String(headers?.['kappa.offset']),
      value,
      reasonIn(String(headers?.['kappa.reason'])),
    ),
  )

/** Every record of bronze and every row of silver that a manifest makes visible. */
export async function inBucket(store: ObjectStore, topic: AnyTopic): Promise<[string, string[]][]> {
  const bronze: string[] = []
  const silver: string[] = []
  const bytesOf = async (object: string): Promise<Buffer> => {
    const bytes = await store.get(object)
    if (bytes === undefined) throw new Error(`${object} is named and missing`)
    return bytes
  }
  for (const manifest of await readManifests(store, topic.name)) {
    const { generation } = manifest.cut
    for (const { object, partition } of manifest.bronze)
      for (const { record, intact } of await readBronzeFile(await bytesOf(object), { topic: topic.name, partition }))
        bronze.push(intact ? recordLine(generation, record) : `altered: ${object}`)
    for (const { object } of manifest.silver) {
      const bytes = await bytesOf(object)
      const file = bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.byteLength) as ArrayBuffer
      for (const row of await parquetReadObjects({ file })) silver.push(silverLine(topic, row))
    }
  }
  return [
    [`bronze of ${topic.name}`, bronze],
    [`silver of ${topic.name}`, silver],
  ]
}

function silverLine(topic: AnyTopic, row: Record<string, unknown>): string {
  const at = {
    generation: Number(row._generation),
    partition: Number(row._partition),
    offset: Number(row._offset),
    hash: String(row._hash),
  }
  if (row._deleted === true) return rowLine(at, {})
  const fields = topic.contract.fields.map(({ name, type }) => {
    const value = row[name]
    if (value instanceof Date) return [name, value.getTime()]
    if (type.kind === 'decimal') return [name, typeof value === 'number' ? Math.round(value * 10 ** type.scale) : value]
    return [name, value]
  })
  return rowLine(at, Object.fromEntries(fields))
}
