import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { KafkaRecord } from '#engine/broker'
import { Batch } from '#engine/delivery'
import { sales } from '../../../engine/delivery/delivery-fixture.ts'
import { tableFor } from '../tables.ts'
import { engineColumns } from './engine-columns.ts'

const at = (partition: number, offset: number): KafkaRecord => ({
  ...{ topic: sales.name, partition, offset, timestamp: 0, key: null, value: Buffer.from('x'), headers: undefined },
})

function cutOf(number: number, decidedAt: number, records: readonly KafkaRecord[]) {
  const batch = new Batch(0)
  for (const record of records) batch.add(record, null, 1)
  const identity = { sink: 'clickhouse', topic: sales.name, lane: 0, generation: 1, writerVersion: 'test', decidedAt }
  return batch.decide(identity, { number: number - 1, positions: {}, streamTime: {} }).cut
}

test('rows of cuts that are written again at once keep the time at which each was written', () => {
  const first = [at(0, 1), at(0, 2), at(1, 7)]
  const second = [at(1, 8), at(1, 9)]
  const third = [at(0, 5), at(1, 12)]
  const parts = [cutOf(1, 1_000, first), cutOf(2, 2_000, second), cutOf(3, 3_000, third)]
  const all = [...first, ...second, ...third].sort((a, b) => a.partition - b.partition || a.offset - b.offset)
  const whole = { ...cutOf(1, 9_000, all), parts }
  const column = engineColumns(tableFor(sales, undefined), whole, all, new Uint8Array(all.length)).find(
    ({ name }) => name === '_writtenAt',
  )
  const bytes = Buffer.concat(column?.parts() ?? [])
  const times = all.map((_, i) => Number(bytes.readBigInt64LE(i * 8)))
  assert.deepEqual(times, [1_000, 1_000, 3_000, 1_000, 2_000, 2_000, 3_000])
})
