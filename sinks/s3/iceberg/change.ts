import { entriesFor, entriesOf, type TableFile } from './entries.ts'
import { checkFolders } from './folders.ts'
import { EXISTING, type ManifestEntry, manifestFile, manifestList } from './manifests.ts'
import type { FilesOptions } from './options.ts'
import { nameMappingOf, PARTITION_ID, schemaFrom, type TableSource } from './schema.ts'
import { idOf, kept, logOf, pruned, summaryOf } from './snapshots.ts'
import { type CurrentTable, metadataPrefix, type Snapshot, type TableMetadata, tableId, tablePrefix } from './table.ts'

/** What brings a table to its files: one snapshot, and the metadata that makes it visible. */
interface Change {
  readonly changed: boolean
  readonly metadata: TableMetadata
  readonly entries: readonly ManifestEntry[]
  readonly manifest: { readonly key: string; readonly bytes: Buffer }
  readonly list: { readonly key: string; readonly bytes: Buffer }
}

/** Decides what a refresh writes; writes nothing. */
export async function changeOf(
  { store, clock, graceMs }: FilesOptions,
  { name, owner, columns, hidden, partitions }: TableSource,
  { version, metadata: before }: CurrentTable,
  files: readonly TableFile[],
): Promise<Change> {
  const prefix = `s3://${store.bucket}/`
  const location = `${prefix}${tablePrefix(name)}`.slice(0, -1)
  const old = before?.schemas.find((one) => one['schema-id'] === before['current-schema-id'])
  const { schema, lastId } = schemaFrom(columns, old, before?.['last-column-id'] ?? 0)
  const spec = before?.['partition-specs'][0] ?? partitions(schema)
  if (spec.fields.length > 0) checkFolders(name, spec, files)
  const parent = before?.snapshots.find((one) => one['snapshot-id'] === before['current-snapshot-id'])
  const known = parent === undefined ? [] : await entriesOf(store, parent, spec)
  const sequence = (before?.['last-sequence-number'] ?? 0) + 1
  const snapshotId = idOf(`${version + 1}\n${files.map(({ object }) => object).join('\n')}`)
  const entries = entriesFor(files, known, { prefix, snapshotId, sequence, partitioned: spec.fields.length > 0 })
  const changed = old !== schema || entries.some(({ status }) => status !== EXISTING)
  const manifestKey = `${metadataPrefix(name)}${snapshotId}-m0.avro`
  const listKey = `${metadataPrefix(name)}snap-${snapshotId}.avro`
  const bytes = manifestFile(schema, spec, entries)
  const parentId = parent?.['snapshot-id']
  const path = `${prefix}${manifestKey}`
  const list = manifestList({ path, bytes: bytes.length, snapshotId, parentId, sequence, entries })
  // Snapshots are in order of time, whatever the clock does.
  const now = Math.max(clock.now(), (before?.['last-updated-ms'] ?? 0) + 1)
  const snapshot: Snapshot = {
    'snapshot-id': snapshotId,
    ...(parentId === undefined ? {} : { 'parent-snapshot-id': parentId }),
    'sequence-number': sequence,
    'timestamp-ms': now,
    'manifest-list': `${prefix}${listKey}`,
    summary: summaryOf(entries),
    'schema-id': schema['schema-id'],
  }
  const snapshots = [...kept(before?.snapshots ?? [], now - graceMs), snapshot]
  const metadata: TableMetadata = {
    'format-version': 2,
    'table-uuid': before?.['table-uuid'] ?? tableId(location),
    location,
    'last-sequence-number': sequence,
    'last-updated-ms': now,
    'last-column-id': lastId,
    'current-schema-id': schema['schema-id'],
    schemas: old === schema ? (before?.schemas ?? [schema]) : [...(before?.schemas ?? []), schema],
    'default-spec-id': 0,
    'partition-specs': [spec],
    'last-partition-id': spec.fields.length > 0 ? PARTITION_ID : PARTITION_ID - 1,
    'default-sort-order-id': 0,
    'sort-orders': [{ 'order-id': 0, fields: [] }],
    properties: {
      'schema.name-mapping.default': JSON.stringify(nameMappingOf(schema, hidden)),
      owner,
    },
    'current-snapshot-id': snapshotId,
    refs: { main: { 'snapshot-id': snapshotId, type: 'branch' } },
    snapshots,
    'snapshot-log': logOf(snapshots),
    'metadata-log': [],
  }
  return {
    changed,
    metadata: changed || before === undefined ? metadata : pruned(before, now, graceMs),
    entries,
    manifest: { key: manifestKey, bytes },
    list: { key: listKey, bytes: list },
  }
}
