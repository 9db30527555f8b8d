import type { FieldType } from './contract.ts'

/** Elements that a column of ClickHouse has beside the contract's fields, which never begin with an underscore. */
export const PRESENT = '_present'
export const VALUE = '_value'
export const BRANCH = '_type'
/** The `_type` of a union that holds null, as Avro names it. */
export const NO_BRANCH = 'null'

/**
 * The type of a column (docs/decisions/0013-types.md). ClickHouse's Tuple, Array and Map cannot be Nullable: where null may
 * stand, a tuple tells by `_present`, and a union by its `_type`. Under something that may be absent scalars are Nullable,
 * so that what is absent reads as null.
 * @param absent whether what holds the value may be absent
 */
export function clickhouseType(type: FieldType, nullable: boolean, absent = false): string {
  switch (type.kind) {
    case 'array':
    case 'map': {
      const plain =
        type.kind === 'array'
          ? `Array(${clickhouseType(type.items, type.nullableItems === true)})`
          : `Map(String, ${clickhouseType(type.values, type.nullableValues === true)})`
      return nullable ? `Tuple(${PRESENT} Bool, ${VALUE} ${plain})` : plain
    }
    case 'record': {
      const fields = type.fields.map(
        (field) => `${field.name} ${clickhouseType(field.type, field.nullable, absent || nullable)}`,
      )
      return `Tuple(${[...(nullable ? [`${PRESENT} Bool`] : []), ...fields].join(', ')})`
    }
    case 'union': {
      const members = type.branches.map((branch) => `${branch.member} ${clickhouseType(branch.type, true, true)}`)
      return `Tuple(${[`${BRANCH} LowCardinality(String)`, ...members].join(', ')})`
    }
    case 'duration': {
      const parts = ['months', 'days', 'milliseconds'].map(
        (part) => `${part} ${absent || nullable ? 'Nullable(UInt32)' : 'UInt32'}`,
      )
      return `Tuple(${[...(nullable ? [`${PRESENT} Bool`] : []), ...parts].join(', ')})`
    }
    case 'enum':
      return nullable || absent ? 'LowCardinality(Nullable(String))' : 'LowCardinality(String)'
    default:
      return nullable || absent ? `Nullable(${scalarType(type)})` : scalarType(type)
  }
}

export type Composite = Extract<FieldType, { kind: 'array' | 'map' | 'record' | 'union' | 'duration' }>

function scalarType(type: Exclude<FieldType, Composite | { kind: 'enum' }>): string {
  switch (type.kind) {
    case 'string':
    case 'bytes':
      return 'String'
    case 'fixed':
      return `FixedString(${type.size})`
    case 'boolean':
      return 'Bool'
    case 'int':
      return 'Int32'
    case 'long':
      return 'Int64'
    case 'float':
      return 'Float32'
    case 'double':
      return 'Float64'
    case 'uuid':
      return 'UUID'
    case 'timestamp':
      return "DateTime64(3, 'UTC')"
    case 'fine-timestamp':
    case 'local-timestamp':
      return `DateTime64(${DIGITS[type.unit]}, 'UTC')`
    case 'time':
      return type.unit === 'millis' ? 'Int32' : 'Int64'
    case 'date':
      return 'Date32'
    case 'decimal':
      return `Decimal(${type.precision}, ${type.scale})`
  }
}

const DIGITS = { millis: 3, micros: 6, nanos: 9 } as const
