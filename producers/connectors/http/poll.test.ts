import assert from 'node:assert/strict'
import { test } from 'node:test'
import { KappaError } from '#engine/errors'
import { readCheckpoints } from '#engine/ingest'
import { systemClock } from '#engine/time'
import { catalogueItems, reports } from '#schemas'
import { hoursIn } from '../hours.ts'
import { type AnswerCache, httpSource, type KeptAnswer } from './index.ts'
import { letters, once, pages, platform, values } from './poll-fixture.ts'
import { type Answer, apiServer, product, weather } from './server-fixture.ts'

test('a catalogue comes page by page, and again without anything new', async () => {
  const on = await platform()
  await using server = await apiServer(pages([product(1), product(2)], [product(3)]))
  const first = await once('product-catalogue', server.url, on)
  assert.deepEqual([first.last?.requests, first.last?.written], [2, 3])
  assert.deepEqual(
    values(on.broker, catalogueItems)
      .map(({ productId, listPrice, unitCost }) => [productId, listPrice, unitCost])
      .sort(),
    [1, 2, 3].map((n) => [`p-${n}`, 1990n, 810n]),
  )
  assert.equal(server.asked[0]?.headers.authorization, 'Bearer secret')
  const again = await once('product-catalogue', server.url, on)
  assert.equal(again.last?.written, 0)
  assert.equal(values(on.broker, catalogueItems).length, 3)
  assert.equal(on.broker.openClients(), 0)
})

test('unchanged pages are not sent again, and lead on to the next; a changed one brings what changed', async () => {
  const on = await platform()
  const second = [product(3)]
  const all = pages([product(1), product(2)], second)
  const etags: (string | undefined)[] = []
  await using server = await apiServer((asked) => {
    const fresh = all(asked)
    etags.push(asked.headers['if-none-match'])
    return asked.headers['if-none-match'] === fresh?.headers?.etag ? { status: 304 } : fresh
  })
  await once('product-catalogue', server.url, on)
  second.push(product(4))
  const again = await once('product-catalogue', server.url, on)
  assert.deepEqual([again.last?.requests, again.last?.unchanged, again.last?.written], [2, 1, 1])
  assert.deepEqual(etags.slice(0, 2), [undefined, undefined])
  assert.ok(etags[2] !== undefined && etags[3] !== undefined)
  assert.equal(values(on.broker, catalogueItems).length, 4)
})

test('what an older answer says is passed over; what a newer one says is there', async () => {
  const on = await platform()
  const states = ['2026-03-01T08:00:00Z', '2026-03-01T07:00:00Z', '2026-03-02T08:00:00Z']
  await using server = await apiServer((_, n) => ({
    body: { items: [product(1, { updatedAt: states[n - 1], price: `${n}.00` })] },
  }))
  for (let i = 0; i < 3; i++) await once('product-catalogue', server.url, on)
  assert.deepEqual(
    values(on.broker, catalogueItems).map(({ listPrice }) => listPrice),
    [100n, 300n],
  )
})

test('a broken item goes to the dead letters with its request and reason, once, and the others are there', async () => {
  const on = await platform()
  await using server = await apiServer(() => ({
    headers: { 'x-request-id': 'r-7' },
    body: { items: [product(1), product(2, { price: '1.999' }), { id: 3 }, product(4, { supplier: ' ' })] },
  }))
  for (let i = 0; i < 2; i++) await once('product-catalogue', server.url, on)
  assert.equal(values(on.broker, catalogueItems).length, 1)
  const dead = letters(on.broker, catalogueItems.name)
  assert.deepEqual(
    dead.map(({ at }) => at),
    [2, 3, 4].map((line) => `${server.url}/products?limit=2:${line}`),
  )
  assert.deepEqual(
    dead.map(({ reason }) => reason.split(':')[0]),
    ['price', 'name', 'supplier'],
  )
  assert.deepEqual([dead[0]?.origin?.source, dead[0]?.origin?.unit], ['http-product-catalogue', 'r-7'])
})

test('429, 500, time-outs, slow and cut bodies cost tries, not data', async () => {
  const on = await platform()
  const body = { items: [product(1)] }
  const trouble: Answer[] = [
    { status: 429, headers: { 'retry-after': '1' } },
    { status: 500 },
    undefined,
    { body, slowly: 1_000 },
    { body: JSON.stringify(body).slice(0, 20) },
    { body },
  ]
  await using server = await apiServer((_, n) => (n > trouble.length ? { body } : trouble[n - 1]))
  const { last } = await once('product-catalogue', server.url, on, { timeoutMs: 300, attempts: 20 })
  assert.deepEqual([last?.written, last?.failed], [1, []])
  assert.ok((last?.retries ?? 0) >= 5 && server.asked.length >= 6)
})

test('an answer that stays unreadable is one dead letter with its text; the key is in none of it', async () => {
  const on = await platform()
  await using server = await apiServer(({ url }) => ({ body: `<html>${url.search}</html>` }))
  const change = { attempts: 2 }
  await once('current-weather', server.url, on, change)
  await once('current-weather', server.url, on, change)
  const dead = letters(on.broker, reports.name)
  assert.equal(dead.length, 1)
  assert.match(dead[0]?.value ?? '', /<html>\?lat=49.01.*appid=\*\*\*/)
  const everything = JSON.stringify([
    dead,
    on.broker.committed('kappa.checkpoints.v1').map(({ value }) => String(value)),
  ])
  assert.ok(!everything.includes('secret'))
})

test('a target that fails does not keep the others; the round says which and why', async () => {
  const on = await platform()
  await using server = await apiServer(({ url }) =>
    url.searchParams.get('lat') === '49.01'
      ? { status: 401, body: { cod: 401, message: 'Invalid API key' } }
      : { body: weather(5) },
  )
  const targets = httpSource('current-weather').targets({
    ...{ baseUrl: server.url, pageSize: 1, places: [{ code: 'CDG' }, { code: 'JFK' }] },
  })
  const { last } = await once('current-weather', server.url, on, { targets })
  assert.deepEqual([last?.failed.map(({ target }) => target), last?.written], [['CDG'], 1])
  assert.match(last?.failed[0]?.reason ?? '', /401 .*Invalid API key/)
})

test('a server that asks for a long pause is left alone until then, in the next run too', async () => {
  const on = await platform()
  await using server = await apiServer(() => ({ status: 429, headers: { 'retry-after': '3600' }, body: { error: {} } }))
  const { last } = await once('product-catalogue', server.url, on)
  assert.ok((last?.pausedUntil ?? 0) > systemClock.now() + 3_500_000)
  const again = await once('product-catalogue', server.url, on)
  assert.equal(again.last?.requests, 0)
  assert.match(again.last?.failed[0]?.reason ?? '', /left alone until/)
  assert.equal(server.asked.length, 1)
})

test('the next page of another server is not asked for: the key would go there', async () => {
  const on = await platform()
  await using server = await apiServer(() => ({ body: { items: [product(1)], next: 'http://127.0.0.1:1/products' } }))
  const { last } = await once('product-catalogue', server.url, on)
  assert.match(last?.failed[0]?.reason ?? '', /another server/)
  assert.equal(last?.written, 1)
})

test('what was taken is written down by the hour, in the transactions that hold it', async () => {
  const on = await platform()
  await using server = await apiServer(pages([product(1), { id: 2 }], [product(3)]))
  on.broker.failNextCommits(['unknown', 'aborted'])
  for (let i = 0; i < 2; i++) await once('product-catalogue', server.url, on)
  const hours = Object.values(hoursIn(await readCheckpoints(on.broker, 'http-product-catalogue')))
  const sum = (at: 0 | 1) => hours.reduce((all, counts) => all + (counts[catalogueItems.name]?.[at] ?? 0), 0)
  assert.deepEqual([sum(0), sum(1)], [2, 1])
})

test('a walk that was broken off goes on at its page', async () => {
  const on = await platform()
  let away = true
  const all = pages([product(1)], [product(2)], [product(3)])
  await using server = await apiServer((asked) =>
    away && asked.url.searchParams.get('page') === '2' ? { status: 400 } : all(asked),
  )
  await once('product-catalogue', server.url, on)
  away = false
  await once('product-catalogue', server.url, on)
  assert.deepEqual(
    server.asked.map(({ url }) => url.searchParams.get('page')),
    [null, '2', '2', '3'],
  )
  assert.equal(values(on.broker, catalogueItems).length, 3)
})

test('commits that fail or whose outcome is unknown neither lose nor double', async () => {
  const on = await platform()
  await using server = await apiServer(pages([product(1), product(2)], [product(3)], [product(4)]))
  on.broker.failNextCommits(['aborted', 'unknown', 'unknown'])
  await once('product-catalogue', server.url, on)
  assert.equal(values(on.broker, catalogueItems).length, 4)
})

test('it polls on until the signal; the last raw answers are kept, and a cache that is away holds nothing up', async () => {
  const on = await platform()
  const stop = new AbortController()
  const kept: KeptAnswer[] = []
  const warnings: string[] = []
  const cache: AnswerCache = {
    async keep(answer) {
      kept.push(answer)
      throw new KappaError('SERVICE_UNAVAILABLE', 'asking Redis', { retriable: true })
    },
    latest: async () => [],
    close: async () => {},
  }
  await using server = await apiServer((_, n) => ({ body: weather(n) }))
  const onRound = () => {
    if (server.asked.length === 3) stop.abort()
  }
  const { rounds } = await once('current-weather', server.url, on, {
    ...{
      once: false,
      intervalMs: 10,
      signal: stop.signal,
      cache,
      onRound,
      onWarning: (text: string) => warnings.push(text),
    },
  })
  assert.equal(rounds, 3)
  assert.equal(values(on.broker, reports).length, 3)
  assert.equal(kept.length, 3)
  assert.equal(warnings.length, 1)
  assert.ok(!JSON.stringify(kept).includes('secret'))
})

test('what no complete round speaks of is forgotten in the end', async () => {
  const on = await platform()
  const lists = [[product(1), product(2)], [product(2)], [product(1), product(2)]]
  await using server = await apiServer((_, n) => ({ body: { items: lists[n - 1] } }))
  for (let i = 0; i < 3; i++) await once('product-catalogue', server.url, on, { rememberMs: -1 })
  assert.deepEqual(
    values(on.broker, catalogueItems)
      .map(({ productId }) => productId)
      .sort(),
    ['p-1', 'p-1', 'p-2'],
  )
})
