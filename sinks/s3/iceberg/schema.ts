import type { Contract, ContractField, FieldType } from '#engine/schema'
import type { SilverBy } from '../layout.ts'

/** Iceberg's types as its JSON has them (table spec, "Appendix C: JSON serialization", Schemas). */
export type IcebergType =
  | string
  | {
      readonly type: 'list'
      readonly 'element-id': number
      readonly element: string
      readonly 'element-required': boolean
    }

export interface IcebergField {
  readonly id: number
  readonly name: string
  readonly required: boolean
  readonly type: IcebergType
  readonly doc?: string
}

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

/** The first id of a partition field (table spec, "Partition Evolution"). */
export const PARTITION_ID = 1_000
const WIDEST_DECIMAL = 38

interface Column {
  readonly name: string
  readonly required: boolean
  readonly type: string
  readonly list: boolean
  readonly doc?: string
}

/**
 * The table's columns: the contract's fields and where each row came from. `_hash` is not among them, and neither is a
 * decimal of more than 38 digits: Iceberg has no unsigned and no wider type. A field is required only where every version
 * of the contract had it: one that was added later has a default, by the registry's rule.
 */
function columnsOf({ fields, topic }: Contract): readonly Column[] {
  const upserts = topic.kind !== 'facts'
  const own = fields.flatMap((field) => columnOf(field, upserts))
  const engine = (name: string, type: string, required = true): Column => ({ name, type, required, list: false })
  return [
    ...own,
    engine('_partition', 'int'),
    engine('_offset', 'long'),
    engine('_generation', 'int'),
    engine('_writtenAt', 'timestamptz'),
    ...(upserts ? [engine('_key', 'string', false), engine('_deleted', 'boolean')] : []),
  ]
}

function columnOf({ name, type, nullable, doc, default: given }: ContractField, upserts: boolean): readonly Column[] {
  const list = type.kind === 'array'
  const inner = primitive(type.kind === 'array' ? type.items : type)
  if (inner === undefined) return []
  return [{ name, required: !nullable && !upserts && given === undefined, type: inner, list, doc }]
}

function primitive(type: FieldType): string | undefined {
  switch (type.kind) {
    case 'string':
    case 'enum':
      return 'string'
    case 'bytes':
      return 'binary'
    case 'boolean':
    case 'int':
    case 'long':
    case 'double':
    case 'date':
      return type.kind
    case 'timestamp':
      return 'timestamptz'
    case 'decimal':
      return type.precision > WIDEST_DECIMAL ? undefined : `decimal(${type.precision}, ${type.scale})`
    default:
      return undefined
  }
}

/** The schema of a contract; columns that the table already has keep their ids. */
export function schemaOf(
  contract: Contract,
  before: IcebergSchema | undefined,
  lastId: number,
): { readonly schema: IcebergSchema; readonly lastId: number } {
  let last = lastId
  const known = new Map(before?.fields.map((field) => [field.name, field]))
  const fields = columnsOf(contract).map(({ name, required, type, list, doc }): IcebergField => {
    const own = known.get(name)
    const id = own?.id ?? ++last
    const about = doc === undefined ? {} : { doc }
    // A column that came later is missing in the files before it.
    const always = required && (before === undefined || own?.required === true)
    if (!list) return { id, name, required: always, type, ...about }
    const element = typeof own?.type === 'object' ? own.type['element-id'] : ++last
    const listed = { type: 'list', 'element-id': element, element: type, 'element-required': true } as const
    return { id, name, required: always, type: listed, ...about }
  })
  const same = before !== undefined && JSON.stringify(before.fields) === JSON.stringify(fields)
  if (same) return { schema: before, lastId }
  return { schema: { type: 'struct', 'schema-id': (before?.['schema-id'] ?? -1) + 1, fields }, lastId: last }
}

/** Ids of file columns that no schema shows: above any column's, below the reserved ones. */
const HIDDEN_ID = 2_000_000_000

/**
 * `schema.name-mapping.default`: silver's files carry names, not ids (table spec, "Name Mapping Serialization"). Readers
 * ask it for every column of a file, so those that the table does not show are in it too.
 */
export function nameMappingOf(contract: Contract, { fields }: IcebergSchema) {
  const shown = fields.map(({ id, name, type }) => ({
    'field-id': id,
    names: [name],
    ...(typeof type === 'string' ? {} : { fields: [{ 'field-id': type['element-id'], names: ['element'] }] }),
  }))
  const names = new Set(fields.map(({ name }) => name))
  const hidden = [...contract.fields.map(({ name }) => name).filter((name) => !names.has(name)), '_hash']
  return [...shown, ...hidden.map((name, i) => ({ 'field-id': HIDDEN_ID + i, names: [name] }))]
}

/**
 * The folders of silver as a partition spec. A topic of upserts has none: a retraction has no event time, so its folder
 * would tell a reader something that its row does not say.
 */
export function specOf(contract: Contract, schema: IcebergSchema, by: SilverBy): PartitionSpec {
  const source = schema.fields.find(({ name }) => name === contract.topic.time)
  if (source === undefined || contract.topic.kind !== 'facts') return { 'spec-id': 0, fields: [] }
  const name = `${source.name}_${by}`
  return { 'spec-id': 0, fields: [{ 'source-id': source.id, 'field-id': PARTITION_ID, name, transform: by }] }
}

/** What the transform of a folder's rows gives: days or months since 1970. */
export function partitionOf(folder: string): number {
  const [, unit, text = ''] = /^(date|month)=(.+)$/.exec(folder) ?? []
  if (unit === 'date') return Math.floor(Date.parse(`${text}T00:00:00Z`) / 86_400_000)
  const [year = 1970, month = 1] = text.split('-').map(Number)
  return (year - 1970) * 12 + month - 1
}
