import assert from 'node:assert/strict'
import { test } from 'node:test'
import { KappaError } from '#engine/errors'
import { type Completeness, routeNamed } from './completeness.ts'
import { waitFor } from './wait.ts'

const START = Date.parse('2026-01-01T00:00:00Z')
const at = (completeUntil: number | null, onTheWay = 0): Completeness => ({
  table: 'shop.revenue_per_minute',
  topic: 'shop.revenue-per-minute.v1',
  processor: 'revenue-per-minute',
  completeUntil,
  behind: 0,
  onTheWay,
  late: 0,
  rejected: 0,
})

/** Time passes only by waiting for it. */
function trial(states: readonly Completeness[]) {
  let now = 0
  let looks = 0
  const told: string[] = []
  const stop = new AbortController()
  const clock = {
    now: () => now,
    sleep: async (milliseconds: number) => {
      now += milliseconds
    },
  }
  const look = async () => states[Math.min(looks++, states.length - 1)] as Completeness
  const options = {
    until: START,
    timeoutMs: 25_000,
    clock,
    signal: stop.signal,
    tell: (line: string) => told.push(line),
  }
  return { look, options, told, stop, looks: () => looks }
}

test('waits until the table is complete so far, not before', async () => {
  const one = trial([at(null), at(START - 1), at(START - 1, 3), at(START)])
  assert.equal((await waitFor(one.look, one.options)).completeUntil, START)
  assert.equal(one.looks(), 4)
})

test('says every ten seconds what it waits for, and fails with that when time is up', async () => {
  const one = trial([at(START - 60_000, 7)])
  await assert.rejects(waitFor(one.look, one.options), (thrown: unknown) => {
    assert.ok(thrown instanceof KappaError && thrown.code === 'SERVICE_UNAVAILABLE')
    assert.match(thrown.message, /25 s in vain: shop.revenue_per_minute has 7 records on their way/)
    return true
  })
  assert.equal(one.told.length, 2)
})

test('ends at once when it is interrupted', async () => {
  const one = trial([at(null)])
  one.stop.abort()
  await assert.rejects(waitFor(one.look, one.options), { code: 'INTERRUPTED' })
  assert.equal(one.looks(), 1)
})

test('tables are found by their name, that of their latest rows, and their topic', () => {
  const names = ['retail.revenue_per_day', 'retail.revenue_per_day_latest', 'retail.revenue-per-day.v1']
  assert.deepEqual(new Set(names.map((name) => routeNamed(name).topic.name)), new Set(['retail.revenue-per-day.v1']))
  assert.throws(() => routeNamed('retail.nothing'), { code: 'CONFIG_INVALID' })
  // Sealed topics have no table.
  assert.throws(() => routeNamed('shop.purchases.v1'), { code: 'CONFIG_INVALID' })
})
