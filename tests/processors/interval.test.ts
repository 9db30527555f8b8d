import assert from 'node:assert/strict'
import { test } from 'node:test'
import { order, orders, pairing, pairs, payment, payments } from '../../engine/compile/joins/pairs-fixture.ts'
import { drivenPlan, sorted } from './driven.ts'

const SHOPS = ['north', 'south', 'east', 'west', 'hill', 'coast']
/** A fixed sequence of small numbers that looks random. */
const scattered = (n: number, below: number): number => ((n * 7_919 + 104_729) % 10_007) % below

const placed = Array.from({ length: 120 }, (_, n) => order(`o${n}`, n * 20 + scattered(n, 300), SHOPS[scattered(n, 6)]))
const paid = Array.from({ length: 100 }, (_, n) =>
  payment(`p${n}`, n * 24 + scattered(n, 400), SHOPS[scattered(n + 3, 6)]),
)
const terms = { kind: 'outer', before: 50, after: 200, grace: 5_000 } as const

/** All pairs, and whoever has no partner. */
function expected() {
  const fits = (a: (typeof placed)[number], b: (typeof paid)[number]) =>
    a.shop === b.payer && b.paidAt >= a.orderedAt - terms.before && b.paidAt <= a.orderedAt + terms.after
  const both = placed.flatMap((a) => paid.filter((b) => fits(a, b)).map((b) => [a, b] as const))
  const rows = both.map(([a, b]) => [a.shop, a.orderId, b.paymentId, Math.max(a.orderedAt, b.paidAt)])
  const lonely = placed.filter((a) => !paid.some((b) => fits(a, b))).map((a) => [a.shop, a.orderId, null, a.orderedAt])
  const unasked = paid.filter((b) => !placed.some((a) => fits(a, b))).map((b) => [b.payer, null, b.paymentId, b.paidAt])
  return [...rows, ...lonely, ...unasked].map(String).sort()
}

for (const [seed, step] of [
  [1, undefined],
  [2, 2],
  [3, 3],
  [4, 4],
  [5, 5],
] as const)
  test(`a join of streams through tasks on a broker, seed ${seed}${step ? `, a crash at commit step ${step}` : ''}: every pair once`, async () => {
    const plan = await drivenPlan(pairing(terms), { seed })
    plan.write(orders, placed.slice(0, 60))
    plan.write(payments, paid.slice(0, 40))
    if (step !== undefined) plan.driven.crashAt('commit', step, 2)
    await plan.driven.run()
    plan.write(payments, paid.slice(40))
    plan.write(orders, placed.slice(60))
    // An order of each shop, far ahead: it closes what waits.
    plan.write(
      orders,
      SHOPS.map((shop) => order(`end ${shop}`, 1_000_000, shop)),
    )
    plan.write(
      payments,
      SHOPS.map((shop) => payment(`end ${shop}`, 1_000_000, shop)),
    )
    await plan.settle()
    assert.equal(plan.driven.crashes, step === undefined ? 0 : 1)
    const rows = sorted(plan.rows(pairs)).filter(({ orderId, paymentId }) => !`${orderId}${paymentId}`.includes('end'))
    const lines = rows.map(({ shop, orderId, paymentId, at }) => String([shop, orderId, paymentId, at]))
    assert.deepEqual(lines.sort(), expected())
    assert.equal(plan.refused(), 0)
    await plan.driven.close()
  })
