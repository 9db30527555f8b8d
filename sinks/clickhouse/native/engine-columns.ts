import type { KafkaRecord } from '#engine/broker'
import { type Cut, RecordFrame } from '#engine/delivery'
import type { Table } from '#engine/schema'
import { Bytes } from './bytes.ts'

export interface SentColumn {
  readonly name: string
  readonly type: string
  parts(): readonly Uint8Array[]
}

const frame = new RecordFrame()

/**
 * Position, generation, time of writing and hash of every row; version and deletion where rows are upserted.
 * @param retracted of each row, 1 where the row of its identity is deleted
 */
export function engineColumns(
  table: Table,
  cut: Cut,
  records: readonly KafkaRecord[],
  retracted: Uint8Array,
): readonly SentColumn[] {
  const { length } = records
  const [partitions, offsets, hashes] = [new Bytes(length * 4), new Bytes(length * 8), new Bytes(length * 8)]
  const versions = new Bytes(table.upserts ? length * 8 : 0)
  for (const record of records) {
    const { offset } = record
    const above = Math.floor(offset / 0x1_0000_0000)
    partitions.u32(record.partition)
    offsets.halves(offset | 0, above)
    frame.hashOf(record)
    hashes.halves(frame.low, frame.high)
    // Later generations win over earlier ones, later offsets within one: 16 bit of generation, 48 of offset.
    if (table.upserts) versions.halves(offset | 0, (cut.generation << 16) | above)
  }
  const position = [
    column(
      '_topic',
      'String',
      repeated(length, (bytes) => bytes.text(cut.topic)),
    ),
    column('_partition', 'Int32', partitions.view()),
    column('_offset', 'Int64', offsets.view()),
    column(
      '_generation',
      'UInt32',
      repeated(length, (bytes) => bytes.u32(cut.generation)),
    ),
    column('_writtenAt', "DateTime64(3, 'UTC')", writtenAt(cut, records)),
    column('_hash', 'UInt64', hashes.view()),
  ]
  if (!table.upserts) return position
  return [...position, column('_version', 'UInt64', versions.view()), column('_deleted', 'UInt8', retracted)]
}

/** When each row was written: the cut's, or that of the part which the record is of. */
function writtenAt({ decidedAt, parts }: Cut, records: readonly KafkaRecord[]): Uint8Array {
  if (parts === undefined) return repeated(records.length, (bytes) => bytes.i64(decidedAt))
  const times = new Bytes(records.length * 8)
  const spans = new Map<number, { readonly last: number; readonly at: number }[]>()
  for (const part of parts)
    for (const { partition, last } of part.ranges) {
      const own = spans.get(partition) ?? []
      spans.set(partition, own)
      own.push({ last, at: part.decidedAt })
    }
  let [partition, next] = [Number.NaN, 0]
  for (const record of records) {
    if (record.partition !== partition) [partition, next] = [record.partition, 0]
    const own = spans.get(partition) ?? []
    // Records come by partition and offset, parts in the order they were decided.
    while (next + 1 < own.length && (own[next]?.last ?? 0) < record.offset) next++
    times.i64(own[next]?.at ?? decidedAt)
  }
  return times.view()
}

const column = (name: string, type: string, data: Uint8Array): SentColumn => ({ name, type, parts: () => [data] })

function repeated(times: number, write: (bytes: Bytes) => void): Buffer {
  const one = new Bytes(64)
  write(one)
  const pattern = one.view()
  return Buffer.alloc(pattern.length * times, pattern)
}
