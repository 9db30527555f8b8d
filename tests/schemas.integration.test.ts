import assert from 'node:assert/strict'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { Session } from 'chdb'
import { connectRegistry, createTable, type Registry, subjectOf, tableOf, topic } from '#engine/schema'
import { type Purchase, purchases, topics } from '#schemas'
import { cacheFolder } from '../deploy/config.ts'
import { type RunningStack, startStack } from '../deploy/local/index.ts'

// Contracts against the real registry, and their tables in ClickHouse's own engine.

const folder = mkdtempSync(join(tmpdir(), 'kappa-schemas-'))
let stack: RunningStack
let registry: Registry
const told: string[] = []

before(async () => {
  stack = await startStack({ dataFolder: folder, cacheFolder: cacheFolder(), ports: 'free', services: ['registry'] })
  registry = connectRegistry({ url: stack.addresses.registry.url, onWaiting: (message) => told.push(message) })
})
after(async () => {
  await registry?.close()
  await stack?.stop()
  rmSync(folder, { recursive: true, force: true })
})

const get = async (path: string): Promise<Record<string, unknown>> =>
  (await fetch(`${stack.addresses.registry.url}${path}`)).json() as Promise<Record<string, unknown>>

test('every contract registers under its subject, BACKWARD_TRANSITIVE, with its attributes; twice is once', async () => {
  await assert.rejects(registry.idOf(purchases), { code: 'STATE_MISMATCH' })
  const ids = new Map<string, number>()
  for (const one of topics) {
    assert.equal(await registry.check(one), undefined)
    ids.set(one.name, await registry.register(one))
  }
  assert.equal(new Set(ids.values()).size, topics.length)
  for (const one of topics) {
    const subject = encodeURIComponent(subjectOf(one))
    assert.equal((await get(`/config/${subject}`)).compatibilityLevel, 'BACKWARD_TRANSITIVE')
    const latest = await get(`/subjects/${subject}/versions/latest`)
    assert.deepEqual(JSON.parse(String(latest.schema)), JSON.parse(one.contract.avro))
    assert.equal(await registry.register(one), ids.get(one.name))
    assert.deepEqual(await get(`/subjects/${subject}/versions`), [1])
  }
  const fresh = connectRegistry({ url: stack.addresses.registry.url })
  assert.equal(await fresh.idOf(purchases), ids.get(purchases.name))
})

const changed = (change: (fields: Record<string, unknown>[]) => Record<string, unknown>[]) => {
  const json = JSON.parse(purchases.contract.avro) as { fields: Record<string, unknown>[] }
  return topic<Purchase>({ ...json, fields: change(json.fields) })
}

test('an incompatible contract is refused at check and at register, naming the field, and changes nothing', async () => {
  const versions = `/subjects/${encodeURIComponent(subjectOf(purchases))}/versions`
  const cases = [
    [changed((fields) => [...fields, { name: 'shop', type: 'string', doc: 'x' }]), /field shop/],
    [changed((fields) => fields.filter(({ name }) => name !== 'amount')), /field amount/],
    [
      changed((fields) =>
        fields.map((field) => (field.name === 'items' ? { ...field, type: 'string', rule: {} } : field)),
      ),
      /field items/,
    ],
  ] as const
  for (const [broken, named] of cases) {
    assert.match((await registry.check(broken)) ?? 'compatible', named)
    await assert.rejects(registry.register(broken), { code: 'SCHEMA_INCOMPATIBLE', message: named })
  }
  assert.deepEqual(await get(versions), [1])
})

test('a newer version is registered, and readers of it read both', async () => {
  const newer = changed((fields) => [
    ...fields,
    { name: 'shop', type: ['null', 'string'], default: null, doc: 'Front.' },
  ])
  const [old, now] = [await registry.idOf(purchases), await registry.register(newer)]
  assert.notEqual(old, now)
  const value: Purchase = {
    eventId: 'e',
    sessionId: 's',
    visitorId: 'v',
    customerId: 'c',
    country: 'DE',
    device: 'MOBILE',
    orderId: 'o',
    status: 'PAID',
    amount: 1_999n,
    currency: 'EUR',
    items: 1,
    paymentMethod: 'CARD',
    refusalReason: null,
    ip: 'sealed',
    email: 'sealed',
    name: 'sealed',
    address: 'sealed',
    occurredAt: 1_735_689_600_000,
  }
  const decoder = registry.decoder(newer as never, ['amount', 'shop'] as never)
  await Promise.all([decoder.learn(old), decoder.learn(now)])
  assert.deepEqual(decoder.decode(purchases.frame(old, value)), { amount: 1_999n, shop: null })
  assert.deepEqual(decoder.decode(newer.frame(now, { ...value, shop: 'north' } as Purchase)), {
    amount: 1_999n,
    shop: 'north',
  })
  await assert.rejects(decoder.learn(999_999), { code: 'DECODE_FAILED' })
})

test('a registry that is down is waited for with one message; its ids outlive a restart', async () => {
  const id = await registry.idOf(purchases)
  await stack.kill('registry', 'SIGKILL')
  const fresh = connectRegistry({ url: stack.addresses.registry.url, onWaiting: (message) => told.push(message) })
  const impatient = connectRegistry({ url: stack.addresses.registry.url, waitMs: 0 })
  await assert.rejects(impatient.idOf(purchases), { code: 'SERVICE_UNAVAILABLE', retriable: true })
  const [found] = await Promise.all([fresh.idOf(purchases), stack.start('registry')])
  assert.equal(found, id)
  assert.deepEqual(told, [`waiting for the schema registry at ${stack.addresses.registry.url}`])
})

test('ClickHouse takes every table, twice, and holds the columns of the contract', (t) => {
  const session = new Session(join(folder, 'tables'))
  t.after(() => session.cleanup())
  for (const one of [...topics, ...topics]) for (const statement of createTable(one)) session.query(statement)
  for (const one of topics) {
    for (const statement of createTable(one, { generation: 2 })) session.query(statement)
    const { database, name, fields, engineColumns, upserts } = tableOf(one)
    const where = `database = '${database}' AND table`
    const columns = (table: string) =>
      session
        .query(`SELECT name, type FROM system.columns WHERE ${where} = '${table}' ORDER BY position`, 'TSVRaw')
        .trim()
        .split('\n')
    const expected = [...fields, ...engineColumns].map((column) => `${column.name}\t${column.type}`)
    assert.deepEqual(columns(name), expected)
    assert.deepEqual(columns(`${name}__v2`), expected)
    if (upserts)
      assert.deepEqual(
        columns(`${name}_latest`),
        fields.map((column) => `${column.name}\t${column.type}`),
      )
  }
})
