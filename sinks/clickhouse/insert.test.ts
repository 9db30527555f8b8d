import assert from 'node:assert/strict'
import { Readable } from 'node:stream'
import { test } from 'node:test'
import { type ClickHouseClient, ClickHouseError } from '@clickhouse/client'
import type { KafkaRecord } from '#engine/broker'
import { Batch, schemaIdsOf } from '#engine/delivery'
import { memoryRegistry } from '#engine/schema'
import { sales } from '../../engine/delivery/delivery-fixture.ts'
import { insertRows, settingsOf } from './insert.ts'
import { BlockEncoder } from './native/block.ts'
import { tableFor } from './tables.ts'

const registry = memoryRegistry()
const schemaId = await registry.register(sales)
const encoder = new BlockEncoder(sales, registry)
const records: readonly KafkaRecord[] = Array.from({ length: 16 }, (_, offset) => ({
  topic: sales.name,
  partition: 0,
  offset,
  timestamp: 0,
  key: null,
  value: Buffer.from(sales.frame(schemaId, { saleId: `s${offset}`, amount: 1n, soldAt: 0 })),
  headers: undefined,
}))
await encoder.learn(schemaIdsOf(records))

function cut() {
  const batch = new Batch(0)
  for (const record of records) batch.add(record, null, 1)
  const identity = {
    sink: 'clickhouse',
    topic: sales.name,
    lane: 0,
    generation: 1,
    writerVersion: 'test',
    decidedAt: 0,
  }
  return batch.decide(identity, { number: 0, positions: {}, streamTime: {} }).cut
}

/** Takes every insert but those with a row that nobody wants; keeps which token brought which rows. */
function table(unwanted: string) {
  const tokens = new Map<string, string>()
  const asked: string[] = []
  const client = {
    exec: async ({ values, clickhouse_settings }: Request) => {
      asked.push('insert')
      const text = Buffer.concat(await values.toArray()).toString('latin1')
      if (text.includes(unwanted))
        throw new ClickHouseError({ code: '469', type: 'VIOLATED_CONSTRAINT', message: 'Constraint' })
      tokens.set(clickhouse_settings.insert_deduplication_token, text.match(/s\d+/g)?.join(' ') ?? '')
      return { stream: Readable.from([]) }
    },
  } as unknown as ClickHouseClient
  const insert = (present: readonly number[]) =>
    insertRows(
      {
        client,
        encoder,
        table: tableFor(sales, undefined),
        cut: cut(),
        present: new Set(present.map((offset) => `0:${offset}`)),
        confirm: async () => {
          asked.push('confirm')
        },
      },
      encoder.encode(tableFor(sales, undefined), cut(), records),
    )
  return { insert, tokens, asked }
}

interface Request {
  readonly values: Readable
  readonly clickhouse_settings: { readonly insert_deduplication_token: string }
}

test('a cut that is there in part is halved under the same tokens as the first time', async () => {
  const whole = table('s3')
  const refused = await whole.insert([])
  assert.deepEqual(
    refused.map(({ record }) => record.offset),
    [3],
  )
  const later = table('s3')
  // The first quarter's rows had landed; a half of the others is still under way, from a process that died.
  await later.insert([0, 1, 2])
  for (const [token, brought] of later.tokens) assert.equal(brought, whole.tokens.get(token), token)
  assert.deepEqual([...later.tokens.values()].join(' '), 's4 s5 s6 s7 s8 s9 s10 s11 s12 s13 s14 s15')
})

test('who owns the lane is asked right before each insert', async () => {
  const { insert, asked } = table('s3')
  await insert([])
  assert.ok(asked.length > 6)
  assert.deepEqual(
    asked,
    asked.map((_, n) => (n % 2 === 0 ? 'confirm' : 'insert')),
  )
})

test('on a cluster an insert waits for a majority of replicas, and for its shards', () => {
  assert.equal('insert_quorum' in settingsOf(undefined), false)
  const replicated = settingsOf({ name: 'main', sharded: false })
  assert.deepEqual([replicated.insert_quorum, replicated.insert_quorum_parallel], ['auto', 0])
  assert.equal(settingsOf({ name: 'main', sharded: true }).distributed_foreground_insert, 1)
})
