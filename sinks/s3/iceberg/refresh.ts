import { KappaError } from '#engine/errors'
import { readState, silverFilesOf } from '../ledger/state.ts'
import type { ObjectStore } from '../object-store.ts'
import { changeOf } from './change.ts'
import type { TableFile } from './entries.ts'
import { folderKind } from './folders.ts'
import { ADDED, DELETED } from './manifests.ts'
import type { FilesOptions, RefreshOptions } from './options.ts'
import { silverTable, type TableSource } from './schema.ts'
import { sweep } from './sweep.ts'
import { hintKey, metadataKey, readTable } from './table.ts'

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

const json = (value: unknown): Buffer => Buffer.from(`${JSON.stringify(value, null, 1)}\n`)
