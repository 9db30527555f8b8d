import assert from 'node:assert/strict'
import { test } from 'node:test'
import { survive } from './survival.ts'

/** Three kills here; the trial of twenty is run by hand (docs/decisions/0002-chdb-survival.md). */
test('SIGKILL during inserts, mutations and EXCHANGE loses, doubles and tears nothing', async (t) => {
  const result = await survive(3, Math.random, (line) => t.diagnostic(line))
  assert.deepEqual(result.violations, [])
  assert.ok(result.insertsAcknowledged > 10, 'it was killed before it had done anything')
  assert.ok(result.mutationsAcknowledged > 0)
  assert.ok(result.exchanges > 10)
})
