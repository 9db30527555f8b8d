import { setImmediate } from 'node:timers/promises'
import { ByteWriter, parquetWrite, type SchemaElement } from 'hyparquet-writer'
import type { KafkaRecord } from '#engine/broker'
import { type Cut, RecordFrame } from '#engine/delivery'
import type { AnyTopic, ContractField, FieldType } from '#engine/schema'

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
  const convert = converter(type)
  const data = rows.map(({ value }) => {
    const own = value?.[name]
    return own === null || own === undefined ? null : convert(own)
  })
  return { elements: elementsOf(name, type, nullable || upserts), data }
}

function converter(type: FieldType): (value: unknown) => unknown {
  switch (type.kind) {
    case 'long':
    case 'timestamp':
      return (value) => BigInt(value as number)
    case 'array': {
      const inner = converter(type.items)
      return (value) => (value as readonly unknown[]).map(inner)
    }
    default:
      return (value) => value
  }
}

/** Parquet's types (parquet-format, LogicalTypes.md); decimals by their unscaled value, so nothing is rounded. */
function elementsOf(name: string, type: FieldType, nullable: boolean): readonly SchemaElement[] {
  const repetition_type = nullable ? 'OPTIONAL' : 'REQUIRED'
  if (type.kind === 'array')
    return [
      { name, repetition_type, converted_type: 'LIST', num_children: 1 },
      { name: 'list', repetition_type: 'REPEATED', num_children: 1 },
      ...elementsOf('element', type.items, false),
    ]
  return [{ name, repetition_type, ...physical(type) }]
}

type Physical = Omit<SchemaElement, 'name' | 'repetition_type'>

/** Both spellings: without the logical one some readers take the instant for a local time. */
const INSTANT: Physical = {
  type: 'INT64',
  converted_type: 'TIMESTAMP_MILLIS',
  logical_type: { type: 'TIMESTAMP', isAdjustedToUTC: true, unit: 'MILLIS' },
}

function physical(type: Exclude<FieldType, { kind: 'array' }>): Physical {
  switch (type.kind) {
    case 'string':
    case 'enum':
      return { type: 'BYTE_ARRAY', converted_type: 'UTF8' }
    case 'bytes':
      return { type: 'BYTE_ARRAY' }
    case 'boolean':
      return { type: 'BOOLEAN' }
    case 'int':
      return { type: 'INT32' }
    case 'long':
      return { type: 'INT64' }
    case 'double':
      return { type: 'DOUBLE' }
    case 'date':
      return { type: 'INT32', converted_type: 'DATE' }
    case 'timestamp':
      return INSTANT
    case 'decimal': {
      const { precision, scale } = type
      const wide: Physical = { type: 'FIXED_LEN_BYTE_ARRAY', type_length: precision <= 38 ? 16 : 32 }
      return { ...(precision <= 18 ? { type: 'INT64' } : wide), converted_type: 'DECIMAL', precision, scale }
    }
  }
}

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
