import { catalogueItems, stockLevels, stockMovements } from '#schemas'
import { DAY_MS } from '../../calendar.ts'
import type { Product } from '../../shop/catalogue.ts'
import { happening, inOrder, type WorldEvent } from '../event.ts'
import type { Movement } from '../movements.ts'
import { nameOf, supplyOf } from '../products.ts'
import { dayStartOf, hoursBetween } from '../seasons.ts'
import { HOUR_MS } from '../settings.ts'
import type { World } from '../world.ts'
import type { Domain } from './domain.ts'

/** Suppliers deliver at this hour of the UTC day what left the day before; what came back beyond that is written off. */
const DELIVERY_HOUR = 5

/** Products and what moves them: sales, returns, deliveries; the sum of all movements is the stock. */
export const inventory: Domain = {
  name: 'inventory',
  doc: 'products, stock movements and counted stock levels',
  topics: [catalogueItems, stockMovements, stockLevels],

  hour(world, hour) {
    const from = hour * HOUR_MS
    const events = from === world.settings.start ? [...items(world), ...opening(world)] : []
    for (const movement of world.movements(hour)) events.push(movementEvent(world, movement))
    if (from === dayStartOf(from) + DELIVERY_HOUR * HOUR_MS)
      for (const movement of deliveries(world, dayStartOf(from))) events.push(movementEvent(world, movement))
    if (world.settings.frequency !== 'daily' || from === dayStartOf(from)) events.push(...levels(world, from))
    return inOrder(events)
  },

  before: (world, instant) => (instant > world.settings.start ? items(world) : []),
}

/** What left between two hours, by product: negative where more came back. */
function leftBetween(world: World, fromHour: number, toHour: number): ReadonlyMap<Product, number> {
  const sums = new Map<Product, number>()
  for (const hour of hoursBetween(fromHour, toHour))
    for (const { product, quantity } of world.movements(hour)) sums.set(product, (sums.get(product) ?? 0) - quantity)
  return sums
}

function deliveries(world: World, dayStart: number): Movement[] {
  const at = dayStart + DELIVERY_HOUR * HOUR_MS
  const found: Movement[] = []
  for (const [product, left] of leftBetween(world, (dayStart - DAY_MS) / HOUR_MS, dayStart / HOUR_MS)) {
    if (left === 0) continue
    const reason = left > 0 ? 'RECEIPT' : 'WRITE_OFF'
    const movementId = `m-delivery-${dayStart / DAY_MS}-${product.productId}`
    found.push({ product, reason, quantity: left, orderId: null, movementId, at })
  }
  return found
}

const movementEvent = (
  { settings }: World,
  { product, reason, quantity, orderId, movementId, at: movedAt }: Movement,
): WorldEvent =>
  happening(stockMovements, {
    movementId,
    productId: product.productId,
    warehouse: supplyOf(product, settings.seed).warehouse,
    reason,
    quantity,
    orderId,
    movedAt,
  })

const opening = (world: World): WorldEvent[] =>
  world.catalogue.map((product) => {
    const quantity = supplyOf(product, world.settings.seed).stock
    const movementId = `m-opening-${product.productId}`
    return movementEvent(world, {
      product,
      reason: 'OPENING',
      quantity,
      orderId: null,
      movementId,
      at: world.settings.start,
    })
  })

/** Stock as it is just before an instant, on the hour. */
function levels(world: World, instant: number): WorldEvent[] {
  const { settings, catalogue } = world
  if (instant <= settings.start) return []
  const day = dayStartOf(instant)
  const delivered = instant > day + DELIVERY_HOUR * HOUR_MS
  const since = delivered ? day : day - DAY_MS
  const left = leftBetween(world, Math.max(since, settings.start) / HOUR_MS, instant / HOUR_MS)
  return catalogue.map((product) => {
    const { warehouse, stock } = supplyOf(product, settings.seed)
    const units = stock - (left.get(product) ?? 0)
    return happening(stockLevels, { productId: product.productId, warehouse, units, countedAt: instant })
  })
}

const items = ({ catalogue, settings }: World): WorldEvent[] =>
  catalogue.map((product) => {
    const { supplier, warehouse, unitCost } = supplyOf(product, settings.seed)
    return happening(catalogueItems, {
      productId: product.productId,
      name: nameOf(product),
      category: product.category,
      listPrice: BigInt(product.cents),
      unitCost: BigInt(unitCost),
      supplier,
      warehouse,
      validFrom: settings.start,
    })
  })
