import assert from 'node:assert/strict'
import { test } from 'node:test'
import { lineOf } from '../crash/suite.ts'
import { deliverySuite } from './suite.ts'
import { difference, type Lines } from './truth.ts'

// The first twenty seeds of `npm run crash -- --suite delivery` on stores in memory.

const runs = await deliverySuite.open('fake', {})

for (let seed = 1; seed <= 20; seed++) {
  test(`seed ${seed}: every row is in both stores once, whatever was done to them`, async ({ signal }) => {
    const result = await runs.run(seed, signal)
    assert.ok(result.ok, lineOf(result))
    assert.ok((result.results ?? 0) > 50, `only ${result.results} rows were compared`)
  })
}

test('a seed reproduces its run to the last detail', async ({ signal }) => {
  const [first, second] = [await runs.run(23, signal), await runs.run(23, signal)]
  assert.deepEqual({ ...first, milliseconds: 0 }, { ...second, milliseconds: 0 })
})

test('stores differ where a row is missing, doubled or changed, and where there is one too many', () => {
  const of = (...rows: string[]): Lines => new Map([['table', rows]])
  assert.equal(difference(of('a', 'b'), of('b', 'a')), undefined)
  for (const other of [of('a'), of('a', 'b', 'b'), of('a', 'c'), of('a', 'b', 'c'), of()])
    assert.match(difference(of('a', 'b'), other) ?? '', /^table: \d rows instead of 2/)
})
