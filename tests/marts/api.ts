import assert from 'node:assert/strict'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { createTable, tableOf } from '#engine/schema'
import { systemClock } from '#engine/time'
import { adCampaigns, adSpend, delays, schedules } from '#schemas'
import { world } from '../../api/serving/api-fixture.ts'
import { readMarts } from '../../marts/index.ts'
import { type RunningApi, startApi } from '../api-process.ts'
import { pythonWithClient } from '../clients/python.ts'

/** Two flights of which one was late, and two campaigns of which one was reported of, the second time with other figures. */
export function* resultStatements(): Generator<string> {
  const at = (hour: number) => `2026-01-20 ${String(hour).padStart(2, '0')}:00:00.000`
  const flight = (n: number) => ({
    ...{ flightId: `F-${n}`, carrier: 'KP', flightNumber: n, origin: 'CDG', destination: 'JFK', departsAt: at(8 + n) },
    ...{ arrivesAt: at(16 + n), announcedAt: at(1), _version: 1, _deleted: 0 },
  })
  const delay = {
    flightId: 'F-1',
    origin: 'CDG',
    status: 'DEPARTED',
    delayMinutes: 35,
    cause: 'WEATHER',
    departsAt: at(9),
  }
  const campaign = (n: number) => ({
    ...{ campaignId: `K-${n}`, name: `Spring ${n}`, channel: 'SEARCH', country: 'FR', dailyBudget: '100.00' },
    ...{ startsAt: at(0), endsAt: at(23), bookedAt: at(0), _version: 1, _deleted: 0 },
  })
  const report = (hour: number, version: number, spend: string) => ({
    ...{ campaignId: 'K-1', channel: 'SEARCH', country: 'FR', impressions: 1_000, clicks: 10, spend },
    ...{ periodStart: at(hour), periodEnd: at(hour + 1), _version: version, _deleted: 0 },
  })
  const tables = [
    [schedules, [flight(1), flight(2)]],
    [delays, [{ ...delay, reportedAt: at(10) }]],
    [adCampaigns, [campaign(1), campaign(2)]],
    [adSpend, [report(1, 1, '9.99'), report(1, 2, '10.01'), report(2, 1, '0.02')]],
  ] as const
  for (const [topic, rows] of tables) {
    yield* createTable(topic)
    const { database, name } = tableOf(topic)
    // Retention counts from the writing.
    const written = { _writtenAt: new Date(systemClock.now()).toISOString().slice(0, -1) }
    const text = rows.map((row) => JSON.stringify({ ...row, ...written }))
    yield `INSERT INTO ${database}.${name} FORMAT JSONEachRow ${text.join(' ')}`
  }
}

interface Page {
  readonly data: readonly Readonly<Record<string, unknown>>[]
  readonly next: string | null
}

/** Every page of a path as Arrow, in files. */
async function arrowFiles(api: RunningApi, path: string, into: string): Promise<readonly string[]> {
  const files: string[] = []
  for (let next: string | undefined = `${path}?limit=2500&format=arrow`; next !== undefined; ) {
    const response: Response = await api.get(next)
    assert.equal(response.status, 200, path)
    files.push(`${into}-${files.length}.arrow`)
    writeFileSync(files.at(-1) ?? '', Buffer.from(await response.arrayBuffer()))
    next = /^<(.+)>; rel="next"$/.exec(response.headers.get('link') ?? '')?.[1]
  }
  return files
}

/**
 * Every table of gold by HTTP, JSON as the OpenAPI document says it is, Arrow as pyarrow reads it: row by row what
 * ClickHouse's own client reads. What the API gives of single customers is what the tables say of them.
 */
export async function checkApi(
  folder: string,
  clickhouse: { readonly url: string; readonly username: string; readonly password: string },
  ended: (
    file: string,
    args: readonly string[],
    options: { readonly input: string },
  ) => Promise<{ code: number | null; out: string; err: string }>,
): Promise<void> {
  await using fixture = await world()
  const api = await startApi(folder)
  const tables: { name: string; columns: readonly string[]; files: readonly string[] }[] = []
  for (const { name, english, columns } of readMarts('Europe/Paris')) {
    const path = `/gold/${name}`
    const response = await api.get(`${path}?limit=100`)
    const body: unknown = await response.json()
    assert.equal(response.status, 200, JSON.stringify(body))
    fixture.routeOf(path).answer.parse(body)
    if (english !== undefined) {
      const same = await api.get(`/gold/${english}?limit=100`)
      fixture.routeOf(`/gold/${english}`).answer.parse(await same.json())
    }
    const shown = columns.filter(({ pii }) => !pii).map(({ name }) => name)
    tables.push({ name, columns: shown, files: await arrowFiles(api, path, join(folder, name)) })
  }
  const script = fileURLToPath(new URL('api.py', import.meta.url))
  const { url, username, password } = clickhouse
  const question = { port: Number(new URL(url).port), username, password, tables }
  const read = await ended(await pythonWithClient(), ['-B', script], { input: JSON.stringify(question) })
  assert.equal(read.code, 0, read.err)
  for (const [name, [found, wanted, apart]] of Object.entries(JSON.parse(read.out) as Record<string, unknown[]>)) {
    assert.deepEqual([found, apart], [wanted, []], name)
    assert.ok(Number(found) > 0, `${name} is empty`)
  }

  const flights = (await (await api.get('/flights?departsAt_from=2026-01-20&origin=CDG')).json()) as Page
  fixture.routeOf('/flights').answer.parse(flights)
  assert.deepEqual(
    flights.data.map(({ flightId, status, delayMinutes, cause }) => [flightId, status, delayMinutes, cause]),
    [
      ['F-2', 'SCHEDULED', null, null],
      ['F-1', 'DEPARTED', 35, 'WEATHER'],
    ],
  )
  const late = (await (await api.get('/flights?delayMinutes_min=30&status=DEPARTED')).json()) as Page
  assert.equal(late.data.length, 1)
  const campaigns = (await (await api.get('/campaigns?campaignId=K-1&campaignId=K-2')).json()) as Page
  fixture.routeOf('/campaigns').answer.parse(campaigns)
  assert.deepEqual(
    campaigns.data.map(({ campaignId, impressions, clicks, spend }) => [campaignId, impressions, clicks, spend]),
    [
      ['K-1', 2_000, 20, '10.03'],
      ['K-2', 0, 0, '0.00'],
    ],
  )

  const lines = (await (await api.get('/achats?montant_min=0.01&limit=1')).json()) as Page
  fixture.routeOf('/achats').answer.parse(lines)
  const customer = String(lines.data[0]?.id_client)
  const response = await api.get(`/clients/${customer}`)
  const document = (await response.json()) as { readonly commandes: readonly { readonly lignes: readonly unknown[] }[] }
  fixture.routeOf('/clients/{id}').answer.parse(document)
  const own = (await (await api.get(`/achats?id_client=${customer}&limit=200`)).json()) as Page
  assert.equal(
    document.commandes.reduce((sum, { lignes }) => sum + lignes.length, 0),
    own.data.length,
  )
  assert.match(response.headers.get('kappa-complete-until') ?? '', /^2026-01-\d\dT.*Z$/)
  // A word that the reader's account may not name outside of a value.
  assert.equal(((await (await api.get('/achats?produit=file')).json()) as Page).data.length, 0)
  const etag = response.headers.get('etag') ?? ''
  assert.equal((await api.get(`/clients/${customer}`, { 'if-none-match': etag })).status, 304)
  assert.equal((await api.get('/clients/nobody-at-all')).status, 404)
  assert.equal((await api.get('/achats', { authorization: '' })).status, 401)
  assert.equal((await api.get('/live/revenue-per-minute')).status, 503, 'there are no live results in this stack')
  assert.equal((await api.get('/products')).status, 503, 'nor a Kafka')
  assert.equal(await api.stop(), 0)
}
