import { setImmediate } from 'node:timers/promises'
import { ByteWriter, parquetWrite, type SchemaElement } from 'hyparquet-writer'
import { compressSync } from 'snappy'
import type { KafkaRecord } from '#engine/broker'
import { type Cut, RecordFrame } from '#engine/delivery'
import type { AnyTopic, ContractField } from '#engine/schema'
import { INSTANT, parquetType } from './parquet-type.ts'

/** A row of silver; `value` is null where the record retracts its identity. */
export interface SilverRow {
  readonly record: KafkaRecord
  readonly value: Readonly<Record<string, unknown>> | null
}

interface ParquetColumn {
  readonly elements: readonly SchemaElement[]
  readonly data: unknown[]
}

const frame = new RecordFrame()

/** Encoding takes about 20 µs a row: the event loop is given back this often. */
const ROW_GROUP = 20_000

/** Rows as one Parquet file: the event's fields with their logical types, then where each row came from. */
export async function parquetFile(topic: AnyTopic, cut: Cut, rows: readonly SilverRow[]): Promise<Buffer> {
  const upserts = topic.contract.topic.kind !== 'facts'
  const columns = [
    ...topic.contract.fields.map((field) => fieldColumn(field, rows, upserts)),
    ...engineColumns(cut, rows),
    ...(upserts ? retractionColumns(rows) : []),
  ]
  const writer = new ByteWriter()
  await parquetWrite({
    writer: Object.assign(writer, { flush: () => setImmediate() }),
    schema: [{ name: 'root', num_children: columns.length }, ...columns.flatMap(({ elements }) => elements)],
    columnData: columns.map(({ elements, data }) => ({ name: elements[0]?.name ?? '', data })),
    rowGroupSize: ROW_GROUP,
    // The writer's own is of JavaScript, and a sixth of its time.
    compressors: { SNAPPY: (page) => compressSync(Buffer.from(page.buffer, page.byteOffset, page.length)) },
    createdBy: 'kappa',
    kvMetadata: [
      { key: 'kappa.topic', value: cut.topic },
      { key: 'kappa.cut', value: `${cut.generation}/${cut.lane}/${cut.number}` },
    ],
  })
  return Buffer.from(writer.getBuffer())
}

function fieldColumn(
  { name, type, nullable }: ContractField,
  rows: readonly SilverRow[],
  upserts: boolean,
): ParquetColumn {
  const { elements, convert } = parquetType(name, type, nullable || upserts)
  const data = rows.map(({ value }) => {
    const own = value?.[name]
    return own === null || own === undefined ? null : convert(own)
  })
  return { elements, data }
}

type Physical = Omit<SchemaElement, 'name' | 'repetition_type'>

function engineColumns(cut: Cut, rows: readonly SilverRow[]): readonly ParquetColumn[] {
  const hashes = rows.map(({ record }) => {
    frame.take(record)
    return (BigInt(frame.high) << 32n) | BigInt(frame.low)
  })
  const required = (name: string, type: Physical, data: unknown[]): ParquetColumn => ({
    elements: [{ name, repetition_type: 'REQUIRED', ...type }],
    data,
  })
  const writtenAt = BigInt(cut.decidedAt)
  return [
    required(
      '_partition',
      { type: 'INT32' },
      rows.map(({ record }) => record.partition),
    ),
    required(
      '_offset',
      { type: 'INT64' },
      rows.map(({ record }) => BigInt(record.offset)),
    ),
    required(
      '_generation',
      { type: 'INT32' },
      rows.map(() => cut.generation),
    ),
    required(
      '_writtenAt',
      INSTANT,
      rows.map(() => writtenAt),
    ),
    required('_hash', { type: 'INT64', converted_type: 'UINT_64' }, hashes),
  ]
}

/** What an upserted row replaces or, where it is deleted, takes away. */
function retractionColumns(rows: readonly SilverRow[]): readonly ParquetColumn[] {
  return [
    {
      elements: [{ name: '_key', repetition_type: 'OPTIONAL', type: 'BYTE_ARRAY', converted_type: 'UTF8' }],
      data: rows.map(({ record }) => record.key?.toString('utf8') ?? null),
    },
    {
      elements: [{ name: '_deleted', repetition_type: 'REQUIRED', type: 'BOOLEAN' }],
      data: rows.map(({ value }) => value === null),
    },
  ]
}
