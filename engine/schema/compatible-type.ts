import type { FieldType, RecordField } from './contract.ts'

/** Promotions that Avro readers do and that change no value's meaning: the type before → types after. */
const WIDER: Readonly<Record<string, readonly string[]>> = {
  int: ['long', 'double'],
  long: ['double'],
  float: ['double'],
  string: ['bytes'],
}

/** Why data of one type cannot be read as another; undefined where it can. */
export function mistyped(next: FieldType, old: FieldType): string | undefined {
  if (next.kind === 'decimal' && old.kind === 'decimal') {
    if (next.scale !== old.scale) return `changed its scale from ${old.scale} to ${next.scale}`
    return next.precision < old.precision ? `lost precision: ${old.precision} to ${next.precision} digits` : undefined
  }
  if (next.kind === 'enum' && old.kind === 'enum') {
    if (next.name !== old.name) return `changed its enum from ${old.name} to ${next.name}`
    const lost = old.symbols.filter((symbol) => !next.symbols.includes(symbol))
    return lost.length === 0 ? undefined : `lost the symbol ${lost.join(', ')}, which older records hold`
  }
  if (next.kind === 'array' && old.kind === 'array')
    return nulls('items', next.nullableItems, old.nullableItems) ?? mistyped(next.items, old.items)
  if (next.kind === 'map' && old.kind === 'map')
    return nulls('values', next.nullableValues, old.nullableValues) ?? mistyped(next.values, old.values)
  if (next.kind === 'record' && old.kind === 'record') {
    if (next.name !== old.name) return `changed its record from ${old.name} to ${next.name}`
    return unreadable(next.fields, old.fields) ?? removal(next.fields, old.fields)
  }
  if (next.kind === 'union' && old.kind === 'union') {
    for (const { name, type } of old.branches) {
      const own = next.branches.find((branch) => branch.name === name)
      if (own === undefined) return `lost the branch ${name} of its union, which older records hold`
      const reason = mistyped(own.type, type)
      if (reason !== undefined) return `${reason}, in the branch ${name} of its union`
    }
    return undefined
  }
  if (next.kind === 'fixed' && old.kind === 'fixed')
    return next.name === old.name && next.size === old.size
      ? undefined
      : `changed its fixed from ${old.name} of ${old.size} bytes to ${next.name} of ${next.size}`
  if ('unit' in next && 'unit' in old && next.kind === old.kind && next.unit !== old.unit)
    return `changed its unit from ${old.unit} to ${next.unit}`
  if (next.kind === old.kind || WIDER[old.kind]?.includes(next.kind)) return undefined
  return `changed its type from ${old.kind} to ${next.kind}`
}

const nulls = (what: string, next = false, old = false): string | undefined =>
  old && !next ? `had nullable ${what} and has none any more, but older records hold nulls` : undefined

type Field = Pick<RecordField, 'name' | 'type' | 'nullable' | 'default'>
const hasDefault = (field: Field): boolean => field.nullable || field.default !== undefined

/** Why records of the old fields cannot be read with the new ones, naming the field; undefined where they can. */
export function unreadable(fields: readonly Field[], old: readonly Field[]): string | undefined {
  const before = new Map(old.map((field) => [field.name, field]))
  for (const field of fields) {
    const earlier = before.get(field.name)
    const reason = earlier === undefined ? addition(field) : changed(field, earlier)
    if (reason !== undefined) return reason
  }
  return undefined
}

function addition(field: Field): string | undefined {
  return hasDefault(field)
    ? undefined
    : `field ${field.name} was added without a default, so older records cannot be read`
}

function changed(field: Field, old: Field): string | undefined {
  if (old.nullable && !field.nullable)
    return `field ${field.name} was nullable and is no more, but older records hold nulls`
  const reason = mistyped(field.type, old.type)
  return reason === undefined ? undefined : `field ${field.name} ${reason}`
}

/** Why readers of the old fields could not read what is written with the new ones; undefined where they can. */
export function removal(fields: readonly Field[], old: readonly Field[]): string | undefined {
  const now = new Set(fields.map((field) => field.name))
  const lost = old.find((field) => !now.has(field.name) && !hasDefault(field))
  return lost && `field ${lost.name} was removed, but has no default, so running readers could not read new records`
}
