import assert from 'node:assert/strict'
import { test } from 'node:test'
import { differences, type GoldRow } from './rows.ts'

const row = (key: string, cents: number): GoldRow => ({ key, lines: 1, units: 2, cents })

test('the same rows in another order do not differ', () => {
  assert.deepEqual(differences([row('a', 1), row('b', 2)], [row('b', 2), row('a', 1)]), [])
})

test('a cent, a row too few, one too many and one twice do', () => {
  const whole = [row('a', 1), row('b', 2)]
  assert.deepEqual(differences(whole, [row('a', 1), row('b', 3)]), [
    'b: 1 lines, 2 units, 2 cents where the other has 1 lines, 2 units, 3 cents',
  ])
  assert.deepEqual(differences(whole, [row('a', 1)]), ['b: 1 lines, 2 units, 2 cents where the other has nothing'])
  assert.deepEqual(differences([row('a', 1)], whole), ['b: nothing where the other has 1 lines, 2 units, 2 cents'])
  assert.equal(differences(whole, [...whole, row('a', 1)]).length, 1)
})
