import { createHash } from 'node:crypto'
import { KappaError } from '#engine/errors'
import type { AnyTopic } from '#engine/schema'
import type { Clock } from '#engine/time'
import { folderOf, type SilverBy } from '../layout.ts'
import type { SilverFile } from '../ledger/head.ts'
import { readState, silverFilesOf } from '../ledger/state.ts'
import type { ObjectStore } from '../object-store.ts'
import { ADDED, DELETED, EXISTING, type ManifestEntry, manifestFile, manifestList, readManifest } from './manifests.ts'
import {
  nameMappingOf,
  PARTITION_ID,
  type PartitionSpec,
  partitionOf,
  schemaFrom,
  silverTable,
  type TableSource,
} from './schema.ts'
import {
  type CurrentTable,
  hintKey,
  metadataKey,
  metadataPrefix,
  readTable,
  type Snapshot,
  type TableMetadata,
  tableId,
  tablePrefix,
} from './table.ts'

export interface RefreshOptions extends FilesOptions {
  readonly topic: AnyTopic
}

/** How files become a table. */
export interface FilesOptions {
  readonly store: ObjectStore
  readonly clock: Clock
  /** Throws FENCED where a later job took over; asked right before the table changes. */
  readonly fence?: () => Promise<void>
  /** How long a snapshot stays after another took its place. */
  readonly graceMs: number
}

export interface Refreshed {
  /** Or another name of a table. */
  readonly topic: string
  /** Of the metadata that counts now, `v<n>.metadata.json`; 0 where there is no silver yet. */
  readonly version: number
  readonly metadata: string
  readonly files: number
  readonly rows: number
  readonly added: number
  readonly removed: number
  /** Snapshots with when they were made, milliseconds. */
  readonly snapshots: readonly number[]
}

/** A data file of a table. */
export type TableFile = Pick<SilverFile, 'object' | 'rows' | 'bytes'>

/** Brings a topic's Iceberg table to what is visible of its silver; the data files are silver's own. */
export async function refreshTable({ topic, ...options }: RefreshOptions): Promise<Refreshed> {
  const files = silverFilesOf(await readState(options.store, topic.name))
  return await refreshFiles(
    options,
    silverTable(topic, () => folderKind(files)),
    files,
  )
}

/**
 * Brings a table to these files, as one snapshot. Idempotent: nothing changes where nothing is new. The metadata file comes
 * last, under a name that is written once, so a reader sees the old snapshot or the new one; killed at any step, the same
 * call ends it.
 */
export async function refreshFiles(
  options: FilesOptions,
  source: TableSource,
  files: readonly TableFile[],
): Promise<Refreshed> {
  const { store, fence } = options
  const { name } = source
  const table = await readTable(store, name)
  if (table.metadata === undefined && files.length === 0)
    return { topic: name, version: 0, metadata: '', files: 0, rows: 0, added: 0, removed: 0, snapshots: [] }
  const change = await changeOf(options, source, table, files)
  const moved = change.changed || change.metadata !== table.metadata
  const { metadata } = change
  let { version } = table
  if (change.changed) {
    await store.put(change.manifest.key, change.manifest.bytes, 'application/avro')
    await store.put(change.list.key, change.list.bytes, 'application/avro')
  }
  if (moved) {
    version++
    await fence?.()
    const key = metadataKey(name, version)
    if (!(await store.putNew(key, json(metadata), 'application/json')))
      throw new KappaError('BLOCKED', `writing ${key}: another job wrote it; run the command again`)
  }
  await store.put(hintKey(name), Buffer.from(String(version)), 'text/plain')
  await sweep(options, name, version, metadata)
  const live = change.entries.filter(({ status }) => status !== DELETED)
  return {
    topic: name,
    version,
    metadata: `s3://${store.bucket}/${metadataKey(name, version)}`,
    files: live.length,
    rows: live.reduce((sum, { rows }) => sum + rows, 0),
    added: change.changed ? change.entries.filter(({ status }) => status === ADDED).length : 0,
    removed: change.changed ? change.entries.filter(({ status }) => status === DELETED).length : 0,
    snapshots: metadata.snapshots.map((snapshot) => snapshot['timestamp-ms']),
  }
}

/** True where the topic has a table: then it must not be left naming files that are deleted. */
export const hasTable = async (store: ObjectStore, topic: string): Promise<boolean> =>
  (await readTable(store, topic)).version > 0

/** Objects that a kept snapshot of a table names. */
export async function filesNamed(store: ObjectStore, name: string): Promise<ReadonlySet<string>> {
  const { metadata } = await readTable(store, name)
  const spec = metadata?.['partition-specs'][0]
  const named = new Set<string>()
  for (const snapshot of metadata?.snapshots ?? [])
    if (spec !== undefined)
      for (const { path } of await entriesOf(store, snapshot, spec))
        named.add(path.slice(`s3://${store.bucket}/`.length))
  return named
}

const json = (value: unknown): Buffer => Buffer.from(`${JSON.stringify(value, null, 1)}\n`)

interface Change {
  readonly changed: boolean
  readonly metadata: TableMetadata
  readonly entries: readonly ManifestEntry[]
  readonly manifest: { readonly key: string; readonly bytes: Buffer }
  readonly list: { readonly key: string; readonly bytes: Buffer }
}

async function changeOf(
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

/** The same table without the snapshots whose files may be deleted now; itself where there are none. */
function pruned(metadata: TableMetadata, now: number, graceMs: number): TableMetadata {
  const snapshots = kept(metadata.snapshots, now - graceMs)
  if (snapshots.length === metadata.snapshots.length) return metadata
  return { ...metadata, 'last-updated-ms': now, snapshots, 'snapshot-log': logOf(snapshots) }
}

const logOf = (snapshots: readonly Snapshot[]): TableMetadata['snapshot-log'] =>
  snapshots.map((one) => ({ 'timestamp-ms': one['timestamp-ms'], 'snapshot-id': one['snapshot-id'] }))

/** Snapshots that were current after the given moment. */
const kept = (snapshots: readonly Snapshot[], after: number): readonly Snapshot[] =>
  snapshots.filter((_, i) => (snapshots[i + 1]?.['timestamp-ms'] ?? Number.POSITIVE_INFINITY) > after)

const folderKind = (files: readonly TableFile[]): SilverBy =>
  folderOf(files[0]?.object ?? '').startsWith('month=') ? 'month' : 'day'

/** Throws SCHEMA_INCOMPATIBLE where silver's folders are of another kind than the table's partitions. */
function checkFolders(topic: string, { fields }: PartitionSpec, files: readonly TableFile[]): void {
  const unit = fields[0]?.transform === 'day' ? 'date=' : 'month='
  const other = files.find(({ object }) => !folderOf(object).startsWith(unit))
  if (other !== undefined)
    throw new KappaError(
      'SCHEMA_INCOMPATIBLE',
      `listing ${other.object} in the table of ${topic}: its partitions are of ${unit.slice(0, -1)}s; delete iceberg/${topic}/ and make the table anew`,
    )
}

async function entriesOf(
  store: ObjectStore,
  snapshot: Snapshot,
  spec: PartitionSpec,
): Promise<readonly ManifestEntry[]> {
  const key = snapshot['manifest-list'].replace(/^s3:\/\/[^/]+\//, '').replace(/snap-(\d+)\.avro$/, '$1-m0.avro')
  const bytes = await store.get(key)
  if (bytes === undefined) throw new KappaError('STORE', `reading ${key}: the table names it and it is missing`)
  return readManifest(bytes, spec).filter(({ status }) => status !== DELETED)
}

function entriesFor(
  files: readonly TableFile[],
  known: readonly ManifestEntry[],
  at: {
    readonly prefix: string
    readonly snapshotId: number
    readonly sequence: number
    readonly partitioned: boolean
  },
): readonly ManifestEntry[] {
  const before = new Map(known.map((entry) => [entry.path, entry]))
  const entries = files.map(({ object, rows, bytes }): ManifestEntry => {
    const path = `${at.prefix}${object}`
    const own = before.get(path)
    before.delete(path)
    if (own !== undefined) return { ...own, status: EXISTING }
    const partition = at.partitioned ? partitionOf(folderOf(object)) : undefined
    return { status: ADDED, snapshotId: at.snapshotId, sequence: at.sequence, path, partition, rows, bytes }
  })
  const gone = [...before.values()].map((entry) => ({ ...entry, status: DELETED, snapshotId: at.snapshotId }) as const)
  return [...entries, ...gone]
}

/** A positive number of 52 bits, which JSON and JavaScript keep whole. */
const idOf = (text: string): number =>
  Number(BigInt(`0x${createHash('sha256').update(text).digest('hex').slice(0, 13)}`)) || 1

function summaryOf(entries: readonly ManifestEntry[]): Snapshot['summary'] {
  const of = (...statuses: readonly number[]) => entries.filter(({ status }) => statuses.includes(status))
  const rows = (some: readonly ManifestEntry[]) => String(some.reduce((sum, entry) => sum + entry.rows, 0))
  const [added, deleted, live] = [of(ADDED), of(DELETED), of(ADDED, EXISTING)]
  return {
    operation: operationOf(added, deleted),
    'added-data-files': String(added.length),
    'added-records': rows(added),
    'deleted-data-files': String(deleted.length),
    'deleted-records': rows(deleted),
    'total-data-files': String(live.length),
    'total-records': rows(live),
  }
}

function operationOf(added: readonly ManifestEntry[], deleted: readonly ManifestEntry[]): string {
  if (deleted.length === 0) return 'append'
  if (added.length === 0) return 'delete'
  const rows = (some: readonly ManifestEntry[]) => some.reduce((sum, entry) => sum + entry.rows, 0)
  return rows(added) === rows(deleted) ? 'replace' : 'overwrite'
}

/** Metadata that no kept snapshot needs, once the grace is over. */
async function sweep(
  { store, clock, graceMs }: FilesOptions,
  name: string,
  version: number,
  metadata: TableMetadata,
): Promise<void> {
  const ids = metadata.snapshots.map((snapshot) => snapshot['snapshot-id'])
  const named = new Set([
    metadataKey(name, version),
    hintKey(name),
    ...ids.flatMap((id) => [`${metadataPrefix(name)}${id}-m0.avro`, `${metadataPrefix(name)}snap-${id}.avro`]),
  ])
  const listed = await store.list(metadataPrefix(name))
  const old = listed.filter(({ key, modified }) => !named.has(key) && modified <= clock.now() - graceMs)
  if (old.length > 0) await store.delete(old.map(({ key }) => key))
}
