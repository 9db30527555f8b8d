import type { AnyTopic, Contract } from '#engine/schema'
import type { SilverBy } from '../layout.ts'
import { type IcebergField, mappingOf, type NameMapping, Numbering, type Shape, showable } from './types.ts'

export interface IcebergSchema {
  readonly type: 'struct'
  readonly 'schema-id': number
  readonly fields: readonly IcebergField[]
}

export interface PartitionSpec {
  readonly 'spec-id': number
  readonly fields: readonly {
    readonly 'source-id': number
    readonly 'field-id': number
    readonly name: string
    readonly transform: 'day' | 'month'
  }[]
}

/** What a table is made over: files with these columns. */
export interface TableSource {
  /** Its folder is `iceberg/<name>/`. */
  readonly name: string
  readonly owner: string
  readonly columns: readonly Shape[]
  /** Columns of the files that the table does not show. */
  readonly hidden: readonly Shape[]
  /** Of a table that is made; one that is there keeps its own. */
  partitions(schema: IcebergSchema): PartitionSpec
}

/** The table over a topic's silver. */
export function silverTable({ name, contract }: AnyTopic, by: () => SilverBy): TableSource {
  const columns = columnsOf(contract)
  const names = new Set(columns.map((column) => column.name))
  const hidden = contract.fields.filter((field) => !names.has(field.name))
  const hash: Shape = { name: '_hash', required: true, type: { kind: 'long' } }
  return {
    name,
    owner: contract.topic.owner,
    columns,
    hidden: [...hidden.map((field) => ({ ...field, required: false })), hash],
    partitions: (schema) => specOf(contract, schema, by()),
  }
}

/** The first id of a partition field (table spec, "Partition Evolution"). */
export const PARTITION_ID = 1_000

/**
 * The table's columns: the contract's fields and where each row came from. `_hash` is not among them (Iceberg has no
 * unsigned type), and neither is what Iceberg cannot show. A field is required only where every version of the contract
 * had it: one that was added later has a default, by the registry's rule.
 */
function columnsOf({ fields, topic }: Contract): readonly Shape[] {
  const upserts = topic.kind !== 'facts'
  const own = fields
    .filter(({ type }) => showable(type))
    .map(({ name, type, nullable, doc, default: given }) => ({
      name,
      type,
      doc,
      required: !nullable && !upserts && given === undefined,
    }))
  const engine = (name: string, kind: 'int' | 'long' | 'timestamp' | 'string' | 'boolean', required = true): Shape => ({
    name,
    type: { kind },
    required,
  })
  return [
    ...own,
    engine('_partition', 'int'),
    engine('_offset', 'long'),
    engine('_generation', 'int'),
    engine('_writtenAt', 'timestamp'),
    ...(upserts ? [engine('_key', 'string', false), engine('_deleted', 'boolean')] : []),
  ]
}

/** The schema of a contract. */
export const schemaOf = (contract: Contract, before: IcebergSchema | undefined, lastId: number) =>
  schemaFrom(columnsOf(contract), before, lastId)

/** The schema of columns; those that the table already has keep their ids. */
export function schemaFrom(
  columns: readonly Shape[],
  before: IcebergSchema | undefined,
  lastId: number,
): { readonly schema: IcebergSchema; readonly lastId: number } {
  const numbering = new Numbering(lastId)
  const fields = numbering.fields(columns, before?.fields)
  const same = before !== undefined && JSON.stringify(before.fields) === JSON.stringify(fields)
  if (same) return { schema: before, lastId }
  return { schema: { type: 'struct', 'schema-id': (before?.['schema-id'] ?? -1) + 1, fields }, lastId: numbering.last }
}

/** Ids of file columns that no schema shows: above any column's, below the reserved ones. */
const HIDDEN_ID = 2_000_000_000

/**
 * `schema.name-mapping.default`: silver's files carry names, not ids (table spec, "Name Mapping Serialization"). Readers
 * ask it for every column of a file, so those that the table does not show are in it too.
 */
export function nameMappingOf({ fields }: IcebergSchema, hidden: readonly Shape[]): readonly NameMapping[] {
  const ids = new Numbering(HIDDEN_ID - 1)
  return [...fields, ...ids.fields(hidden, undefined)].map(mappingOf)
}

/**
 * The folders of silver as a partition spec. A topic of upserts has none: a retraction has no event time, so its folder
 * would tell a reader something that its row does not say.
 */
export function specOf(contract: Contract, schema: IcebergSchema, by: SilverBy): PartitionSpec {
  const source = schema.fields.find(({ name }) => name === contract.topic.time)
  if (source === undefined || contract.topic.kind !== 'facts') return unpartitioned()
  const name = `${source.name}_${by}`
  return { 'spec-id': 0, fields: [{ 'source-id': source.id, 'field-id': PARTITION_ID, name, transform: by }] }
}

/** Files of any rows. */
export const unpartitioned = (): PartitionSpec => ({ 'spec-id': 0, fields: [] })

/** What the transform of a folder's rows gives: days or months since 1970. */
export function partitionOf(folder: string): number {
  const [, unit, text = ''] = /^(date|month)=(.+)$/.exec(folder) ?? []
  if (unit === 'date') return Math.floor(Date.parse(`${text}T00:00:00Z`) / 86_400_000)
  const [year = 1970, month = 1] = text.split('-').map(Number)
  return (year - 1970) * 12 + month - 1
}
