import assert from 'node:assert/strict'
import { request } from 'node:http'
import { test } from 'node:test'
import { kafkaTopicOf } from '#engine/schema'
import { systemClock } from '#engine/time'
import { maskedPurchases, type RevenuePerMinute, revenuePerMinute } from '#schemas'
import { world } from '../api-fixture.ts'
import { LiveFeed, liveTopics } from '../index.ts'

const row = (country: string, orders: number): RevenuePerMinute => ({
  ...{ country, currency: 'EUR', windowStart: 1_767_225_600_000, windowEnd: 1_767_225_660_000 },
  ...{ orders, revenue: BigInt(orders) * 1_050n },
})

interface Event {
  readonly id: string
  readonly event: string
  readonly data: Readonly<Record<string, unknown>> | null
}

/** Reads events of `/live` as a client does. */
function listener(url: string, headers: Readonly<Record<string, string>>) {
  const events: Event[] = []
  let begin = () => {}
  const begun = new Promise<void>((resolve) => {
    begin = resolve
  })
  const ended = new Promise<void>((resolve, reject) => {
    const asking = request(url, { headers }, (response) => {
      let text = ''
      response.once('data', begin)
      response.setEncoding('utf8')
      response.on('data', (piece: string) => {
        text += piece
        const blocks = text.split('\n\n')
        text = blocks.pop() ?? ''
        for (const block of blocks.filter((one) => !one.startsWith(':'))) {
          const part = (name: string) => new RegExp(`^${name}: (.*)$`, 'm').exec(block)?.[1] ?? ''
          events.push({ id: part('id'), event: part('event'), data: JSON.parse(part('data')) })
        }
      })
      response.once('end', resolve)
      response.once('close', resolve)
    })
    asking.once('error', reject)
    asking.end()
  })
  return { events, begun, ended }
}

async function until(done: () => boolean): Promise<void> {
  for (let tries = 0; !done(); tries++) {
    if (tries > 400) throw new Error('not so after 4 s')
    await systemClock.sleep(10)
  }
}

test('results are sent as they are committed, filtered, and again to who comes back with the last id', async () => {
  await using api = await world()
  const schemaId = await api.registry.register(revenuePerMinute)
  await api.broker.admin.ensure(liveTopics.map((topic) => kafkaTopicOf(topic, { partitions: 1 })))
  const write = (country: string, orders: number | null) =>
    api.broker.write({
      ...{ topic: revenuePerMinute.name, partition: 0, key: Buffer.from(country) },
      value: orders === null ? null : Buffer.from(revenuePerMinute.frame(schemaId, row(country, orders))),
    })
  write('FR', 1)
  const stop = new AbortController()
  const running = api.feed.run(stop.signal)
  const at = await api.app.listen({ port: 0, host: '127.0.0.1' })
  const headers = { authorization: `Bearer ${api.token('live')}` }
  const all = listener(`${at}/live`, headers)
  const french = listener(`${at}/live?result=revenue-per-minute&country=FR`, headers)
  const anomalies = listener(`${at}/live?result=revenue-anomalies`, headers)
  await Promise.all([all.begun, french.begun, anomalies.begun, until(() => api.feed.reading)])
  write('FR', 2)
  write('DE', 3)
  write('DE', null)
  api.broker.write({ topic: revenuePerMinute.name, partition: 0, key: null, value: Buffer.from('no row') })
  write('FR', 4)
  await until(() => all.events.length === 4)
  assert.deepEqual(
    all.events.map(({ event, data }) => [event, data?.country ?? null, data?.revenue ?? null]),
    [
      ['revenue-per-minute', 'FR', '21.00'],
      ['revenue-per-minute', 'DE', '31.50'],
      ['revenue-per-minute', null, null],
      ['revenue-per-minute', 'FR', '42.00'],
    ],
  )
  assert.deepEqual(
    french.events.map(({ data }) => data?.orders),
    [2, 4],
  )
  const back = listener(`${at}/live`, { ...headers, 'last-event-id': all.events[1]?.id ?? '' })
  await until(() => back.events.length === 2)
  assert.deepEqual(
    back.events.map(({ id }) => id),
    all.events.slice(2).map(({ id }) => id),
  )
  // A server that closes ends them all.
  await api.app.close()
  await Promise.all([all.ended, french.ended, anomalies.ended, back.ended])
  assert.equal(anomalies.events.length, 0)
  stop.abort()
  await running
})

test('a topic with personal fields is not sent live', async () => {
  await using api = await world()
  const { broker, registry } = api
  assert.throws(() => new LiveFeed({ broker, registry, topics: [maskedPurchases], clock: systemClock }), /personal/)
})

test('the last minutes of one key come from the serving view, the rows before from ClickHouse', async () => {
  await using api = await world()
  const minute = Math.floor(systemClock.now() / 60_000) * 60_000
  const shown = (start: number, orders: number) => ({
    ...{ country: 'FR', currency: 'EUR', orders, revenue: `${orders}.50` },
    ...{ windowStart: new Date(start).toISOString(), windowEnd: new Date(start + 60_000).toISOString() },
  })
  for (const n of [1, 3]) api.minutes.set(`FR EUR ${minute - n * 60_000}`, shown(minute - n * 60_000, n))
  const now = await api.get('/live/revenue-per-minute/now?country=FR&currency=EUR&minutes=5')
  assert.equal(now.statusCode, 200, now.body)
  const body = now.json<{ readonly data: readonly { readonly orders: number }[] }>()
  api.routeOf('/live/revenue-per-minute/now').answer.parse(body)
  assert.deepEqual(
    body.data.map(({ orders }) => orders),
    [1, 3],
  )
  for (const [url, field] of [
    ['/live/revenue-per-minute/now?country=FR', 'currency'],
    ['/live/revenue-per-minute/now?country=FR&currency=EUR&minutes=61', 'minutes'],
    ['/live/funnel-per-minute/now?country=FR&type=SMILE', 'type'],
  ] as const) {
    const refused = await api.get(url)
    assert.equal(refused.statusCode, 400, url)
    const { errors } = refused.json<{ readonly errors: readonly { readonly field: string }[] }>()
    assert.deepEqual(
      errors.map((one) => one.field),
      [field],
    )
  }
  api.store.rows.set('shop.revenue_per_minute_latest', [shown(minute, 1), shown(minute - 60_000, 2)])
  const rows = (await api.get('/live/revenue-per-minute?country=FR&limit=1')).json<{ data: { orders: number }[] }>()
  assert.deepEqual(
    rows.data.map(({ orders }) => orders),
    [1],
  )
  api.completions.set(revenuePerMinute.name, { completeUntil: minute, late: 3, rejected: 1, pending: 0 })
  const told = await api.get('/live/revenue-per-minute?country=FR')
  assert.deepEqual(
    ['complete-until', 'late-events', 'rejected-events', 'pending-events'].map((name) => told.headers[`kappa-${name}`]),
    [new Date(minute).toISOString(), '3', '1', '0'],
  )
})
