import { KappaError } from '#engine/errors'
import { folderOf } from '../layout.ts'
import type { SilverFile } from '../ledger/head.ts'
import type { ObjectStore } from '../object-store.ts'
import { ADDED, DELETED, EXISTING, type ManifestEntry, readManifest } from './manifests.ts'
import { type PartitionSpec, partitionOf } from './schema.ts'
import { readTable, type Snapshot } from './table.ts'

/** A data file of a table. */
export type TableFile = Pick<SilverFile, 'object' | 'rows' | 'bytes'>

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

/** The files of a snapshot. */
export async function entriesOf(
  store: ObjectStore,
  snapshot: Snapshot,
  spec: PartitionSpec,
): Promise<readonly ManifestEntry[]> {
  const key = snapshot['manifest-list'].replace(/^s3:\/\/[^/]+\//, '').replace(/snap-(\d+)\.avro$/, '$1-m0.avro')
  const bytes = await store.get(key)
  if (bytes === undefined) throw new KappaError('STORE', `reading ${key}: the table names it and it is missing`)
  return readManifest(bytes, spec).filter(({ status }) => status !== DELETED)
}

/** Entries of the next snapshot: files of before as they were, new ones, and those that are gone, as deleted. */
export function entriesFor(
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
