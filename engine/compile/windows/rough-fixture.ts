import assert from 'node:assert/strict'
import fc from 'fast-check'
import type { Bench } from '../bench-fixture.ts'

/** Which task acts next, how many records it takes, and what happens then. */
export interface Act {
  readonly task: number
  readonly take: number
  readonly fate: 'commit' | 'crash' | 'compact' | 'go on'
}

export const acts: fc.Arbitrary<Act[]> = fc.array(
  fc.record({
    task: fc.nat(3),
    take: fc.integer({ min: 1, max: 6 }),
    fate: fc.constantFrom('commit', 'commit', 'crash', 'compact', 'go on'),
  }),
  { maxLength: 40 },
)

/** Visits of a few users: often close together, sometimes far apart, in no order of time. */
export const visitsFrom = (start: number) =>
  fc
    .array(
      fc.record({
        user: fc.constantFrom('a', 'b', 'c|d'),
        page: fc.constantFrom('p', 'q', 'r'),
        at: fc.oneof(fc.integer({ min: 0, max: 60 }), fc.integer({ min: 0, max: 300 })),
      }),
      { maxLength: 60 },
    )
    .map((list) => list.map((visit, number) => ({ ...visit, number, at: start + visit.at })))

/** Drives the bench through these acts, and then to the end of what was written. */
export async function roughly(bench: Bench, all: readonly Act[]): Promise<void> {
  for (const { task: n, take, fate } of all) {
    const task = bench.tasks[n % bench.tasks.length]
    assert.ok(task)
    await bench.take(task, take)
    if (fate === 'commit' || fate === 'compact') bench.commit(task)
    if (fate === 'compact') bench.compact(task)
    if (fate === 'crash' || fate === 'compact') bench.crash(task)
  }
  await bench.run()
}

/** Rows as texts, in an order of their own: for where only which rows there are is promised. */
export const asSet = (rows: readonly object[]): string[] => rows.map((row) => JSON.stringify(row)).sort()
