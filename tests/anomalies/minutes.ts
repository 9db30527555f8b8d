import type { CartAbandonmentPerMinute, Purchase, RevenuePart, RevenuePartsPerMinute } from '#schemas'
import { ABANDONED_AFTER } from '../../processors/cart-outcomes.ts'
import type { ShopEvent } from '../../producers/shop/index.ts'

const MINUTE = 60_000
const minuteOf = (time: number): number => Math.floor(time / MINUTE) * MINUTE

export interface Minutes {
  readonly revenue: readonly RevenuePartsPerMinute[]
  readonly carts: readonly CartAbandonmentPerMinute[]
}

interface Cart {
  pieces: number
  touchedAt: number
  country: string
}

/** The parts of one dimension with a purchase more, in order of values. */
function parted(
  parts: readonly RevenuePart[],
  dimension: 'device' | 'paymentMethod',
  purchase: Purchase,
): readonly RevenuePart[] {
  const value = purchase[dimension]
  const [own, others] = [true, false].map((wanted) =>
    parts.filter((part) => part.dimension === dimension && (part.value === value) === wanted),
  )
  const { orders, revenue } = own?.[0] ?? { orders: 0, revenue: 0n }
  const added = { dimension, value, orders: orders + 1, revenue: revenue + purchase.amount }
  return [...(others ?? []), added].sort((a, b) => (a.value < b.value ? -1 : 1))
}

/** What the minute topics would hold of these events, in order of time: written apart from the processors, and without an engine. */
export function minutesOf(events: Iterable<ShopEvent>): Minutes {
  const revenue = new Map<string, { -readonly [F in keyof RevenuePartsPerMinute]: RevenuePartsPerMinute[F] }>()
  const decided = new Map<string, { -readonly [F in keyof CartAbandonmentPerMinute]: CartAbandonmentPerMinute[F] }>()
  const carts = new Map<string, Cart>()
  const waiting: { readonly visitorId: string; readonly touchedAt: number }[] = []
  let next = 0

  const decide = (country: string, at: number, bought: boolean): void => {
    const windowStart = minuteOf(at)
    const id = `${country}@${windowStart}`
    const windowEnd = windowStart + MINUTE
    const row = decided.get(id) ?? { country, windowStart, windowEnd, carts: 0, purchases: 0, abandoned: 0 }
    row.carts++
    if (bought) row.purchases++
    else row.abandoned++
    decided.set(id, row)
  }
  const touch = (visitorId: string, cart: Cart, at: number): void => {
    cart.touchedAt = at
    carts.set(visitorId, cart)
    waiting.push({ visitorId, touchedAt: at })
  }
  const abandonBefore = (time: number): void => {
    for (let one = waiting[next]; one && one.touchedAt + ABANDONED_AFTER <= time; one = waiting[++next]) {
      const cart = carts.get(one.visitorId)
      if (cart?.touchedAt !== one.touchedAt) continue
      carts.delete(one.visitorId)
      decide(cart.country, one.touchedAt + ABANDONED_AFTER, false)
    }
    if (next > 100_000) {
      waiting.splice(0, next)
      next = 0
    }
  }

  for (const { kind, value } of events) {
    if (kind !== 'purchase' && kind !== 'cart-change') continue
    const { visitorId, country, occurredAt } = value
    abandonBefore(occurredAt)
    const cart = carts.get(visitorId)
    if (kind === 'cart-change') {
      const pieces = (cart?.pieces ?? 0) + (value.action === 'ADD' ? value.quantity : -value.quantity)
      if (pieces <= 0) carts.delete(visitorId)
      else touch(visitorId, { pieces, touchedAt: 0, country }, occurredAt)
    } else if (value.status === 'REFUSED') {
      if (cart) touch(visitorId, cart, occurredAt)
    } else {
      const windowStart = minuteOf(occurredAt)
      const id = `${country}/${value.currency}@${windowStart}`
      const { currency } = value
      const windowEnd = windowStart + MINUTE
      const row = revenue.get(id) ?? { country, currency, windowStart, windowEnd, orders: 0, revenue: 0n, parts: [] }
      row.orders++
      row.revenue += value.amount
      row.parts = [...parted(row.parts, 'device', value), ...parted(row.parts, 'paymentMethod', value)]
      revenue.set(id, row)
      if (cart) decide(country, occurredAt, true)
      carts.delete(visitorId)
    }
  }
  const inOrder = (a: { windowStart: number }, b: { windowStart: number }): number => a.windowStart - b.windowStart
  return { revenue: [...revenue.values()].sort(inOrder), carts: [...decided.values()].sort(inOrder) }
}
