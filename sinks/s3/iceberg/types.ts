import { BRANCH, type FieldType } from '#engine/schema'

/** Iceberg's types as its JSON has them (table spec, "Appendix C: JSON serialization", Schemas). */
export type IcebergType =
  | string
  | { readonly type: 'struct'; readonly fields: readonly IcebergField[] }
  | {
      readonly type: 'list'
      readonly 'element-id': number
      readonly element: IcebergType
      readonly 'element-required': boolean
    }
  | {
      readonly type: 'map'
      readonly 'key-id': number
      readonly key: 'string'
      readonly 'value-id': number
      readonly value: IcebergType
      readonly 'value-required': boolean
    }

export interface IcebergField {
  readonly id: number
  readonly name: string
  readonly required: boolean
  readonly type: IcebergType
  readonly doc?: string
}

/** A column or a field of a struct, before it has an id. */
export interface Shape {
  readonly name: string
  readonly required: boolean
  readonly type: FieldType
  readonly doc?: string
}

const WIDEST_DECIMAL = 38

/** Whether Iceberg, format version 2, has the type with everything in it: it has no nanoseconds. */
export function showable(type: FieldType): boolean {
  switch (type.kind) {
    case 'fine-timestamp':
    case 'local-timestamp':
      return type.unit !== 'nanos'
    case 'decimal':
      return type.precision <= WIDEST_DECIMAL
    case 'array':
      return showable(type.items)
    case 'map':
      return showable(type.values)
    case 'record':
      return type.fields.every((field) => showable(field.type))
    case 'union':
      return type.branches.every((branch) => showable(branch.type))
    default:
      return true
  }
}

/**
 * Gives fields their ids: those that the table had keep theirs, others the next. A field that the table's files may lack
 * is never required.
 */
export class Numbering {
  last: number

  constructor(last: number) {
    this.last = last
  }

  fields(shapes: readonly Shape[], before: readonly IcebergField[] | undefined): readonly IcebergField[] {
    const known = new Map(before?.map((field) => [field.name, field]))
    return shapes.map(({ name, required, type, doc }) => {
      const own = known.get(name)
      const id = own?.id ?? ++this.last
      return {
        id,
        name,
        required: required && (before === undefined || own?.required === true),
        type: this.type(type, own?.type),
        ...(doc === undefined ? {} : { doc }),
      }
    })
  }

  private type(type: FieldType, before: IcebergType | undefined): IcebergType {
    const own = typeof before === 'object' ? before : undefined
    switch (type.kind) {
      case 'array': {
        const list = own?.type === 'list' ? own : undefined
        return {
          type: 'list',
          'element-id': list?.['element-id'] ?? ++this.last,
          element: this.type(type.items, list?.element),
          'element-required': type.nullableItems !== true,
        }
      }
      case 'map': {
        const map = own?.type === 'map' ? own : undefined
        return {
          type: 'map',
          'key-id': map?.['key-id'] ?? ++this.last,
          key: 'string',
          'value-id': map?.['value-id'] ?? ++this.last,
          value: this.type(type.values, map?.value),
          'value-required': type.nullableValues !== true,
        }
      }
      case 'record':
      case 'union':
      case 'duration':
        return { type: 'struct', fields: this.fields(membersOf(type), own?.type === 'struct' ? own.fields : undefined) }
      default:
        return primitive(type)
    }
  }
}

/** The members of silver's groups (`parquetType`). */
function membersOf(type: Extract<FieldType, { kind: 'record' | 'union' | 'duration' }>): readonly Shape[] {
  if (type.kind === 'duration')
    return ['months', 'days', 'milliseconds'].map((name) => ({ name, required: true, type: { kind: 'long' } }))
  if (type.kind === 'record')
    return type.fields.map(({ name, doc, type, nullable, default: given }) => ({
      name,
      doc,
      type,
      required: !nullable && given === undefined,
    }))
  return [
    { name: BRANCH, required: true, type: { kind: 'string' } },
    ...type.branches.map(({ member, type }) => ({ name: member, required: false, type })),
  ]
}

type Held = { kind: 'array' | 'map' | 'record' | 'union' | 'duration' }

function primitive(type: Exclude<FieldType, Extract<FieldType, Held>>): string {
  switch (type.kind) {
    case 'string':
    case 'enum':
      return 'string'
    case 'bytes':
      return 'binary'
    case 'fixed':
      return `fixed[${type.size}]`
    case 'timestamp':
    case 'fine-timestamp':
      return 'timestamptz'
    case 'local-timestamp':
      return 'timestamp'
    case 'decimal':
      return `decimal(${type.precision}, ${type.scale})`
    default:
      return type.kind
  }
}

/** A column of silver's files in `schema.name-mapping.default` (table spec, "Column Projection"). */
export interface NameMapping {
  readonly 'field-id': number
  readonly names: readonly string[]
  readonly fields?: readonly NameMapping[]
}

export function mappingOf({ id, name, type }: Pick<IcebergField, 'id' | 'name' | 'type'>): NameMapping {
  const inner = insideOf(type).map(mappingOf)
  return { 'field-id': id, names: [name], ...(inner.length === 0 ? {} : { fields: inner }) }
}

function insideOf(type: IcebergType): readonly Pick<IcebergField, 'id' | 'name' | 'type'>[] {
  if (typeof type === 'string') return []
  if (type.type === 'struct') return type.fields
  if (type.type === 'list') return [{ id: type['element-id'], name: 'element', type: type.element }]
  return [
    { id: type['key-id'], name: 'key', type: type.key },
    { id: type['value-id'], name: 'value', type: type.value },
  ]
}
