import assert from 'node:assert/strict'
import { test } from 'node:test'
import { KappaError } from '#engine/errors'
import { type Json, orderContract, orderFields } from './order-fixture.ts'
import { parseContract } from './parse.ts'

test('a contract is read as it is written; one name or several', () => {
  const contract = parseContract(orderContract({ terms: { id: 'orderId', key: ['orderId', 'status'] } }))
  assert.deepEqual([contract.topic.key, contract.topic.id], [['orderId', 'status'], ['orderId']])
  assert.deepEqual(contract.fields.find(({ name }) => name === 'discount')?.type, {
    kind: 'decimal',
    precision: 30,
    scale: 3,
  })
  assert.equal(contract.fields.find(({ name }) => name === 'note')?.nullable, true)
  assert.deepEqual(JSON.parse(contract.avro), orderContract({ terms: { id: 'orderId', key: ['orderId', 'status'] } }))
})

const pii = { subject: 'orderId', strategy: 'mask', sealed: true }
const email = { name: 'email', type: 'string', doc: 'E-mail.' }

/** What is wrong → what the message has to name. */
const refusals: readonly [string, Json, RegExp][] = [
  ['an unknown attribute', orderContract({ terms: { retenion: '1 day' } }), /topic.*retenion/],
  [
    'an unknown attribute of a field',
    orderContract({ fields: { note: { ...orderFields.note, docs: 'x' } } }),
    /field note.*docs/,
  ],
  ['no owner', orderContract({ terms: { owner: undefined } }), /topic\.owner/],
  ['no doc', orderContract({ record: { doc: ' ' } }), /doc is empty/],
  ['no doc on a field', orderContract({ fields: { lines: { name: 'lines', type: 'int' } } }), /field lines\.doc/],
  ['a topic name of another form', orderContract({ terms: { name: 'trade.orders' } }), /topic\.name/],
  ['a topic of another namespace', orderContract({ terms: { name: 'shop.orders.v1' } }), /topic\.name.*trade\./],
  ['a retention that is none', orderContract({ terms: { retention: 'long' } }), /topic\.retention 'long'/],
  ['a key that does not exist', orderContract({ terms: { key: 'customerId' } }), /topic\.key.*customerId/],
  ['no key', orderContract({ terms: { key: [] } }), /topic\.key is empty/],
  ['a nullable key', orderContract({ terms: { key: 'note' } }), /topic\.key.*note.*nullable/],
  ['a time that is no timestamp', orderContract({ terms: { time: 'version' } }), /topic\.time.*version/],
  ['results without identity', orderContract({ terms: { kind: 'results', id: [] } }), /topic\.id/],
  [
    'a type that is not mapped',
    orderContract({ fields: { lines: { ...orderFields.lines, type: 'null' } } }),
    /field lines.*"null"/,
  ],
  [
    'a union that has null last',
    orderContract({ fields: { note: { ...orderFields.note, type: ['string', 'null'] } } }),
    /field note.*union/,
  ],
  [
    'a nullable field without default',
    orderContract({ fields: { note: { name: 'note', type: ['null', 'string'], doc: 'x' } } }),
    /field note.*default/,
  ],
  [
    'a default of another type',
    orderContract({ fields: { lines: { ...orderFields.lines, default: 'many' } } }),
    /many/,
  ],
  ['a field twice', orderContract({ added: [orderFields.note] }), /twice/],
  [
    'a rule that does not fit',
    orderContract({ fields: { note: { ...orderFields.note, rule: { min: 1 } } } }),
    /field note.*min/,
  ],
  [
    'a pattern that is none',
    orderContract({ fields: { note: { ...orderFields.note, rule: { pattern: '(' } } } }),
    /field note\.rule\.pattern/,
  ],
  ['PII without its tag', orderContract({ added: [{ ...email, pii }] }), /field email.*confluent:tags/],
  ['a tag without PII', orderContract({ added: [{ ...email, 'confluent:tags': ['PII'] }] }), /field email.*pii/],
  [
    'an unknown subject',
    orderContract({ added: [{ ...email, 'confluent:tags': ['PII'], pii: { ...pii, subject: 'who' } }] }),
    /field email.*who/,
  ],
  [
    'generalise without what is kept',
    orderContract({ added: [{ ...email, 'confluent:tags': ['PII'], pii: { ...pii, strategy: 'generalise' } }] }),
    /field email\.pii\.keep/,
  ],
  [
    'a sealed number',
    orderContract({ added: [{ ...email, type: 'int', 'confluent:tags': ['PII'], pii }] }),
    /field email.*sealed/,
  ],
]

for (const [what, json, named] of refusals) {
  test(`${what} is refused, naming it and the file`, () => {
    assert.throws(
      () => parseContract(JSON.parse(JSON.stringify(json)), 'trade/orders.avsc'),
      (thrown) => {
        assert(thrown instanceof KappaError && thrown.code === 'SCHEMA_INVALID')
        assert.match(thrown.message, /trade\/orders\.avsc/)
        assert.match(thrown.message, named)
        return true
      },
    )
  })
}

test('what is no contract at all is refused', () => {
  for (const json of [null, 7, 'x', [], {}, { type: 'enum' }])
    assert.throws(() => parseContract(json, 'x.avsc'), { code: 'SCHEMA_INVALID' })
})

test('a serving view is for upserts that nobody sealed', () => {
  const serving = { ttl: '2 days' }
  const read = (json: Json) => parseContract(JSON.parse(JSON.stringify(json)))
  assert.deepEqual(read(orderContract({ terms: { kind: 'table', serving } })).topic.serving, serving)
  const refused = (json: Json, reason: RegExp) => assert.throws(() => read(json), reason)
  refused(orderContract({ terms: { serving } }), /topic\.serving.*facts/)
  refused(orderContract({ terms: { kind: 'table', serving: { ttl: 'long' } } }), /serving\.ttl 'long'/)
  const sealed = { ...email, 'confluent:tags': ['PII'], pii }
  refused(orderContract({ terms: { kind: 'table', serving }, added: [sealed] }), /serving.*email is sealed/)
})
