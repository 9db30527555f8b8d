import assert from 'node:assert/strict'
import { test } from 'node:test'
import { addHashes, fingerprint } from '#engine/delivery'
import { sales, world } from '../../../engine/delivery/delivery-fixture.ts'
import { BronzeArchive } from '../archive.ts'
import { currentOf } from '../current.ts'
import { compactTopic } from './compact.ts'
import { type ExpireOptions, expireTopic } from './expire.ts'
import { counted, deliver, HOUR, later, MemoryObjects, silverRows } from './upkeep-fixture.ts'

const DAY = 24 * HOUR
const doneUpTo = () => Number.MAX_SAFE_INTEGER

/** 200 rows written now, 100 five days later; 10 days of retention. */
async function delivered() {
  const at = await world()
  at.sell(200)
  const store = new MemoryObjects()
  await deliver(at, store)
  const old = fingerprint(at.broker.committed(sales.name))
  at.sell(100, 200)
  await deliver(at, store, 5 * DAY)
  const { count, hashSum } = fingerprint(at.broker.committed(sales.name))
  return { at, store, whole: { rows: count, hashSum }, old: { rows: old.count, hashSum: old.hashSum } }
}

const expire = (store: MemoryObjects, days: number, more: Partial<ExpireOptions> = {}) =>
  expireTopic({
    store,
    topic: sales.name,
    clock: later(days * DAY),
    graceMs: HOUR,
    retentionMs: 10 * DAY,
    doneUpTo,
    ...more,
  })

async function together(store: MemoryObjects) {
  const { bronze, silver, expired, broken } = await counted(store)
  assert.deepEqual(broken, [])
  const plus = (a: typeof bronze, b: typeof bronze) => ({
    rows: a.rows + b.rows,
    hashSum: addHashes(a.hashSum, b.hashSum),
  })
  return [plus(bronze, expired.bronze), plus(silver, expired.silver)]
}

/** Bronze objects that are there and not visible. */
async function unnamed(store: MemoryObjects): Promise<readonly string[]> {
  const ranges = await new BronzeArchive(store).ranges(sales.name)
  const visible = new Set(ranges.map(({ object }) => object))
  return store.keys('bronze/').filter((key) => !visible.has(key))
}

test('what was written longer ago than the retention goes, in the order that nothing visible is missing', async () => {
  const { store, whole, old } = await delivered()
  assert.equal((await expire(store, 9)).objects, 0)
  const dry = await expire(store, 11, { dryRun: true })
  assert.deepEqual([dry.bronze, dry.silver, (await counted(store)).bronze.rows], [old, old, 300])

  const { bronze, silver, waiting, deleted } = await expire(store, 11)
  assert.deepEqual([bronze, silver, waiting], [old, old, 0])
  assert.equal(deleted > 0, true, 'manifests of the first run')
  assert.deepEqual(await together(store), [whole, whole])
  assert.equal(store.keys('bronze/').length > 6, true)
  assert.deepEqual((await counted(store)).expired, { bronze: old, silver: old })

  await expire(store, 11.1)
  assert.equal((await silverRows(store)).length, 100)
  const ranges = await new BronzeArchive(store).ranges(sales.name)
  assert.deepEqual(
    store.keys('bronze/'),
    ranges.map(({ object }) => object),
  )
  assert.equal(
    ranges.reduce((sum, { count }) => sum + count, 0),
    100,
  )
  await expire(store, 20)
  await expire(store, 20.1)
  assert.deepEqual([store.keys('bronze/'), store.keys('silver/'), store.keys('manifest/')], [[], [], []])
  assert.deepEqual(await together(store), [whole, whole])
  assert.equal((await currentOf(store, sales.name)).generation, 1)
})

test('killed before or after any change, nothing visible is missing, and the same command ends it', async () => {
  const { store, whole } = await delivered()
  const straight = store.copy()
  const twice = async (one: MemoryObjects) => {
    await expire(one, 11)
    await expire(one, 11.1)
  }
  await twice(straight)
  assert.ok(straight.changes > 20, `${straight.changes} changes`)
  for (let at = 1; at <= straight.changes; at++)
    for (const made of [false, true]) {
      const tried = store.copy()
      tried.kill = { at, made }
      await assert.rejects(twice(tried), /killed/)
      assert.deepEqual(await together(tried), [whole, whole], `killed at ${at}`)
      await expire(tried, 11.2)
      await expire(tried, 11.3)
      await expire(tried, 14)
      assert.deepEqual(await together(tried), [whole, whole], `killed at ${at}`)
      assert.deepEqual(await unnamed(tried), [], `killed at ${at}`)
      assert.equal(tried.keys('index/').length, 2, `killed at ${at}: ${tried.keys('index/')}`)
    }
})

test('what an undone cut or a running replay reads stays, and also what began to be read during the grace', async () => {
  const { store, whole } = await delivered()
  const needed = ({ partition, first }: { partition: number; first: number }) => partition === 1 && first === 0
  const { waiting, bronze } = await expire(store, 11, { needed })
  assert.deepEqual([waiting, bronze.rows], [1, 150])
  assert.deepEqual(await together(store), [whole, whole])
  assert.equal((await expire(store, 11.1)).bronze.rows, 50)
  await expire(store, 11.2, { needed })
  assert.deepEqual((await unnamed(store)).length, 1)
  assert.match((await unnamed(store))[0] ?? '', /partition=01\/0{20}-/)
  await expire(store, 11.3)
  assert.deepEqual(await unnamed(store), [])
})

test('merged files expire too; a retention of for ever takes nothing', async () => {
  const { store, whole } = await delivered()
  await compactTopic({
    store,
    topic: sales.name,
    clock: later(6 * DAY),
    graceMs: HOUR,
    retentionMs: 10 * DAY,
    olderThanMs: HOUR,
    targetBytes: 1_000_000,
    doneUpTo,
  })
  assert.equal((await expire(store, 1_000, { retentionMs: -1 })).objects, 0)
  assert.equal((await expire(store, 11)).silver.rows, 200)
  assert.deepEqual(await together(store), [whole, whole])
  assert.equal((await silverRows(store)).length, 100)
})
