import assert from 'node:assert/strict'
import { test } from 'node:test'
import { testClock } from '#engine/testing'
import { systemClock } from '#engine/time'
import { type Asking, ask } from './ask.ts'
import { backOffMs, retryAfterMs } from './back-off.ts'
import { pace } from './pace.ts'
import { apiKey } from './secret.ts'
import { type Answer, apiServer } from './server-fixture.ts'

const KEY = 'k3y/with +signs'
const key = apiKey({ variable: 'X', in: 'query', name: 'appid' }, KEY)
const asking: Asking = { key, timeoutMs: 200, maxBytes: 10_000, clock: systemClock }

async function outcome(answer: Answer, how: Partial<Asking> = {}) {
  await using server = await apiServer(() => answer)
  return { found: await ask(`${server.url}/x?a=1`, { etag: '"1"' }, { ...asking, ...how }), server }
}

test('an answer comes with its validators and next page; the key goes out and does not come back', async () => {
  const link = '</x?page=1>; rel="prev", </x?page=2>; rel="next"'
  const { found, server } = await outcome({
    headers: { etag: '"2"', 'last-modified': 'Sun, 01 Mar 2026 08:00:00 GMT', link, 'x-request-id': 'r-1' },
    body: { echoed: KEY, url: `/x?appid=${encodeURIComponent(KEY)}` },
  })
  assert.equal(server.asked[0]?.url.searchParams.get('appid'), KEY)
  assert.equal(server.asked[0]?.headers['if-none-match'], '"1"')
  assert.equal(found.kind, 'fresh')
  if (found.kind !== 'fresh') return
  assert.equal(found.body, '{"echoed":"***","url":"/x?appid=***"}')
  assert.deepEqual([found.etag, found.lastModified], ['"2"', 'Sun, 01 Mar 2026 08:00:00 GMT'])
  assert.deepEqual([found.linked, found.requestId], ['/x?page=2', 'r-1'])
})

test('what may pass is worth another try, what may not is refused', async () => {
  const kinds: [Answer, string, RegExp?][] = [
    [{ status: 304 }, 'unchanged'],
    [{ status: 500, body: { error: 'oops' } }, 'again', /^500 {"error":"oops"}$/],
    [{ status: 429, headers: { 'retry-after': '7' } }, 'again', /^429$/],
    [{ status: 503 }, 'again', /^503$/],
    [undefined, 'again', /no answer in 200 ms/],
    [{ body: 'x'.repeat(100), slowly: 1_000 }, 'again', /no answer in 200 ms/],
    [{ body: 'x'.repeat(100), cut: true, headers: { 'content-length': '100' } }, 'again'],
    [{ status: 401, body: { cod: 401, message: `Invalid API key ${KEY}` } }, 'refused', /Invalid API key \*\*\*/],
    [{ status: 404 }, 'refused', /^404$/],
    [{ status: 301, headers: { location: 'http://127.0.0.1:1/elsewhere' } }, 'refused', /^301$/],
    [{ body: 'x'.repeat(10_001) }, 'refused', /more than 10000 bytes/],
  ]
  for (const [answer, kind, reason = /./] of kinds) {
    const { found } = await outcome(answer)
    assert.equal(found.kind, kind, JSON.stringify(answer))
    if ('reason' in found) assert.match(found.reason, reason)
    if (found.kind === 'again' && answer?.status === 429) assert.equal(found.afterMs, 7_000)
  }
})

test('a body that comes slowly but in time is whole', async () => {
  const { found } = await outcome({ body: { slow: true }, slowly: 50 }, { timeoutMs: 5_000 })
  assert.equal(found.kind === 'fresh' && found.body, '{"slow":true}')
})

test('a server that is away is tried again, and the reason has no key', async () => {
  const found = await ask('http://127.0.0.1:1/x', {}, asking)
  assert.equal(found.kind, 'again')
  assert.ok(!JSON.stringify(found).includes('signs'))
})

test('waits grow, are spread, and begin behind Retry-After', () => {
  assert.equal(
    backOffMs(1, undefined, () => 0.999_999),
    500,
  )
  assert.equal(
    backOffMs(4, undefined, () => 0.5),
    2_000,
  )
  assert.equal(
    backOffMs(30, undefined, () => 0.999_999),
    60_000,
  )
  assert.equal(
    backOffMs(3, 10_000, () => 0),
    10_000,
  )
  assert.equal(retryAfterMs('120', 0), 120_000)
  assert.equal(retryAfterMs('Sun, 01 Mar 2026 08:00:10 GMT', Date.UTC(2026, 2, 1, 8)), 10_000)
  assert.equal(retryAfterMs('Sun, 01 Mar 2026 08:00:10 GMT', Date.UTC(2026, 2, 2)), 0)
  assert.equal(retryAfterMs('soon', 0), undefined)
  assert.equal(retryAfterMs(null, 0), undefined)
})

test('turns are spaced out', async () => {
  const clock = testClock(0)
  const turns = pace(60, clock)
  const at: number[] = []
  const all = Promise.all([1, 2, 3].map(() => turns.turn().then(() => at.push(clock.now()))))
  for (let i = 0; i < 30; i++) {
    await new Promise(setImmediate)
    clock.advance(100)
  }
  await all
  assert.deepEqual(at, [0, 1_000, 2_000])
})
