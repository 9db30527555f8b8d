import type { AvroWriter } from '../bronze/avro-writer.ts'
import { type Column, column, group, nullable, schemaOf } from './columns.ts'
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

/** Fields and ids of the table spec, version 2, in the order of the bytes; optional statistics are left out. */
function entryColumns({ fields }: PartitionSpec): readonly Column<ManifestEntry>[] {
  const partition = fields.map(({ name, transform }) => {
    const shown = transform === 'day' ? { type: 'int', logicalType: 'date' } : 'int'
    return nullable<ManifestEntry>(PARTITION_ID, name, 'int', (entry) => entry.partition ?? null, shown)
  })
  return [
    column(0, 'status', 'int', ({ status }) => status),
    nullable(1, 'snapshot_id', 'long', ({ snapshotId }) => snapshotId),
    nullable(3, 'sequence_number', 'long', ({ sequence }) => sequence),
    nullable(4, 'file_sequence_number', 'long', ({ sequence }) => sequence),
    group(2, 'data_file', 'r2', [
      column(134, 'content', 'int', () => 0),
      column(100, 'file_path', 'string', ({ path }) => path),
      column(101, 'file_format', 'string', () => 'PARQUET'),
      group(102, 'partition', 'r102', partition),
      column(103, 'record_count', 'long', ({ rows }) => rows),
      column(104, 'file_size_in_bytes', 'long', ({ bytes }) => bytes),
    ]),
  ]
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
  const columns = entryColumns(spec)
  return containerFile(schemaOf('manifest_entry', columns), metadata, entries, (writer, entry) => {
    for (const one of columns) one.write(writer, entry)
  })
}

/** The entries of a manifest that `manifestFile` wrote for the spec. */
export function readManifest(file: Buffer, spec: PartitionSpec): readonly ManifestEntry[] {
  const columns = entryColumns(spec)
  const [partition] = spec.fields
  return readContainer(file, (reader) => {
    const found = new Map<string, unknown>()
    for (const one of columns) one.read(reader, found)
    const number = (name: string): number => Number(found.get(name) ?? 0)
    const status = number('status')
    const own = partition === undefined ? null : found.get(partition.name)
    return {
      status: status === EXISTING || status === ADDED ? status : DELETED,
      snapshotId: number('snapshot_id'),
      sequence: number('sequence_number'),
      path: String(found.get('file_path')),
      partition: typeof own === 'number' ? own : undefined,
      rows: number('record_count'),
      bytes: number('file_size_in_bytes'),
    }
  })
}

export interface ListedManifest {
  readonly path: string
  readonly bytes: number
  readonly snapshotId: number
  readonly parentId: number | undefined
  readonly sequence: number
  readonly entries: readonly ManifestEntry[]
}

const withStatus = ({ entries }: ListedManifest, status: number): readonly ManifestEntry[] =>
  entries.filter((entry) => entry.status === status)
const files = (id: number, name: string, status: number): Column<ListedManifest> =>
  column(id, name, 'int', (manifest) => withStatus(manifest, status).length)
const rows = (id: number, name: string, status: number): Column<ListedManifest> =>
  column(id, name, 'long', (manifest) => withStatus(manifest, status).reduce((sum, entry) => sum + entry.rows, 0))

/** The least sequence number of the files that are there. */
const least = ({ entries, sequence }: ListedManifest): number =>
  entries.filter(({ status }) => status !== DELETED).reduce((found, entry) => Math.min(found, entry.sequence), sequence)

const listColumns: readonly Column<ListedManifest>[] = [
  column(500, 'manifest_path', 'string', ({ path }) => path),
  column(501, 'manifest_length', 'long', ({ bytes }) => bytes),
  column(502, 'partition_spec_id', 'int', () => 0),
  column(517, 'content', 'int', () => 0),
  column(515, 'sequence_number', 'long', ({ sequence }) => sequence),
  column(516, 'min_sequence_number', 'long', least),
  column(503, 'added_snapshot_id', 'long', ({ snapshotId }) => snapshotId),
  files(504, 'added_files_count', ADDED),
  files(505, 'existing_files_count', EXISTING),
  files(506, 'deleted_files_count', DELETED),
  rows(512, 'added_rows_count', ADDED),
  rows(513, 'existing_rows_count', EXISTING),
  rows(514, 'deleted_rows_count', DELETED),
  partitionSummaries(),
]

/** The bounds of the partitions' values, by which readers skip a whole manifest. */
function partitionSummaries(): Column<ListedManifest> {
  const bounds = (id: number, name: string) => ({ name, type: ['null', 'bytes'], default: null, 'field-id': id })
  const summary = {
    type: 'record',
    name: 'r508',
    fields: [
      { name: 'contains_null', type: 'boolean', 'field-id': 509 },
      { name: 'contains_nan', type: ['null', 'boolean'], default: null, 'field-id': 518 },
      bounds(510, 'lower_bound'),
      bounds(511, 'upper_bound'),
    ],
  }
  const type = ['null', { type: 'array', items: summary, 'element-id': 508 }]
  return {
    schema: { name: 'partitions', type, default: null, 'field-id': 507 },
    write: (writer, { entries }) => {
      const values = entries.flatMap(({ partition }) => (partition === undefined ? [] : [partition]))
      optional(writer, values.length === 0 ? null : values, (known) => writeSummary(writer, known))
    },
    read: () => {
      throw new Error('a manifest list is never read back')
    },
  }
}

function writeSummary(writer: AvroWriter, values: readonly number[]): void {
  writer.long(1)
  writer.raw(Buffer.from([0]))
  writer.long(0)
  for (const bound of [Math.min, Math.max]) {
    writer.long(1)
    writer.bytes(int32(values.reduce((a, b) => bound(a, b))))
  }
  writer.long(0)
}

/** A snapshot's list of manifests: here always one. */
export function manifestList(manifest: ListedManifest): Buffer {
  const metadata = {
    'snapshot-id': String(manifest.snapshotId),
    'parent-snapshot-id': manifest.parentId === undefined ? 'null' : String(manifest.parentId),
    'sequence-number': String(manifest.sequence),
    'format-version': '2',
  }
  return containerFile(schemaOf('manifest_file', listColumns), metadata, [manifest], (writer, row) => {
    for (const one of listColumns) one.write(writer, row)
  })
}

/** Table spec, "Appendix D: Single-value serialization": int and date, little endian. */
function int32(value: number): Buffer {
  const bytes = Buffer.alloc(4)
  bytes.writeInt32LE(value)
  return bytes
}
