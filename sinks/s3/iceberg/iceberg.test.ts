import assert from 'node:assert/strict'
import { test } from 'node:test'
import { topic } from '#engine/schema'
import { sales, world } from '../../../engine/delivery/delivery-fixture.ts'
import { compactTopic } from '../upkeep/compact.ts'
import { deliver, HOUR, later, MemoryObjects } from '../upkeep/upkeep-fixture.ts'
import { readContainer } from './container.ts'
import { DELETED, readManifest } from './manifests.ts'
import { hasTable, refreshTable } from './refresh.ts'
import { partitionOf, schemaOf, specOf } from './schema.ts'
import { hintKey, readTable } from './table.ts'

const refresh = (store: MemoryObjects, hours: number) =>
  refreshTable({ store, topic: sales, clock: later(hours * HOUR), graceMs: HOUR })

async function delivered() {
  const at = await world()
  at.sell(200)
  const store = new MemoryObjects()
  await deliver(at, store)
  return { at, store }
}

/** Data files of every snapshot that the table keeps; throws where anything that it names is missing. */
async function named(store: MemoryObjects): Promise<readonly (readonly string[])[]> {
  const { metadata } = await readTable(store, sales.name)
  assert.ok(metadata)
  const own = (path: string) => {
    const key = path.replace('s3://memory/', '')
    const object = store.objects.get(key)
    assert.ok(object, `${key} is missing`)
    return object.body
  }
  return metadata.snapshots.map((snapshot) => {
    const [path = ''] = readContainer(own(snapshot['manifest-list']), (reader) => {
      const first = reader.text()
      while (!reader.atEnd) reader.raw(1)
      return first
    })
    const spec = metadata['partition-specs'][0] ?? { 'spec-id': 0, fields: [] }
    const entries = readManifest(own(path), spec).filter(({ status }) => status !== DELETED)
    for (const entry of entries) own(entry.path)
    return entries.map((entry) => entry.path)
  })
}

test('one snapshot of what is visible; again, and nothing changes; more, and what was keeps its origin', async () => {
  const { at, store } = await delivered()
  assert.equal(await hasTable(store, sales.name), false)
  const first = await refresh(store, 0)
  assert.deepEqual([first.version, first.rows, first.files, first.added], [1, 200, 4, 4])
  const written = new Map(store.objects)
  assert.equal((await refresh(store, 0.5)).version, 1)
  assert.deepEqual([...store.objects.keys()], [...written.keys()])
  at.sell(50, 200)
  await deliver(at, store)
  const second = await refresh(store, 0.6)
  assert.deepEqual([second.version, second.rows, second.added, second.removed], [2, 250, 1, 0])
  const { metadata } = await readTable(store, sales.name)
  const manifest = store.objects.get(
    `iceberg/${sales.name}/metadata/${metadata?.['current-snapshot-id']}-m0.avro`,
  )?.body
  const spec = metadata?.['partition-specs'][0]
  assert.ok(manifest && spec)
  assert.deepEqual(
    readManifest(manifest, spec).map(({ sequence, partition }) => [sequence, partition]),
    [...Array(4).fill([1, 646]), [2, 646]],
  )
  assert.equal(store.objects.get(hintKey(sales.name))?.body.toString(), '2')
})

test('killed before or after any change, the table is the old one or the new one, and the same command ends it', async () => {
  const { at, store } = await delivered()
  await refresh(store, 0)
  at.sell(50, 200)
  await deliver(at, store)
  const straight = store.copy()
  await refresh(straight, 3)
  assert.ok(straight.changes >= 4)
  for (let step = 1; step <= straight.changes; step++)
    for (const made of [false, true]) {
      const tried = store.copy()
      tried.kill = { at: step, made }
      await assert.rejects(refresh(tried, 3), /killed/)
      assert.ok([4, 5].includes((await named(tried)).at(-1)?.length ?? 0), `killed at ${step}`)
      const { rows, version } = await refresh(tried, 3.1)
      assert.deepEqual([rows, version, (await named(tried)).at(-1)?.length], [250, 2, 5], `killed at ${step}`)
    }
})

test('compaction brings the table along before it deletes: no snapshot that is kept names a file that is gone', async () => {
  const { store } = await delivered()
  await refresh(store, 0)
  const compact = (hours: number, bring = true) =>
    compactTopic({
      store,
      topic: sales.name,
      clock: later(hours * HOUR),
      graceMs: HOUR,
      retentionMs: -1,
      olderThanMs: HOUR,
      targetBytes: 1_000_000,
      doneUpTo: () => Number.MAX_SAFE_INTEGER,
      onVisible: async () => (bring ? (await refresh(store, hours)).snapshots : []),
    })
  await assert.rejects(
    compactTopicKilledAtTheTable(() => compact(2, true), store),
    /killed/,
  )
  // The table still names the small files: their grace begins when it lets go of them, in this run.
  assert.equal((await compact(4)).deleted, 0)
  assert.deepEqual(
    (await named(store)).map((files) => files.length),
    [4, 1],
  )
  await compact(4.5)
  await named(store)
  assert.ok((await compact(6)).deleted > 4)
  assert.deepEqual(
    (await named(store)).map((files) => files.length),
    [1],
  )
  assert.equal(store.keys('silver/').length, 1)
})

/** Killed once the merged files are visible, and before the table knows. */
async function compactTopicKilledAtTheTable(run: () => Promise<unknown>, store: MemoryObjects): Promise<void> {
  const put = store.put.bind(store)
  store.put = async (key, body) => {
    if (key.startsWith('iceberg/')) throw new Error('killed')
    await put(key, body)
  }
  try {
    await run()
  } finally {
    store.put = put
  }
}

test('columns keep their ids; one that came later is optional; what Iceberg has no type for is left out', () => {
  const first = schemaOf(sales.contract, undefined, 0)
  assert.deepEqual(
    first.schema.fields.map(({ id, name, required, type }) => [id, name, required, type]),
    [
      [1, 'saleId', true, 'string'],
      [2, 'amount', true, 'decimal(18, 2)'],
      [3, 'soldAt', true, 'timestamptz'],
      [4, '_partition', true, 'int'],
      [5, '_offset', true, 'long'],
      [6, '_generation', true, 'int'],
      [7, '_writtenAt', true, 'timestamptz'],
    ],
  )
  assert.equal(schemaOf(sales.contract, first.schema, first.lastId).schema, first.schema)
  const avro = JSON.parse(sales.contract.avro) as { fields: unknown[] }
  const more = [
    { name: 'shop', type: 'string', doc: 'Shop.', default: 'web' },
    { name: 'tags', type: { type: 'array', items: 'long' }, doc: 'Tags.', default: [] },
  ]
  const grown = topic<unknown>({ ...avro, topic: sales.contract.topic, fields: [...avro.fields, ...more] } as never)
  const second = schemaOf(grown.contract, first.schema, first.lastId)
  assert.deepEqual([second.lastId, second.schema['schema-id']], [10, 1])
  assert.deepEqual(
    second.schema.fields.filter(({ id }) => id > 7).map(({ id, name, required }) => [id, name, required]),
    [
      [8, 'shop', false],
      [9, 'tags', false],
    ],
  )
  assert.deepEqual(
    second.schema.fields.filter(({ id }) => id <= 7),
    first.schema.fields,
  )
  assert.deepEqual(specOf(sales.contract, first.schema, 'day').fields[0]?.['source-id'], 3)
})

test('folders are days and months since 1970, before it too', () => {
  assert.deepEqual(
    ['date=1970-01-02', 'date=1969-12-31', 'month=1970-02', 'month=1969-12', 'month=2025-01'].map(partitionOf),
    [1, -1, 1, -1, 660],
  )
})
