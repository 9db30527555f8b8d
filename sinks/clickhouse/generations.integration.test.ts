import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { CutLog, deliverUntil, holdLane, moveLane } from '#engine/delivery'
import { systemClock } from '#engine/time'
import { admin, startServer, type TestServer } from '../../deploy/local/clickhouse/testing.ts'
import { type Sale, sales, untilNow, type World, world } from '../../engine/delivery/delivery-fixture.ts'
import { ClickHouseDestination } from './index.ts'

let server: TestServer
before(async () => {
  server = await startServer()
})
after(() => server[Symbol.asyncDispose]())

const START = 1_700_000_000_000
/** Sales 20 to 59 of the fixture, a second each. */
const range = { from: START + 20_000, to: START + 60_000 }
const replayed = `${sales.name}.g2`
const forever = new AbortController().signal

/** Writes sales as the replay's results: in the range, as they were but for what `change` makes of them. */
async function replay(at: World, change: (sale: Sale) => Sale | undefined): Promise<void> {
  await at.broker.admin.ensure([{ name: replayed, partitions: 3, settings: {} }])
  for (let i = 20; i < 60; i++) {
    const sale = change({ saleId: `s${i}`, amount: BigInt(i), soldAt: START + i * 1_000 })
    if (sale === undefined) continue
    at.broker.write({
      topic: replayed,
      partition: i % 3,
      key: Buffer.from(sale.saleId),
      value: Buffer.from(sales.frame(at.schemaId, sale)),
    })
  }
}

async function setUp() {
  const at = await world()
  const destination = new ClickHouseDestination({ address: { url: server.url, ...admin }, registry: at.registry })
  const log = new CutLog({ sink: 'clickhouse', broker: at.broker, clock: systemClock })
  await log.ensure()
  const deliver = async (source: string, generation: number) =>
    deliverUntil(
      { ...at.options({ destination, log, source, generation }), until: await untilNow(at.broker, source) },
      forever,
    )
  await server.rows('DROP DATABASE IF EXISTS test')
  return { at, destination, log, deliver, lane: () => at.options({ destination, log }) }
}

const json = async (query: string): Promise<unknown> =>
  JSON.parse(await server.rows(`${query} FORMAT JSONCompact`)).data

test('a replay goes to its own table, is compared row by row, and takes the live name with what came meanwhile', async () => {
  const { at, destination, deliver, lane } = await setUp()
  const { generations } = destination
  at.sell(100)
  await deliver(sales.name, 1)
  await replay(at, (sale) =>
    sale.saleId === 's21' ? { ...sale, amount: 9_999n } : sale.saleId === 's22' ? undefined : sale,
  )
  await deliver(replayed, 2)
  await deliver(replayed, 2)
  assert.deepEqual(await json('SELECT toUInt32(count()) FROM test.sales__v2'), [[39]])

  const windows = await generations.diff(sales, 2, { ...range, everyMs: 10_000, limit: 10 })
  assert.deepEqual([windows.compared, windows.differing], [4, 1])
  const total = Array.from({ length: 40 }, (_, i) => i + 20).reduce((sum, amount) => sum + amount, 0)
  const decimal = (cents: number) => String(cents / 100)
  assert.deepEqual(windows.totals.amount, { live: decimal(total), replayed: decimal(total - 22 + 9_999 - 21) })
  const [{ sums: _, ...first } = assert.fail()] = windows.windows
  const firstAt = START + 20_000
  assert.deepEqual(first, { at: firstAt, live: 10, replayed: 9, onlyLive: 1, onlyReplayed: 0, changed: 1 })
  assert.equal((await generations.diff(sales, 2, { ...range, limit: 1 })).differing, 2)

  const compared = await generations.compare(sales, 2, range)
  assert.deepEqual([compared.compared, compared.differing], [40, 2])
  const soldAt = (i: number) => new Date(START + i * 1_000).toISOString().replace('T', ' ').slice(0, -1)
  assert.deepEqual(compared.rows, [
    {
      identity: { saleId: 's21' },
      live: { saleId: 's21', amount: '0.21', soldAt: soldAt(21) },
      replayed: { saleId: 's21', amount: '99.99', soldAt: soldAt(21) },
    },
    { identity: { saleId: 's22' }, live: { saleId: 's22', amount: '0.22', soldAt: soldAt(22) }, replayed: null },
  ])

  at.sell(10, 100)
  const held = await holdLane(lane(), 'replay 1')
  for (let twice = 0; twice < 2; twice++) {
    await generations.copyOutside(sales, 2, range)
    assert.deepEqual(await json('SELECT toUInt32(count()), toString(sum(amount)) FROM test.sales__v2'), [
      [99, '149.06'],
    ])
  }
  for (let twice = 0; twice < 2; twice++) {
    await generations.exchange(sales, 2)
    assert.equal(await generations.shown(sales), 2)
    assert.deepEqual(await json('SELECT toUInt32(count()) FROM test.sales__v2'), [[100]])
  }
  await moveLane(lane(), 'replay 1', held, 2)
  await deliver(sales.name, 1)
  assert.deepEqual(
    await json('SELECT _generation, _topic, toUInt32(count()) FROM test.sales GROUP BY ALL ORDER BY ALL'),
    [
      [1, sales.name, 60],
      [2, sales.name, 10],
      [2, replayed, 39],
    ],
  )

  await generations.copySince(sales, 2, held.positions)
  await generations.copySince(sales, 2, held.positions)
  await generations.rollback(sales, 2)
  await generations.rollback(sales, 2)
  assert.equal(await generations.shown(sales), 1)
  assert.deepEqual(await json('SELECT toUInt32(count()), toUInt32(uniqExact(saleId)) FROM test.sales'), [[110, 110]])
  await generations.drop(sales, 2)
  await destination.close()
})

test('equal tables have no differing row', async () => {
  const { at, destination, deliver } = await setUp()
  at.sell(100)
  await deliver(sales.name, 1)
  await replay(at, (sale) => sale)
  await deliver(replayed, 2)
  assert.deepEqual(await destination.generations.compare(sales, 2, range), { compared: 40, differing: 0, rows: [] })
  await destination.close()
})

test('a replay of one key: its rows alone are compared and exchanged, all others stay as they are live', async () => {
  const { at, destination, deliver } = await setUp()
  const { generations } = destination
  at.sell(100)
  await deliver(sales.name, 1)
  await replay(at, (sale) => (['s21', 's22'].includes(sale.saleId) ? { ...sale, amount: 9_999n } : undefined))
  await deliver(replayed, 2)
  const ofOne = { ...range, key: { field: 'saleId', value: 's21' } }
  const { compared, differing, rows } = await generations.compare(sales, 2, ofOne)
  assert.deepEqual([compared, differing, rows.map(({ identity }) => identity.saleId)], [1, 1, ['s21']])
  const diff = await generations.diff(sales, 2, { ...ofOne, limit: 10 })
  assert.deepEqual([diff.compared, diff.totals.amount], [1, { live: '0.21', replayed: '99.99' }])
  for (let twice = 0; twice < 2; twice++) await generations.copyOutside(sales, 2, ofOne)
  await generations.exchange(sales, 2)
  assert.deepEqual(
    await json("SELECT toUInt32(count()), toString(sumIf(amount, saleId IN ('s21', 's22'))) FROM test.sales"),
    [[100, '100.21']],
  )
  await generations.rollback(sales, 2)
  await generations.drop(sales, 2)
  await destination.close()
})

test('what was read is what is there: counts and sums of hashes, by lane and by cut', async () => {
  const { at, destination, deliver, log } = await setUp()
  at.sell(120)
  await deliver(sales.name, 1)
  const [lane] = await log.all()
  assert.ok(lane)
  const { count, hashSum } = lane.totals
  assert.deepEqual(await destination.tallies.ofGeneration(sales, 1, lane.positions), { rows: count, hashSum })
  const cuts: [number, string][] = []
  const found: [number, string][] = []
  for (const { cut } of await history(log)) {
    cuts.push([cut.count, cut.hashSum])
    const { rows, hashSum: sum } = await destination.tallies.ofCut(sales, cut)
    found.push([rows, sum])
  }
  assert.ok(cuts.length > 1)
  assert.deepEqual(found, cuts)
  await server.rows(
    'ALTER TABLE test.sales UPDATE _hash = _hash + 1 WHERE _offset = 3 AND _partition = 1 SETTINGS mutations_sync = 2',
  )
  const altered = await destination.tallies.ofGeneration(sales, 1, lane.positions)
  assert.equal(altered.rows, count)
  assert.notEqual(altered.hashSum, hashSum)
  await destination.close()
})

async function history(log: CutLog) {
  const records: Parameters<Parameters<CutLog['history']>[0]>[0][] = []
  await log.history((record) => records.push(record))
  return records
}
