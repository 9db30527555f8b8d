import { test } from 'node:test'
import fc from 'fast-check'
import type { Case, CaseInput } from '../cases.ts'
import { runCase } from '../run-case.ts'
import { innerJoin, leftJoin, tableJoin } from './joins.ts'
import { mergedPartitions, mergedWatermarks } from './merges.ts'

/* Random joins and merges, answered by references of their own, then run as any case is. */

const run = async (
  one: Omit<Case, 'name' | 'expect' | 'window'> & Partial<Case>,
  answer: (asked: Case) => Pick<Case, 'expect'>,
) => {
  const asked: Case = { name: 'random', expect: [], window: null, ...one }
  await runCase({ ...asked, ...answer(asked) })
}
const runs = { numRuns: 60 }
const keys = fc.constantFrom(0, 1)
const restore = fc.constant('restore' as const)

/** Events of two sides; every value is its own. */
const sides = (one: string, two: string, steps: fc.Arbitrary<number>) =>
  fc
    .array(
      fc.oneof(
        {
          weight: 9,
          arbitrary: fc.record({
            side: fc.constantFrom(one, two),
            key: keys,
            step: steps,
            gone: fc.integer({ min: 0, max: 5 }),
          }),
        },
        { weight: 1, arbitrary: restore },
      ),
      { maxLength: 25 },
    )
    .map((happened) => {
      let ts = 50
      return happened.map((event, n): CaseInput => {
        if (event === 'restore') return { snapshotRestore: true }
        ts = Math.max(0, ts + event.step)
        const value = event.side === 'table' && event.gone === 0 ? null : `v${n}`
        return { side: event.side, key: event.key, ts, value }
      })
    })
const wandering = fc.oneof(fc.integer({ min: -12, max: 12 }), fc.constantFrom(0, 0, 60))
const forwards = fc.oneof(fc.integer({ min: 0, max: 9 }), fc.constantFrom(0, 0, 60))
const spans = fc.constantFrom([3, 3], [0, 0], [10, 0], [0, 10], [-1, 4], [4, -1]) as fc.Arbitrary<[number, number]>

test('inner joins of streams, interval joins', () =>
  fc.assert(
    fc.asyncProperty(
      sides('left', 'right', wandering),
      spans,
      fc.constantFrom('join', 'interval-join'),
      async (input, [beforeMs, afterMs], type) => {
        const window = { type, beforeMs, afterMs, graceMs: 604_800_000 }
        await run({ window, join: 'inner', emit: 'update', dialect: 'quix', input }, innerJoin)
      },
    ),
    runs,
  ))

test('left joins of streams, null rows after the grace', () =>
  fc.assert(
    fc.asyncProperty(
      sides('left', 'right', forwards),
      fc.constantFrom([3, 3], [0, 10], [5, 2]) as fc.Arbitrary<[number, number]>,
      fc.constantFrom(0, 1, 7),
      async (input, [beforeMs, afterMs], graceMs) => {
        const window = { type: 'join', beforeMs, afterMs, graceMs }
        await run({ window, join: 'left', emit: 'update', dialect: 'kstreams', input }, leftJoin)
      },
    ),
    runs,
  ))

test('joins with a versioned table, at once and after a grace', () =>
  fc.assert(
    fc.asyncProperty(
      sides('stream', 'table', wandering),
      fc.constantFrom('inner', 'left'),
      fc.constantFrom(0, 0, 2, 10),
      async (input, join, graceMs) => {
        const window = { type: 'stream-table-join', graceMs, tableHistoryMs: 300_000 }
        await run({ window, join, emit: 'update', dialect: 'kstreams', input }, tableJoin)
      },
    ),
    runs,
  ))

test('as-of joins', () =>
  fc.assert(
    fc.asyncProperty(sides('left', 'right', wandering), fc.constantFrom('inner', 'left'), async (input, join) => {
      const window = { type: 'asof-join', graceMs: 604_800_000 }
      await run({ window, join, emit: 'update', dialect: 'quix', input }, tableJoin)
    }),
    runs,
  ))

const told = fc.oneof(
  { weight: 4, arbitrary: fc.record({ partition: fc.nat(2), watermark: fc.nat(30) }) },
  {
    weight: 1,
    arbitrary: fc.record({ partition: fc.nat(2), status: fc.constantFrom('idle' as const, 'active' as const) }),
  },
)
test('watermarks of partitions with a status', () =>
  fc.assert(
    fc.asyncProperty(fc.array(told, { maxLength: 25 }), fc.integer({ min: 1, max: 3 }), async (all, partitions) => {
      const input = all.filter(({ partition }) => partition < partitions)
      await run({ kind: 'watermark-merge', partitions, emit: 'watermark', dialect: 'flink', input }, mergedWatermarks)
    }),
    { numRuns: 1_000 },
  ))

const polled = fc.oneof(
  fc.record({ add: fc.integer({ min: 1, max: 3 }), ts: fc.array(fc.nat(20), { minLength: 1, maxLength: 4 }) }),
  fc.record({ poll: fc.integer({ min: 1, max: 5 }) }),
)
test('the order in which partitions are taken', () =>
  fc.assert(
    fc.asyncProperty(fc.array(polled, { maxLength: 12 }), async (input) => {
      fc.pre(input.some((step) => 'add' in step))
      await run({ kind: 'partition-merge', emit: 'order', dialect: 'kstreams', input }, mergedPartitions)
    }),
    runs,
  ))
