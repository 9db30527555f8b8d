import assert from 'node:assert/strict'
import { test } from 'node:test'
import {
  type CartAbandonmentAnomaly,
  type CartAbandonmentPerMinute,
  type Contribution,
  cartAbandonmentAnomalies,
  cartAbandonmentPerMinute,
  type RevenueAnomaly,
  type RevenuePartsPerMinute,
  revenueAnomalies,
  revenuePartsPerMinute,
} from '#schemas'
import cartsPlan from '../../processors/cart-abandonment-anomalies.ts'
import revenuePlan from '../../processors/revenue-anomalies.ts'
import { operate } from '../anomalies/operate.ts'
import { drivenPlan, sorted } from './driven.ts'

const START = Date.UTC(2025, 0, 6)
const MINUTE = 60_000
const DAY = 1_440
const MINUTES = 3 * DAY
/** When checkouts fail: no revenue anywhere, and every cart is left behind. */
const FAILS = 2 * DAY + 14 * 60
const isFailing = (minute: number): boolean => minute >= FAILS && minute < FAILS + 20

const SHOPS = [
  ['DE', 'EUR'],
  ['FR', 'EUR'],
  ['GB', 'GBP'],
] as const

let state = 12345
const random = (): number => {
  state = (Math.imul(state, 1_664_525) + 1_013_904_223) | 0
  return (state >>> 0) / 4_294_967_296
}

const revenue: RevenuePartsPerMinute[] = []
const carts: CartAbandonmentPerMinute[] = []
for (let minute = 0; minute < MINUTES; minute++) {
  const windowStart = START + minute * MINUTE
  const bounds = { windowStart, windowEnd: windowStart + MINUTE }
  const busy = 4 + 3.5 * Math.sin((2 * Math.PI * minute) / DAY)
  for (const [country, currency] of SHOPS) {
    const orders = isFailing(minute) ? 0 : Math.floor(busy * (0.5 + random()))
    const abandoned = Math.floor(2 * busy * (0.5 + random()))
    if (orders > 0) {
      const amount = BigInt(orders * (2_000 + Math.floor(random() * 3_000)))
      const parts = [
        { dimension: 'paymentMethod', value: orders % 3 === 0 ? 'PAYPAL' : 'CARD', orders, revenue: amount },
      ]
      revenue.push({ country, currency, ...bounds, orders, revenue: amount, parts })
    }
    if (orders + abandoned > 0)
      carts.push({ country, ...bounds, carts: orders + abandoned, purchases: orders, abandoned })
  }
}
const end = START + MINUTES * MINUTE
const sumOf = (all: readonly Contribution[], of: 'share' | 'expected'): bigint =>
  all.reduce((sum, one) => sum + one[of], 0n)
const timeOf = (row: Record<string, unknown>): number => Number(row.windowStart)

test('revenue anomalies are the same through tasks, commits and crashes as by the operator alone', async () => {
  const expected = operate<RevenueAnomaly>(revenuePlan, revenue, timeOf, end)
  assert.deepEqual(new Set(expected.map(({ country }) => country)), new Set(['DE', 'FR', 'GB']))
  for (const { windowStart, direction, contributions, expected: wanted } of expected) {
    assert.equal(direction, 'LOW')
    assert.equal(sumOf(contributions, 'share'), 1_000_000_000n)
    assert.equal(sumOf(contributions, 'expected'), BigInt(Math.round(wanted * 100)))
    assert.deepEqual(new Set(contributions.map(({ value }) => value)), new Set(['CARD', 'PAYPAL']))
    assert.ok(windowStart >= START + (FAILS - 5) * MINUTE && windowStart < START + (FAILS + 25) * MINUTE)
  }
  const plan = await drivenPlan(revenuePlan)
  plan.driven.crashAt('commit', 4, 3)
  plan.write(revenuePartsPerMinute, revenue)
  await plan.driven.run()
  // Partitions whose last row is older than the end of the series have not closed their last windows: none is odd.
  assert.deepEqual(sorted(plan.rows(revenueAnomalies)), sorted(expected))
  assert.equal(plan.refused(), 0)
  assert.equal(plan.driven.crashes, 1)
  await plan.driven.close()
})

test('cart-abandonment anomalies likewise', async () => {
  const expected = operate<CartAbandonmentAnomaly>(cartsPlan, carts, timeOf, end)
  assert.ok(expected.length > 0)
  for (const { direction, actual, upper, reason } of expected) {
    assert.equal(direction, 'HIGH')
    assert.ok(actual > upper, reason)
  }
  const plan = await drivenPlan(cartsPlan)
  plan.driven.crashAt('commit', 4, 3)
  plan.write(cartAbandonmentPerMinute, carts)
  await plan.driven.run()
  assert.deepEqual(sorted(plan.rows(cartAbandonmentAnomalies)), sorted(expected))
  assert.equal(plan.driven.crashes, 1)
  await plan.driven.close()
})
