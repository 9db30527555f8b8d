import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { bounded, HELD, learned, type Part, splitOf, together } from './split.ts'

const part: fc.Arbitrary<Part> = fc.record({
  dimension: fc.constantFrom('device', 'paymentMethod', '__proto__'),
  value: fc.oneof(fc.constantFrom('CARD', 'PAYPAL', '', '__proto__'), fc.nat(60).map(String)),
  amount: fc.nat(1_000_000),
})
const shuffled = fc
  .array(part, { maxLength: 200 })
  .chain((parts) => fc.tuple(fc.constant(parts), fc.shuffledSubarray(parts, { minLength: parts.length })))

test('a window’s split is the same in whatever order its rows come, and however they are taken together', () => {
  fc.assert(
    fc.property(shuffled, fc.nat(200), ([parts, others], at) => {
      const whole = splitOf(parts)
      assert.deepEqual(splitOf(others), whole)
      assert.deepEqual(together(splitOf(others.slice(0, at)), splitOf(others.slice(at))), whole)
      assert.deepEqual(bounded(splitOf(others)), bounded(whole))
    }),
  )
})

test('what is held is bounded, loses nothing, and keeps the largest values', () => {
  fc.assert(
    fc.property(fc.array(part, { maxLength: 200 }), (parts) => {
      for (const { dimension, amounts, rest } of bounded(splitOf(parts))) {
        const own = parts.filter((one) => one.dimension === dimension)
        assert.ok(amounts.length <= HELD)
        assert.equal(
          amounts.reduce((sum, [, amount]) => sum + amount, rest),
          own.reduce((sum, { amount }) => sum + amount, 0),
        )
        const all = splitOf(own)[0]?.amounts ?? []
        const least = Math.min(...amounts.map(([, amount]) => amount))
        const held = new Set(amounts.map(([value]) => value))
        for (const [value, amount] of all) assert.ok(held.has(value) || amount <= least)
      }
    }),
  )
})

test('what is usual fades, takes new values in, and stays bounded', () => {
  const of = (value: string, amount: number) => splitOf([{ dimension: 'device', value, amount }])
  let usual = learned([], of('MOBILE', 100), 0.5)
  usual = learned(usual, of('TABLET', 100), 0.5)
  assert.deepEqual(usual, [
    {
      dimension: 'device',
      amounts: [
        ['MOBILE', 50],
        ['TABLET', 100],
      ],
      rest: 0,
    },
  ])
  for (let n = 0; n < 1_000; n++) usual = learned(usual, of(`D${n}`, 100), 0.999)
  assert.equal(usual[0]?.amounts.length, HELD)
  assert.ok((usual[0]?.rest ?? 0) > 0)
})
