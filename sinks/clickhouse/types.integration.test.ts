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
  for (const record of records) batch.add(record, null, 1)
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
