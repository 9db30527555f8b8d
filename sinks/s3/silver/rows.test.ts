import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { KafkaRecord } from '#engine/broker'
import { Batch } from '#engine/delivery'
import { memoryRegistry, topic } from '#engine/schema'
import { readColumns } from '../upkeep/columns.ts'
import { parquetFile } from './parquet.ts'
import { SilverReader } from './rows.ts'

interface Bill {
  readonly id: string
  readonly amount: bigint
  readonly parts: readonly bigint[]
  readonly at: number
}
const doc = 'For tests.'
const billsOf = (precision: number) => {
  const money = { type: 'bytes', logicalType: 'decimal', precision, scale: 2 }
  return topic<Bill>({
    type: 'record',
    name: 'Bill',
    namespace: 'test',
    doc,
    topic: {
      name: 'test.bills.v1',
      kind: 'facts',
      key: 'id',
      id: 'id',
      time: 'at',
      partitions: 1,
      retention: 'forever',
      owner: 'tests',
    },
    fields: [
      { name: 'id', type: 'string', doc },
      { name: 'amount', type: money, doc },
      { name: 'parts', type: { type: 'array', items: money }, doc },
      { name: 'at', type: { type: 'long', logicalType: 'timestamp-millis' }, doc },
    ],
  })
}
const bills = billsOf(12)
/** What another's client may write under the same schema: Avro's bytes hold any number. */
const careless = billsOf(38)

test('a row that Parquet has no room for is refused with field and reason; the others land', async () => {
  const registry = memoryRegistry()
  const id = await registry.register(bills)
  const bill = (n: number, more: Partial<Bill>): Bill => ({ id: `b${n}`, amount: 1n, parts: [], at: 0, ...more })
  const large = 10n ** 20n
  const values = [
    bill(0, {}),
    bill(1, { amount: large }),
    bill(2, { parts: [1n, -large] }),
    bill(3, { amount: 10n ** 12n - 1n }),
  ]
  const records = values.map(
    (value, offset): KafkaRecord => ({
      topic: bills.name,
      partition: 0,
      offset,
      timestamp: 0,
      key: null,
      value: Buffer.from(careless.frame(id, value)),
      headers: undefined,
    }),
  )
  const { folders, refused } = await new SilverReader(bills, registry, 'day').read(records)
  assert.deepEqual(
    refused.map(({ record, reason }) => [record.offset, reason]),
    [
      [1, 'field amount: 100000000000000000000 (unscaled) has more than 12 digits'],
      [2, 'field parts: -100000000000000000000 (unscaled) has more than 12 digits'],
    ],
  )
  const batch = new Batch(0)
  for (const record of records) batch.add(record, 0, id)
  const identity = { sink: 's3', topic: bills.name, lane: 0, generation: 1, writerVersion: 'test', decidedAt: 0 }
  const { cut } = batch.decide(identity, { number: 0, positions: {}, streamTime: {} })
  const [[, rows] = ['', []]] = folders
  const { rows: found } = await readColumns(await parquetFile(bills, cut, rows))
  assert.deepEqual(
    found.map(({ id, amount }) => [id, amount]),
    [
      ['b0', 1n],
      ['b3', 999_999_999_999n],
    ],
  )
})
