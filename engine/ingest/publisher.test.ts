import assert from 'node:assert/strict'
import { test } from 'node:test'
import { isSealed, memoryVault, openSealed } from '#engine/governance'
import { memoryRegistry, topic } from '#engine/schema'
import { fakeBroker } from '#engine/testing'
import { publisher } from './publisher.ts'
import type { SourceRow } from './row.ts'

interface Order {
  readonly orderId: string
  readonly customerId: string
  readonly email: string
  readonly amount: bigint
  readonly orderedAt: number
}

const orders = topic<Order>({
  type: 'record',
  name: 'Order',
  namespace: 'test',
  doc: 'An order.',
  topic: {
    name: 'test.orders.v1',
    kind: 'facts',
    key: 'orderId',
    time: 'orderedAt',
    id: 'orderId',
    partitions: 3,
    retention: '2 days',
    owner: 'tests',
  },
  fields: [
    { name: 'orderId', type: 'string', doc: 'The order.', rule: { notEmpty: true } },
    { name: 'customerId', type: 'string', doc: 'Who ordered.' },
    {
      name: 'email',
      type: 'string',
      doc: 'As typed.',
      rule: { pattern: '@' },
      'confluent:tags': ['PII'],
      pii: { subject: 'customerId', strategy: 'pseudonym', sealed: true },
    },
    {
      name: 'amount',
      type: { type: 'bytes', logicalType: 'decimal', precision: 18, scale: 2 },
      doc: 'Total.',
      rule: { min: 0 },
    },
    { name: 'orderedAt', type: { type: 'long', logicalType: 'timestamp-millis' }, doc: 'When.' },
  ],
})

const order = (number: number, change: Record<string, unknown> = {}): SourceRow => ({
  topic: orders,
  value: {
    orderId: `o-${number}`,
    customerId: `c-${number % 3}`,
    email: `shopper${number}@example.com`,
    amount: 1234n,
    orderedAt: 1_000 + number,
    ...change,
  },
  place: { file: 'orders.csv', line: number + 2 },
})

async function open() {
  const [broker, registry, vault] = [fakeBroker(), memoryRegistry(), memoryVault()]
  await registry.register(orders)
  await broker.admin.ensure([{ name: orders.name, partitions: 3, settings: {} }])
  return { broker, registry, vault, out: await publisher({ broker, registry, vault, topics: [orders] }) }
}

test('an event arrives framed and keyed, its personal fields sealed under the subject', async () => {
  const { broker, registry, vault, out } = await open()
  await out.publish([order(1), order(2)])
  await out.close()
  const records = broker.committed(orders.name)
  assert.equal(records.length, 2)
  const decoder = registry.decoder(orders)
  const id = await registry.idOf(orders)
  await decoder.learn(id)
  const read = records.map(({ value }) => decoder.decode(value as Buffer)).sort((a, b) => a.orderedAt - b.orderedAt)
  const [first] = read as [Order]
  assert.deepEqual(records.map(({ key }) => key?.toString()).sort(), ['o-1', 'o-2'])
  assert.equal(first.amount, 1234n)
  assert.ok(isSealed(first.email))
  const secret = (await vault.secrets(['c-1'])).get('c-1')
  assert.ok(secret)
  const at = { topic: orders.name, field: 'email', subject: 'c-1' }
  assert.equal(openSealed(secret, at, first.email), 'shopper1@example.com')
  assert.deepEqual(out.tallies.get(orders.name), { written: 2, deadLettered: 0, throughTime: 1_002 })
  assert.equal(broker.openClients(), 0)
})

test('a row that breaks a rule or fits no schema is dead-lettered with reason, file and line, and the rest goes on', async () => {
  const { broker, out } = await open()
  await out.publish([
    order(1, { amount: -1n }),
    order(2, { orderedAt: 'yesterday' }),
    order(3, { orderId: '' }),
    { topic: orders, found: 'o-4;c-1', reason: '2 columns instead of 5', place: { file: 'orders.csv', line: 6 } },
    order(5),
  ])
  await out.close()
  assert.equal(broker.committed(orders.name).length, 1)
  const dead = broker.committed('test.orders.v1.dead-letter').map(({ headers, value }) => ({
    reason: headers?.['kappa.reason']?.toString(),
    at: `${headers?.['kappa.file']}:${headers?.['kappa.line']}`,
    value: JSON.parse(String(value)) as Record<string, unknown>,
  }))
  assert.deepEqual(
    dead.map(({ at }) => at),
    ['orders.csv:3', 'orders.csv:4', 'orders.csv:5', 'orders.csv:6'],
  )
  assert.match(dead[0]?.reason ?? '', /field amount is below 0/)
  assert.equal(dead[0]?.value.amount, '-0.01')
  assert.match(dead[1]?.reason ?? '', /orderedAt cannot be "yesterday"/)
  assert.match(dead[2]?.reason ?? '', /field orderId is empty/)
  assert.equal(dead[3]?.reason, '2 columns instead of 5')
  assert.deepEqual(out.tallies.get(orders.name), { written: 1, deadLettered: 4, throughTime: 1_005 })
})

test('no plaintext of a personal field reaches any topic, whatever is wrong with the row', async () => {
  const { broker, out } = await open()
  await out.publish([
    order(1, { amount: -1n }),
    order(2, { email: 'shopper2.at.example.com' }),
    order(3, { mail: 'shopper3@example.com', email: undefined }),
    { topic: orders, found: 'o-4;shopper4@example.com', reason: 'broken', place: { file: 'a', line: 1 } },
    { topic: orders, value: ['shopper5@example.com'], place: { file: 'a', line: 2 } },
    order(6, { email: 66_6666 }),
    order(7),
  ])
  await out.close()
  const everything = [...broker.committed(orders.name), ...broker.committed('test.orders.v1.dead-letter')]
  assert.equal(everything.length, 7)
  for (const { value, headers } of everything) {
    const text = `${value}${Object.values(headers ?? {}).join()}`
    assert.doesNotMatch(text, /shopper|666666/)
  }
  assert.match(String(broker.committed('test.orders.v1.dead-letter')[2]?.value), /"withheld":\["mail"\]/)
})

test('a vault that is away is waited for, and then nothing was sent twice', async () => {
  const [broker, registry, vault] = [fakeBroker(), memoryRegistry(), memoryVault()]
  await registry.register(orders)
  await broker.admin.ensure([{ name: orders.name, partitions: 3, settings: {} }])
  let now = 0
  const waits: string[] = []
  const clock = {
    now: () => now,
    sleep: async (milliseconds: number) => {
      now += milliseconds
      if (now >= 5_000) vault.away = false
    },
  }
  const onWaiting = (message: string) => waits.push(message)
  const out = await publisher({ broker, registry, vault, topics: [orders], clock, onWaiting })
  vault.away = true
  await out.publish([order(1), order(2)])
  assert.equal(waits.length, 1)
  vault.away = true
  now = 10_000
  clock.sleep = async (milliseconds: number) => {
    now += milliseconds
  }
  await assert.rejects(out.publish([order(3)]), { code: 'SERVICE_UNAVAILABLE' })
  await out.close()
  assert.equal(broker.committed(orders.name).length, 2)
})

test('a topic with personal fields is not opened without a vault', async () => {
  const registry = memoryRegistry()
  await registry.register(orders)
  await assert.rejects(publisher({ broker: fakeBroker(), registry, topics: [orders] }), { code: 'CONFIG_INVALID' })
})
