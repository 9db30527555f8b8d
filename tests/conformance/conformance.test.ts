import assert from 'node:assert/strict'
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { type Case, Mismatch } from './cases.ts'
import { runCase } from './run-case.ts'

const folder = join(import.meta.dirname, 'cases')
const files = readdirSync(folder).filter((name) => name.endsWith('.json'))
const casesOf = (name: string): readonly Case[] =>
  (JSON.parse(readFileSync(join(folder, name), 'utf8')) as { readonly cases: readonly Case[] }).cases

for (const name of files) for (const one of casesOf(name)) test(`${name}: ${one.name}`, () => runCase(one))

test('a case whose expectation is not met fails, and says what differs', async () => {
  const [one] = casesOf('windows.json')
  assert.ok(one)
  const failed = (changed: Partial<Case>) =>
    assert.rejects(runCase({ ...one, ...changed }), (thrown) => thrown instanceof Mismatch)
  await failed({ expect: one.expect.slice(1) })
  await failed({ lateDropped: [0] })
})

test('fields of an expectation may stand in any order, and what it leaves out is not asserted', async () => {
  const [one] = casesOf('windows.json')
  assert.ok(one)
  const turned = one.expect.map((row) => Object.fromEntries(Object.entries(row).reverse()))
  await runCase({ ...one, expect: turned as unknown as Case['expect'] })
  const input = [{ add: 1, ts: [1, 3] }, { poll: 2 }]
  const merge = { name: 'merge', window: null, kind: 'partition-merge', emit: 'order', dialect: 'kstreams', input }
  const expect = [{ ts: 1 }, { ts: 3, streamTime: 3 }]
  await runCase({ ...merge, expect: expect as unknown as Case['expect'] })
  const wrong = [{ ts: 1 }, { ts: 2 }]
  await assert.rejects(runCase({ ...merge, expect: wrong as unknown as Case['expect'] }), Mismatch)
})
