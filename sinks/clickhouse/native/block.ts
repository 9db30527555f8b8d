import { type Cut, RecordFrame } from '#engine/delivery'
import type { AnyTopic, Table } from '#engine/schema'
import type { Row } from '../rows.ts'
import { Bytes } from './bytes.ts'
import { type ColumnWriter, writerOf } from './column.ts'

const frame = new RecordFrame()

/** The name of every column of the block, in order: the column list of the insert. */
export const columnNames = (table: Table): readonly string[] =>
  [...table.fields, ...table.engineColumns].map(({ name }) => name)

/**
 * Rows as one block of ClickHouse's Native format: column by column, nothing to parse for the server, and one block is
 * what one deduplication token covers. Measured on 50,000 purchases through the local face: 30 ms an insert, against 55 ms
 * as RowBinary and 75 ms as JSONCompactEachRow.
 */
export function nativeBlock(topic: AnyTopic, table: Table, cut: Cut, rows: readonly Row[]): Buffer {
  const writers = topic.contract.fields.map(writerOf)
  for (const writer of writers) {
    const { name } = writer
    for (const { value } of rows) writer.put(value[name])
  }
  const columns = [...writers, ...engineColumns(table, cut, rows)]
  const head = new Bytes(64)
  head.varint(columns.length)
  head.varint(rows.length)
  const parts: Uint8Array[] = [head.view()]
  for (const column of columns) {
    const name = new Bytes(64)
    name.text(column.name)
    name.text(column.type)
    parts.push(name.view(), ...column.parts())
  }
  return Buffer.concat(parts)
}

/** Position, generation, time of writing and hash; version and deletion where rows are upserted. */
function engineColumns(table: Table, cut: Cut, rows: readonly Row[]): readonly ColumnWriter[] {
  const topics = new Bytes(rows.length * (cut.topic.length + 1))
  const [partitions, generations] = [new Bytes(rows.length * 4), new Bytes(rows.length * 4)]
  const [offsets, times, hashes] = [new Bytes(rows.length * 8), new Bytes(rows.length * 8), new Bytes(rows.length * 8)]
  const [versions, deleted] = [new Bytes(rows.length * 8), new Bytes(rows.length)]
  for (const { record, retracted } of rows) {
    topics.text(cut.topic)
    partitions.u32(record.partition)
    offsets.i64(record.offset)
    generations.u32(cut.generation)
    times.i64(cut.decidedAt)
    frame.take(record)
    hashes.u32(frame.low)
    hashes.u32(frame.high)
    // Later generations win over earlier ones, later offsets within one: 16 bit of generation, 48 of offset.
    versions.u32(record.offset | 0)
    versions.u32((cut.generation << 16) | Math.floor(record.offset / 0x1_0000_0000))
    deleted.u8(retracted ? 1 : 0)
  }
  const column = (name: string, type: string, data: Bytes): ColumnWriter => ({
    name,
    type,
    put: () => {},
    parts: () => [data.view()],
  })
  const position = [
    column('_topic', 'String', topics),
    column('_partition', 'Int32', partitions),
    column('_offset', 'Int64', offsets),
    column('_generation', 'UInt32', generations),
    column('_writtenAt', "DateTime64(3, 'UTC')", times),
    column('_hash', 'UInt64', hashes),
  ]
  if (!table.upserts) return position
  return [...position, column('_version', 'UInt64', versions), column('_deleted', 'UInt8', deleted)]
}
