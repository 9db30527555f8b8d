import assert from 'node:assert/strict'
import { test } from 'node:test'
import { order, orderContract } from './order-fixture.ts'
import { rulesOf } from './rules.ts'
import { topic } from './topic.ts'

const orders = topic<unknown>(orderContract())

test('a value that breaks a rule is named by its field, without the value', () => {
  const judge = rulesOf(orders)
  assert.equal(judge(order), undefined)
  assert.equal(judge({ ...order, lines: 0 }), 'field lines is below 1')
  assert.equal(judge({ ...order, orderId: '' }), 'field orderId is empty')
  assert.equal(judge({ ...order, orderId: 'x1' }), 'field orderId does not match ^o')
})

test('bounds of a decimal are in its units, exactly', () => {
  const judge = rulesOf(orders)
  assert.equal(judge({ ...order, total: 49n }), 'field total is below 0.5')
  assert.equal(judge({ ...order, total: 50n }), undefined)
  assert.equal(judge({ ...order, total: 10_000n }), undefined)
  assert.equal(judge({ ...order, total: 10_001n }), 'field total is above 100')
})

test('only the fields at hand are judged; null breaks nothing', () => {
  assert.equal(rulesOf(orders, ['orderId'])({ orderId: 'o1' }), undefined)
  assert.equal(rulesOf(orders, ['orderId'])({ ...order, lines: 0 }), undefined)
  assert.equal(rulesOf(orders)({ ...order, lines: null }), undefined)
})
