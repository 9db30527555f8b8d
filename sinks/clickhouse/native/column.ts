import { BRANCH, type ContractField, type FieldType, NO_BRANCH, PRESENT, VALUE } from '#engine/schema'
import { Bytes } from './bytes.ts'
import { type ScalarType, scalar } from './scalar.ts'

/** Values of one type in the making, as the topic's decoder gives them: decimals unscaled, times in milliseconds. */
interface Data {
  /** The type sent: plain where the table's is LowCardinality; ClickHouse converts. */
  readonly type: string
  /** Null and undefined are null where null may stand, and nothing (zero, empty) where it may not. */
  put(value: unknown): void
  /** What was put, in order. */
  parts(): readonly Uint8Array[]
}

/** A column in the making. */
export interface ColumnWriter extends Data {
  readonly name: string
}

export const writerOf = ({ name, type, nullable }: ContractField): ColumnWriter =>
  Object.assign(dataOf(type, nullable, false), { name })

/** The counterpart of `clickhouseType` in engine/schema: `absent` where what holds the value may be. */
function dataOf(type: FieldType, nullable: boolean, absent: boolean): Data {
  switch (type.kind) {
    case 'array': {
      const items = dataOf(type.items, type.nullableItems === true, false)
      return presentIf(
        nullable,
        listOf(`Array(${items.type})`, [items], (value) => value as readonly unknown[]),
      )
    }
    case 'map':
      return presentIf(nullable, mapOf(type))
    case 'record': {
      const members = type.fields.map(
        (field) => [field.name, dataOf(field.type, field.nullable, absent || nullable)] as const,
      )
      return tupleOf(nullable, members)
    }
    case 'duration': {
      const counts = (['months', 'days', 'milliseconds'] as const).map(
        (name) => [name, absent || nullable ? nullableOf(UINT32) : plainOf(UINT32)] as const,
      )
      return tupleOf(nullable, counts)
    }
    case 'union':
      return unionOf(type)
    default:
      return nullable || absent ? nullableOf(scalar(type)) : plainOf(scalar(type))
  }
}

type Put = ReturnType<typeof scalar>
const UINT32: Put = { sent: 'UInt32', zero: 0, put: (data, value) => data.u32(value as number) }
const BOOL: Put = scalar({ kind: 'boolean' } satisfies ScalarType)
const TEXT: Put = scalar({ kind: 'string' } satisfies ScalarType)

function plainOf({ sent, put, zero }: Put): Data {
  const data = new Bytes()
  return { type: sent, put: (value) => put(data, value ?? zero), parts: () => [data.view()] }
}

function nullableOf({ sent, put, zero }: Put): Data {
  const [nulls, data] = [new Bytes(), new Bytes()]
  return {
    type: `Nullable(${sent})`,
    put: (value) => {
      const none = value === null || value === undefined
      nulls.u8(none ? 1 : 0)
      put(data, none ? zero : value)
    },
    parts: () => [nulls.view(), data.view()],
  }
}

/** Rows of any number of items: where each row ends, then all items. */
function listOf(
  type: string,
  columns: readonly Data[],
  itemsOf: (value: unknown) => readonly unknown[],
  put: (item: unknown) => void = (item) => columns[0]?.put(item),
): Data {
  const ends = new Bytes()
  let end = 0
  return {
    type,
    put: (value) => {
      const items = value === null || value === undefined ? [] : itemsOf(value)
      for (const item of items) put(item)
      end += items.length
      ends.i64(end)
    },
    parts: () => [ends.view(), ...columns.flatMap((column) => column.parts())],
  }
}

function mapOf({ values, nullableValues }: Extract<FieldType, { kind: 'map' }>): Data {
  const [keys, own] = [plainOf(TEXT), dataOf(values, nullableValues === true, false)]
  return listOf(
    `Map(String, ${own.type})`,
    [keys, own],
    (value) => Object.entries(value as object),
    (entry) => {
      const [key, value] = entry as readonly [string, unknown]
      keys.put(key)
      own.put(value)
    },
  )
}

function tupleOf(nullable: boolean, members: readonly (readonly [string, Data])[]): Data {
  const present = nullable ? plainOf(BOOL) : undefined
  const all = [...(present === undefined ? [] : [[PRESENT, present] as const]), ...members]
  return {
    type: `Tuple(${all.map(([name, { type }]) => `${name} ${type}`).join(', ')})`,
    put: (value) => {
      const held = (value ?? {}) as Readonly<Record<string, unknown>>
      present?.put(value !== null && value !== undefined)
      for (const [name, data] of members) data.put(held[name])
    },
    parts: () => all.flatMap(([, data]) => data.parts()),
  }
}

/** A list or map that may be null: with a word of whether it is there. */
function presentIf(nullable: boolean, inner: Data): Data {
  if (!nullable) return inner
  const { type, put, parts } = tupleOf(true, [[VALUE, inner]])
  return { type, put: (value) => put(value === null || value === undefined ? value : { [VALUE]: value }), parts }
}

function unionOf({ branches }: Extract<FieldType, { kind: 'union' }>): Data {
  const branch = plainOf(TEXT)
  const members = branches.map(({ name, member, type }) => ({ name, member, data: dataOf(type, true, true) }))
  const memberOf = new Map(members.map(({ name, member }) => [name, member]))
  return {
    type: `Tuple(${[`${BRANCH} String`, ...members.map(({ member, data }) => `${member} ${data.type}`)].join(', ')})`,
    put: (value) => {
      const [name, held] = Object.entries(value ?? {})[0] ?? []
      branch.put(name === undefined ? NO_BRANCH : memberOf.get(name))
      for (const one of members) one.data.put(one.name === name ? held : null)
    },
    parts: () => [...branch.parts(), ...members.flatMap(({ data }) => data.parts())],
  }
}
