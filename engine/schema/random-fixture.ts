import fc from 'fast-check'
import type { ContractField, FieldType } from './contract.ts'

/** Random contracts and values of them, for round trips through every format. */
type Json = Record<string, unknown>

const UNITS = ['millis', 'micros', 'nanos'] as const
const decimals = fc
  .integer({ min: 1, max: 38 })
  .chain((precision) => fc.tuple(fc.constant(precision), fc.integer({ min: 0, max: precision })))

/** A type as its contract spells it; named types get a name that no other of the contract has. */
function jsonTypes(counter: { next: number }): fc.Arbitrary<unknown> {
  const named = (make: (name: string) => unknown) => fc.constant(null).map(() => make(`T${counter.next++}`))
  const scalar = fc.oneof(
    fc.constantFrom<unknown>('string', 'boolean', 'int', 'long', 'float', 'double', 'bytes'),
    fc.constantFrom(...UNITS).map((unit) => ({ type: 'long', logicalType: `timestamp-${unit}` })),
    fc.constantFrom(...UNITS).map((unit) => ({ type: 'long', logicalType: `local-timestamp-${unit}` })),
    fc.constantFrom<unknown>(
      { type: 'int', logicalType: 'date' },
      { type: 'int', logicalType: 'time-millis' },
      { type: 'long', logicalType: 'time-micros' },
      { type: 'string', logicalType: 'uuid' },
    ),
    decimals.map(([precision, scale]) => ({ type: 'bytes', logicalType: 'decimal', precision, scale })),
    decimals.chain(([precision, scale]) =>
      named((name) => ({ type: 'fixed', size: 17, name, logicalType: 'decimal', precision, scale })),
    ),
    named((name) => ({ type: 'enum', name, symbols: ['RED', 'GREEN', 'BLUE'] })),
    fc.integer({ min: 1, max: 20 }).chain((size) => named((name) => ({ type: 'fixed', name, size }))),
    named((name) => ({ type: 'fixed', name, size: 12, logicalType: 'duration' })),
  )
  const { type } = fc.letrec<{ type: unknown; slot: unknown }>((tie) => ({
    type: fc.oneof(
      { maxDepth: 3, depthIdentifier: 'type' },
      { weight: 3, arbitrary: scalar },
      { weight: 1, arbitrary: tie('slot').map((items) => ({ type: 'array', items })) },
      { weight: 1, arbitrary: tie('slot').map((values) => ({ type: 'map', values })) },
      {
        weight: 1,
        arbitrary: fc
          .array(tie('slot'), { minLength: 1, maxLength: 3 })
          .chain((types) =>
            named((name) => ({ type: 'record', name, fields: types.map((slot, i) => fieldOf(`f${i}`, slot)) })),
          ),
      },
    ),
    slot: fc.oneof(
      { weight: 3, arbitrary: tie('type') },
      { weight: 2, arbitrary: tie('type').map((one) => ['null', one]) },
      {
        weight: 1,
        arbitrary: fc
          .tuple(fc.boolean(), fc.array(tie('type'), { minLength: 2, maxLength: 3 }))
          .map(([nullable, types]) => {
            const branches = [...new Map(types.map((one) => [branchName(one), one])).values()]
            return nullable || branches.length === 1 ? ['null', ...branches] : branches
          }),
      },
    ),
  }))
  return fc.oneof(
    type,
    type.map((one) => ['null', one]),
  )
}

const branchName = (json: unknown): string =>
  typeof json === 'string' ? json : String((json as Json).name ?? (json as Json).type)

const fieldOf = (name: string, slot: unknown): Json => ({
  name,
  type: slot,
  doc: name,
  ...(Array.isArray(slot) && slot[0] === 'null' ? { default: null } : {}),
})

/** Contracts of one to four fields beside their id and time. */
export const contracts: fc.Arbitrary<Json> = fc.constant(null).chain(() => {
  const counter = { next: 0 }
  return fc.array(jsonTypes(counter), { minLength: 1, maxLength: 4 }).map((types) => ({
    type: 'record',
    name: 'Random',
    namespace: 'test',
    doc: 'Anything.',
    topic: {
      name: 'test.random.v1',
      kind: 'facts',
      key: 'id',
      time: 'at',
      id: 'id',
      partitions: 1,
      retention: 'forever',
      owner: 'tests',
    },
    fields: [
      fieldOf('id', 'string'),
      ...types.map((slot, i) => fieldOf(`c${i}`, slot)),
      fieldOf('at', { type: 'long', logicalType: 'timestamp-millis' }),
    ],
  }))
})

/** 1900 to 2261: what every column of an instant holds. */
const [FIRST_MS, END_MS] = [-2_208_988_800_000, 9_214_646_400_000]
const PER_MS = { millis: 1n, micros: 1_000n, nanos: 1_000_000n } as const
const millis = fc.integer({ min: FIRST_MS, max: END_MS })
const fine = (unit: 'micros' | 'nanos') =>
  fc.bigInt({ min: BigInt(FIRST_MS) * PER_MS[unit], max: BigInt(END_MS) * PER_MS[unit] })
const bytes = (length: fc.IntArrayConstraints = { maxLength: 20 }) =>
  fc.uint8Array(length).map((array) => Buffer.from(array))

/** Any value that a type admits, with nulls, empty and nested ones. */
export function valuesOf(type: FieldType): fc.Arbitrary<unknown> {
  switch (type.kind) {
    case 'string':
      return fc.string({ unit: 'grapheme' })
    case 'boolean':
      return fc.boolean()
    case 'int':
      return fc.integer()
    case 'date':
      return fc.integer({ min: -25_567, max: 120_529 })
    case 'long':
      return fc.integer({ min: 1 - 2 ** 52, max: 2 ** 52 - 1 })
    case 'float':
      return fc.float()
    case 'double':
      return fc.double()
    case 'bytes':
      return bytes()
    case 'timestamp':
      return millis
    case 'fine-timestamp':
      return fine(type.unit)
    case 'local-timestamp':
      return type.unit === 'millis' ? millis : fine(type.unit)
    case 'time':
      return fc.integer({ min: 0, max: type.unit === 'millis' ? 86_399_999 : 86_399_999_999 })
    case 'uuid':
      return fc.uuid()
    case 'duration': {
      const count = fc.integer({ min: 0, max: 2 ** 32 - 1 })
      return fc.record({ months: count, days: count, milliseconds: count }, { noNullPrototype: true })
    }
    case 'decimal':
      return fc.bigInt({ min: 1n - 10n ** BigInt(type.precision), max: 10n ** BigInt(type.precision) - 1n })
    case 'enum':
      return fc.constantFrom(...type.symbols)
    case 'fixed':
      return bytes({ minLength: type.size, maxLength: type.size })
    case 'array':
      return fc.array(slotValues(type.items, type.nullableItems === true), { maxLength: 3 })
    case 'map':
      return fc.dictionary(
        fc.string({ unit: 'grapheme' }).filter((key) => key !== '__proto__'),
        slotValues(type.values, type.nullableValues === true),
        { maxKeys: 3, noNullPrototype: true },
      )
    case 'record':
      return fc.record(
        Object.fromEntries(type.fields.map((field) => [field.name, slotValues(field.type, field.nullable)])),
        {
          noNullPrototype: true,
        },
      )
    case 'union':
      return fc.oneof(...type.branches.map(({ name, type }) => valuesOf(type).map((value) => ({ [name]: value }))))
  }
}

const slotValues = (type: FieldType, nullable: boolean): fc.Arbitrary<unknown> =>
  nullable ? fc.option(valuesOf(type)) : valuesOf(type)

export const recordsOf = (fields: readonly ContractField[]): fc.Arbitrary<Record<string, unknown>> =>
  fc.record(Object.fromEntries(fields.map((field) => [field.name, slotValues(field.type, field.nullable)])), {
    noNullPrototype: true,
  })
