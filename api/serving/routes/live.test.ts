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
  const ended = new Promise<void>((resolve, reject) => {
    const asking = request(url, { headers }, (response) => {
      let text = ''
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
  return { events, ended }
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
  await systemClock.sleep(150)
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
