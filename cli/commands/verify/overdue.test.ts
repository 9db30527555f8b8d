import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { LaneRecord } from '#engine/delivery'
import { systemClock } from '#engine/time'
import { airports, clicks } from '#schemas'
import { overdueCuts } from './overdue.ts'
import type { Stores } from './stores.ts'

const DAY_MS = 86_400_000

const record = (topic: string, state: LaneRecord['state'], daysAgo: number): LaneRecord => ({
  state,
  cut: {
    ...{ sink: 'clickhouse', topic, lane: 0, generation: 1, number: 4, ranges: [], count: 10, minEventTime: null },
    ...{ maxEventTime: null, streamTimeBefore: {}, schemaIds: [], writerVersion: '1', sha256: '', hashSum: '9' },
    decidedAt: systemClock.now() - daysAgo * DAY_MS,
  },
  ...{ positions: {}, streamTime: {}, witness: null, refused: 0 },
  totals: { count: 0, hashSum: '0', refused: 0, refusedHashSum: '0' },
})

test('a cut that is undone for half of the retention is a difference, one that is done, recent or kept for ever is none', async () => {
  const of = (...records: readonly LaneRecord[]) => ({ all: async () => records })
  const logs = {
    clickhouse: of(record(clicks.name, 'decided', 10_000), record('other.v1', 'decided', 10_000)),
    s3: of(record(clicks.name, 'done', 10_000), record(airports.name, 'decided', 10_000)),
    redis: of(record(clicks.name, 'decided', 0.01)),
  } as unknown as Stores['logs']
  const [found, ...others] = await overdueCuts([clicks, airports], { logs })
  assert.deepEqual(others, [])
  assert.deepEqual([found?.store, found?.expected.rows, found?.equal], ['clickhouse', 10, false])
  assert.match(found?.note ?? '', /cut 4 of .*10 records.*are not in clickhouse yet.*kappa sink status clickhouse/)
})
