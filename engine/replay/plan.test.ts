import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import type { ArchivedRange } from '#engine/delivery'
import { type PartitionFacts, planPartition, type ReplayWindow } from './plan.ts'

const range = (first: number, last: number, minEventTime: number, maxEventTime: number): ArchivedRange => ({
  partition: 0,
  first,
  last,
  count: last - first + 1,
  minEventTime,
  maxEventTime,
  object: `${first}-${last}`,
  bytes: 1,
})
const archived = [range(0, 99, 0, 999), range(101, 199, 1_000, 1_999), range(201, 299, 2_000, 2_999)]
const facts = (over: Partial<PartitionFacts> = {}): PartitionFacts => ({
  topic: 'shop.purchases.v1',
  partition: 0,
  beginning: 0,
  committedEnd: 400,
  archived,
  whole: false,
  ...over,
})
const window = (over: Partial<ReplayWindow> = {}): ReplayWindow => ({
  from: 1_200,
  to: 1_500,
  warmUpMs: 100,
  graceMs: 100,
  ...over,
})

test('reads the ranges that hold the window, from Kafka while it has them', () => {
  const plan = planPartition(facts(), window(), 'auto')
  assert.deepEqual([plan.start, plan.end], [101, 200])
  assert.deepEqual(plan.segments, [{ from: 'kafka', first: 101, last: 199 }])
})

test('fills what retention deleted from the archive, and goes on in Kafka without a double', () => {
  const plan = planPartition(facts({ beginning: 250 }), window({ to: 5_000 }), 'auto')
  assert.deepEqual(
    plan.segments.map(({ from, first, last }) => [from, first, last]),
    [
      ['s3', 101, 199],
      ['s3', 201, 299],
      ['kafka', 300, 399],
    ],
  )
})

test('the warm-up reaches back, the grace reaches on', () => {
  const plan = planPartition(facts(), window({ warmUpMs: 300, graceMs: 600 }), 'auto')
  assert.deepEqual([plan.start, plan.end], [0, 300])
})

test('a table is read whole', () => {
  const plan = planPartition(facts({ whole: true, beginning: 250 }), window(), 'auto')
  assert.deepEqual([plan.start, plan.end], [0, 400])
})

test('what no source has is refused with the offsets', () => {
  const gap = facts({ beginning: 350 })
  assert.throws(() => planPartition(gap, window({ to: 9_000 }), 'auto'), /offsets 300 to 349 are neither in Kafka/)
})

test('segments cover each offset that the log can hold once, in order, whatever was deleted', () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 0, max: 300 }),
      fc.constantFrom('auto', 's3'),
      fc.integer({ min: 0, max: 3_000 }),
      (beginning, choice, to) => {
        const plan = planPartition(facts({ beginning }), window({ from: 0, to }), choice as 'auto' | 's3')
        let at = plan.start
        for (const segment of plan.segments) {
          const markersOnly = segment.first - at <= 1
          assert.ok(segment.first >= at && markersOnly && segment.last >= segment.first)
          if (segment.from === 'kafka') assert.ok(segment.first >= beginning)
          at = segment.last + 1
        }
        assert.equal(at, plan.end)
      },
    ),
  )
})
