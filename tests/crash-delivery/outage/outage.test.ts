import assert from 'node:assert/strict'
import { test } from 'node:test'
import { type OutageResult, problemsOf } from './outage.ts'

const good: Omit<OutageResult, 'problems'> = {
  ...{ store: 'clickhouse', seconds: 60, rate: 1_000, memory: 64, events: 90_000, backlog: 59_000, otherBehind: 900 },
  ...{ recoveredInSeconds: 5, rssBefore: 300, rssMost: 420, rows: 90_000, distinct: 90_000, differences: 0 },
}

test('an outage is as it must be only where nothing is lost, doubled or unbounded, and it was one', () => {
  assert.deepEqual(problemsOf(good, 6), [])
  for (const [wrong, about] of [
    [{ rows: 89_999, distinct: 89_999 }, /1 rows are lost/],
    [{ rows: 90_002 }, /2 rows are there twice/],
    [{ rows: 90_001, distinct: 90_001 }, /1 rows are there twice/],
    [{ differences: 1 }, /1 differences/],
    [{ backlog: 20_000 }, /no outage under load/],
    [{ otherBehind: 20_000 }, /other sink was 20000 events behind/],
    [{ rssMost: 700 }, /700 MB, more than 614/],
  ] as const) {
    const found = problemsOf({ ...good, ...wrong }, 6)
    assert.equal(found.length, 1, found.join('; '))
    assert.match(found[0] ?? '', about)
  }
  assert.match(problemsOf(good, 1).join(), /not both stores/)
})
