import assert from 'node:assert/strict'
import { test } from 'node:test'
import { addHashes, CutLog, Lane } from '#engine/delivery'
import { memoryRegistry, type Topic, topic } from '#engine/schema'
import { fakeBroker } from '#engine/testing'
import { systemClock } from '#engine/time'
import { untilNow } from '../../../engine/delivery/delivery-fixture.ts'
import { readBronzeFile } from '../bronze/container.ts'
import { BronzeArchive, hasTable, readState, refreshTable, S3Destination, silverFilesOf, tallyTopic } from '../index.ts'
import { readColumns } from './columns.ts'
import { compactTopic } from './compact.ts'
import { type Erasure, eraseTopic } from './erase.ts'
import { HOUR, later, MemoryObjects } from './upkeep-fixture.ts'

interface Visit {
  readonly visitId: string
  readonly customerId: string
  readonly city: string
  readonly age: number | null
  readonly at: number
}

const personal = { 'confluent:tags': ['PII'], pii: { subject: 'customerId', strategy: 'pseudonym', sealed: false } }
const visits: Topic<Visit> = topic<Visit>({
  type: 'record',
  name: 'Visit',
  namespace: 'test',
  doc: 'A visit.',
  topic: {
    name: 'test.visits.v1',
    kind: 'facts',
    key: 'visitId',
    time: 'at',
    id: 'visitId',
    partitions: 2,
    retention: 'forever',
    owner: 'tests',
  },
  fields: [
    { name: 'visitId', type: 'string', doc: 'Id.' },
    { name: 'customerId', type: 'string', doc: 'Who.' },
    { name: 'city', type: 'string', doc: 'Where.', ...personal },
    { name: 'age', type: ['null', 'int'], default: null, doc: 'How old.', ...personal },
    { name: 'at', type: { type: 'long', logicalType: 'timestamp-millis' }, doc: 'When.' },
  ],
})

const CANARY = 'Kanarienvogelstadt'
const visitOf = (i: number): Visit => ({
  visitId: `v${i}`,
  customerId: `c${i % 10}`,
  city: i % 10 === 3 ? CANARY : `town ${i % 10}`,
  age: i % 10 === 3 ? 4_242 : i,
  at: 1_735_689_600_000 + i * 60_000,
})

const registry = memoryRegistry()

/** Three hundred visits in cuts of fifty; some files merged, a table of all of them, and what compaction left behind. */
async function archived(): Promise<MemoryObjects> {
  const broker = fakeBroker({ seed: 1 })
  const store = new MemoryObjects()
  const schemaId = await registry.register(visits)
  await broker.admin.ensure([{ name: visits.name, partitions: 2, settings: {} }])
  const log = new CutLog({ sink: 's3', broker, clock: systemClock })
  await log.ensure()
  for (const from of [0, 150]) {
    for (let i = from; i < from + 150; i++)
      broker.write({
        topic: visits.name,
        partition: i % 2,
        key: Buffer.from(`v${i}`),
        value: Buffer.from(visits.frame(schemaId, visitOf(i))),
      })
    const destination = new S3Destination({
      address: { endpoint: '', region: '', bucket: '', accessKeyId: '', secretAccessKey: '' },
      registry,
      silverOf: () => 'day',
      store,
    })
    const lane = new Lane({
      app: 'test',
      topic: visits,
      source: visits.name,
      lane: 0,
      lanes: 1,
      generation: 1,
      limits: { rows: 50, bytes: 1_000_000, ageMs: 20 },
      broker,
      registry,
      destination,
      log,
      clock: systemClock,
      until: await untilNow(broker, visits.name),
    })
    assert.equal(await lane.run(new AbortController().signal), 'finished')
    await refreshTable({ store, topic: visits, clock: later(0), graceMs: HOUR })
    if (from === 0)
      await compactTopic({
        store,
        topic: visits.name,
        clock: later(1_000),
        graceMs: HOUR,
        retentionMs: -1,
        olderThanMs: 0,
        targetBytes: 1_000_000,
        doneUpTo: () => Number.MAX_SAFE_INTEGER,
      })
  }
  await log.close()
  return store
}

const erase = (store: MemoryObjects, graceMs = 0): Promise<Erasure> =>
  eraseTopic({
    store,
    topic: visits,
    registry,
    subjects: new Set(['c3']),
    clock: later(10_000),
    graceMs,
    doneUpTo: () => Number.MAX_SAFE_INTEGER,
    onVisible: async () =>
      (await hasTable(store, visits.name))
        ? (await refreshTable({ store, topic: visits, clock: later(10_000), graceMs })).snapshots
        : [],
  })

/** Objects in which the canary is, opened whatever they are: named by anything or not. */
async function holding(store: MemoryObjects): Promise<string[]> {
  const found: string[] = []
  for (const [key, { body }] of store.objects) {
    let text = body.toString('latin1')
    if (key.endsWith('.parquet'))
      text += JSON.stringify((await readColumns(body)).rows, (_, v) => (typeof v === 'bigint' ? String(v) : v))
    if (key.startsWith('bronze/'))
      for (const { record } of await readBronzeFile(body, { topic: visits.name, partition: 0 }))
        text += record.value?.toString('latin1') ?? ''
    if (text.includes(CANARY) || text.includes(':4242')) found.push(key)
  }
  return found
}

async function silver(store: MemoryObjects): Promise<Readonly<Record<string, unknown>>[]> {
  const rows: Readonly<Record<string, unknown>>[] = []
  for (const { object } of silverFilesOf(await readState(store, visits.name))) {
    const bytes = await store.get(object)
    assert.ok(bytes, `${object} is missing`)
    rows.push(...(await readColumns(bytes)).rows)
  }
  return rows.sort((a, b) => Number(a.at) - Number(b.at))
}

const sums = async (store: MemoryObjects) => {
  const { bronze, silver, expired, broken } = await tallyTopic(store, visits.name, 1, { 0: 1_000 }, true)
  const whole = (kind: 'bronze' | 'silver') => {
    const [here, gone] = [{ bronze, silver }[kind], expired[kind]]
    return [here.rows + gone.rows, addHashes(here.hashSum, gone.hashSum)]
  }
  return { broken, bronze: whole('bronze'), silver: whole('silver') }
}

test('an erased subject is in no object any more: files, merged ones, archive, snapshots, leftovers; all else is as it was', async () => {
  const store = await archived()
  assert.ok((await holding(store)).length > 6, 'the search finds what is there')
  const [before, rows] = [await sums(store), await silver(store)]
  const done = await erase(store)
  assert.deepEqual([done.silverRows, done.bronzeRows, done.waiting], [30, 30, 0])
  assert.deepEqual(await holding(store), [])
  assert.deepEqual(await sums(store), before, 'counts and hash sums still add up to what was read')
  assert.deepEqual(
    await silver(store),
    rows.map((row) => (row.customerId === 'c3' ? { ...row, city: 'erased', age: null } : row)),
  )
  const archive = new BronzeArchive(store)
  const events: Visit[] = []
  for (const range of await archive.ranges(visits.name))
    for (const { value } of await archive.read(visits.name, range))
      if (value) events.push(visits.decode(value.subarray(5)))
  const expected = Array.from({ length: 300 }, (_, i) => visitOf(i)).map((visit) =>
    visit.customerId === 'c3' ? { ...visit, city: 'erased', age: null } : visit,
  )
  assert.deepEqual(
    events.sort((a, b) => a.at - b.at),
    expected,
  )
  const again = await erase(store)
  assert.deepEqual([again.silverRows, again.bronzeRows, again.rewritten, again.waiting], [0, 0, 0, 0])
})

test('killed before or after any change, nothing visible is missing, and the same command ends it', async () => {
  const store = await archived()
  const before = await sums(store)
  const straight = store.copy()
  await erase(straight)
  assert.ok(straight.changes > 20)
  for (let step = 1; step <= straight.changes; step += 3) {
    const tried = store.copy()
    tried.kill = { at: step, made: step % 2 === 0 }
    await assert.rejects(erase(tried), /killed/)
    tried.kill = undefined
    assert.deepEqual(await sums(tried), before, `killed at ${step}`)
    assert.equal((await erase(tried)).waiting, 0)
    assert.deepEqual(await holding(tried), [], `killed at ${step}`)
    assert.deepEqual(await sums(tried), before, `ended after ${step}`)
  }
})

test('with a grace, earlier readers keep their files until it is over, and the command says what waits', async () => {
  const store = await archived()
  const first = await erase(store, HOUR)
  assert.ok(first.waiting > 0)
  assert.ok((await holding(store)).length > 0)
  assert.equal((await silver(store)).filter(({ city }) => city === CANARY).length, 0)
})
