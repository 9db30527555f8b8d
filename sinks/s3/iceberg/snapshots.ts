import { createHash } from 'node:crypto'
import { ADDED, DELETED, EXISTING, type ManifestEntry } from './manifests.ts'
import type { Snapshot, TableMetadata } from './table.ts'

/** The same table without the snapshots whose files may be deleted now; itself where there are none. */
export function pruned(metadata: TableMetadata, now: number, graceMs: number): TableMetadata {
  const snapshots = kept(metadata.snapshots, now - graceMs)
  if (snapshots.length === metadata.snapshots.length) return metadata
  return { ...metadata, 'last-updated-ms': now, snapshots, 'snapshot-log': logOf(snapshots) }
}

export const logOf = (snapshots: readonly Snapshot[]): TableMetadata['snapshot-log'] =>
  snapshots.map((one) => ({ 'timestamp-ms': one['timestamp-ms'], 'snapshot-id': one['snapshot-id'] }))

/** Snapshots that were current after the given moment. */
export const kept = (snapshots: readonly Snapshot[], after: number): readonly Snapshot[] =>
  snapshots.filter((_, i) => (snapshots[i + 1]?.['timestamp-ms'] ?? Number.POSITIVE_INFINITY) > after)

/** A positive number of 52 bits, which JSON and JavaScript keep whole. */
export const idOf = (text: string): number =>
  Number(BigInt(`0x${createHash('sha256').update(text).digest('hex').slice(0, 13)}`)) || 1

/** The counts of a snapshot, as the specification names them. */
export function summaryOf(entries: readonly ManifestEntry[]): Snapshot['summary'] {
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
