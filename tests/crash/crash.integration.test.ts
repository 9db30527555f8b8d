import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { engineSuite } from './engine-suite.ts'
import { lineOf, type Runs } from './suite.ts'

// Two seeds of `npm run crash` on a real broker, with worker processes that are killed and stopped.

let real: Runs
before(async () => {
  real = await engineSuite.open('real', {})
})
after(() => real?.close())

for (const seed of [1, 2])
  test(`seed ${seed}: worker processes and a broker that are disturbed end as undisturbed runs do`, async ({
    signal,
  }) => {
    const result = await real.run(seed, signal)
    assert.ok(result.ok, lineOf(result))
    assert.ok((result.results ?? 0) > 5, `only ${result.results} results were compared`)
  })
