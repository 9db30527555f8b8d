import assert from 'node:assert/strict'
import { test } from 'node:test'
import { fingerprint } from '#engine/delivery'
import { KappaError } from '#engine/errors'
import { sales, world } from '../../../engine/delivery/delivery-fixture.ts'
import { BronzeArchive } from '../archive.ts'
import { readState, silverFilesOf } from '../ledger/state.ts'
import type { ObjectStore } from '../object-store.ts'
import { type CompactOptions, compactTopic } from './compact.ts'
import { counted, deliver, HOUR, later, MemoryObjects, silverRows } from './upkeep-fixture.ts'

const ROWS = 400

async function delivered() {
  const at = await world()
  at.sell(ROWS)
  const store = new MemoryObjects()
  await deliver(at, store)
  const { hashSum } = fingerprint(at.broker.committed(sales.name))
  return { at, store, whole: { rows: ROWS, hashSum } }
}

const compact = (store: ObjectStore, hours = 2, more: Partial<CompactOptions> = {}) =>
  compactTopic({
    store,
    topic: sales.name,
    clock: later(hours * HOUR),
    graceMs: HOUR,
    retentionMs: -1,
    olderThanMs: HOUR,
    targetBytes: 128 * 1024 * 1024,
    ...more,
  })

test('many small files become one, every row as it was, and old objects go after the grace', async () => {
  const { at, store, whole } = await delivered()
  const small = store.keys('silver/')
  const manifests = store.keys('manifest/')
  const before = await silverRows(store)
  assert.equal(small.length, 8)
  assert.deepEqual((await compact(store, 2, { dryRun: true })).files, 7)
  assert.deepEqual(store.keys('silver/'), small)

  const { files, into, folded, deleted } = await compact(store)
  assert.deepEqual({ files, into, folded, deleted }, { files: 7, into: 1, folded: 7, deleted: 0 })
  assert.equal(store.keys('silver/').length, 9)
  const { bronze, silver, broken } = await counted(store)
  assert.deepEqual([bronze, silver, broken], [whole, whole, []])
  assert.deepEqual(await silverRows(store), before)

  const doneUpTo = () => manifests.length
  const second = await compact(store, 4, { doneUpTo })
  assert.deepEqual([second.files, second.into], [2, 1])
  await compact(store, 6, { doneUpTo })
  const third = await compact(store, 8, { doneUpTo })
  assert.deepEqual(third, { topic: sales.name, files: 0, into: 0, bytes: 0, folded: 0, deleted: 1 })
  assert.deepEqual((await compact(store, 8, { doneUpTo })).deleted, 0)
  assert.match(store.keys('silver/').join(), /^silver\/test\.sales\.v1\/month=2023-11\/m-[0-9a-f]{16}\.parquet$/)
  assert.deepEqual(store.keys('manifest/'), [])
  assert.equal(store.keys('index/').length, 2)
  assert.deepEqual(await silverRows(store), before)
  const archive = new BronzeArchive(store)
  const archived = await Promise.all((await archive.ranges(sales.name)).map((range) => archive.read(sales.name, range)))
  assert.deepEqual(archived.flat(), at.broker.committed(sales.name))
})

test('killed before or after any change, readers see every row once, and the same command ends it', async () => {
  const { store, whole } = await delivered()
  const before = await silverRows(store)
  const straight = store.copy()
  await compact(straight)
  await compact(straight, 4)
  const changes = straight.changes
  assert.ok(changes > 15, `${changes} changes`)
  for (let at = 1; at <= changes; at++)
    for (const made of [false, true]) {
      const tried = store.copy()
      tried.kill = { at, made }
      await assert.rejects(
        compact(tried).then(() => compact(tried, 4)),
        /killed/,
      )
      const { bronze, silver, broken } = await counted(tried)
      assert.deepEqual([bronze, silver, broken], [whole, whole, []], `killed at ${at}`)
      await compact(tried, 6)
      await compact(tried, 8)
      await compact(tried, 40)
      assert.deepEqual(await silverRows(tried), before, `killed at ${at}`)
      assert.equal(tried.keys('silver/').length, 2, `killed at ${at}`)
      assert.equal(tried.keys('index/').length, 2, `killed at ${at}: ${tried.keys('index/').join()}`)
    }
})

test('whoever listed files before reads them until the grace is over', async () => {
  const { store } = await delivered()
  const earlier = silverFilesOf(await readState(store, sales.name))
  await compact(store)
  await compact(store, 2.5)
  for (const { object } of earlier) assert.ok(store.objects.has(object), object)
  await compact(store, 4)
  assert.equal(earlier.filter(({ object }) => store.objects.has(object)).length, 1)
})

test('the ranges of the archive cost one GET for the roll-up, one per part, and one per later cut', async () => {
  const { at, store } = await delivered()
  const archive = new BronzeArchive(store)
  const before = await archive.ranges(sales.name)
  assert.equal(store.gets.length, 8)
  store.gets = []
  assert.deepEqual(await archive.ranges(sales.name), before)
  assert.deepEqual(store.gets, [])
  await compact(store)
  store.gets = []
  assert.deepEqual(await new BronzeArchive(store).ranges(sales.name), before)
  assert.deepEqual(store.gets.map((key) => key.replace(/[0-9a-f]{16}|\d{10}/, '…')).sort(), [
    'index/test.sales.v1/cuts-….json.gz',
    'index/test.sales.v1/head-….json',
    'manifest/test.sales.v1/g0001/lane-000/….json',
  ])
  at.sell(100, ROWS)
  await deliver(at, store)
  store.gets = []
  await archive.ranges(sales.name)
  await archive.ranges(sales.name)
  assert.equal(store.gets.filter((key) => key.startsWith('manifest/')).length, 2)
})

test('cuts that come while it works are there; a second job and a fenced one change nothing', async () => {
  const { at, store } = await delivered()
  const racing = store.copy()
  const put = racing.putNew.bind(racing)
  racing.putNew = async (key, body) => {
    racing.objects.set(key, { body: Buffer.from('another'), modified: 0 })
    return put(key, body)
  }
  await assert.rejects(compact(racing), (thrown) => thrown instanceof KappaError && thrown.code === 'BLOCKED')
  const fenced = store.copy()
  const fence = async () => {
    throw new KappaError('FENCED', 'asking for the lease')
  }
  const visible = JSON.stringify(await counted(fenced))
  await assert.rejects(compact(fenced, 4, { fence }), /asking for the lease/)
  assert.equal(JSON.stringify(await counted(fenced)), visible)
  const busy = store.copy()
  const write = busy.putNew.bind(busy)
  busy.putNew = async (key, body) => {
    at.sell(100, ROWS)
    await deliver(at, busy)
    return write(key, body)
  }
  assert.equal((await compact(busy)).into, 1)
  assert.equal((await counted(busy)).silver.rows, ROWS + 100)
})

test('a file that is not as it was written is not carried on: it is named', async () => {
  const { store } = await delivered()
  const [first = '', second = ''] = store.keys('silver/')
  store.objects.set(first, { body: store.objects.get(second)?.body ?? Buffer.alloc(0), modified: 0 })
  await assert.rejects(
    compact(store),
    (thrown) => thrown instanceof KappaError && thrown.code === 'CUT_MISMATCH' && thrown.message.includes(first),
  )
  assert.equal(
    store.keys('index/').some((key) => key.includes('head-')),
    false,
  )
})

test('small files stay apart up to the target, and rows written on other days where they will expire', async () => {
  const { at, store } = await delivered()
  const [size = 0] = [...store.objects].flatMap(([key, { body }]) => (key.startsWith('silver/') ? [body.length] : []))
  const { into } = await compact(store.copy(), 2, { targetBytes: Math.floor(size * 2.5) })
  assert.equal(into, 3)
  at.sell(200, ROWS)
  await deliver(at, store, 24 * HOUR)
  const days = await compact(store, 48, { retentionMs: 30 * 24 * HOUR })
  assert.equal(days.into, 2)
})
