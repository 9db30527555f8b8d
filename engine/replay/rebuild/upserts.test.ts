import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { KafkaRecord } from '#engine/broker'
import { KappaError } from '#engine/errors'
import { type Topic, topic } from '#engine/schema'
import { type Clock, systemClock } from '#engine/time'
import { world } from '../../delivery/delivery-fixture.ts'
import { rebuilding } from './rebuild-fixture.ts'
import { cancelRebuild, rebuildTable, rollbackRebuild } from './run.ts'

// A table whose rows replace one another by identity, made anew: what counts is the latest row of each, and nothing of what
// was retracted.

interface Price {
  readonly shop: string
  readonly item: string
  readonly price: bigint
  readonly at: number
}

const DAY_MS = 86_400_000

/** The identity is the key's fields in another order: a record without a value says by its key which row is gone. */
const pricesOf = (retention: string): Topic<Price> =>
  topic<Price>({
    type: 'record',
    name: 'Price',
    namespace: 'test',
    doc: 'A price.',
    topic: {
      ...{ name: 'test.prices.v1', kind: 'table', key: ['shop', 'item'], time: 'at', id: ['item', 'shop'] },
      ...{ partitions: 2, retention, owner: 'tests' },
    },
    fields: [
      { name: 'shop', type: 'string', doc: 'Shop.' },
      { name: 'item', type: 'string', doc: 'Item.' },
      { name: 'price', type: { type: 'bytes', logicalType: 'decimal', precision: 18, scale: 2 }, doc: 'Price.' },
      { name: 'at', type: { type: 'long', logicalType: 'timestamp-millis' }, doc: 'Time.' },
    ],
  })

/** A clock that is moved by hand, on top of the machine's. */
function movedClock() {
  let ahead = 0
  const clock: Clock = {
    now: () => systemClock.now() + ahead,
    sleep: (ms, signal) => systemClock.sleep(ms, signal),
  }
  return { clock, move: (ms: number) => (ahead += ms) }
}

async function priced(retention = 'forever') {
  const at = await world()
  const prices = pricesOf(retention)
  const schemaId = await at.registry.register(prices)
  await at.broker.admin.ensure([{ name: prices.name, partitions: 2, settings: {} }])
  const { clock, move } = movedClock()
  const own = { ...at, options: (more = {}) => at.options({ clock, ...more }) }
  const table = rebuilding(own, prices)
  return {
    ...table,
    move,
    options: (more = {}) => table.options({ clock, ...more }),
    /** Item i is of partition i % 2; a price of null takes it away. */
    price(item: number, price: number | null) {
      const value = { shop: 'a|b', item: `i${item}`, price: BigInt(price ?? 0), at: 1_735_689_600_000 }
      const framed = price === null ? null : Buffer.from(prices.frame(schemaId, value))
      at.broker.write({
        topic: prices.name,
        partition: item % 2,
        key: Buffer.from(prices.keyOf(value)),
        value: framed,
      })
    },
    /** What analysts see: places of the latest rows. */
    shown: () =>
      table.store
        .latest('live')
        .map((row) => row.at)
        .sort(),
  }
}

const refused = (code: string, about: RegExp) => (thrown: unknown) =>
  thrown instanceof KappaError && thrown.code === code && about.test(thrown.message)

/** Forty items, each with five prices; every eighth is taken away in the end. */
function fill(at: Awaited<ReturnType<typeof priced>>): void {
  for (let i = 0; i < 200; i++) at.price(i % 40, i)
  for (let item = 0; item < 40; item += 8) at.price(item, null)
}

test('latest rows are back, retracted ones stay away, the sink goes on, and a rollback shows the table of before', async () => {
  const at = await priced()
  fill(at)
  await at.deliver()
  const good = at.shown()
  assert.equal(good.length, 35)
  // The latest of some are lost, so that older ones show; so are retractions, so that deleted rows show again.
  const rows = at.store.rowsOf('live')
  const kept = rows.filter((row, i) => !row.retracted && i % 7 !== 0)
  rows.splice(0, rows.length, ...kept)
  const brokenRows = at.store.latest('live')
  assert.notDeepEqual(at.shown(), good)
  const done = await rebuildTable(at.options())
  assert.deepEqual(at.shown(), good)
  assert.deepEqual([done.generation, done.rows, done.compared.map(({ equal }) => equal)], [2, 35, [true]])

  at.price(0, 7)
  at.price(1, null)
  await at.deliver()
  assert.equal(at.shown().length, 35)
  await rollbackRebuild(at.options())
  const before = (item: string) => !item.endsWith('|i0') && !item.endsWith('|i1')
  assert.deepEqual(
    at.shown(),
    [...brokenRows.filter(({ key }) => before(key)).map((row) => row.at), '0@105'].sort(),
    'the table of before, and what came since',
  )
  assert.deepEqual(await at.states(), ['1 done'])
})

test('killed at any stretch, all of it is sent again, and no older row shows', async () => {
  const at = await priced()
  fill(at)
  await at.deliver()
  const good = at.shown()
  at.store.rowsOf('live').length = 0
  for (const dies of [0, 0]) {
    let reached = false
    const atStretch = (number: number) => {
      if (number < dies || reached) return
      reached = true
      return new Promise<void>(() => {})
    }
    void rebuildTable(at.options({ atStretch })).catch(() => {})
    while (!reached) await systemClock.sleep(5)
  }
  await rebuildTable(at.options())
  assert.deepEqual(at.shown(), good)
})

test('what the sink brings meanwhile replaces older rows of the new table, and takes rows away from it', async () => {
  const at = await priced()
  fill(at)
  await at.deliver()
  let sold = false
  const atStretch = async () => {
    if (sold) return
    sold = true
    at.price(1, 5_000)
    at.price(2, null)
    at.price(0, 6_000)
    await at.deliver()
  }
  const done = await rebuildTable(at.options({ atStretch }))
  assert.equal(done.rows, 35)
  const keys = at.store.latest('live').map(({ key }) => key)
  assert.deepEqual(
    ['i0', 'i1', 'i2'].map((item) => keys.some((key) => key.endsWith(`|${item}`))),
    [true, true, false],
  )
})

test('a row that the store refused is no difference: the one before it shows, in the new table as in the old', async () => {
  const at = await priced()
  at.store.refuses = ({ value, offset }: KafkaRecord) => (value !== null && offset === 99 ? 'not wanted' : undefined)
  fill(at)
  await at.deliver()
  const good = at.shown()
  assert.equal(good.length, 35)
  const done = await rebuildTable(at.options())
  assert.deepEqual([done.refused, at.shown()], [2, good])
})

test('a new table that lacks the latest row of an identity is not exchanged', async () => {
  const at = await priced()
  fill(at)
  await at.deliver()
  const good = at.shown()
  const last = good.at(-1)
  at.store.loses = ({ partition, offset }, place) => place !== 'live' && `${partition}@${offset}` === last
  await assert.rejects(
    rebuildTable(at.options()),
    refused('VERIFICATION_MISMATCH', /latest of every identity as many rows as were read \(35\), but not the same/),
  )
  assert.deepEqual(at.shown(), good)
  await cancelRebuild(at.options())
})

test('rows past their retention are left out on both sides; what is kept is compared all the same', async () => {
  const at = await priced('10 days')
  for (let item = 0; item < 20; item++) at.price(item, 1)
  await at.deliver()
  at.move(9 * DAY_MS)
  for (let item = 10; item < 30; item++) at.price(item, 2)
  at.price(29, null)
  await at.deliver()
  at.move(2 * DAY_MS)
  at.store.loses = ({ partition, offset }, place) => place !== 'live' && partition === 0 && offset === 12
  await assert.rejects(
    rebuildTable(at.options()),
    refused('VERIFICATION_MISMATCH', /18 rows are there, 19 were brought/),
  )
  await cancelRebuild(at.options())
  at.store.loses = () => false
  const done = await rebuildTable(at.options())
  assert.deepEqual([done.rows, done.compared.map(({ equal }) => equal)], [19, [true]])
})
