import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import type { KafkaRecord } from '#engine/broker'
import { Batch, type Cut } from '#engine/delivery'
import { parseContract, topic, valueBytes } from '#engine/schema'
import { contracts, recordsOf } from '../../../engine/schema/random-fixture.ts'
import type { SilverFile } from '../ledger/head.ts'
import type { ObjectStore } from '../object-store.ts'
import { readColumns } from '../upkeep/columns.ts'
import { mergeFiles } from '../upkeep/merge.ts'
import { parquetFile } from './parquet.ts'
import { orNull, valueReader } from './parquet-value.ts'

type Value = Record<string, unknown>

function cutOf(records: readonly KafkaRecord[]): Cut {
  const batch = new Batch(0)
  for (const record of records) batch.add(record, null, 1)
  const identity = { sink: 's3', topic: 'test.random.v1', lane: 0, generation: 1, writerVersion: 'test', decidedAt: 1 }
  return batch.decide(identity, { number: 0, positions: {}, streamTime: {} }).cut
}

test('any value of any contract survives Parquet, merged too: nulls, empty and nested ones', async () => {
  await fc.assert(
    fc.asyncProperty(
      contracts.chain((json) =>
        fc.tuple(fc.constant(json), fc.array(recordsOf(parseContract(json).fields), { minLength: 1, maxLength: 6 })),
      ),
      async ([json, values]) => {
        const handle = topic<Value>(json)
        const bytesOf = valueBytes(handle)
        const rows = values.map((value, offset) => ({
          value,
          record: {
            topic: handle.name,
            partition: 0,
            offset,
            timestamp: 0,
            key: null,
            value: handle.encode(value),
            headers: undefined,
          },
        }))
        const cut = cutOf(rows.map(({ record }) => record))
        const file = await parquetFile(handle, cut, rows)
        const silver: SilverFile = {
          object: 'silver/a.parquet',
          rows: rows.length,
          hashSum: cut.hashSum,
          bytes: file.length,
          generation: 1,
          oldest: 1,
          newest: 1,
        }
        const store = { get: async () => file } as unknown as ObjectStore
        const [merged] = await mergeFiles(store, handle.name, [silver, silver])
        assert.ok(merged)
        const readers = handle.contract.fields.map(({ name, type }) => [name, orNull(valueReader(type))] as const)
        for (const [stored, expected] of [
          [file, values],
          [merged.bytes, [...values, ...values]],
        ] as const) {
          const columns = await readColumns(stored)
          const found = columns.rows.map((row) =>
            Object.fromEntries(readers.map(([name, read]) => [name, read(row[name])])),
          )
          assert.deepEqual(found, expected)
          assert.deepEqual(found.map(bytesOf), expected.map(bytesOf))
        }
      },
    ),
    { numRuns: 150 },
  )
})
