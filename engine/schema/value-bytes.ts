import type { AnyTopic, FieldType } from './contract.ts'

type Change = (value: unknown) => unknown

/**
 * The bytes by which values of a topic are compared wherever they are stored: Avro under the contract, the entries of maps
 * in order of their keys. Equal values have equal bytes, whichever version of the schema wrote them.
 */
export function valueBytes(topic: AnyTopic): (value: Readonly<Record<string, unknown>>) => Buffer {
  const changes = topic.contract.fields.flatMap(({ name, type }) => {
    const change = sorted(type)
    return change === undefined ? [] : [[name, change] as const]
  })
  return (value) => {
    if (changes.length === 0) return topic.encode(value)
    const copy: Record<string, unknown> = { ...value }
    for (const [name, change] of changes) copy[name] = change(copy[name])
    return topic.encode(copy)
  }
}

/** Undefined where a type has no map in it. */
function sorted(type: FieldType): Change | undefined {
  switch (type.kind) {
    case 'map': {
      const inner = sorted(type.values)
      return ifThere((value) =>
        Object.fromEntries(
          Object.entries(value as object)
            .sort(([a], [b]) => (a < b ? -1 : 1))
            .map(([key, own]) => [key, inner === undefined ? own : inner(own)]),
        ),
      )
    }
    case 'array': {
      const inner = sorted(type.items)
      return inner && ifThere((value) => (value as readonly unknown[]).map(inner))
    }
    case 'record':
      return members(type.fields.map((field) => [field.name, sorted(field.type)]))
    case 'union':
      return members(type.branches.map((branch) => [branch.name, sorted(branch.type)]))
    default:
      return undefined
  }
}

const ifThere =
  (change: Change): Change =>
  (value) =>
    value === null || value === undefined ? value : change(value)

function members(all: readonly (readonly [string, Change | undefined])[]): Change | undefined {
  const changes = new Map(all.flatMap(([name, change]) => (change === undefined ? [] : [[name, change] as const])))
  if (changes.size === 0) return undefined
  return ifThere((value) =>
    Object.fromEntries(Object.entries(value as object).map(([name, own]) => [name, changes.get(name)?.(own) ?? own])),
  )
}
