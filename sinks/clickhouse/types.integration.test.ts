import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import fc from 'fast-check'
import type { KafkaRecord } from '#engine/broker'
import { Batch, type Cut } from '#engine/delivery'
import { KappaError } from '#engine/errors'
import { type AnyTopic, memoryRegistry, parseContract, topic, valueBytes } from '#engine/schema'
import { admin, startServer, type TestServer } from '../../deploy/local/clickhouse/testing.ts'
import { contracts, recordsOf } from '../../engine/schema/random-fixture.ts'
import { ClickHouseDestination } from './index.ts'

// Every type on the real engine: what was encoded is read back, bit for bit.

type Value = Record<string, unknown>
type Json = Record<string, unknown>

let server: TestServer
const registry = memoryRegistry()
let destination: ClickHouseDestination

before(async () => {
  server = await startServer()
  destination = new ClickHouseDestination({ address: { url: server.url, ...admin }, registry })
})
after(async () => {
  await destination?.close()
  await server[Symbol.asyncDispose]()
})

async function recordsFor(handle: AnyTopic, values: readonly Value[], from = 0): Promise<KafkaRecord[]> {
  const id = await registry.register(handle)
  return values.map((value, i) => ({
    topic: handle.name,
    partition: 0,
    offset: from + i,
    timestamp: 0,
    key: Buffer.from(String(value.id)),
    value: Buffer.from(handle.frame(id, value)),
    headers: undefined,
  }))
}

function cutOf(records: readonly KafkaRecord[], number = 1): Cut {
  const batch = new Batch(0)
  for (const record of records) batch.add(record, null, record.value?.readInt32BE(1))
  const identity = {
    sink: 'clickhouse',
    topic: records[0]?.topic ?? '',
    lane: 0,
    generation: 1,
    writerVersion: 'test',
    decidedAt: 1_000,
  }
  return batch.decide(identity, { number: number - 1, positions: {}, streamTime: {} }).cut
}

const readBack = async (handle: AnyTopic, cut: Cut): Promise<unknown[]> =>
  [...(await destination.rowsOf(handle, cut))].sort((a, b) => a.offset - b.offset).map(({ value }) => value)

test('any value of any contract is read back as it was encoded: nulls, empty and nested ones', async () => {
  let runs = 0
  await fc.assert(
    fc.asyncProperty(
      contracts.chain((json) =>
        fc.tuple(fc.constant(json), fc.array(recordsOf(parseContract(json).fields), { minLength: 1, maxLength: 8 })),
      ),
      async ([json, values]) => {
        const own = { ...json, topic: { ...(json.topic as Json), name: `test.random-${++runs}.v1` } }
        const handle = topic<Value>(own)
        await destination.prepare(handle)
        await destination.prepare(handle)
        const records = await recordsFor(handle, values)
        const cut = cutOf(records)
        assert.deepEqual(await destination.write(handle, cut, records, false), [])
        const found = await readBack(handle, cut)
        assert.deepEqual(found, values)
        assert.deepEqual((found as Value[]).map(valueBytes(handle)), values.map(valueBytes(handle)))
        await server.rows(`DROP TABLE test.random_${runs} SYNC`)
      },
    ),
    { numRuns: 60, endOnFailure: true },
  )
})

const field = (name: string, type: unknown, more: Json = {}): Json => ({ name, type, doc: name, ...more })
const optional = (name: string, type: unknown): Json => field(name, ['null', type], { default: null })
const contract = (name: string, ...fields: Json[]): Json => ({
  type: 'record',
  name: 'Changing',
  namespace: 'test',
  doc: 'A thing.',
  topic: {
    name,
    kind: 'facts',
    key: 'id',
    time: 'at',
    id: 'id',
    partitions: 1,
    retention: 'forever',
    owner: 'tests',
  },
  fields: [field('id', 'string'), ...fields, field('at', { type: 'long', logicalType: 'timestamp-millis' })],
})
const place = (...fields: Json[]): Json =>
  field('place', { type: 'record', name: 'Place', fields: [field('city', 'string'), ...fields] })

test('a later schema within a cut: the table gets its columns, nested ones too, and every row reads as its event does', async () => {
  const name = 'test.changing.v1'
  const first = topic<Value>(contract(name, place(), field('size', 'int'), field('rate', 'float')))
  const second = topic<Value>(
    contract(
      name,
      place(optional('zip', 'string'), field('tags', { type: 'array', items: 'string' }, { default: [] })),
      field('size', 'long'),
      field('rate', 'double'),
      optional('maker', { type: 'record', name: 'Maker', fields: [field('name', 'string')] }),
      field('colour', 'string', { default: 'grey' }),
    ),
  )
  const old = { id: 'a', place: { city: 'Rome' }, size: 3, rate: 0.5, at: 1 }
  const young = {
    ...old,
    id: 'b',
    place: { city: 'Oslo', zip: '0150', tags: ['x'] },
    size: 2 ** 40,
    maker: { name: 'ACME' },
    colour: 'red',
  }
  const asRead = { ...old, place: { ...old.place, zip: null, tags: [] }, maker: null, colour: 'grey' }
  const before = await recordsFor(first, [old])
  const own = new ClickHouseDestination({ address: { url: server.url, ...admin }, registry })
  await own.prepare(first)
  const earlier = cutOf(before)
  assert.deepEqual(await own.write(first, earlier, before, false), [])
  // The process was built with the first version; a producer writes the second in the middle of a cut.
  const mixed = [...(await recordsFor(first, [{ ...old, id: 'c' }], 1)), ...(await recordsFor(second, [young], 2))]
  const cut = cutOf(mixed, 2)
  for (const again of [false, true]) assert.deepEqual(await own.write(first, cut, mixed, again), [])
  const rows = [...(await own.rowsOf(second, earlier)), ...(await own.rowsOf(second, cut))]
  assert.deepEqual(
    rows.sort((a, b) => a.offset - b.offset).map(({ value }) => value),
    [asRead, { ...asRead, id: 'c' }, young],
  )
  // Started again with the old contract: the table stays as wide as it is, and takes older rows.
  await own.prepare(first)
  const late = await recordsFor(first, [{ ...old, id: 'd' }], 3)
  const fresh = new ClickHouseDestination({ address: { url: server.url, ...admin }, registry })
  assert.deepEqual(await fresh.write(first, cutOf(late, 3), late, false), [])
  assert.deepEqual(await readBack(second, cutOf(late, 3)), [{ ...asRead, id: 'd' }])
  await assert.rejects(
    own.prepare(topic<Value>(contract(name, field('place', 'string'), field('size', 'int'), field('rate', 'float')))),
    (thrown) =>
      thrown instanceof KappaError &&
      thrown.code === 'SCHEMA_INCOMPATIBLE' &&
      /column place is Tuple.*topic version/s.test(thrown.message),
  )
  await Promise.all([own.close(), fresh.close()])
})
