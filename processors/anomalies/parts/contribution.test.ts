import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { ONE } from '../../marketing/weights.ts'
import { type Contribution, contributionsOf, TOLD } from './contribution.ts'
import { bounded, learned, type Part, splitOf } from './split.ts'

const sumOf = (all: readonly Contribution[], of: (one: Contribution) => bigint): bigint =>
  all.reduce((sum, one) => sum + of(one), 0n)

const parts = (amounts: Readonly<Record<string, number>>, dimension = 'paymentMethod'): readonly Part[] =>
  Object.entries(amounts).map(([value, amount]) => ({ dimension, value, amount }))
const split = (amounts: Readonly<Record<string, number>>, dimension?: string) => splitOf(parts(amounts, dimension))
const causes = (all: readonly Contribution[]) => all.filter(({ cause }) => cause).map(({ value }) => value)

const USUAL = { CARD: 400_000, PAYPAL: 300_000, INVOICE: 200_000, VOUCHER: 100_000 }

test('the methods that fail are the cause, with their parts of the fall; the others share what is left', () => {
  const seen = { CARD: 39_000, VOUCHER: 10_500 }
  const deviation = { expected: 100_000, actual: 49_500, events: 25 }
  const told = contributionsOf(split(USUAL), split(seen), deviation)
  assert.deepEqual(
    told.map(({ value, expected, actual, share }) => [value, expected, actual, share]),
    [
      ['PAYPAL', 30_000n, 0n, 594_059_406n],
      ['INVOICE', 20_000n, 0n, 396_039_604n],
      ['CARD', 40_000n, 39_000n, 19_801_980n],
      ['VOUCHER', 10_000n, 10_500n, -9_900_990n],
    ],
  )
  assert.deepEqual(causes(told), ['PAYPAL', 'INVOICE'])
})

test('where all fall alike, or hardly anything was seen, nothing is the cause', () => {
  const alike = { CARD: 12_000, PAYPAL: 9_500, INVOICE: 5_500, VOUCHER: 3_000 }
  assert.deepEqual(
    causes(contributionsOf(split(USUAL), split(alike), { expected: 100_000, actual: 30_000, events: 15 })),
    [],
  )
  const hardly = { VOUCHER: 2_000 }
  assert.deepEqual(
    causes(contributionsOf(split(USUAL), split(hardly), { expected: 100_000, actual: 2_000, events: 1 })),
    [],
  )
  assert.deepEqual(causes(contributionsOf(split(USUAL), [], { expected: 100_000, actual: 0, events: 0 })), [])
})

test('a value never seen before is the cause of a surge; the dimension that changed most comes first', () => {
  const usual = [...split({ DESKTOP: 500_000, MOBILE: 500_000 }, 'device'), ...split(USUAL)]
  const seen = [
    ...split({ DESKTOP: 160_000, MOBILE: 140_000 }, 'device'),
    ...split({ CARD: 40_000, PAYPAL: 30_000, INVOICE: 20_000, VOUCHER: 10_000, CRYPTO: 200_000 }),
  ]
  const told = contributionsOf(usual, seen, { expected: 100_000, actual: 300_000, events: 60 })
  assert.deepEqual(causes(told), ['CRYPTO'])
  assert.equal(told[0]?.share, ONE)
  assert.deepEqual([...new Set(told.map(({ dimension }) => dimension))], ['paymentMethod', 'device'])
})

test('without any history all was expected of the rest', () => {
  const [card, rest] = contributionsOf([], split({ CARD: 700 }), { expected: 300, actual: 700, events: 7 })
  assert.deepEqual([card?.expected, card?.actual, card?.share], [0n, 700n, 1_750_000_000n])
  assert.deepEqual([rest?.value, rest?.expected, rest?.actual, rest?.share], [null, 300n, 0n, -750_000_000n])
})

const amounts = fc.array(
  fc.record({
    dimension: fc.constantFrom('device', 'paymentMethod'),
    value: fc.nat(50).map(String),
    amount: fc.nat(10_000_000),
  }),
  { maxLength: 120 },
)
const ordered = amounts.chain((all) => fc.tuple(fc.constant(all), fc.shuffledSubarray(all, { minLength: all.length })))

test('contributions add up to the whole deviation, to the cent, and do not depend on the order of rows', () => {
  fc.assert(
    fc.property(amounts, ordered, fc.nat(100_000_000), fc.nat(1_000), (before, [seen, others], expected, events) => {
      // Rows may lack a dimension, or name only a part of it: what they do not account for is the rest's.
      const whole = new Map<string, number>()
      for (const { dimension, amount } of seen) whole.set(dimension, (whole.get(dimension) ?? 0) + amount)
      const actual = Math.max(0, ...whole.values())
      const usual = learned([], splitOf(before), 1)
      const told = contributionsOf(usual, bounded(splitOf(seen)), { expected, actual, events })
      assert.deepEqual(contributionsOf(usual, bounded(splitOf(others)), { expected, actual, events }), told)
      for (const dimension of new Set([...before, ...seen].map((one) => one.dimension))) {
        const own = told.filter((one) => one.dimension === dimension)
        assert.equal(
          sumOf(own, (one) => one.expected),
          BigInt(expected),
        )
        assert.equal(
          sumOf(own, (one) => one.actual),
          BigInt(actual),
        )
        assert.equal(
          sumOf(own, (one) => one.share),
          actual === expected ? 0n : ONE,
        )
        assert.ok(own.length <= TOLD + 1)
        assert.equal(new Set(own.map(({ value }) => value)).size, own.length)
        for (const { surprise } of own) assert.ok(surprise >= 0 && surprise <= 0.7)
      }
    }),
  )
})
