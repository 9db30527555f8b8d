import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { KappaError } from '#engine/errors'
import { clickhouseType } from './clickhouse-type.ts'
import { generatedFiles } from './generate/index.ts'
import { memoryRegistry } from './memory-registry.ts'
import { type Json, order, orderContract } from './order-fixture.ts'
import { parseContract } from './parse.ts'
import { contracts, recordsOf } from './random-fixture.ts'
import { topic } from './topic.ts'
import { valueBytes } from './value-bytes.ts'

test('any value of any contract survives encoding, framing and decoding, bit for bit', async () => {
  await fc.assert(
    fc.asyncProperty(
      contracts.chain((json) =>
        fc.tuple(fc.constant(json), fc.array(recordsOf(parseContract(json).fields), { maxLength: 4 })),
      ),
      async ([json, values]) => {
        const handle = topic<Record<string, unknown>>(json)
        const registry = memoryRegistry()
        const id = await registry.register(handle)
        const decoder = registry.decoder(handle)
        await decoder.learn(id)
        for (const value of values) {
          assert.deepEqual(handle.decode(handle.encode(value)), value)
          assert.deepEqual(decoder.decode(handle.frame(id, value)), value)
        }
      },
    ),
    { numRuns: 300 },
  )
})

const field = (type: unknown): Json => ({ name: 'extra', type, doc: 'Extra.' })
const optional = (...branches: unknown[]): Json => ({ ...field(['null', ...branches]), default: null })
const read = (extra: Json) => parseContract(orderContract({ added: [extra] })).fields[0]
const address = (...more: unknown[]) => ({
  type: 'record',
  name: 'Address',
  fields: [{ name: 'city', type: 'string', doc: 'City.' }, ...more],
})

test('columns of every shape, null among them', () => {
  const column = (extra: Json) => {
    const found = read(extra)
    return found && clickhouseType(found.type, found.nullable)
  }
  const zip = { name: 'zip', type: ['null', 'string'], doc: 'Code.', default: null }
  const within = { name: 'tags', type: { type: 'array', items: ['null', 'int'] }, doc: 'Tags.' }
  assert.deepEqual(
    [
      field({ type: 'map', values: 'long' }),
      optional({ type: 'array', items: 'string' }),
      field(address(zip, within)),
      optional(address(zip, within)),
      field(['string', 'long', address()]),
      optional({ type: 'long', logicalType: 'timestamp-nanos' }),
      field({ type: 'fixed', name: 'Period', size: 12, logicalType: 'duration' }),
      field({ type: 'string', logicalType: 'uuid' }),
      field({ type: 'fixed', name: 'Digest', size: 32 }),
    ].map(column),
    [
      'Map(String, Int64)',
      'Tuple(_present Bool, _value Array(String))',
      'Tuple(city String, zip Nullable(String), tags Array(Nullable(Int32)))',
      'Tuple(_present Bool, city Nullable(String), zip Nullable(String), tags Array(Nullable(Int32)))',
      'Tuple(_type LowCardinality(String), string Nullable(String), long Nullable(Int64), Address Tuple(_present Bool, city Nullable(String)))',
      "Nullable(DateTime64(9, 'UTC'))",
      'Tuple(months UInt32, days UInt32, milliseconds UInt32)',
      'UUID',
      'FixedString(32)',
    ],
  )
})

const refusals: readonly [string, Json, RegExp][] = [
  ['a type within itself', field(address({ name: 'of', type: 'Address', doc: 'x' })), /field extra.*Address within/],
  ['a name defined twice', field(['string', address(), { ...address(), fields: [] }]), /twice|empty/],
  ['a union with null last', field(['string', 'null']), /field extra.*null.*first/],
  ['a union of nothing', optional(), /field extra.*nothing/],
  ['a branch twice', field(['string', { type: 'string', logicalType: 'uuid' }]), /field extra.*string twice/],
  ['a nested field twice', field(address({ name: 'city', type: 'int', doc: 'x' })), /field extra\.city occurs twice/],
  ['a nested field without doc', field(address({ name: 'zip', type: 'int' })), /field extra.*doc/],
  [
    'personal data within a record',
    field(address({ name: 'street', type: 'string', doc: 'x', 'confluent:tags': ['PII'] })),
    /field extra.*confluent:tags/,
  ],
  [
    'a nested nullable field without default',
    field(address({ name: 'zip', type: ['null', 'int'], doc: 'x' })),
    /field extra\.zip.*default/,
  ],
  [
    'more digits than the bytes hold',
    field({ type: 'fixed', name: 'Sum', size: 4, logicalType: 'decimal', precision: 10, scale: 0 }),
    /field extra.*10 digits in 4 bytes/,
  ],
  ['an unknown logical type', field({ type: 'long', logicalType: 'timestamp-weeks' }), /field extra.*weeks/],
]

for (const [what, extra, named] of refusals)
  test(`${what} is refused`, () => {
    assert.throws(
      () => read(extra),
      (thrown) => thrown instanceof KappaError && thrown.code === 'SCHEMA_INVALID' && named.test(thrown.message),
    )
  })

test('what a type does not admit is not encoded, and damaged bytes end', () => {
  const at = (type: unknown) => topic<Record<string, unknown>>(orderContract({ added: [field(type)], terms: {} }))
  const uuids = at({ type: 'string', logicalType: 'uuid' })
  const rest = order
  for (const bad of ['', 'x', 'F'.repeat(36)])
    assert.throws(() => uuids.encode({ ...rest, extra: bad }), { code: 'DECODE_FAILED' })
  const times = at({ type: 'int', logicalType: 'time-millis' })
  assert.throws(() => times.encode({ ...rest, extra: 86_400_000 }), { code: 'DECODE_FAILED' })
  const maps = at({ type: 'map', values: 'int' })
  const odd = Buffer.from(maps.encode({ ...rest, extra: { proto____: 1 } }).toString('latin1'), 'latin1')
  odd.write('__proto__', 2, 'latin1')
  assert.throws(
    () => maps.decode(odd),
    (thrown) => thrown instanceof KappaError && /__proto__/.test(String(thrown.cause)),
  )
  const lists = at({ type: 'array', items: 'boolean' })
  assert.throws(() => lists.decode(Buffer.from([0xfe, 0xff, 0xff, 0xff, 0x7f])), { code: 'DECODE_FAILED' })
})

test('equal values have equal bytes, whatever the order of their maps', () => {
  const maps = topic<Record<string, unknown>>(
    orderContract({ added: [optional({ type: 'array', items: { type: 'map', values: 'int' } })] }),
  )
  const bytes = valueBytes(maps)
  const of = (extra: unknown) => bytes({ ...order, extra })
  assert.deepEqual(of([{ a: 1, b: 2 }]), of([{ b: 2, a: 1 }]))
  assert.notDeepEqual(of([{ a: 1, b: 2 }]), of([{ a: 2, b: 1 }]))
  assert.notDeepEqual(of([]), of(null))
})

test('nested records, unions and durations have TypeScript types', () => {
  const contract = parseContract(
    orderContract({
      added: [
        optional(
          'long',
          address({
            name: 'lived',
            type: { type: 'fixed', name: 'Period', size: 12, logicalType: 'duration' },
            doc: 'How long.',
          }),
        ),
        { ...optional({ type: 'map', values: ['null', 'trade.Address'] }), name: 'more' },
      ],
    }),
  )
  const text = generatedFiles([contract]).get('trade.ts') ?? ''
  assert.match(text, /import \{ type AvroDuration, type Topic, topic \}/)
  assert.match(
    text,
    /export interface Address \{\n {2}\/\*\* City\. \*\/\n {2}readonly city: string\n[\s\S]*readonly lived: AvroDuration\n\}/,
  )
  assert.match(text, /readonly extra: \{ readonly long: number \} \| \{ readonly 'trade\.Address': Address \} \| null/)
  assert.match(text, /readonly more: Readonly<Record<string, Address \| null>> \| null/)
})

test('a nested field may be added with a default, and a branch to a union; nothing may be lost', async () => {
  const versions: readonly [Json, Json, RegExp | undefined][] = [
    [field(address()), field(address({ name: 'zip', type: ['null', 'int'], doc: 'x', default: null })), undefined],
    [field(address()), field(address({ name: 'zip', type: 'int', doc: 'x' })), /field extra field zip was added/],
    [field(['string', 'int']), field(['string', 'int', 'boolean']), undefined],
    [field(['string', 'int']), field(['string', 'boolean']), /lost the branch int/],
    [field({ type: 'map', values: 'int' }), field({ type: 'map', values: 'long' }), undefined],
    [field({ type: 'map', values: ['null', 'int'] }), field({ type: 'map', values: 'int' }), /nullable values/],
    [
      field({ type: 'long', logicalType: 'timestamp-micros' }),
      field({ type: 'long', logicalType: 'timestamp-nanos' }),
      /unit from micros to nanos/,
    ],
  ]
  for (const [before, after, reason] of versions) {
    const registry = memoryRegistry()
    const [old, next] = [before, after].map((extra) =>
      topic<Record<string, unknown>>(orderContract({ added: [extra] })),
    )
    assert.ok(old && next)
    await registry.register(old)
    const found = await registry.check(next)
    if (reason === undefined) {
      assert.equal(found, undefined)
      await registry.register(next)
    } else assert.match(found ?? '', reason)
  }
})
