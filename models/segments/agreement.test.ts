import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { adjustedRandIndex, explainedBy, silhouetteOf } from './agreement.ts'

const close = (found: number | undefined, wanted: number) =>
  assert.ok(Math.abs((found ?? Number.NaN) - wanted) < 1e-9, `${found} is not ${wanted}`)

test('the adjusted Rand index by hand', () => {
  assert.equal(adjustedRandIndex([0, 0, 1, 1], ['b', 'b', 'a', 'a']), 1)
  // Pairs: together in both 2, in the first 6, in the second 4, of 15; by chance 6 × 4 / 15 = 1.6, at most 5.
  close(adjustedRandIndex([0, 0, 0, 1, 1, 1], [0, 0, 1, 1, 2, 2]), (2 - 1.2) / (4.5 - 1.2))
  close(adjustedRandIndex([0, 0, 1, 1], [0, 1, 0, 1]), -0.5)
  assert.equal(adjustedRandIndex([0, 0, 0], [1, 1, 1]), 1)
})

test('renaming groups changes no agreement, and it is the same both ways', () => {
  const labels = fc.array(fc.tuple(fc.nat(3), fc.nat(3)), { minLength: 2, maxLength: 40 })
  fc.assert(
    fc.property(labels, (pairs) => {
      const [a, b] = [pairs.map(([x]) => x), pairs.map(([, y]) => y)]
      const found = adjustedRandIndex(a, b)
      assert.equal(adjustedRandIndex(b, a), found)
      close(
        adjustedRandIndex(
          a.map((x) => `group ${3 - x}`),
          b,
        ),
        found,
      )
      assert.ok(found <= 1 + 1e-12)
      assert.equal(adjustedRandIndex(a, a), 1)
    }),
  )
})

test('silhouettes by hand; one alone counts nothing; one group has none', () => {
  // Of 0 and 1: within 1, to 10 and 11: 10.5 and 9.5; of those as much.
  close(silhouetteOf([[0], [1], [10], [11]], [0, 0, 1, 1]), ((10.5 - 1) / 10.5 + (9.5 - 1) / 9.5) / 2)
  close(silhouetteOf([[0], [1], [10]], [0, 0, 1]), (0.9 + (9 - 1) / 9) / 3)
  assert.equal(silhouetteOf([[0], [1]], [0, 0]), undefined)
})

test('what groups explain of values', () => {
  assert.equal(explainedBy(['a', 'a', 'b', 'b'], [1, 1, 5, 5]), 1)
  close(explainedBy(['a', 'b', 'a', 'b'], [1, 1, 5, 5]), 0)
  close(explainedBy([0, 0, 1, 1], [0, 2, 4, 6]), 16 / 20)
  assert.equal(explainedBy([0, 1], [3, 3]), undefined)
})
