import assert from 'node:assert/strict'
import { type Broker, kafkaBroker } from '#engine/broker'
import { readAll } from '#engine/runtime'
import { type AnyTopic, connectRegistry, type Registry } from '#engine/schema'
import { systemClock } from '#engine/time'
import { type AuditEvent, adCampaigns, audit, catalogueItems, revenuePerMinute, schedules } from '#schemas'
import { type RunningApi, startApi } from './api-process.ts'
import { type Installation, until } from './installation.ts'

interface Page {
  readonly total?: number
  readonly data: readonly Readonly<Record<string, unknown>>[]
  readonly next: string | null
}

const MINUTE = 60_000

/**
 * What arrived, as the API gives it: products by search, campaigns and flights in pages; and what is written now, as it is
 * committed: a product that is renamed is found, a result is sent to who listens and stands in the serving view.
 */
export async function checkServed(kappa: Installation, arrived: ReadonlyMap<string, number>): Promise<void> {
  const api = await startApi(kappa.folder)
  const broker = kafkaBroker({ ...kappa.stack.addresses.kafka })
  const registry = connectRegistry({ url: kappa.stack.addresses.registry.url })
  const producer = await broker.producer()
  const publish = async <V>(topic: AnyTopic, key: string, value: V): Promise<void> => {
    const framed = topic.frame(await registry.register(topic), value)
    await producer.send({ topic: topic.name, key: Buffer.from(key), value: framed })
    await producer.flush()
  }
  const page = async (path: string): Promise<Page> => {
    const response = await api.get(path)
    assert.equal(response.status, 200, `${path}: ${await response.clone().text()}`)
    return (await response.json()) as Page
  }
  try {
    await until(
      async () => (await api.get('/products')).status,
      (status) => status === 200,
      30_000,
    )
    assert.equal((await page('/products?limit=1')).total, arrived.get(catalogueItems.name))
    assert.equal(await rowsOf(page, '/campaigns?limit=7'), arrived.get(adCampaigns.name))
    assert.equal(await rowsOf(page, '/flights?limit=100'), arrived.get(schedules.name))

    kappa.start('sink', 'run', 'redis')
    const events = listen(api)
    const [first] = (await page('/products?limit=1')).data
    const windowStart = Math.floor(systemClock.now() / MINUTE) * MINUTE
    await publish(catalogueItems, String(first?.productId), {
      ...{ productId: first?.productId, name: 'Zéphyr Zither', category: 'toys', listPrice: 1_250n, unitCost: 1n },
      ...{ supplier: 'Effi', warehouse: 'Lyon', validFrom: systemClock.now() },
    })
    const row = { country: 'FR', currency: 'EUR', windowStart, windowEnd: windowStart + MINUTE }
    await events.begun
    const named = await until(
      () => page('/products?search=zephir+zithr'),
      ({ data }) => data.length === 1,
      10_000,
    )
    assert.equal(named.data[0]?.name, 'Zéphyr Zither')
    // Again and again: whoever listens hears what comes from then on.
    await until(
      async () => {
        await publish(revenuePerMinute, 'FR\0EUR', { ...row, orders: 2, revenue: 1_999n })
        return events.text()
      },
      (text) => /event: revenue-per-minute\ndata: .*"19\.99"/.test(text),
      20_000,
    )
    const now = await until(
      () => page('/live/revenue-per-minute/now?country=FR&currency=EUR&minutes=30'),
      ({ data }) => data.length === 1,
      20_000,
    )
    assert.equal(now.data[0]?.revenue, '19.99')
    const rows = await until(
      () => api.get('/live/revenue-per-minute?country=FR'),
      ({ status, headers }) => status === 200 && headers.has('kappa-pending-events'),
      20_000,
    )
    assert.deepEqual(
      ((await rows.json()) as Page).data.map(({ revenue }) => revenue),
      ['19.99'],
    )
    // The token that the API made at its start is on the audit, and the one that it does not know.
    assert.equal((await api.get('/kpis', { authorization: 'Bearer guessed' })).status, 401)
    const audited = await until(
      () => auditOf(broker, registry),
      (events) => events.some(({ action }) => action === 'token.refused'),
      20_000,
    )
    assert.deepEqual(audited.map(({ action, name, reason, path }) => [action, name, reason, path]).sort(), [
      ['token.created', 'first', null, null],
      ['token.refused', null, 'unknown', '/kpis'],
    ])
  } finally {
    await producer.close()
    await registry.close()
    await broker.close()
    // With somebody listening, too.
    assert.equal(await api.stop(), 0)
  }
}

async function rowsOf(page: (path: string) => Promise<Page>, path: string): Promise<number> {
  let rows = 0
  for (let cursor: string | null = ''; cursor !== null; ) {
    const { data, next }: Page = await page(cursor === '' ? path : `${path}&cursor=${cursor}`)
    rows += data.length
    cursor = next
  }
  return rows
}

/** Listens to `/live`. */
function listen(api: RunningApi) {
  let text = ''
  const begun = api.get('/live?result=revenue-per-minute').then(({ body }) => {
    assert.ok(body)
    void (async () => {
      for await (const piece of body) text += Buffer.from(piece as Uint8Array).toString()
    })().catch(() => {}) // It ends with the server.
  })
  return { begun, text: () => text }
}

async function auditOf(broker: Broker, registry: Registry): Promise<readonly AuditEvent[]> {
  const values: Buffer[] = []
  const partitions = (await broker.admin.topics()).get(audit.name) ?? 0
  for (let partition = 0; partition < partitions; partition++)
    await readAll(broker, { topic: audit.name, partition }, ({ value }) => {
      if (value !== null) values.push(value)
    })
  const decoder = registry.decoder(audit)
  for (const id of new Set(values.map((value) => decoder.idOf(value)))) await decoder.learn(id)
  return values.map((value) => decoder.decode(value))
}
