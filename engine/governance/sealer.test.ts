import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Contract, ContractField, Topic } from '#engine/schema'
import { masterKey, newSecret, unwrapSecret, wrapSecret } from './masterKey.ts'
import { memoryVault } from './memoryVault.ts'
import { openSealed } from './seal.ts'
import { sealer } from './sealer.ts'

interface Visit {
  visitorId: string | null
  email: string | null
  ip: string
  country: string
}

const text = (name: string, more: Partial<ContractField> = {}): ContractField => ({
  name,
  doc: name,
  type: { kind: 'string' },
  nullable: false,
  ...more,
})
const pii = { subject: 'visitorId', strategy: 'pseudonym', sealed: true } as const
const contract = (fields: readonly ContractField[]): Contract => ({
  record: 'Visit',
  namespace: 'test',
  doc: 'A visit.',
  topic: {
    name: 'test.visits.v1',
    kind: 'facts',
    key: ['visitorId'],
    time: 'at',
    id: [],
    partitions: 1,
    retention: 'forever',
    owner: 'test',
  },
  fields,
  avro: '{}',
})
const topic = (fields: readonly ContractField[]): Topic<Visit> => ({
  name: 'test.visits.v1',
  contract: contract(fields),
  encode: () => assert.fail('not encoded here'),
  frame: () => assert.fail('not framed here'),
  decode: () => assert.fail('not decoded here'),
  keyOf: (value) => String(value.visitorId),
})
const visits = topic([text('visitorId'), text('email', { nullable: true, pii }), text('ip', { pii }), text('country')])

test('seals every sealed field of a batch in one round trip, and leaves the given values alone', async () => {
  const vault = memoryVault()
  const given: Visit[] = [
    { visitorId: 'v1', email: 'ada@example.org', ip: '203.0.113.7', country: 'FR' },
    { visitorId: 'v2', email: null, ip: '203.0.113.8', country: 'BE' },
    { visitorId: 'v1', email: 'ada@example.org', ip: '203.0.113.9', country: 'FR' },
  ]
  const before = structuredClone(given)
  const sealed = await sealer(visits, vault)(given)
  assert.equal(vault.roundTrips, 1)
  assert.deepEqual(given, before)
  const secrets = await vault.secrets(['v1', 'v2'])
  for (const [i, value] of sealed.entries()) {
    const subject = String(value.visitorId)
    const secret = secrets.get(subject) ?? assert.fail('no secret')
    assert.equal(openSealed(secret, { topic: 'test.visits.v1', field: 'ip', subject }, value.ip), before[i]?.ip)
    assert.equal(value.country, before[i]?.country)
    if (value.email !== null)
      assert.equal(
        openSealed(secret, { topic: 'test.visits.v1', field: 'email', subject }, value.email),
        before[i]?.email,
      )
  }
  assert.equal(sealed[1]?.email, null)
  assert.doesNotMatch(JSON.stringify(sealed), /203\.0\.113|ada@/)
})

test('an erased subject and an event without a subject read erased', async () => {
  const vault = memoryVault()
  vault.erase('gone')
  const [gone, nobody] = await sealer(
    visits,
    vault,
  )([
    { visitorId: 'gone', email: 'ada@example.org', ip: '203.0.113.7', country: 'FR' },
    { visitorId: null, email: null, ip: '203.0.113.7', country: 'FR' },
  ])
  assert.deepEqual(gone, { visitorId: 'gone', email: 'erased', ip: 'erased', country: 'FR' })
  assert.deepEqual(nobody, { visitorId: null, email: null, ip: 'erased', country: 'FR' })
})

test('nothing passes while the vault is away', async () => {
  const vault = memoryVault()
  vault.away = true
  const one: Visit = { visitorId: 'v1', email: null, ip: '203.0.113.7', country: 'FR' }
  await assert.rejects(sealer(visits, vault)([one]), { code: 'SERVICE_UNAVAILABLE', retriable: true })
})

test('a contract whose sealed field is not text, or is about no field, is refused by name', () => {
  const number = topic([text('visitorId'), text('ip', { pii, type: { kind: 'int' } })])
  assert.throws(() => sealer(number, memoryVault()), { code: 'SCHEMA_INVALID', message: /test\.visits\.v1 field ip/ })
  assert.throws(() => sealer(topic([text('ip', { pii })]), memoryVault()), {
    code: 'SCHEMA_INVALID',
    message: /visitorId/,
  })
})

test('a wrapped secret opens only under its master key and for its subject', () => {
  const master = masterKey(Buffer.alloc(32, 7).toString('base64'))
  const other = masterKey(Buffer.alloc(32, 8).toString('base64'))
  const secret = newSecret()
  const wrapped = wrapSecret(master, 'c-17', secret)
  assert.deepEqual(unwrapSecret(master, 'c-17', wrapped), secret)
  assert.throws(() => unwrapSecret(master, 'c-18', wrapped), { code: 'STATE_MISMATCH' })
  assert.throws(() => unwrapSecret(other, 'c-17', wrapped), {
    code: 'STATE_MISMATCH',
    message: /wrapped by master key/,
  })
  assert.throws(() => unwrapSecret(master, 'c-17', 'anything'), { code: 'STATE_MISMATCH' })
  assert.throws(() => masterKey('short'), { code: 'CONFIG_INVALID' })
})
