import assert from 'node:assert/strict'
import { test } from 'node:test'
import { measured } from './measures.ts'

test('recall and NDCG by hand', () => {
  // Two of three found, at places 1 and 3: gains 1 and 1/2, best 1 + 1/log2(3) + 1/2. A household without truth counts nothing.
  const ideal = 1 + 1 / Math.log2(3) + 0.5
  const { households, recall20, ndcg100 } = measured(
    [[7, 1, 8], [1], [5, 9]],
    [new Set([7, 8, 9]), new Set(), new Set([9])],
  )
  assert.equal(households, 2)
  assert.ok(Math.abs(recall20 - (2 / 3 + 1) / 2) < 1e-12)
  assert.ok(Math.abs(ndcg100 - (1.5 / ideal + 1 / Math.log2(3)) / 2) < 1e-12)
})

test('what stands behind the twentieth counts for NDCG alone; more than twenty cannot be asked for', () => {
  const list = Array.from({ length: 30 }, (_, i) => i)
  assert.deepEqual(measured([list], [new Set([25])]), { households: 1, recall20: 0, ndcg100: 1 / Math.log2(27) })
  assert.equal(measured([list], [new Set(list)]).recall20, 1)
})
