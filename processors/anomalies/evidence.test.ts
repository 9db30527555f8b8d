import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { band, countResidual, shareResidual } from './evidence.ts'

/** P(N ≤ n) of a Poisson count, summed. */
function poissonTail(mean: number, n: number): number {
  let term = Math.exp(-mean)
  let sum = term
  for (let i = 1; i <= n; i++) {
    term *= mean / i
    sum += term
  }
  return sum
}

/** P(Z ≤ z) of a standard normal variable (Abramowitz & Stegun 26.2.17, error below 1e-7). */
function normalTail(z: number): number {
  if (z > 0) return 1 - normalTail(-z)
  const t = 1 / (1 - 0.2316419 * z)
  const poly = t * (0.31938153 + t * (-0.356563782 + t * (1.781477937 + t * (-1.821255978 + t * 1.330274429))))
  return (Math.exp((-z * z) / 2) / Math.sqrt(2 * Math.PI)) * poly
}

test('the residual of a Poisson count gives its exact tail probability, within a factor of two', () => {
  for (const mean of [3, 8, 20, 60])
    for (let seen = 0; seen < mean - 1; seen++) {
      const exact = poissonTail(mean, seen)
      if (exact < 1e-5) continue
      const ratio = normalTail(countResidual(mean, 0)(seen)) / exact
      assert.ok(ratio > 0.5 && ratio < 2, `mean ${mean}, seen ${seen}: ${ratio}`)
    }
})

test('an uncertain expectation makes the same count less surprising', () => {
  assert.ok(Math.abs(countResidual(50, 0.1)(10)) < Math.abs(countResidual(50, 0)(10)) - 2)
  assert.ok(Math.abs(shareResidual(200, 0.6, 0.01)(160)) < Math.abs(shareResidual(200, 0.6, 0)(160)))
})

test('residuals rise with what is seen and have the sign of the difference; bands hold what is expected', () => {
  const mean = fc.double({ min: 0.01, max: 10_000, noNaN: true })
  const spread = fc.double({ min: 0, max: 1, noNaN: true })
  fc.assert(
    fc.property(mean, spread, fc.nat(20_000), fc.nat(20_000), (expected, uncertain, a, b) => {
      const residual = countResidual(expected, uncertain)
      const [less, more] = [Math.min(a, b), Math.max(a, b)]
      assert.ok(residual(less) <= residual(more) + 1e-9)
      assert.ok(residual(less) * (less - expected) >= 0)
      const [lower, upper] = band(residual, expected, 100_000, 5)
      assert.ok(lower >= 0 && lower <= expected && expected <= upper)
      assert.ok(Math.abs(residual(lower)) <= 5 && Math.abs(residual(upper)) <= 5)
    }),
  )
})

test('nothing seen of nothing expected is no surprise', () => {
  assert.ok(Math.abs(countResidual(0, 0)(0)) < 1e-3)
  assert.ok(countResidual(0, 1)(1) > 0)
  assert.equal(Math.abs(shareResidual(10, 0.5, 0)(5)), 0)
})
