import type { AvroReader } from '../bronze/avro-reader.ts'
import type { AvroWriter } from '../bronze/avro-writer.ts'
import { containerFile, optional, readContainer } from './container.ts'
import { type IcebergSchema, PARTITION_ID, type PartitionSpec } from './schema.ts'

/** Whether a snapshot found a file there, brought it or took it away (table spec, "Manifest Entry Fields"). */
export const EXISTING = 0
export const ADDED = 1
export const DELETED = 2

export interface ManifestEntry {
  readonly status: typeof EXISTING | typeof ADDED | typeof DELETED
  /** The snapshot that brought the file or took it away. */
  readonly snapshotId: number
  /** The sequence number of the snapshot that brought it. */
  readonly sequence: number
  readonly path: string
  /** Undefined where the table has no partitions. */
  readonly partition: number | undefined
  readonly rows: number
  readonly bytes: number
}

const field = (id: number, name: string, type: unknown) => ({ name, type, 'field-id': id })
const nullable = (id: number, name: string, type: unknown) => ({
  name,
  type: ['null', type],
  default: null,
  'field-id': id,
})

/** Fields and ids of the table spec, version 2; optional statistics are left out. */
function entrySchema({ fields }: PartitionSpec) {
  const partition = fields.map(({ name, transform }) =>
    nullable(PARTITION_ID, name, transform === 'day' ? { type: 'int', logicalType: 'date' } : 'int'),
  )
  const file = [
    field(134, 'content', 'int'),
    field(100, 'file_path', 'string'),
    field(101, 'file_format', 'string'),
    field(102, 'partition', { type: 'record', name: 'r102', fields: partition }),
    field(103, 'record_count', 'long'),
    field(104, 'file_size_in_bytes', 'long'),
  ]
  return {
    type: 'record',
    name: 'manifest_entry',
    fields: [
      field(0, 'status', 'int'),
      nullable(1, 'snapshot_id', 'long'),
      nullable(3, 'sequence_number', 'long'),
      nullable(4, 'file_sequence_number', 'long'),
      field(2, 'data_file', { type: 'record', name: 'r2', fields: file }),
    ],
  }
}

export function manifestFile(schema: IcebergSchema, spec: PartitionSpec, entries: readonly ManifestEntry[]): Buffer {
  const metadata = {
    schema: JSON.stringify(schema),
    'schema-id': String(schema['schema-id']),
    'partition-spec': JSON.stringify(spec.fields),
    'partition-spec-id': String(spec['spec-id']),
    'format-version': '2',
    content: 'data',
  }
  return containerFile(entrySchema(spec), metadata, entries, writeEntry)
}

function writeEntry(writer: AvroWriter, entry: ManifestEntry): void {
  writer.long(entry.status)
  const long = (value: number) => writer.long(value)
  optional(writer, entry.snapshotId, long)
  optional(writer, entry.sequence, long)
  optional(writer, entry.sequence, long)
  writer.long(0)
  writer.text(entry.path)
  writer.text('PARQUET')
  if (entry.partition !== undefined) optional(writer, entry.partition, long)
  writer.long(entry.rows)
  writer.long(entry.bytes)
}

/** The entries of a manifest that `manifestFile` wrote for the spec. */
export const readManifest = (file: Buffer, spec: PartitionSpec): readonly ManifestEntry[] =>
  readContainer(file, (reader) => readEntry(reader, spec.fields.length > 0))

function readEntry(reader: AvroReader, partitioned: boolean): ManifestEntry {
  const long = () => reader.long()
  const status = reader.long()
  const snapshotId = reader.optional(long) ?? 0
  const sequence = reader.optional(long) ?? 0
  reader.optional(long)
  reader.long()
  const path = reader.text()
  reader.text()
  const partition = partitioned ? (reader.optional(long) ?? undefined) : undefined
  const [rows, bytes] = [reader.long(), reader.long()]
  const known = status === EXISTING || status === ADDED ? status : DELETED
  return { status: known, snapshotId, sequence, path, partition, rows, bytes }
}

export interface ListedManifest {
  readonly path: string
  readonly bytes: number
  readonly snapshotId: number
  readonly parentId: number | undefined
  readonly sequence: number
  readonly entries: readonly ManifestEntry[]
}

const summarySchema = {
  type: 'record',
  name: 'r508',
  fields: [
    field(509, 'contains_null', 'boolean'),
    nullable(518, 'contains_nan', 'boolean'),
    nullable(510, 'lower_bound', 'bytes'),
    nullable(511, 'upper_bound', 'bytes'),
  ],
}

const listSchema = {
  type: 'record',
  name: 'manifest_file',
  fields: [
    field(500, 'manifest_path', 'string'),
    field(501, 'manifest_length', 'long'),
    field(502, 'partition_spec_id', 'int'),
    field(517, 'content', 'int'),
    field(515, 'sequence_number', 'long'),
    field(516, 'min_sequence_number', 'long'),
    field(503, 'added_snapshot_id', 'long'),
    field(504, 'added_files_count', 'int'),
    field(505, 'existing_files_count', 'int'),
    field(506, 'deleted_files_count', 'int'),
    field(512, 'added_rows_count', 'long'),
    field(513, 'existing_rows_count', 'long'),
    field(514, 'deleted_rows_count', 'long'),
    nullable(507, 'partitions', { type: 'array', items: summarySchema, 'element-id': 508 }),
  ],
}

/** A snapshot's list of manifests: here always one. */
export function manifestList(manifest: ListedManifest): Buffer {
  const metadata = {
    'snapshot-id': String(manifest.snapshotId),
    'parent-snapshot-id': manifest.parentId === undefined ? 'null' : String(manifest.parentId),
    'sequence-number': String(manifest.sequence),
    'format-version': '2',
  }
  return containerFile(listSchema, metadata, [manifest], writeListed)
}

function writeListed(writer: AvroWriter, { path, bytes, snapshotId, sequence, entries }: ListedManifest): void {
  const of = (status: number) => entries.filter((entry) => entry.status === status)
  const live = entries.filter(({ status }) => status !== DELETED)
  writer.text(path)
  writer.long(bytes)
  writer.long(0)
  writer.long(0)
  writer.long(sequence)
  writer.long(live.reduce((least, entry) => Math.min(least, entry.sequence), sequence))
  writer.long(snapshotId)
  for (const status of [ADDED, EXISTING, DELETED]) writer.long(of(status).length)
  for (const status of [ADDED, EXISTING, DELETED]) writer.long(of(status).reduce((sum, { rows }) => sum + rows, 0))
  const values = entries.flatMap(({ partition }) => (partition === undefined ? [] : [partition]))
  optional(writer, values.length === 0 ? null : values, (known) => {
    writer.long(1)
    writer.raw(Buffer.from([0]))
    writer.long(0)
    for (const bound of [Math.min, Math.max]) {
      const value = known.reduce((a, b) => bound(a, b))
      writer.long(1)
      writer.bytes(int32(value))
    }
    writer.long(0)
  })
}

/** Table spec, "Appendix D: Single-value serialization": int and date, little endian. */
function int32(value: number): Buffer {
  const bytes = Buffer.alloc(4)
  bytes.writeInt32LE(value)
  return bytes
}
