import type { FilesOptions } from './options.ts'
import { hintKey, metadataKey, metadataPrefix, type TableMetadata } from './table.ts'

/** Metadata that no kept snapshot needs, once the grace is over. */
export async function sweep(
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
