import { BRANCH, type FieldType } from '#engine/schema'

/**
 * The inverse of `parquetType`: a value as the topic's decoder gives it, from a column as it is stored (`readColumns`).
 * Null and undefined do not come.
 */
export function valueReader(type: FieldType): (stored: unknown) => unknown {
  switch (type.kind) {
    case 'array': {
      const item = orNull(valueReader(type.items))
      return (stored) => (stored as readonly unknown[]).map(item)
    }
    case 'map': {
      const own = orNull(valueReader(type.values))
      return (stored) => mapObject(stored, () => own)
    }
    case 'record': {
      const members = new Map(type.fields.map((field) => [field.name, orNull(valueReader(field.type))]))
      return (stored) => mapObject(stored, (name) => members.get(name))
    }
    case 'duration':
      return (stored) => mapObject(stored, () => Number)
    case 'union': {
      const branches = new Map(
        type.branches.map(({ name, member, type }) => [member, { name, read: valueReader(type) }]),
      )
      return (stored) => {
        const group = stored as Readonly<Record<string, unknown>>
        const member = String(group[BRANCH])
        const branch = branches.get(member)
        return branch === undefined ? null : { [branch.name]: branch.read(group[member]) }
      }
    }
    case 'long':
    case 'timestamp':
      return Number
    case 'local-timestamp':
      return type.unit === 'millis' ? Number : same
    case 'time':
      return (stored) => Number(stored) / (type.unit === 'millis' ? 1_000 : 1)
    case 'bytes':
    case 'fixed':
      return (stored) => Buffer.from(stored as Uint8Array)
    case 'uuid':
      return (stored) =>
        Buffer.from(stored as Uint8Array)
          .toString('hex')
          .replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5')
    default:
      return same
  }
}

const same = (stored: unknown): unknown => stored

type Read = (stored: unknown) => unknown
export const orNull =
  (read: Read): Read =>
  (stored) =>
    stored === null || stored === undefined ? null : read(stored)

function mapObject(stored: unknown, readOf: (name: string) => Read | undefined): Record<string, unknown> {
  return Object.fromEntries(Object.entries(stored as object).map(([name, own]) => [name, readOf(name)?.(own) ?? null]))
}
