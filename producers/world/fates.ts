import type { OrderStatus } from '#schemas'
import { DAY_MS } from '../calendar.ts'
import { randomOf } from '../shop/random.ts'
import type { OrderPlan } from './orders.ts'
import { HOUR_MS } from './settings.ts'

/** A step in the life of an order. */
export interface OrderChange {
  readonly order: OrderPlan
  readonly status: OrderStatus
  readonly at: number
}

const CANCELLED = 0.03
const RETURNED = 0.07

/** What becomes of a paid order, in the order of time: over within three weeks. Nothing of one that was not paid. */
export function fateOf(order: OrderPlan, seed: number): readonly OrderChange[] {
  if (!order.paid) return []
  const random = randomOf(seed, 'fate', order.name)
  const placed: OrderChange = { order, status: 'PLACED', at: order.at }
  if (random.chance(CANCELLED))
    return [placed, { order, status: 'CANCELLED', at: order.at + minutes(20 + 400 * random.next()) }]
  const shippedAt = order.at + Math.floor((8 + 50 * random.next()) * HOUR_MS)
  const deliveredAt = shippedAt + Math.floor((1 + 4 * random.next()) * DAY_MS)
  const changes: OrderChange[] = [
    placed,
    { order, status: 'SHIPPED', at: shippedAt },
    { order, status: 'DELIVERED', at: deliveredAt },
  ]
  if (random.chance(RETURNED))
    changes.push({ order, status: 'RETURNED', at: deliveredAt + Math.floor((1 + 11 * random.next()) * DAY_MS) })
  return changes
}

const minutes = (count: number): number => Math.floor(count * 60_000)

/** Changes of an hour's orders by the hour in which they come. */
export function changesByHour(orders: readonly OrderPlan[], seed: number): ReadonlyMap<number, readonly OrderChange[]> {
  const byHour = new Map<number, OrderChange[]>()
  for (const order of orders)
    for (const change of fateOf(order, seed)) {
      const hour = Math.floor(change.at / HOUR_MS)
      const known = byHour.get(hour)
      if (known) known.push(change)
      else byHour.set(hour, [change])
    }
  return byHour
}
