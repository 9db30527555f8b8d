import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { HALF_LIFE, ONE, sharedOut, weightsOf } from './weights.ts'

const sum = (parts: readonly bigint[]): bigint => parts.reduce((total, part) => total + part, 0n)

test('parts add up to the whole, each within one of its exact share; a negative whole too', () => {
  const weights = fc
    .array(fc.bigInt({ min: 0n, max: ONE }), { minLength: 1, maxLength: 40 })
    .filter((list) => sum(list) > 0n)
  fc.assert(
    fc.property(fc.bigInt({ min: -(10n ** 15n), max: 10n ** 15n }), weights, (whole, list) => {
      const parts = sharedOut(whole, list)
      assert.equal(sum(parts), whole)
      const total = sum(list)
      for (const [n, part] of parts.entries()) {
        const off = part * total - whole * (list[n] ?? 0n)
        assert.ok(off <= total && off >= -total, `${part} of ${whole} for ${list[n]} of ${total}`)
      }
    }),
  )
  assert.deepEqual(sharedOut(100n, [1n, 1n, 1n]), [33n, 34n, 33n])
  assert.deepEqual(sharedOut(-1n, [1n, 1n]), [0n, -1n])
})

test('the four models over the touches of an order', () => {
  assert.deepEqual(weightsOf([2 * HALF_LIFE, HALF_LIFE, 0]), {
    firstTouch: [ONE, 0n, 0n],
    lastTouch: [0n, 0n, ONE],
    linear: [333_333_333n, 333_333_334n, 333_333_333n],
    // 1 : 2 : 4
    timeDecay: [142_857_143n, 285_714_286n, 571_428_571n],
  })
  assert.deepEqual(weightsOf([5]), { firstTouch: [ONE], lastTouch: [ONE], linear: [ONE], timeDecay: [ONE] })
})

test('the weights of every model add up to exactly 1', () => {
  const ages = fc.array(fc.integer({ min: 0, max: 30 * 86_400_000 }), { minLength: 1, maxLength: 60 })
  fc.assert(
    fc.property(ages, (list) => {
      const { firstTouch, lastTouch, linear, timeDecay } = weightsOf(list)
      for (const weights of [firstTouch, lastTouch, linear, timeDecay]) {
        assert.equal(sum(weights), ONE)
        assert.ok(weights.every((weight) => weight >= 0n))
      }
    }),
  )
})
