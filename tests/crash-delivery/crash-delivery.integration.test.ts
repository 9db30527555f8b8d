import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { lineOf, type Runs } from '../crash/suite.ts'
import { deliverySuite } from './suite.ts'

// Two seeds of `npm run crash -- --suite delivery` on real services, with sink processes that are killed and stopped.

let runs: Runs
before(async () => {
  runs = await deliverySuite.open('real', {})
})
after(() => runs?.close())

for (const seed of [1, 2])
  test(`seed ${seed}: every row is in both stores once, whatever was done to them`, async ({ signal }) => {
    const result = await runs.run(seed, signal)
    assert.ok(result.ok, lineOf(result))
    assert.ok((result.results ?? 0) > 50, `only ${result.results} rows were compared`)
  })
