import type { ContractField, FieldType } from '#engine/schema'
import { FIRST_DAY, firstOf, LAST_DAY } from './range.ts'

/** Why a value cannot be stored in a column although it is a value of its schema; undefined where it can. */
export type Refusal = (value: unknown) => string | undefined

const YEARS = 'is outside the years 1900 to 2299'

/** The check of a field that can hold values its column cannot; undefined where every value fits. */
export const refusalOf = ({ name, type }: ContractField): Refusal | undefined => check(type, name)

function check(type: FieldType, place: string): Refusal | undefined {
  switch (type.kind) {
    case 'decimal': {
      const limit = 10n ** BigInt(type.precision)
      return (value) =>
        typeof value === 'bigint' && (value >= limit || value <= -limit)
          ? `column ${place}: ${value} (unscaled) has more than ${type.precision} digits`
          : undefined
    }
    case 'timestamp':
    case 'local-timestamp':
    case 'fine-timestamp':
      return instant('unit' in type ? type.unit : 'millis', place)
    case 'date':
      return (value) =>
        typeof value === 'number' && (value < FIRST_DAY || value > LAST_DAY)
          ? `column ${place}: day ${value} ${YEARS}`
          : undefined
    case 'array':
      return each(check(type.items, place), (value) => value as readonly unknown[])
    case 'map':
      return each(check(type.values, place), (value) => Object.values(value as object))
    case 'record':
      return members(type.fields.map((field) => [field.name, check(field.type, `${place}.${field.name}`)]))
    case 'union':
      return members(type.branches.map((branch) => [branch.name, check(branch.type, `${place}.${branch.member}`)]))
    default:
      return undefined
  }
}

const UNIT = { millis: 'ms', micros: 'µs', nanos: 'ns' } as const

/** Nanoseconds end in 2262, where 64 bits do. */
function instant(unit: keyof typeof UNIT, place: string): Refusal {
  const [first, end] = [firstOf(FIRST_DAY, unit), firstOf(LAST_DAY + 1, unit)]
  return (value) =>
    (typeof value === 'number' || typeof value === 'bigint') && (value < first || value >= end)
      ? `column ${place}: ${value} ${UNIT[unit]} ${YEARS}`
      : undefined
}

function each(inner: Refusal | undefined, itemsOf: (value: unknown) => readonly unknown[]): Refusal | undefined {
  if (inner === undefined) return undefined
  return (value) => {
    if (value === null || value === undefined) return undefined
    for (const item of itemsOf(value)) {
      const reason = inner(item)
      if (reason !== undefined) return reason
    }
    return undefined
  }
}

function members(all: readonly (readonly [string, Refusal | undefined])[]): Refusal | undefined {
  const checks = all.flatMap(([name, refusal]) => (refusal === undefined ? [] : [[name, refusal] as const]))
  if (checks.length === 0) return undefined
  return (value) => {
    if (value === null || value === undefined) return undefined
    for (const [name, refusal] of checks) {
      const reason = refusal((value as Readonly<Record<string, unknown>>)[name])
      if (reason !== undefined) return reason
    }
    return undefined
  }
}
