import type { MovementReason } from '#schemas'
import type { Product } from '../shop/catalogue.ts'
import { randomOf } from '../shop/random.ts'
import { orderIdOf } from './orders.ts'
import { HOUR_MS } from './settings.ts'
import type { World } from './world.ts'

/** Chance that a product has a damaged piece on a day. */
const DAMAGED = 0.02

/** Pieces that came into a warehouse, or left it. */
export interface Movement {
  readonly product: Product
  readonly reason: MovementReason
  readonly quantity: number
  readonly orderId: string | null
  readonly movementId: string
  readonly at: number
}

const REASON = { PLACED: 'SALE', CANCELLED: 'CANCELLATION', RETURNED: 'RETURN' } as const

/** Movements of an hour, deliveries left out. */
export function movementsOfHour(world: World, hour: number): readonly Movement[] {
  const found: Movement[] = []
  for (const { order, status, at } of world.orderChanges(hour)) {
    if (status !== 'PLACED' && status !== 'CANCELLED' && status !== 'RETURNED') continue
    const reason = REASON[status]
    const orderId = orderIdOf(order)
    for (const { product, quantity } of order.lines)
      found.push({
        product,
        reason,
        quantity: reason === 'SALE' ? -quantity : quantity,
        orderId,
        movementId: `m-${orderId}-${product.productId}-${reason.toLowerCase()}`,
        at,
      })
  }
  if (hour * HOUR_MS < world.settings.start) return found
  const random = randomOf(world.settings.seed, 'damage', hour)
  if (random.chance((DAMAGED * world.catalogue.length) / 24)) {
    const product = random.pick(world.catalogue)
    const at = hour * HOUR_MS + random.integer(HOUR_MS)
    found.push({ product, reason: 'WRITE_OFF', quantity: -1, orderId: null, movementId: `m-damage-${hour}`, at })
  }
  return found
}
