import { createHash } from 'node:crypto'
import { KappaError } from '#engine/errors'
import type { ObjectStore } from '../object-store.ts'
import type { IcebergSchema, PartitionSpec } from './schema.ts'

/** A snapshot as table metadata has it (table spec, "Snapshots"). */
export interface Snapshot {
  readonly 'snapshot-id': number
  readonly 'parent-snapshot-id'?: number
  readonly 'sequence-number': number
  readonly 'timestamp-ms': number
  readonly 'manifest-list': string
  readonly summary: Readonly<Record<string, string>> & { readonly operation: string }
  readonly 'schema-id': number
}

/** Table metadata, version 2 (table spec, "Table Metadata Fields"), as far as it is written here. */
export interface TableMetadata {
  readonly 'format-version': 2
  readonly 'table-uuid': string
  readonly location: string
  readonly 'last-sequence-number': number
  readonly 'last-updated-ms': number
  readonly 'last-column-id': number
  readonly 'current-schema-id': number
  readonly schemas: readonly IcebergSchema[]
  readonly 'default-spec-id': number
  readonly 'partition-specs': readonly PartitionSpec[]
  readonly 'last-partition-id': number
  readonly 'default-sort-order-id': number
  readonly 'sort-orders': readonly { readonly 'order-id': number; readonly fields: readonly never[] }[]
  readonly properties: Readonly<Record<string, string>>
  readonly 'current-snapshot-id'?: number
  readonly refs: Readonly<Record<string, { readonly 'snapshot-id': number; readonly type: 'branch' }>>
  readonly snapshots: readonly Snapshot[]
  readonly 'snapshot-log': readonly { readonly 'timestamp-ms': number; readonly 'snapshot-id': number }[]
  readonly 'metadata-log': readonly { readonly 'timestamp-ms': number; readonly 'metadata-file': string }[]
}

/** The metadata that counts: the highest version, as tables on a file system have it (`v<n>.metadata.json`). */
export interface CurrentTable {
  readonly version: number
  readonly metadata: TableMetadata | undefined
}

export const tablePrefix = (topic: string): string => `iceberg/${topic}/`
export const metadataPrefix = (topic: string): string => `${tablePrefix(topic)}metadata/`
export const metadataKey = (topic: string, version: number): string =>
  `${metadataPrefix(topic)}v${version}.metadata.json`
export const hintKey = (topic: string): string => `${metadataPrefix(topic)}version-hint.text`

const versionOf = (key: string): number => Number(/\/v(\d+)\.metadata\.json$/.exec(key)?.[1] ?? 0)

export async function readTable(store: ObjectStore, topic: string): Promise<CurrentTable> {
  const listed = await store.list(`${metadataPrefix(topic)}v`)
  const version = listed.reduce((last, { key }) => Math.max(last, versionOf(key)), 0)
  if (version === 0) return { version, metadata: undefined }
  const key = metadataKey(topic, version)
  const text = await store.get(key)
  if (text === undefined)
    throw new KappaError('STORE', `reading ${key}: it was listed and is gone`, { retriable: true })
  try {
    return { version, metadata: JSON.parse(text.toString('utf8')) as TableMetadata }
  } catch (cause) {
    throw new KappaError('STORE', `reading ${key}: not the metadata of a table`, { cause })
  }
}

/** The same table has the same id, whoever makes it first. */
export function tableId(location: string): string {
  const hex = createHash('sha256').update(location).digest('hex')
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-5${hex.slice(13, 16)}-8${hex.slice(17, 20)}-${hex.slice(20, 32)}`
}
