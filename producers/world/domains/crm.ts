import {
  type Consent,
  type ConsentPurpose,
  type Customer,
  type CustomerChange,
  consents,
  customers,
  orderLines,
  orders,
} from '#schemas'
import { DAY_MS } from '../../calendar.ts'
import { MARKETS } from '../../shop/markets.ts'
import { PURPOSES } from '../changes.ts'
import { happening, inOrder, type WorldEvent } from '../event.ts'
import type { OrderChange } from '../fates.ts'
import { customerIdOf, type OrderPlan, orderIdOf } from '../orders.ts'
import type { Shopper } from '../population.ts'
import { dayStartOf } from '../seasons.ts'
import { HOUR_MS } from '../settings.ts'
import type { World } from '../world.ts'
import type { Domain } from './domain.ts'

/** The customer records: who they are, what they ordered and what became of it, what they allow. */
export const crm: Domain = {
  name: 'crm',
  doc: 'customer relations: customers and their changes, consents, orders and their steps, order lines',
  topics: [customers, consents, orders, orderLines],

  hour(world, hour) {
    const [from, to] = [hour * HOUR_MS, (hour + 1) * HOUR_MS]
    const events: WorldEvent[] = []
    for (const shopper of world.newcomersOf(hour)) events.push(...registration(world, shopper))
    for (const { shopper, at, change } of world.changes.ofDay(dayStartOf(from))) {
      if (at < from || at >= to) continue
      if (change === 'CONSENT')
        events.push(happening(consents, consentOf(world, shopper, world.changes.purposeAt(shopper, at), at)))
      else events.push(happening(customers, customerOf(world, shopper, change, at)))
    }
    for (const order of world.orders(hour)) if (order.paid) events.push(...lineEvents(order))
    for (const change of world.orderChanges(hour)) events.push(orderEvent(change))
    return inOrder(events)
  },

  *before(world, instant) {
    const rows: WorldEvent[] = []
    for (const market of MARKETS.keys()) {
      const count = world.population.countAt(market, dayStartOf(instant) + DAY_MS)
      for (let number = 0; number < count; number++) {
        const shopper = world.population.shopper(market, number)
        if (shopper.registeredAt >= instant) continue
        rows.push(happening(customers, latest(world, shopper, instant)))
        for (const purpose of PURPOSES) rows.push(happening(consents, consentOf(world, shopper, purpose, instant - 1)))
      }
    }
    yield* inOrder(rows)
  },
}

/** The record as it is just before an instant. */
function latest(world: World, shopper: Shopper, instant: number): Customer {
  const { closesAt } = shopper
  if (closesAt < instant) return customerOf(world, shopper, 'CLOSED', closesAt)
  const moved = world.changes.moves(shopper, instant - 1).at(-1)
  return moved === undefined
    ? customerOf(world, shopper, 'REGISTERED', shopper.registeredAt)
    : customerOf(world, shopper, 'MOVED', moved)
}

const LANGUAGES: Readonly<Record<string, string>> = {
  US: 'en',
  GB: 'en',
  DE: 'de',
  FR: 'fr',
  ES: 'es',
  NL: 'nl',
  PL: 'pl',
  JP: 'ja',
}

function customerOf(world: World, shopper: Shopper, change: CustomerChange, changedAt: number): Customer {
  const { visitorId } = shopper.visitor
  const { email, name, address } = world.changes.visitorAt(shopper, changedAt).person()
  return {
    customerId: customerIdOf(shopper),
    visitorId,
    country: shopper.market.country,
    language: LANGUAGES[shopper.market.country] ?? 'en',
    email,
    name,
    address,
    status: change === 'CLOSED' ? 'CLOSED' : 'ACTIVE',
    change,
    registeredAt: shopper.registeredAt,
    changedAt,
  }
}

function consentOf(world: World, shopper: Shopper, purpose: ConsentPurpose, instant: number): Consent {
  const { granted, changedAt } = world.changes.consentAt(shopper, purpose, instant)
  return { customerId: customerIdOf(shopper), purpose, granted, changedAt }
}

function registration(world: World, shopper: Shopper): WorldEvent[] {
  const at = shopper.registeredAt
  return [
    happening(customers, customerOf(world, shopper, 'REGISTERED', at)),
    ...PURPOSES.map((purpose) => happening(consents, consentOf(world, shopper, purpose, at))),
  ]
}

function lineEvents(order: OrderPlan): WorldEvent[] {
  const { buyer, lines, at } = order
  return lines.map(({ product, quantity, unitPrice, listPrice, promotionId }, i) =>
    happening(orderLines, {
      orderId: orderIdOf(order),
      lineNumber: i + 1,
      customerId: customerIdOf(buyer),
      country: buyer.market.country,
      productId: product.productId,
      category: product.category,
      quantity,
      unitPrice,
      listPrice,
      currency: buyer.market.currency,
      promotionId,
      placedAt: at,
    }),
  )
}

function orderEvent({ order, status, at }: OrderChange): WorldEvent {
  const { buyer, amount, lines, code } = order
  return happening(orders, {
    eventId: `${orderIdOf(order)}-${status.toLowerCase()}`,
    orderId: orderIdOf(order),
    customerId: customerIdOf(buyer),
    country: buyer.market.country,
    status,
    amount,
    currency: buyer.market.currency,
    items: lines.reduce((sum, { quantity }) => sum + quantity, 0),
    code,
    placedAt: order.at,
    changedAt: at,
  })
}
