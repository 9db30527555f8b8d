import { BRANCH, type ContractField, type FieldType, NO_BRANCH, PRESENT, VALUE, type WireCursor } from '#engine/schema'
import { Bytes } from './bytes.ts'
import { type ScalarType, scalar } from './scalar.ts'
import { type Take, takeOf } from './take.ts'

/** A type as a writer's schema has it. */
export type Slot = Pick<ContractField, 'type' | 'nullable'>

/** Carries the next value of a record from its bytes into a column. */
export type Step = (from: WireCursor) => void

/** Values of one type in the making, as the topic's decoder gives them: decimals unscaled, times in milliseconds. */
interface Data {
  /** The type sent: plain where the table's is LowCardinality; ClickHouse converts. */
  readonly type: string
  /** Null and undefined are null where null may stand, and nothing (zero, empty) where it may not. */
  put(value: unknown): void
  /** Where values of a writer's type can be carried over without being made: the same bytes as `put` of the value. */
  step(wire: Slot): Step | undefined
  /** All that grows. */
  readonly buffers: readonly Bytes[]
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
    case 'array':
      return presentIf(nullable, arrayOf(type))
    case 'map':
      return presentIf(nullable, mapOf(type))
    case 'record': {
      const members = type.fields.map(
        (field) => [field.name, dataOf(field.type, field.nullable, absent || nullable)] as const,
      )
      return tupleOf(nullable, members, (wire) =>
        wire.kind === 'record' && wire.name === type.name ? stepsOf(wire.fields, type.fields, members) : undefined,
      )
    }
    case 'duration': {
      const counts = (['months', 'days', 'milliseconds'] as const).map(
        (name) => [name, absent || nullable ? nullableOf(UINT32, () => count) : plainOf(UINT32, () => count)] as const,
      )
      return tupleOf(nullable, counts, (wire) =>
        wire.kind === 'duration' ? counts.map(([, count]) => count.step(COUNT)) : undefined,
      )
    }
    case 'union':
      return unionOf(type)
    default:
      return nullable || absent
        ? nullableOf(scalar(type), (wire) => takeOf(type, wire))
        : plainOf(scalar(type), (wire) => takeOf(type, wire))
  }
}

type Put = ReturnType<typeof scalar>
const UINT32: Put = { sent: 'UInt32', zero: 0, put: (data, value) => data.u32(value as number) }
const count: Take = (from, into) => into.copy(from.bytes, from.pass(4), 4)
const COUNT: Slot = { type: { kind: 'int' }, nullable: false }
const BOOL: Put = scalar({ kind: 'boolean' } satisfies ScalarType)
const TEXT: Put = scalar({ kind: 'string' } satisfies ScalarType)

const NOT_CARRIED = (): undefined => undefined

function plainOf({ sent, put, zero }: Put, takes: (wire: FieldType) => Take | undefined = NOT_CARRIED): Data {
  const data = new Bytes()
  return {
    type: sent,
    put: (value) => put(data, value ?? zero),
    step: (wire) => {
      const take = wire.nullable ? undefined : takes(wire.type)
      return take && ((from) => take(from, data))
    },
    buffers: [data],
    parts: () => [data.view()],
  }
}

function nullableOf({ sent, put, zero }: Put, takes: (wire: FieldType) => Take | undefined = NOT_CARRIED): Data {
  const [nulls, data] = [new Bytes(), new Bytes()]
  const own = (value: unknown): void => {
    const none = value === null || value === undefined
    nulls.u8(none ? 1 : 0)
    put(data, none ? zero : value)
  }
  return {
    type: `Nullable(${sent})`,
    put: own,
    step: (wire) => {
      const take = takes(wire.type)
      if (take === undefined) return undefined
      return ifPresent(wire, own, (from) => {
        nulls.u8(0)
        take(from, data)
      })
    },
    buffers: [nulls, data],
    parts: () => [nulls.view(), data.view()],
  }
}

/** Contracts have null in front. */
function ifPresent({ nullable }: Slot, put: (value: unknown) => void, step: Step): Step {
  if (!nullable) return step
  return (from) => {
    const branch = from.int()
    if (branch === 1) step(from)
    else {
      if (branch !== 0) from.failed = true
      put(null)
    }
  }
}

/** Rows of any number of items: where each row ends, then all items. */
function listOf(
  type: string,
  columns: readonly Data[],
  itemsOf: (value: unknown) => readonly unknown[],
  put: (item: unknown) => void = (item) => columns[0]?.put(item),
  step: (wire: Slot) => Step | undefined = NOT_CARRIED,
): Data {
  const ends = new Bytes()
  return {
    type,
    put: (value) => {
      const items = value === null || value === undefined ? [] : itemsOf(value)
      for (const item of items) put(item)
      ends.i64(ends.lastI64 + items.length)
    },
    step: (wire) => {
      const item = wire.nullable ? undefined : step(wire)
      return item && ((from) => ends.i64(ends.lastI64 + carried(from, item)))
    },
    buffers: [ends, ...columns.flatMap(({ buffers }) => buffers)],
    parts: () => [ends.view(), ...columns.flatMap((column) => column.parts())],
  }
}

/** The items of all blocks (Avro specification 1.12, "Arrays"); every item takes a byte or more. */
function carried(from: WireCursor, item: Step): number {
  let all = 0
  for (let count = from.int(); count !== 0; count = from.int()) {
    if (count < 0) {
      count = -count
      from.long()
    }
    if (count > from.end - from.at) from.failed = true
    if (from.failed) return all
    for (let i = 0; i < count; i++) item(from)
    all += count
  }
  return all
}

function arrayOf({ items, nullableItems }: Extract<FieldType, { kind: 'array' }>): Data {
  const own = dataOf(items, nullableItems === true, false)
  return listOf(
    `Array(${own.type})`,
    [own],
    (value) => value as readonly unknown[],
    own.put,
    ({ type }) =>
      type.kind === 'array' ? own.step({ type: type.items, nullable: type.nullableItems === true }) : undefined,
  )
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

function tupleOf(
  nullable: boolean,
  members: readonly (readonly [string, Data])[],
  steps: (wire: FieldType) => readonly (Step | undefined)[] | undefined = NOT_CARRIED,
): Data {
  const present = nullable ? plainOf(BOOL) : undefined
  const all = [...(present === undefined ? [] : [[PRESENT, present] as const]), ...members]
  const put = (value: unknown): void => {
    const held = (value ?? {}) as Readonly<Record<string, unknown>>
    present?.put(value !== null && value !== undefined)
    for (const [name, data] of members) data.put(held[name])
  }
  return {
    type: `Tuple(${all.map(([name, { type }]) => `${name} ${type}`).join(', ')})`,
    put,
    step: (wire) => {
      const own = steps(wire.type)?.filter((step) => step !== undefined)
      if (own === undefined || own.length < members.length || (wire.nullable && !nullable)) return undefined
      return ifPresent(wire, put, (from) => {
        present?.put(true)
        for (const step of own) step(from)
      })
    },
    buffers: all.flatMap(([, { buffers }]) => buffers),
    parts: () => all.flatMap(([, data]) => data.parts()),
  }
}

type Field = Pick<ContractField, 'name' | 'type' | 'nullable' | 'default'>
/** Whose defaults are the same in JSON as the decoder gives them. */
const PLAIN: ReadonlySet<FieldType['kind']> = new Set(['string', 'enum', 'boolean', 'int', 'long', 'double'])

/**
 * Fields in the writer's order, each into the member of its name, then the defaults of those that the writer did not have.
 * Undefined where one cannot be carried.
 */
export function stepsOf(
  fields: readonly Field[],
  wanted: readonly Field[],
  members: readonly (readonly [string, Data])[],
): readonly Step[] | undefined {
  const left = new Map(members)
  const steps: Step[] = []
  for (const field of fields) {
    const step = left.get(field.name)?.step(field)
    if (step === undefined) return undefined
    left.delete(field.name)
    steps.push(step)
  }
  for (const { name, type, nullable, default: given } of wanted) {
    const data = left.get(name)
    if (data === undefined) continue
    if (!nullable && (given === undefined || !PLAIN.has(type.kind))) return undefined
    steps.push(() => data.put(given))
  }
  return steps
}

/** A list or map that may be null: with a word of whether it is there. */
function presentIf(nullable: boolean, inner: Data): Data {
  if (!nullable) return inner
  const tuple = tupleOf(true, [[VALUE, inner]], (type) => [inner.step({ type, nullable: false })])
  const put = (value: unknown): void => tuple.put(value === null || value === undefined ? value : { [VALUE]: value })
  return { ...tuple, put }
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
    step: NOT_CARRIED,
    buffers: [...branch.buffers, ...members.flatMap(({ data }) => data.buffers)],
    parts: () => [...branch.parts(), ...members.flatMap(({ data }) => data.parts())],
  }
}
