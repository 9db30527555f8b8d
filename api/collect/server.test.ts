import assert from 'node:assert/strict'
import { mkdtempSync, rmSync } from 'node:fs'
import { request } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { runInNewContext } from 'node:vm'
import { systemClock } from '#engine/time'
import { openCollector } from '../../producers/connectors/collect/index.ts'
import { type CollectServerOptions, serveCollect } from './index.ts'
import { browserSnippet } from './snippet.ts'

async function start(change: Partial<CollectServerOptions> = {}, maxBytes = 1_000_000) {
  const folder = mkdtempSync(join(tmpdir(), 'kappa-serve-'))
  const collector = await openCollector({ folder, maxBytes, masterKey: Buffer.alloc(32, 7) })
  const server = await serveCollect({ collector, port: 0, ...change })
  const url = `http://127.0.0.1:${server.port}`
  return {
    ...{ collector, url },
    post: (body: unknown, headers: Record<string, string> = {}) =>
      fetch(`${url}/v1/events`, {
        method: 'POST',
        headers: { 'content-type': 'application/json', ...headers },
        body: typeof body === 'string' ? body : JSON.stringify(body),
      }),
    /** What waits on disk. */
    async rows() {
      const { payloads } = await collector.spool.read({ segment: 0, offset: 0 }, 1_000_000)
      return payloads.flatMap((payload) => (JSON.parse(String(payload)) as { rows: { json?: object }[] }).rows)
    },
    async [Symbol.asyncDispose]() {
      await server.close()
      await collector.close()
      rmSync(folder, { recursive: true, force: true })
    },
  }
}

const context = { visitorId: 'v-1', sessionId: 's-1', country: 'FR', device: 'MOBILE' }
const view = (n: number, change: object = {}) => ({
  ...{ type: 'page-view', eventId: `event-${n}-0000`, occurredAt: systemClock.now(), pageType: 'HOME', path: '/' },
  ...change,
})

interface Answer {
  readonly detail?: string
  readonly accepted?: number
  readonly errors?: readonly { event?: number; field: string; reason: string }[]
  readonly rejected?: readonly { event: number; field: string }[]
}
const json = async (response: Response): Promise<Answer> => (await response.json()) as Answer

test('a batch is taken as JSON and as text, and is on disk when it is answered', async () => {
  await using on = await start({ country: 'DE' })
  const first = await on.post({ context, events: [view(1), view(2)] })
  assert.equal(first.status, 202)
  assert.equal((await json(first)).accepted, 2)
  const { country: _, ...noCountry } = context
  const beacon = await on.post(
    { context: noCountry, events: [view(3)] },
    { 'content-type': 'text/plain;charset=UTF-8' },
  )
  assert.equal(beacon.status, 202)
  const rows = await on.rows()
  assert.deepEqual(
    rows.map(({ json = {} }) => ('country' in json ? json.country : undefined)),
    ['FR', 'FR', 'DE'],
  )
})

test('what cannot be taken is a problem that names the field', async () => {
  await using on = await start()
  const cases: [unknown, Record<string, string>, number, RegExp][] = [
    ['{', {}, 400, /no JSON/],
    [{ events: [] }, {}, 400, /^events/],
    [{ context, events: [view(1, { pageType: 'MOON' })] }, {}, 422, /^events\[0\]\.pageType is none of/],
    [{ context, events: ['x'.repeat(70_000)] }, {}, 413, /65536 bytes/],
    ['a=1', { 'content-type': 'application/x-www-form-urlencoded' }, 415, /text\/plain/],
    [{}, { 'content-encoding': 'gzip' }, 415, /content-encoding/],
  ]
  for (const [body, headers, status, detail] of cases) {
    const response = await on.post(body, headers)
    assert.equal(response.status, status)
    assert.equal(response.headers.get('content-type'), 'application/problem+json')
    const { detail: found = '' } = await json(response)
    assert.match(found, detail)
  }
  const mixed = await on.post({ context, events: [view(1), view(2, { path: '' })] })
  assert.equal(mixed.status, 202)
  const { rejected } = await json(mixed)
  assert.deepEqual([rejected?.[0]?.event, rejected?.[0]?.field], [1, 'path'])
  assert.equal((await fetch(`${on.url}/v1/events`)).status, 405)
  assert.equal((await fetch(`${on.url}/elsewhere`)).status, 404)
})

test('a body that grows beyond the limit without saying so is cut off', async () => {
  await using on = await start({ maxBody: 1_000 })
  const status = await new Promise((resolve, reject) => {
    const headers = { 'content-type': 'text/plain', 'transfer-encoding': 'chunked' }
    const sending = request(`${on.url}/v1/events`, { method: 'POST', headers }, ({ statusCode }) => resolve(statusCode))
    sending.on('error', reject)
    sending.write('x'.repeat(800))
    sending.write('x'.repeat(800))
  })
  assert.equal(status, 413)
})

test('sites are allowed by name, and asked first where browsers do', async () => {
  await using on = await start({ origins: ['https://shop.example'] })
  const ask = (origin: string) => fetch(`${on.url}/v1/events`, { method: 'OPTIONS', headers: { origin } })
  const allowed = await ask('https://shop.example')
  assert.equal(allowed.status, 204)
  assert.equal(allowed.headers.get('access-control-allow-origin'), 'https://shop.example')
  assert.equal(allowed.headers.get('access-control-allow-headers'), 'content-type')
  assert.equal((await ask('https://other.example')).status, 403)
  const events = { context, events: [view(1)] }
  assert.equal((await on.post(events, { origin: 'https://other.example' })).status, 403)
  assert.equal((await on.post(events, { origin: 'https://shop.example' })).status, 202)
  assert.equal((await on.rows()).length, 1)
})

test('a full spool answers 503 and when to come back; the metrics say so', async () => {
  await using on = await start({}, 1_500)
  const statuses: number[] = []
  let last: Response | undefined
  for (let n = 0; n < 20; n++) {
    last = await on.post({ context, events: [view(n)] })
    statuses.push(last.status)
  }
  assert.equal(last?.status, 503)
  assert.equal(last?.headers.get('retry-after'), '5')
  const taken = statuses.filter((status) => status === 202).length
  assert.equal((await on.rows()).length, taken)
  const metrics = await (await fetch(`${on.url}/metrics`)).text()
  assert.match(metrics, new RegExp(`kappa_collect_requests_total\\{status="202"\\} ${taken}\\n`))
  assert.match(metrics, new RegExp(`kappa_collect_events_accepted_total ${taken}\\n`))
  assert.match(metrics, /kappa_collect_spool_limit_bytes 1500\n/)
})

test('the address is the last that our own proxy wrote, where there is one', async () => {
  const headers = { 'x-forwarded-for': '198.51.100.9, 203.0.113.4' }
  const ipOf = async (trustProxy: boolean) => {
    await using on = await start({ trustProxy })
    await on.post({ consent: true, context, events: [view(1)] }, headers)
    const [row] = await on.rows()
    return row?.json !== undefined && 'ip' in row.json ? row.json.ip : undefined
  }
  assert.equal(await ipOf(true), '203.0.113.4')
  assert.equal(await ipOf(false), '127.0.0.1')
})

/** A browser as far as the snippet asks for one. */
function browser(fetches: (body: string) => number) {
  const listeners = new Map<string, () => void>()
  const sent: { how: string; body: string }[] = []
  const timers: (() => void)[] = []
  const listen = (name: string, on: () => void) => listeners.set(name, on)
  const localStorage: Record<string, unknown> = { removeItem: (name: string) => delete localStorage[name] }
  const tag = { dataset: { country: 'FR', consent: 'false' } }
  const page: Record<string, unknown> = {
    ...{
      localStorage,
      sessionStorage: {},
      screen: { width: 400 },
      URL,
      crypto,
      Date,
      Math,
      JSON,
      addEventListener: listen,
    },
    document: { querySelector: () => tag, addEventListener: listen, visibilityState: 'visible' },
    setTimeout: (run: () => void) => timers.push(run),
    async fetch(_: string, { body }: { body: string }) {
      sent.push({ how: 'fetch', body })
      return { status: fetches(body) }
    },
    navigator: { sendBeacon: (_: string, body: string) => sent.push({ how: 'beacon', body }) > 0 },
  }
  const text = browserSnippet().text.replace('import.meta.url', "'https://collect.example/kappa.mjs'")
  runInNewContext(text, page)
  const kappa = page.kappa as { track(type: string, fields: object): void; consent(given: boolean): void }
  const settle = () => new Promise((resolve) => setTimeout(resolve, 5))
  const tick = async () => {
    timers.shift()?.()
    await settle()
  }
  return { kappa, sent, listeners, localStorage, tick }
}

test('the browser snippet is below 2 KB and sends what the endpoint takes', async () => {
  await using on = await start()
  const served = await fetch(`${on.url}/kappa.mjs`)
  const text = await served.text()
  assert.ok(Buffer.byteLength(text) < 2_048, `${Buffer.byteLength(text)} bytes`)
  assert.match(served.headers.get('content-type') ?? '', /javascript/)
  assert.equal(served.headers.get('access-control-allow-origin'), '*')
  const etag = served.headers.get('etag') ?? ''
  assert.equal((await fetch(`${on.url}/kappa.mjs`, { headers: { 'if-none-match': etag } })).status, 304)

  const statuses = [503, 202]
  const page = browser(() => statuses.shift() ?? 202)
  page.kappa.track('page-view', { pageType: 'HOME', path: '/' })
  await page.tick()
  await page.tick()
  assert.equal(page.sent.length, 2, 'what was refused with 503 is sent again')
  const [first, second] = page.sent.map(({ body }) => JSON.parse(body) as { events: { eventId: string }[] })
  assert.equal(first?.events[0]?.eventId, second?.events[0]?.eventId)
  assert.equal(page.localStorage['kappa-visitor'], undefined, 'without consent nothing is stored')
  page.kappa.consent(true)
  page.kappa.track('search', { query: 'lamp', results: 3 })
  page.listeners.get('pagehide')?.()
  assert.equal(page.sent[2]?.how, 'beacon')
  for (const { body } of page.sent.slice(1)) {
    const answer = await on.post(body, { 'content-type': 'text/plain;charset=UTF-8' })
    assert.deepEqual([answer.status, (await json(answer)).accepted], [202, 1])
  }
  page.kappa.consent(false)
  assert.equal(page.localStorage['kappa-visitor'], undefined)
})
