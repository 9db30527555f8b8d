import type { ContractField, FieldType } from '#engine/schema'

/** Why a value has no room in its Parquet column although it is a value of its Avro schema; undefined where it has. */
export type Refusal = (value: unknown) => string | undefined

/** The check of a field; undefined where every value fits. Avro's decimals are bytes of any length, Parquet's are not. */
export const refusalOf = ({ name, type }: ContractField): Refusal | undefined => check(type, name)

function check(type: FieldType, place: string): Refusal | undefined {
  switch (type.kind) {
    case 'decimal': {
      const limit = 10n ** BigInt(type.precision)
      return (value) =>
        typeof value === 'bigint' && (value >= limit || value <= -limit)
          ? `field ${place}: ${value} (unscaled) has more than ${type.precision} digits`
          : undefined
    }
    case 'array':
      return within([['', check(type.items, place)]], (value) => Object.values(value))
    case 'map':
      return within([['', check(type.values, place)]], (value) => Object.values(value))
    case 'record':
      return within(type.fields.map((field) => [field.name, check(field.type, `${place}.${field.name}`)]))
    case 'union':
      return within(type.branches.map((branch) => [branch.name, check(branch.type, `${place}.${branch.member}`)]))
    default:
      return undefined
  }
}

/** @param itemsOf where every item has the one check; absent: each member its own */
function within(
  members: readonly (readonly [string, Refusal | undefined])[],
  itemsOf?: (value: object) => readonly unknown[],
): Refusal | undefined {
  const checks = members.flatMap(([name, refusal]) => (refusal === undefined ? [] : [[name, refusal] as const]))
  if (checks.length === 0) return undefined
  return (value) => {
    if (typeof value !== 'object' || value === null) return undefined
    for (const [name, refusal] of checks)
      for (const item of itemsOf?.(value) ?? [(value as Readonly<Record<string, unknown>>)[name]]) {
        const reason = refusal(item)
        if (reason !== undefined) return reason
      }
    return undefined
  }
}
