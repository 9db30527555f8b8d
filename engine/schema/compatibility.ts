import type { Contract, ContractField, FieldType } from './contract.ts'

/**
 * Why a contract cannot follow an earlier one of its topic, naming the field; undefined where it can. The rules:
 * - Data written under any earlier version stays readable (the registry's BACKWARD_TRANSITIVE; Avro specification 1.12,
 *   "Schema Resolution"): a new field has a default, types only widen, enums only grow, null is never taken away.
 * - `latest`, the version that readers run with now, can read what is written next: a field without a default is not
 *   removed. Give it a default first, and remove it in the version after.
 * - Meaning stays: key, event time, identity, kind, partitions and sealing of fields never change within a topic version.
 */
export function incompatibility(next: Contract, earlier: readonly Contract[]): string | undefined {
  const latest = earlier.at(-1)
  for (const previous of earlier) {
    const reason =
      nameChange(next, previous) ??
      unreadable(next, previous) ??
      termsChange(next, previous) ??
      sealingChange(next, previous)
    if (reason !== undefined) return reason
  }
  return latest && removal(next, latest)
}

const fullName = (contract: Contract): string => `${contract.namespace}.${contract.record}`

function nameChange(next: Contract, previous: Contract): string | undefined {
  if (fullName(next) === fullName(previous)) return undefined
  return `the record was renamed from ${fullName(previous)} to ${fullName(next)}`
}

function unreadable(next: Contract, previous: Contract): string | undefined {
  const before = new Map(previous.fields.map((field) => [field.name, field]))
  for (const field of next.fields) {
    const old = before.get(field.name)
    const reason = old === undefined ? addition(field) : changed(field, old)
    if (reason !== undefined) return reason
  }
  return undefined
}

function addition(field: ContractField): string | undefined {
  return hasDefault(field)
    ? undefined
    : `field ${field.name} was added without a default, so older records cannot be read`
}

const hasDefault = (field: ContractField): boolean => field.nullable || field.default !== undefined

function changed(field: ContractField, old: ContractField): string | undefined {
  if (old.nullable && !field.nullable)
    return `field ${field.name} was nullable and is no more, but older records hold nulls`
  const reason = mistyped(field.type, old.type)
  return reason === undefined ? undefined : `field ${field.name} ${reason}`
}

/** Promotions that Avro readers do: the type before → types after. */
const WIDER: Readonly<Record<string, readonly string[]>> = {
  int: ['long', 'double'],
  long: ['double'],
  string: ['bytes'],
}

function mistyped(next: FieldType, old: FieldType): string | undefined {
  if (next.kind === 'decimal' && old.kind === 'decimal') {
    if (next.scale !== old.scale) return `changed its scale from ${old.scale} to ${next.scale}`
    return next.precision < old.precision ? `lost precision: ${old.precision} to ${next.precision} digits` : undefined
  }
  if (next.kind === 'enum' && old.kind === 'enum') {
    if (next.name !== old.name) return `changed its enum from ${old.name} to ${next.name}`
    const lost = old.symbols.filter((symbol) => !next.symbols.includes(symbol))
    return lost.length === 0 ? undefined : `lost the symbol ${lost.join(', ')}, which older records hold`
  }
  if (next.kind === 'array' && old.kind === 'array') return mistyped(next.items, old.items)
  if (next.kind === old.kind || WIDER[old.kind]?.includes(next.kind)) return undefined
  return `changed its type from ${old.kind} to ${next.kind}`
}

function removal(next: Contract, latest: Contract): string | undefined {
  const now = new Set(next.fields.map((field) => field.name))
  const lost = latest.fields.find((field) => !now.has(field.name) && !hasDefault(field))
  return lost && `field ${lost.name} was removed, but has no default, so running readers could not read new records`
}

const termsOf = ({ topic }: Contract) =>
  ({
    kind: topic.kind,
    key: topic.key.join(', '),
    time: topic.time,
    id: topic.id.join(', '),
    partitions: topic.partitions,
  }) as const

function termsChange(next: Contract, previous: Contract): string | undefined {
  const [now, before] = [termsOf(next), termsOf(previous)]
  for (const term of Object.keys(now) as (keyof typeof now)[]) {
    if (now[term] !== before[term])
      return `topic.${term} changed from ${before[term] || 'none'} to ${now[term] || 'none'}; that needs a new topic version`
  }
  return undefined
}

function sealingChange(next: Contract, previous: Contract): string | undefined {
  const before = new Map(previous.fields.map((field) => [field.name, field]))
  const field = next.fields.find((one) => {
    const old = before.get(one.name)
    return old !== undefined && (old.pii?.sealed ?? false) !== (one.pii?.sealed ?? false)
  })
  return field && `field ${field.name} changed whether it is sealed, so its older values would be misread`
}
