import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { resolve } from 'node:path'
import { test } from 'node:test'
import { type Case, Mismatch } from './cases.ts'
import { runJoinCase } from './joins.ts'

const file = resolve(import.meta.dirname, 'cases/joins.json')
const { cases } = JSON.parse(readFileSync(file, 'utf8')) as { readonly cases: readonly Case[] }

test('the runner finds a row that is not there, one too many, another order, and a drop that did not happen', async () => {
  const [first] = cases
  assert.ok(first)
  const [row] = first.expect
  assert.ok(row)
  const changes = [
    { expect: [] },
    { expect: [...first.expect, row] },
    { expect: [...first.expect].reverse() },
    { lateDropped: [0] },
  ]
  for (const change of changes) await assert.rejects(runJoinCase({ ...first, ...change }), Mismatch)
})
