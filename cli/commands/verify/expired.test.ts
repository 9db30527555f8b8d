import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Cut, Expectation, LaneRecord } from '#engine/delivery'
import { systemClock } from '#engine/time'
import { airports, clicks } from '#schemas'
import { keptRecords, keptSince, landedBefore, mayBeGone } from './expired.ts'
import type { Stores } from './stores.ts'

const cut = (number: number, decidedAt: number, topic = 'a.b.v1', generation = 1): Cut => ({
  sink: 'clickhouse',
  topic,
  lane: 0,
  generation,
  number,
  ranges: [],
  count: 10,
  minEventTime: null,
  maxEventTime: null,
  streamTimeBefore: {},
  schemaIds: [],
  writerVersion: '1',
  sha256: '',
  hashSum: String(100 * number),
  decidedAt,
})
const done = (one: Cut, refused: number, refusedHashSum: string): LaneRecord => ({
  state: 'done',
  cut: one,
  positions: {},
  streamTime: {},
  witness: null,
  refused,
  totals: { count: 0, hashSum: '0', refused: 0, refusedHashSum },
})

test('what cuts brought before a moment, without refused rows, other generations and other topics', async () => {
  const records = [
    done(cut(1, 1_000), 0, '0'),
    done(cut(1, 1_000, 'other.v1'), 0, '0'),
    done(cut(1, 1_000, 'a.b.v1', 2), 0, '0'),
    done(cut(2, 2_000), 3, '7'),
    done(cut(3, 3_000), 1, '9'),
    done(cut(4, 1_500), 0, '9'),
  ]
  const history = async (take: (record: LaneRecord) => void) => records.forEach(take)
  const stores = { logs: { clickhouse: { history } } } as unknown as Stores
  const expectation = { generation: 1, cuts: { 0: 3 } } as unknown as Expectation
  assert.deepEqual(await landedBefore(2_500, 'a.b.v1', expectation, stores), { rows: 17, hashSum: '293' })
  assert.deepEqual(await landedBefore(5_000, 'a.b.v1', expectation, stores), { rows: 26, hashSum: '591' })
})

test('rows may be gone only where the contract lets them go', () => {
  assert.equal(keptSince(airports), undefined)
  assert.equal(mayBeGone(airports, cut(1, 0)), false)
  assert.equal(mayBeGone(clicks, cut(1, 0)), true)
  assert.equal(mayBeGone(clicks, cut(1, systemClock.now() - 1_000)), false)
})

test('records of rows that may be gone are those of cuts decided before, partition by partition', async () => {
  const of = (number: number, decidedAt: number, partition: number, first: number, last: number) =>
    done({ ...cut(number, decidedAt), ranges: [{ partition, first, last, count: 1 }] }, 0, '0')
  const records = [of(1, 1_000, 0, 0, 9), of(2, 2_000, 1, 0, 4), of(3, 3_000, 0, 10, 19)]
  const history = async (take: (record: LaneRecord) => void) => records.forEach(take)
  const stores = { logs: { clickhouse: { history } } } as unknown as Stores
  const expectation = { generation: 1, cuts: { 0: 3 } } as unknown as Expectation
  const isKept = await keptRecords(2_000, 'a.b.v1', expectation, stores)
  const answers = [
    [0, 9],
    [0, 10],
    [1, 0],
    [2, 0],
  ].map(([partition = 0, offset = 0]) => isKept({ partition, offset }))
  assert.deepEqual(answers, [false, true, true, true])
})
