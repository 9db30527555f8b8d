import { removal, unreadable } from './compatible-type.ts'
import type { Contract } from './contract.ts'

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
      unreadable(next.fields, previous.fields) ??
      termsChange(next, previous) ??
      sealingChange(next, previous)
    if (reason !== undefined) return reason
  }
  return latest && removal(next.fields, latest.fields)
}

const fullName = (contract: Contract): string => `${contract.namespace}.${contract.record}`

function nameChange(next: Contract, previous: Contract): string | undefined {
  if (fullName(next) === fullName(previous)) return undefined
  return `the record was renamed from ${fullName(previous)} to ${fullName(next)}`
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
