import assert from 'node:assert/strict'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { KappaError } from '#engine/errors'
import { isSealed, memoryVault } from '#engine/governance'
import { readCheckpoints } from '#engine/ingest'
import { memoryRegistry } from '#engine/schema'
import { fakeBroker, testClock } from '#engine/testing'
import { systemClock } from '#engine/time'
import { cartChanges, clicks, pageViews, searches } from '#schemas'
import { hoursIn } from '../hours.ts'
import { judge } from './accept.ts'
import { type Batch, collectedTopics, collectName, forward, NO_ADDRESS, openCollector, readBatch } from './index.ts'

const NOW = Date.UTC(2026, 2, 1, 12)
const ABOUT = { receivedAt: NOW, ip: '192.0.2.7' }

const view = (n: number, change: Record<string, unknown> = {}) => ({
  ...{ type: 'page-view', eventId: `event-${n}-0000`, occurredAt: NOW - 1_000, pageType: 'HOME', path: '/' },
  ...change,
})
const CONTEXT = {
  visitorId: 'v-1',
  sessionId: 's-1',
  country: 'FR',
  device: 'MOBILE',
  email: 'a@b.example',
  customerId: 'c',
}
const batch = (events: readonly unknown[], change: Partial<Batch> = {}): Batch => ({
  ...{ consent: true, context: CONTEXT, events: [...events] },
  ...change,
})

const first = (judged: ReturnType<typeof judge>): Record<string, unknown> => {
  const [row] = judged.rows
  assert.ok(row && 'json' in row)
  return { ...row.json }
}

test('an event takes what the batch says of all, what the server knows, and nothing that its contract has not', () => {
  const judged = judge(batch([view(1), { ...view(2), type: 'search', path: undefined, pageType: undefined }]), ABOUT)
  const json = first(judged)
  assert.deepEqual([json.ip, json.email, json.customerId, json.visitorId], ['192.0.2.7', 'a@b.example', 'c', 'v-1'])
  assert.equal(judged.rejected[0]?.event, 1)
  assert.deepEqual(judged.ids, ['page-view|event-1-0000', undefined])
})

test('without consent no personal field is kept, and the visitor is known for a session only', () => {
  for (const consent of [false, undefined]) {
    const { consent: _, ...rest } = batch([view(1, { ip: '198.51.100.1' })])
    const json = first(judge(consent === undefined ? rest : { ...rest, consent }, ABOUT))
    assert.deepEqual([json.ip, json.email, json.customerId, json.visitorId], [NO_ADDRESS, null, null, 'session-s-1'])
  }
  const broken = judge(batch([view(1, { pageType: 'MOON' })], { consent: false }), ABOUT)
  assert.ok(!JSON.stringify(broken.rows).match(/a@b|v-1|"c"|192\.0\.2/))
})

test('every way not to fit names the event, the field and the reason', () => {
  const cart = { type: 'cart-change', action: 'ADD', productId: 'p', quantity: 1, price: '9.99', currency: 'EUR' }
  const own = (change: object) => ({ eventId: 'cart-00001', occurredAt: NOW, ...cart, ...change })
  const cases: [unknown, string, RegExp][] = [
    [7, '', /is no object/],
    [{ eventId: 'x'.repeat(10) }, 'type', /is missing/],
    [{ ...view(1), type: 'purchase' }, 'type', /is none of page-view, click/],
    [{ ...view(1), eventId: 'short' }, 'eventId', /8 to 100/],
    [view(1, { path: undefined }), 'path', /is missing/],
    [view(1, { path: '' }), 'path', /is empty/],
    [view(1, { pageType: 'MOON' }), 'pageType', /is none of HOME/],
    [view(1, { colour: 'red' }), 'colour', /not in the contract/],
    [view(1, { occurredAt: 'yesterday' }), 'occurredAt', /is no instant/],
    [view(1, { occurredAt: NOW + 120_000 }), 'occurredAt', /in the future/],
    [view(1, { occurredAt: NOW - 8 * 86_400_000 }), 'occurredAt', /seven days/],
    [own({ quantity: 0 }), 'quantity', /below 1/],
    [own({ quantity: 1.5 }), 'quantity', /is no int/],
    [own({ price: '9.999' }), 'price', /2 decimals/],
    [own({ price: -1 }), 'price', /below 0/],
    [own({ currency: 'euro' }), 'currency', /does not match/],
  ]
  for (const [event, field, reason] of cases) {
    const [found] = judge(batch([event]), ABOUT).rejected
    assert.equal(found?.field, field, JSON.stringify(event))
    assert.match(found?.reason ?? '', reason)
  }
  assert.equal(
    judge(batch([own({}), own({ price: 9.99 }), own({ occurredAt: '2026-03-01T11:00:00Z' })]), ABOUT).rejected.length,
    0,
  )
})

test('a clock that is wrong is put right by the time of sending', () => {
  const json = first(judge(batch([view(1, { occurredAt: NOW - 3_600_000 })], { sentAt: NOW - 3_590_000 }), ABOUT))
  assert.equal(json.occurredAt, NOW - 10_000)
  const ahead = judge(batch([view(1, { occurredAt: NOW + 3_600_000 })], { sentAt: NOW + 3_610_000 }), ABOUT)
  assert.equal(first(ahead).occurredAt, NOW - 10_000)
  const slightly = first(judge(batch([view(1)], { sentAt: NOW - 5_000 }), ABOUT))
  assert.equal(slightly.occurredAt, NOW - 1_000)
})

test('a batch that cannot be read says why', () => {
  for (const [text, field, reason] of [
    ['{', '', /no JSON/],
    ['[]', '', /./],
    ['{}', 'events', /./],
    ['{"events":[]}', 'events', /./],
    ['{"events":[{}],"conset":true}', 'conset', /not known/],
    ['{"events":[{}],"consent":"yes"}', 'consent', /./],
  ] as const) {
    const found = readBatch(text)
    assert.ok('reason' in found, text)
    assert.equal(found.field, field)
    assert.match(found.reason, reason)
  }
})

function folder() {
  const path = mkdtempSync(join(tmpdir(), 'kappa-collect-'))
  return { path, [Symbol.dispose]: () => rmSync(path, { recursive: true, force: true }) }
}

const masterKey = Buffer.alloc(32, 7)
const now = (n: number) => view(n, { occurredAt: systemClock.now() })

test('an event that is sent again within the horizon is there once, after a restart too', async () => {
  using at = folder()
  const clock = testClock(NOW)
  const options = { folder: at.path, maxBytes: 1_000_000, masterKey, clock }
  const collector = await openCollector(options)
  const about = { ip: '192.0.2.7' }
  assert.deepEqual((await collector.take(batch([view(1), view(2), view(1)]), about)).accepted, 2)
  const both = await Promise.all([collector.take(batch([view(3)]), about), collector.take(batch([view(3)]), about)])
  assert.deepEqual(both.map(({ accepted, duplicates }) => [accepted, duplicates]).sort(), [
    [0, 1],
    [1, 0],
  ])
  await collector.close()
  const again = await openCollector(options)
  const { accepted, duplicates } = await again.take(batch([view(2), view(4)]), about)
  assert.deepEqual([accepted, duplicates], [1, 1])
  clock.advance(600_001)
  assert.equal((await again.take(batch([view(2)], { sentAt: NOW }), about)).accepted, 1)
  await again.close()
})

test('what could not be taken is not known when it is sent again', async () => {
  using at = folder()
  const collector = await openCollector({ folder: at.path, maxBytes: 700, masterKey })
  const about = { ip: '192.0.2.7' }
  const full = async () => {
    for (let n = 0; ; n++) await collector.take(batch([now(n)]), about)
  }
  await assert.rejects(full, (thrown) => thrown instanceof KappaError && thrown.code === 'BLOCKED')
  await assert.rejects(collector.take(batch([now(1_000)]), about))
  const { payloads, next } = await collector.spool.read({ segment: 0, offset: 0 }, 10_000)
  assert.ok(payloads.length > 0)
  await collector.spool.release(next)
  assert.equal((await collector.take(batch([now(1_000)]), about)).accepted, 1)
  await collector.close()
})

async function platform() {
  const [broker, registry, vault] = [fakeBroker(), memoryRegistry(), memoryVault()]
  for (const topic of collectedTopics.values()) await registry.register(topic)
  await broker.admin.ensure([...collectedTopics.values()].map(({ name }) => ({ name, partitions: 2, settings: {} })))
  return { broker, registry, vault, app: 'test' }
}

type Opened = Awaited<ReturnType<typeof openCollector>>

/** Forwards until nothing waits. */
async function forwarded(on: Awaited<ReturnType<typeof platform>>, { spool }: Opened): Promise<void> {
  const stop = new AbortController()
  const looking = setInterval(() => spool.waitingBytes === 0 && stop.abort(), 5)
  await forward({ ...on, spool, signal: stop.signal }).finally(() => clearInterval(looking))
}

test('the spool comes to Kafka once: sealed, keyed, with its origin; the broken as dead letters', async () => {
  using at = folder()
  const on = await platform()
  const collector = await openCollector({ folder: at.path, maxBytes: 1_000_000, masterKey })
  const click = { type: 'click', eventId: 'click-0001', occurredAt: systemClock.now(), element: 'buy', path: '/' }
  const search = { type: 'search', eventId: 'search-0001', occurredAt: systemClock.now(), query: 'lamp', results: 3 }
  const cart = {
    type: 'cart-change',
    eventId: 'cart-00001',
    occurredAt: systemClock.now(),
    action: 'ADD',
    productId: 'p',
    ...{ quantity: 1, price: 9.9, currency: 'EUR' },
  }
  const { requestId } = await collector.take(
    batch([now(1), click, search, cart, now(2), now(3), { ...cart, quantity: 0 }]),
    { ip: '192.0.2.7' },
  )
  on.broker.failNextCommits(['unknown', 'aborted'])
  await forwarded(on, collector)
  const counts = [pageViews, clicks, searches, cartChanges].map(({ name }) => on.broker.committed(name).length)
  assert.deepEqual(counts, [3, 1, 1, 1])
  const [record] = on.broker.committed(pageViews.name)
  assert.ok(record?.value)
  assert.match(String(record.headers?.['kappa.origin']), new RegExp(`^collect\\|${requestId}\\|1\\|\\d+$`))
  const value = pageViews.decode(record.value.subarray(5))
  assert.ok(isSealed(value.ip) && value.email !== null && isSealed(value.email))
  const [dead] = on.broker.committed(`${cartChanges.name}.dead-letter`)
  assert.match(String(dead?.headers?.['kappa.reason']), /quantity/)
  assert.ok(!String(dead?.value).includes('192.0.2.7'))
  await collector.take(batch([now(4)]), { ip: '192.0.2.7' })
  await collector.close()
  const again = await openCollector({ folder: at.path, maxBytes: 1_000_000, masterKey })
  await forwarded(on, again)
  assert.equal(on.broker.committed(pageViews.name).length, 4)
  assert.equal(again.spool.waitingBytes, 0)
  await again.close()
  assert.equal(on.broker.openClients(), 0)
})

test('what was taken is written down by the hour of its taking, whenever it comes to Kafka', async () => {
  using at = folder()
  const on = await platform()
  const clock = testClock(NOW)
  const collector = await openCollector({ folder: at.path, maxBytes: 1_000_000, masterKey, clock })
  const about = { ip: '192.0.2.7' }
  await collector.take(batch([view(1), view(2), view(3, { pageType: 'MOON' })]), about)
  clock.advance(3_600_000)
  await collector.take(batch([view(4)]), about)
  await forwarded(on, collector)
  const hours = hoursIn(await readCheckpoints(on.broker, collectName(collector.spool.id)))
  assert.deepEqual(hours, {
    '2026-03-01T12': { [pageViews.name]: [2, 1] },
    '2026-03-01T13': { [pageViews.name]: [1, 0] },
  })
  await collector.close()
})

test('a broken event that names no visitor is kept without what is personal', async () => {
  using at = folder()
  const on = await platform()
  const collector = await openCollector({ folder: at.path, maxBytes: 1_000_000, masterKey })
  const loud = { ...now(1), email: 'who@example.com', secret: 'who2@example.com' }
  const taken = await collector.take({ consent: true, events: [loud, 'who3@example.com'] }, { ip: '192.0.2.7' })
  assert.equal(taken.rejected.length, 2)
  await forwarded(on, collector)
  const dead = on.broker.committed(`${pageViews.name}.dead-letter`)
  assert.equal(dead.length, 2)
  assert.ok(
    !dead
      .map(({ value }) => String(value))
      .join()
      .match(/who\d?@|192\.0\.2/),
  )
  await collector.close()
})
