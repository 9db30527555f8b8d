import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import type { KafkaRecord } from '#engine/broker'
import { Batch, type Cut, schemaIdsOf } from '#engine/delivery'
import { type AnyTopic, memoryRegistry, parseContract, type Registry, tableOf, topic } from '#engine/schema'
import { contracts, recordsOf } from '../../../engine/schema/random-fixture.ts'
import { BlockEncoder } from './block.ts'

// What is carried over without being made is what the decoder's values would be, byte for byte; and whatever the decoder
// refuses is refused with the same reason.

type Value = Record<string, unknown>
type Json = Record<string, unknown>

const recordOf = (value: Buffer | null, offset: number, key = 'k'): KafkaRecord => ({
  topic: 'test.random.v1',
  partition: offset % 3,
  offset,
  timestamp: 0,
  key: Buffer.from(key),
  value,
  headers: undefined,
})

function cutOf(records: readonly KafkaRecord[]): Cut {
  const batch = new Batch(0)
  for (const record of records) batch.add(record, null, 1)
  const identity = { sink: 's', topic: 'test.random.v1', lane: 0, generation: 3, writerVersion: 't', decidedAt: 1_234 }
  return batch.decide(identity, { number: 0, positions: {}, streamTime: {} }).cut
}

/** Both ways, twice each, so that nothing of a block is left over in the next. */
async function compare(handle: AnyTopic, registry: Registry, values: readonly (Buffer | null)[]): Promise<number> {
  const records = values.map((value, i) => recordOf(value, i))
  const [table, cut] = [tableOf(handle), cutOf(records)]
  const [direct, made] = [new BlockEncoder(handle, registry), new BlockEncoder(handle, registry, { carries: false })]
  for (const encoder of [direct, made]) await encoder.learn(schemaIdsOf(records))
  const wanted = made.encode(table, cut, records)
  for (let turn = 0; turn < 2; turn++) {
    const found = direct.encode(table, cut, records)
    assert.deepEqual(found.refused, wanted.refused)
    assert.deepEqual(found.rows, wanted.rows)
    assert.ok(found.bytes.equals(wanted.bytes), 'the blocks differ')
  }
  // Columns that were made before the cut was known, others behind them.
  const ahead = direct.columnsOf(records)
  direct.columnsOf(records.toReversed())
  assert.ok(direct.blockOf(table, cut, ahead).bytes.equals(wanted.bytes), 'the block of columns made ahead differs')
  return direct.made
}

const withValues = contracts.chain((json) =>
  fc.tuple(fc.constant(json), fc.array(recordsOf(parseContract(json).fields), { minLength: 1, maxLength: 6 })),
)

test('blocks of any contract are the same as by the decoder', async () => {
  let carried = 0
  await fc.assert(
    fc.asyncProperty(withValues, async ([json, values]) => {
      const registry = memoryRegistry()
      const handle = topic<Value>(json)
      const id = await registry.register(handle)
      const frames = values.map((value) => Buffer.from(handle.frame(id, value)))
      if ((await compare(handle, registry, frames)) === 0) carried++
    }),
    { numRuns: 400 },
  )
  // The others have a map, a union, or no number.
  assert.ok(carried > 60, `${carried} contracts were carried over`)
})

test('damaged bytes are refused with the decoder’s reason, or read as it reads them', async () => {
  const damage = fc.record({ at: fc.nat(), to: fc.integer({ min: 0, max: 255 }), cut: fc.option(fc.nat()) })
  await fc.assert(
    fc.asyncProperty(withValues, fc.array(damage, { minLength: 1, maxLength: 4 }), async ([json, values], damages) => {
      const registry = memoryRegistry()
      const handle = topic<Value>(json)
      const id = await registry.register(handle)
      const damaged = values.flatMap((value) => {
        const whole = Buffer.from(handle.frame(id, value))
        return [
          whole,
          ...damages.map(({ at, to, cut }) => {
            const bytes = Buffer.from(whole)
            bytes[5 + (at % (bytes.length - 5))] = to
            return cut === null ? bytes : bytes.subarray(0, 5 + (cut % (bytes.length - 4)))
          }),
        ]
      })
      await compare(handle, registry, damaged)
    }),
    { numRuns: 600 },
  )
})

const field = (name: string, type: unknown, more: Json = {}): Json => ({ name, type, doc: name, ...more })
const contractOf = (fields: readonly Json[], kind = 'facts'): Json => ({
  type: 'record',
  name: 'Random',
  namespace: 'test',
  doc: 'Anything.',
  topic: {
    name: 'test.random.v1',
    kind,
    key: 'id',
    time: 'at',
    id: 'id',
    partitions: 1,
    retention: 'forever',
    owner: 'tests',
  },
  fields: [field('id', 'string'), ...fields, field('at', { type: 'long', logicalType: 'timestamp-millis' })],
})

/** Framed as if written by one schema, laid out by another that admits more: texts that are none, numbers beyond every limit. */
function framed(id: number, fields: readonly Json[], values: readonly Value[]): Buffer[] {
  const wire = topic<Value>(contractOf(fields))
  return values.map((value) => Buffer.from(wire.frame(id, { id: 'x', at: 5, ...value })))
}

test('at the limits of every type: what fits is carried over, what does not goes by the decoder', async () => {
  const long = (logicalType: string) => ({ type: 'long', logicalType })
  const int = (logicalType: string) => ({ type: 'int', logicalType })
  const decimal = (precision: number) => ({ type: 'bytes', logicalType: 'decimal', precision, scale: 1 })
  const cases: readonly (readonly [type: unknown, wire: unknown, values: readonly unknown[]])[] = [
    [
      'string',
      'bytes',
      ['', 'München', '€🦉', '\ufeffx', 'a'.repeat(200), 'ü'.repeat(200)].map((text) => Buffer.from(text)),
    ],
    [
      'string',
      'bytes',
      ['ff', 'c3', 'eda080', 'c0af', 'f4908080', `${'61'.repeat(60)}ff`].map((hex) => Buffer.from(hex, 'hex')),
    ],
    [
      'long',
      long('timestamp-nanos'),
      [2n ** 52n - 1n, 2n ** 52n, -(2n ** 52n), 1n - 2n ** 52n, 2n ** 63n - 1n, -(2n ** 63n), 0n, -1n],
    ],
    ['int', long('timestamp-nanos'), [2n ** 31n - 1n, -(2n ** 31n), 2n ** 31n, 2n ** 35n, -5n]],
    [int('date'), 'int', [-25_567, -25_568, 120_529, 120_530]],
    [int('time-millis'), 'int', [0, -1, 86_399_999, 86_400_000]],
    [long('time-micros'), 'long', [0, -1, 86_399_999_999, 86_400_000_000]],
    [
      long('timestamp-millis'),
      'long',
      [-2_208_988_800_000, -2_208_988_800_001, 10_413_791_999_999, 10_413_792_000_000],
    ],
    [
      long('timestamp-micros'),
      long('timestamp-nanos'),
      [
        -2_208_988_800_000_000n,
        -2_208_988_800_000_001n,
        10_413_791_999_999_999n,
        10_413_792_000_000_000n,
        2n ** 63n - 1n,
      ],
    ],
    [
      long('timestamp-nanos'),
      long('timestamp-nanos'),
      [-2_208_988_800_000_000_000n, -2_208_988_800_000_000_001n, 2n ** 63n - 1n, -(2n ** 63n)],
    ],
    ...[1, 9, 15, 16, 18, 19, 38].map((precision) => {
      const limit = 10n ** BigInt(precision)
      const values = [limit, limit - 1n, -limit, 1n - limit, 0n, -1n, 127n, -128n, 128n]
      return [
        decimal(precision),
        decimal(38),
        values.filter((value) => value < 10n ** 38n && value > -(10n ** 38n)),
      ] as const
    }),
    [
      decimal(18),
      'bytes',
      [
        '',
        '00',
        'ff',
        '0080',
        'ff7f',
        `${'00'.repeat(20)}05`,
        'ff'.repeat(20),
        '00ffffffffffffffff',
        `ff${'00'.repeat(8)}`,
        '80'.repeat(9),
      ].map((hex) => Buffer.from(hex, 'hex')),
    ],
    [
      { type: 'string', logicalType: 'uuid' },
      'string',
      [
        '01890a5d-ac96-774b-bcce-0123456789ab',
        '01890A5D-AC96-774B-BCCE-0123456789AB',
        '01890a5d-ac96-774b-bcce-0123456789a',
        '01890a5dac96-774b-bcce-0123456789abc',
        '01890a5d-ac96-774b-bcce-0123456789ag',
      ],
    ],
    [
      'double',
      { type: 'fixed', name: 'Wire', size: 8 },
      ['000000000000f87f', '010000000000f07f', '000000000000f0ff', '0000000000000080'].map((hex) =>
        Buffer.from(hex, 'hex'),
      ),
    ],
    [
      'float',
      { type: 'fixed', name: 'Wire', size: 4 },
      ['0000c07f', '0100807f', '000080ff', '00000080'].map((hex) => Buffer.from(hex, 'hex')),
    ],
    ['boolean', { type: 'fixed', name: 'Wire', size: 1 }, [0, 1, 2, 255].map((byte) => Buffer.from([byte]))],
    [{ type: 'enum', name: 'Colour', symbols: ['RED', 'BLUE'] }, 'int', [0, 1, 2, -1]],
    [['null', 'int'], { type: 'array', items: 'int' }, [[], [7], [7, 8]]],
    [{ type: 'array', items: 'int' }, { type: 'array', items: 'int' }, [[], [1], [1, 2, 3]]],
  ]
  for (const [type, wire, values] of cases) {
    const given = Array.isArray(type) ? { default: null } : {}
    const handle = topic<Value>(contractOf([field('c', type, given)]))
    // They are not versions of one another.
    const registry = memoryRegistry()
    const id = await registry.register(handle)
    await compare(
      handle,
      registry,
      framed(
        id,
        [field('c', wire)],
        values.map((c) => ({ c })),
      ),
    )
  }
})

test('fields that a writer did not have yet, or had narrower, are carried over too', async () => {
  const registry = memoryRegistry()
  const place = (...fields: Json[]): Json =>
    field('place', { type: 'record', name: 'Place', fields: [field('city', 'string'), ...fields] })
  const first = topic<Value>(contractOf([place(), field('size', 'int'), field('rate', 'int')]))
  const second = topic<Value>(
    contractOf([
      field('colour', 'string', { default: 'grey' }),
      field('maker', ['null', { type: 'record', name: 'Maker', fields: [field('name', 'string')] }], { default: null }),
      field('size', 'long'),
      field('rate', ['null', 'int'], { default: null }),
      place(field('zip', ['null', 'string'], { default: null }), field('floor', 'int', { default: 3 })),
    ]),
  )
  const ids = [await registry.register(first), await registry.register(second)]
  const old = { id: 'a', place: { city: 'Rome' }, size: -3, rate: 7, at: 1 }
  const young = {
    ...old,
    place: { city: 'Oslo', zip: '0150', floor: 1 },
    size: 2 ** 40,
    maker: { name: 'M' },
    colour: 'red',
  }
  const values = [first.frame(ids[0] ?? 0, old), second.frame(ids[1] ?? 0, young), first.frame(ids[0] ?? 0, old)]
  assert.equal(
    await compare(
      second,
      registry,
      values.map((frame) => Buffer.from(frame)),
    ),
    0,
  )
})

test('rows of one block come by either way, in their order: retractions, a foreign schema, no framing', async () => {
  const registry = memoryRegistry()
  const handle = topic<Value>(
    contractOf([field('c', ['null', { type: 'array', items: 'string' }], { default: null })], 'table'),
  )
  const id = await registry.register(handle)
  const foreign = topic<Value>({
    ...contractOf([]),
    name: 'Other',
    topic: { ...(contractOf([]).topic as Json), name: 'test.other.v1' },
  })
  const other = await registry.register(foreign)
  const frame = (c: unknown): Buffer => Buffer.from(handle.frame(id, { id: 'x', c, at: 5 }))
  const values = [
    frame(['a', 'b']),
    null,
    frame(null),
    Buffer.from(foreign.frame(other, { id: 'x', at: 1 })),
    frame([]),
    Buffer.from('plain'),
    Buffer.concat([frame(['c']), Buffer.from([0])]),
    null,
    frame(['d']),
  ]
  // The retractions, the foreign record, and those two that are refused.
  assert.equal(await compare(handle, registry, values), 5)
})
