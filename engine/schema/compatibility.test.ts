import assert from 'node:assert/strict'
import { test } from 'node:test'
import { recordType } from './avro.ts'
import { incompatibility } from './compatibility.ts'
import { memoryRegistry } from './memory-registry.ts'
import { type Json, orderContract, orderFields } from './order-fixture.ts'
import { parseContract } from './parse.ts'
import { topic } from './topic.ts'

const original = orderContract()
const decimal = (precision: number, scale: number) => ({ type: 'bytes', logicalType: 'decimal', precision, scale })
const symbols = (...list: string[]) => ({ type: 'enum', name: 'Status', symbols: list })

/** A change → what the reason names; undefined where it is compatible. */
const changes: readonly [string, Json, RegExp | undefined][] = [
  ['nothing', original, undefined],
  ['another doc', orderContract({ record: { doc: 'Another.' } }), undefined],
  ['another retention', orderContract({ terms: { retention: 'forever' } }), undefined],
  [
    'a field added with a default',
    orderContract({ added: [{ name: 'gift', type: 'boolean', default: false, doc: 'x' }] }),
    undefined,
  ],
  [
    'a nullable field added',
    orderContract({ added: [{ name: 'gift', type: ['null', 'long'], default: null, doc: 'x' }] }),
    undefined,
  ],
  [
    'a field added without default',
    orderContract({ added: [{ name: 'gift', type: 'boolean', doc: 'x' }] }),
    /field gift/,
  ],
  ['a nullable field removed', orderContract({ fields: { note: undefined } }), undefined],
  ['a field without default removed', orderContract({ fields: { weight: undefined } }), /field weight was removed/],
  [
    'a field renamed',
    orderContract({ fields: { weight: { ...orderFields.weight, name: 'kilograms' } } }),
    /field kilograms/,
  ],
  ['int to long', orderContract({ fields: { lines: { ...orderFields.lines, type: 'long' } } }), undefined],
  [
    'long to int',
    orderContract({ fields: { version: { ...orderFields.version, type: 'int' } } }),
    /field version.*long to int/,
  ],
  [
    'long to timestamp',
    orderContract({
      fields: { version: { ...orderFields.version, type: { type: 'long', logicalType: 'timestamp-millis' } } },
    }),
    /field version/,
  ],
  [
    'string to long',
    orderContract({ fields: { orderId: { name: 'orderId', type: 'long', doc: 'x' } } }),
    /field orderId/,
  ],
  [
    'made nullable',
    orderContract({ fields: { paid: { ...orderFields.paid, type: ['null', 'boolean'], default: null } } }),
    undefined,
  ],
  [
    'made mandatory',
    orderContract({ fields: { note: { name: 'note', type: 'string', doc: 'x' } } }),
    /field note was nullable/,
  ],
  ['more precision', orderContract({ fields: { total: { ...orderFields.total, type: decimal(20, 2) } } }), undefined],
  [
    'less precision',
    orderContract({ fields: { total: { ...orderFields.total, type: decimal(10, 2) } } }),
    /field total.*precision/,
  ],
  [
    'another scale',
    orderContract({ fields: { total: { ...orderFields.total, type: decimal(18, 3) } } }),
    /field total.*scale from 2 to 3/,
  ],
  [
    'a symbol more',
    orderContract({ fields: { status: { ...orderFields.status, type: symbols('OPEN', 'PAID', 'SENT') } } }),
    undefined,
  ],
  [
    'a symbol less',
    orderContract({ fields: { status: { ...orderFields.status, type: symbols('PAID') } } }),
    /field status.*OPEN/,
  ],
  ['another record name', orderContract({ record: { name: 'Sale' } }), /trade\.Order to trade\.Sale/],
  ['another key', orderContract({ terms: { key: 'version' } }), /topic\.key changed from orderId to version/],
  ['another identity', orderContract({ terms: { id: [] } }), /topic\.id/],
  ['another kind', orderContract({ terms: { kind: 'table' } }), /topic\.kind/],
  ['other partitions', orderContract({ terms: { partitions: 7 } }), /topic\.partitions/],
]

for (const [what, changed, named] of changes) {
  test(`${what}: ${named === undefined ? 'compatible' : 'refused by name'}`, () => {
    const reason = incompatibility(parseContract(changed), [parseContract(original)])
    if (named === undefined) assert.equal(reason, undefined)
    else assert.match(reason ?? 'compatible', named)
    // Avro's own resolution must agree that what is called compatible can be read.
    if (named === undefined) recordType(JSON.stringify(changed)).createResolver(recordType(JSON.stringify(original)))
  })
}

test('sealing a field that was plain is refused by name', () => {
  const email = { name: 'email', type: 'string', doc: 'x', 'confluent:tags': ['PII'] }
  const pii = (sealed: boolean) => ({ ...email, pii: { subject: 'orderId', strategy: 'mask', sealed } })
  const [plain, sealed] = [false, true].map((value) => parseContract(orderContract({ added: [pii(value)] })))
  assert(plain && sealed)
  assert.match(incompatibility(sealed, [plain]) ?? '', /field email.*sealed/)
})

test('every earlier version counts, not only the latest; removal is judged against the latest', () => {
  const first = parseContract(orderContract({ added: [{ name: 'gift', type: 'long', doc: 'x' }] }))
  const second = parseContract(
    orderContract({ added: [{ name: 'gift', type: ['null', 'long'], default: null, doc: 'x' }] }),
  )
  const without = parseContract(original)
  const text = parseContract(
    orderContract({ added: [{ name: 'gift', type: ['null', 'string'], default: null, doc: 'x' }] }),
  )
  assert.equal(incompatibility(second, [first]), undefined)
  assert.equal(incompatibility(without, [first, second]), undefined)
  assert.match(incompatibility(text, [first, second, without]) ?? '', /field gift changed its type from long to string/)
})

test('a registry refuses at check and at register, and goes on as before', async () => {
  const registry = memoryRegistry()
  const orders = topic<unknown>(original)
  const broken = topic<unknown>(orderContract({ fields: { weight: undefined } }))
  await assert.rejects(registry.idOf(orders), { code: 'STATE_MISMATCH' })
  const id = await registry.register(orders)
  assert.match((await registry.check(broken)) ?? '', /field weight/)
  await assert.rejects(registry.register(broken), {
    code: 'SCHEMA_INCOMPATIBLE',
    message: /trade\.orders\.v1-value.*field weight/,
  })
  await assert.rejects(registry.idOf(broken), { code: 'STATE_MISMATCH' })
  assert.equal(await registry.register(orders), id)
  assert.equal(await registry.idOf(orders), id)
})
