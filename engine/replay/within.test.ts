import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { OutputRecord, Stage, StageSpec } from '#engine/compile'
import { sales } from '../delivery/delivery-fixture.ts'
import type { EventTimeRange } from './verify.ts'
import { publishingWithin } from './within.ts'

/** What a stage that hands over these records publishes. */
function published(records: readonly Partial<OutputRecord>[], range: EventTimeRange): readonly Partial<OutputRecord>[] {
  const stage = { drain: () => records } as unknown as Stage
  const [spec] = publishingWithin([{ open: () => stage } as unknown as StageSpec], sales, range)
  assert.ok(spec)
  return spec.open({} as Parameters<StageSpec['open']>[0]).drain()
}

const result = (saleId: string, soldAt: number): Partial<OutputRecord> => ({
  channel: 'result',
  topic: sales.name,
  value: Buffer.from(sales.frame(1, { saleId, soldAt, amount: 1n })),
})

test('results of the range are published, the first instant included, the last not', () => {
  const records = [99, 100, 199, 200].map((at) => result('a', at))
  assert.deepEqual(published(records, { from: 100, to: 200 }), records.slice(1, 3))
})

test('of one key where one is named; what is no result, or takes one away, passes', () => {
  const records = [result('a', 150), result('ab', 150), result('b', 150), result('a', 250)]
  const others: Partial<OutputRecord>[] = [
    { channel: 'result', topic: sales.name, value: null },
    { channel: 'late', topic: 'test.late', value: Buffer.from('x') },
  ] as const
  const key = { field: 'saleId', value: 'a' }
  assert.deepEqual(published([...records, ...others], { from: 100, to: 200, key }), [records[0], ...others])
})
