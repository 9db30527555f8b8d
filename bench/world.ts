import { partitionOf } from '#engine/broker'
import { type Click, clicks, type Purchase, purchases } from '#schemas'

/** Partitions of every topic of a benchmark. */
export const PARTITIONS = 4
export const VISITORS = 50_000
const COUNTRIES = ['DE', 'FR', 'US', 'GB', 'ES', 'IT', 'NL', 'PL'] as const
/** Events per minute of event time: four a visitor. */
const PER_MINUTE = 200_000
const MINUTE = 60_000
/** An order that is sent again follows within so many events. */
const AGAIN_WITHIN = 1_000
/** Events are written up to so many milliseconds out of order. */
const JITTER = 1_000
/** The data end so many milliseconds into a minute, so that the minute before is closed for every engine, this one for none. */
const TAIL = 50_000
const SEALED = 'sealed:v1:AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA'

/** A 32-bit mixing function (finaliser of MurmurHash3, public domain): the same events in every run. */
function mixed(n: number): number {
  let h = Math.imul(n ^ (n >>> 16), 0x85ebca6b)
  h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35)
  return (h ^ (h >>> 16)) >>> 0
}

/** What the events are made of, by number: purchases, and as many clicks, about half of them shortly before a purchase. */
export interface World {
  readonly events: number
  /** Latest event time, milliseconds. */
  readonly end: number
  visitor(n: number): number
  /** The purchase whose order this one is: itself, or for one in ten one shortly before, whose order is sent again. */
  original(n: number): number
  country(n: number): string
  amount(n: number): number
  at(n: number): number
  clickVisitor(n: number): number
  clickAt(n: number): number
}

/** `now` places the events: some days before it, for brokers refuse record stamps in the future and drop old ones. */
export function worldOf(events: number, now: number): World {
  const span = Math.floor((events / PER_MINUTE) * MINUTE)
  const end = Math.floor((now - 24 * 60 * MINUTE) / MINUTE) * MINUTE + TAIL
  const start = end - span
  const at = (n: number): number =>
    Math.min(end, start + Math.floor((n / events) * span) + (mixed(n + 0x9e37) % JITTER))
  const original = (n: number): number => {
    let first = n
    while (first > 0 && mixed(first + 0xd0b1) % 10 === 0)
      first = Math.max(0, first - 1 - (mixed(first + 0xacce) % AGAIN_WITHIN))
    return first
  }
  const visitor = (n: number): number => mixed(original(n) * 2 + 1) % VISITORS
  return {
    events,
    end,
    visitor,
    original,
    country: (n) => COUNTRIES[mixed(n + 0x51ed) % COUNTRIES.length] ?? 'DE',
    amount: (n) => 100 + (mixed(n + 0xc0de) % 50_000),
    at,
    clickVisitor: (n) => (mixed(n + 0xfeed) % 2 === 0 ? visitor(n) : mixed(n * 2 + 0x7777) % VISITORS),
    clickAt: (n) => at(n) - (mixed(n + 0xbead) % 1_500),
  }
}

export const visitorId = (visitor: number): string => `v-${visitor}`
export const purchaseId = (n: number): string => `01890a5d-ac96-774b-bcce-${String(n).padStart(12, '0')}`
export const orderId = (n: number): string => `o-${n}`
export const clickId = (n: number): string => `01890a5d-ac96-774b-bccd-${String(n).padStart(12, '0')}`
export const ipOf = (n: number): string => `10.${n & 255}.${(n >> 8) & 255}.${(n >> 16) & 255}`
export const emailOf = (visitor: number): string => `${String.fromCharCode(97 + (visitor % 26))}${visitor}@example.com`

export function purchaseOf(world: World, n: number): Purchase {
  const visitor = world.visitor(n)
  const refused = n % 20 === 0
  return {
    eventId: purchaseId(n),
    sessionId: `s-${visitor}`,
    visitorId: visitorId(visitor),
    customerId: `c-${visitor}`,
    country: world.country(n),
    device: 'MOBILE',
    orderId: orderId(world.original(n)),
    status: refused ? 'REFUSED' : 'PAID',
    amount: BigInt(world.amount(n)),
    currency: 'EUR',
    items: 1 + (n % 5),
    paymentMethod: 'CARD',
    refusalReason: refused ? 'insufficient funds' : null,
    ip: ipOf(n),
    email: emailOf(visitor),
    name: SEALED,
    address: SEALED,
    occurredAt: world.at(n),
  }
}

export function clickOf(world: World, n: number): Click {
  const visitor = world.clickVisitor(n)
  return {
    eventId: clickId(n),
    sessionId: `s-${visitor}`,
    visitorId: visitorId(visitor),
    customerId: null,
    country: world.country(n),
    device: 'MOBILE',
    element: 'buy',
    path: '/products/shoes',
    productId: null,
    ip: SEALED,
    email: null,
    occurredAt: world.clickAt(n),
  }
}

/** Records of a source topic, in order. */
export function* recordsOf(world: World, topic: string, schemaId: number) {
  for (let n = 0; n < world.events; n++) {
    if (topic === purchases.name) {
      const value = purchaseOf(world, n)
      yield { key: Buffer.from(value.visitorId), value: purchases.frame(schemaId, value) }
    } else {
      const value = clickOf(world, n)
      yield { key: Buffer.from(value.visitorId), value: clicks.frame(schemaId, value) }
    }
  }
}

/** Records per partition of a source topic, as every engine's partitioner has them. */
export function countsOf(world: World, topic: string): number[] {
  const counts = Array.from({ length: PARTITIONS }, () => 0)
  const visitorOf = topic === purchases.name ? world.visitor : world.clickVisitor
  for (let n = 0; n < world.events; n++) {
    const at = partitionOf(Buffer.from(visitorId(visitorOf(n))), PARTITIONS)
    counts[at] = (counts[at] ?? 0) + 1
  }
  return counts
}
