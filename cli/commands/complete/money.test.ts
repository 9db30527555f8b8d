import assert from 'node:assert/strict'
import { test } from 'node:test'
import { settle } from '#engine/replay'
import { type PurchaseLine, purchaseLines, revenuePerDayCorrections } from '#schemas'
import plan from '../../../processors/retail-revenue-per-day.ts'
import { drivenPlan } from '../../../tests/processors/driven.ts'
import { moneyOf } from './money.ts'

const line = (productId: number, purchasedAt: string, quantity: number, salesValue: bigint): PurchaseLine => ({
  ...{ householdId: 1, storeId: 1, basketId: 1, productId, quantity, salesValue, week: 1 },
  ...{ retailDiscount: 0n, couponDiscount: 0n, couponMatchDiscount: 0n },
  purchasedAt: Date.parse(purchasedAt),
})

test('late, rejected and pending events are counted with their money, and so is what was settled', async () => {
  const run = await drivenPlan(plan)
  const { driven } = run
  const { broker, deployment } = driven
  await deployment.registry.register(revenuePerDayCorrections)
  for (const day of ['2017-03-01T12:00:00Z', '2017-06-01T12:00:00Z'])
    for (let productId = 1; productId < 30; productId++) run.write(purchaseLines, [line(productId, day, 1, 1n)])
  await run.settle()
  run.write(purchaseLines, [line(1, '2017-03-01T13:00:00Z', 2, 1_250n), line(2, '2017-03-01T14:00:00Z', -1, -300n)])
  driven.write({ topic: purchaseLines.name, partition: 0, key: null, value: Buffer.from('no event') })
  await driven.run()
  const options = { broker, archive: undefined, archiveLog: undefined, plan, deployment }
  const before = await moneyOf({ plan, doc: '', corrections: revenuePerDayCorrections }, deployment, broker)
  assert.deepEqual(before.late, { events: 2, unread: 0, amounts: { units: '1', revenue: '9.50' } })
  assert.deepEqual(before.rejected, { events: 1, unread: 1, amounts: {} })
  assert.deepEqual([before.pending.events, before.corrected?.events], [0, 0])
  run.write(purchaseLines, [line(3, '2017-06-02T12:00:00Z', 4, 399n)])
  await settle({ ...options, corrections: revenuePerDayCorrections })
  const after = await moneyOf({ plan, doc: '', corrections: revenuePerDayCorrections }, deployment, broker)
  assert.deepEqual(after.pending, { events: 1, unread: 0, amounts: { units: '4', revenue: '3.99' } })
  assert.deepEqual(after.corrected, { events: 1, unread: 0, amounts: { lines: '2', units: '1', revenue: '9.50' } })
  assert.equal((await moneyOf({ plan, doc: '' }, deployment, broker)).corrected, null)
  await driven.close()
})
