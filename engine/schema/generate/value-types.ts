import { KappaError } from '#engine/errors'
import type { Contract, FieldType } from '../contract.ts'

/** What a value of the type is in TypeScript. */
export function typeOf(type: FieldType): string {
  switch (type.kind) {
    case 'string':
    case 'boolean':
      return type.kind
    case 'uuid':
      return 'string'
    case 'int':
    case 'long':
    case 'float':
    case 'double':
    case 'timestamp':
    case 'date':
    case 'time':
      return 'number'
    case 'local-timestamp':
      return type.unit === 'millis' ? 'number' : 'bigint'
    case 'fine-timestamp':
    case 'decimal':
      return 'bigint'
    case 'bytes':
    case 'fixed':
      return 'Buffer'
    case 'duration':
      return 'AvroDuration'
    case 'enum':
    case 'record':
      return type.name
    case 'array': {
      const items = orNull(type.items, type.nullableItems === true)
      return /^[A-Za-z]+$/.test(items) ? `readonly ${items}[]` : `readonly (${items})[]`
    }
    case 'map':
      return `Readonly<Record<string, ${orNull(type.values, type.nullableValues === true)}>>`
    case 'union':
      return type.branches
        .map(({ name, type }) => `{ readonly ${/^\w+$/.test(name) ? name : `'${name}'`}: ${typeOf(type)} }`)
        .join(' | ')
  }
}

export const orNull = (type: FieldType, nullable: boolean): string => `${typeOf(type)}${nullable ? ' | null' : ''}`

/** In which unit a field's value counts; empty where its type says it. */
export function unitOf(type: FieldType): string {
  switch (type.kind) {
    case 'timestamp':
      return 'Milliseconds since 1970 UTC.'
    case 'fine-timestamp':
      return `${UNITS[type.unit]} since 1970 UTC.`
    case 'local-timestamp':
      return `${UNITS[type.unit]} since 1970 of a clock on the wall: of no zone.`
    case 'time':
      return `${UNITS[type.unit]} since midnight.`
    case 'date':
      return 'Days since 1970.'
    case 'decimal':
      return `Unscaled: ${type.scale} decimal places.`
    case 'fixed':
      return `${type.size} bytes.`
    default:
      return ''
  }
}

const UNITS = { millis: 'Milliseconds', micros: 'Microseconds', nanos: 'Nanoseconds' } as const

/** Every enum and nested record of some contracts, once: the types that `typeOf` names, by their names. */
export function namedTypesOf(contracts: readonly Contract[]): ReadonlyMap<string, string> {
  const found = new Map<string, string>()
  for (const contract of contracts) {
    const take = (type: FieldType): void => {
      for (const inner of within(type)) take(inner)
      const text = definitionOf(type)
      if (text === undefined) return
      const [name, definition] = text
      const other = found.get(name)
      if (other !== undefined && other !== definition)
        throw new KappaError(
          'SCHEMA_INVALID',
          `generating types: the ${type.kind} ${name} of ${contract.topic.name} is another one elsewhere`,
        )
      found.set(name, definition)
    }
    for (const { type } of contract.fields) take(type)
  }
  return found
}

/** The types directly within a type. */
function within(type: FieldType): readonly FieldType[] {
  switch (type.kind) {
    case 'array':
      return [type.items]
    case 'map':
      return [type.values]
    case 'record':
      return type.fields.map((field) => field.type)
    case 'union':
      return type.branches.map((branch) => branch.type)
    default:
      return []
  }
}

function definitionOf(type: FieldType): readonly [string, string] | undefined {
  if (type.kind === 'enum')
    return [type.name, `export type ${type.name} = ${type.symbols.map((symbol) => `'${symbol}'`).join(' | ')}\n`]
  if (type.kind !== 'record') return undefined
  const members = type.fields.map(
    ({ name, doc, type, nullable }) =>
      `${docOf([doc, unitOf(type)].filter(Boolean).join(' '), '  ')}  readonly ${name}: ${orNull(type, nullable)}`,
  )
  return [type.name, `export interface ${type.name} {\n${members.join('\n')}\n}\n`]
}

export const docOf = (text: string, indent = ''): string => `${indent}/** ${text.replaceAll('*/', '* /')} */\n`
