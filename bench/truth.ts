import { initial, network, type QueryName, times } from './queries.ts'
import type { CountryTotal, Distinct, Masked, Pair, VisitorTotal } from './topics.ts'
import { clickId, emailOf, ipOf, orderId, purchaseId, VISITORS, visitorId, type World } from './world.ts'

/**
 * What the rows of a result come to, whatever their order: how many there are, the sum of their numbers (events and
 * amounts), and the sum of their hashes. Computed from the events themselves, and from each engine's output.
 */
export class Digest {
  rows = 0
  sum = 0
  hashes = 0

  add(text: string, number: number): void {
    let hash = 0x811c9dc5
    for (let i = 0; i < text.length; i++) hash = Math.imul(hash ^ text.charCodeAt(i), 0x01000193)
    this.rows++
    this.sum += number
    // Sums of 32-bit numbers stay whole below two million rows; beyond, they wrap at 2^48 alike on every side.
    this.hashes = (this.hashes + (hash >>> 0)) % 2 ** 48
  }

  equals(other: Digest): boolean {
    return this.rows === other.rows && this.sum === other.sum && this.hashes === other.hashes
  }

  toString(): string {
    return `${this.rows} rows, sum ${this.sum}, hash ${this.hashes.toString(16)}`
  }
}

/**
 * Expected rows, and which of an engine's rows to hold against them: at the end of the data some windows are open for one
 * engine and closed for another (their watermarks are per partition or over all), so only rows that all must have count.
 */
export interface Truth {
  readonly digest: Digest
  /** Adds a decoded row of an engine's output. */
  take(into: Digest, row: unknown): void
}

type TotalText = (key: string, start: number, events: number, revenue: number) => string
const totalText: TotalText = (key, start, events, revenue) => `${key}|${start}|${events}|${revenue}`

export function truthOf(query: QueryName, world: World): Truth {
  switch (query) {
    case 'country':
      return windows(world, world.country, (row) => (row as CountryTotal).country)
    case 'user':
      return windows(
        world,
        (n) => visitorId(world.visitor(n)),
        (row) => (row as VisitorTotal).visitorId,
      )
    case 'session':
      return sessionsOf(world)
    case 'join':
      return pairsOf(world)
    case 'mask':
      return maskedOf(world)
    case 'dedup':
      return distinctOf(world)
  }
}

function windows(world: World, keyOf: (n: number) => string, keyOfRow: (row: unknown) => string): Truth {
  // The last minute that is over: world.ts lets the data end well inside the next one.
  const settled = Math.floor(world.end / times.size) * times.size
  const digest = new Digest()
  const cells = new Map<string, { key: string; start: number; events: number; revenue: number }>()
  for (let n = 0; n < world.events; n++) {
    const start = Math.floor(world.at(n) / times.size) * times.size
    if (start >= settled) continue
    const key = keyOf(n)
    const cell = cells.get(`${key}|${start}`) ?? { key, start, events: 0, revenue: 0 }
    if (cell.events === 0) cells.set(`${key}|${start}`, cell)
    cell.events++
    cell.revenue += world.amount(n)
  }
  for (const { key, start, events, revenue } of cells.values())
    digest.add(totalText(key, start, events, revenue), events + revenue)
  return {
    digest,
    take(into, row) {
      const { windowStart, events, revenue } = row as CountryTotal
      if (windowStart >= settled) return
      const sum = Number(revenue)
      into.add(totalText(keyOfRow(row), windowStart, events, sum), events + sum)
    },
  }
}

function sessionsOf(world: World): Truth {
  const settled = world.end - times.gap - times.grace - 5_000
  const digest = new Digest()
  const open = new Set<string>()
  const byVisitor: number[][] = Array.from({ length: VISITORS }, () => [])
  for (let n = 0; n < world.events; n++) byVisitor[world.visitor(n)]?.push(n)
  byVisitor.forEach((list, visitor) => {
    const key = visitorId(visitor)
    list.sort((a, b) => world.at(a) - world.at(b))
    for (let from = 0; from < list.length; ) {
      let to = from
      let revenue = 0
      let last = 0
      for (; to < list.length; to++) {
        const n = list[to] as number
        if (to > from && world.at(n) > last + times.gap) break
        last = world.at(n)
        revenue += world.amount(n)
      }
      const start = world.at(list[from] as number)
      if (last > settled) open.add(`${key}|${start}`)
      else digest.add(totalText(key, start, to - from, revenue), to - from + revenue)
      from = to
    }
  })
  return {
    digest,
    take(into, row) {
      const { visitorId: key, windowStart, events, revenue } = row as VisitorTotal
      if (open.has(`${key}|${windowStart}`)) return
      const sum = Number(revenue)
      into.add(totalText(key, windowStart, events, sum), events + sum)
    },
  }
}

function pairsOf(world: World): Truth {
  const settled = world.end - times.grace
  const digest = new Digest()
  const text = (purchase: string, click: string, visitor: string, amount: number, at: number) =>
    `${purchase}|${click}|${visitor}|${amount}|${at}`
  const clicksOf: number[][] = Array.from({ length: VISITORS }, () => [])
  for (let n = 0; n < world.events; n++) clicksOf[world.clickVisitor(n)]?.push(n)
  for (let n = 0; n < world.events; n++) {
    const at = world.at(n)
    if (at >= settled) continue
    const visitor = world.visitor(n)
    for (const click of clicksOf[visitor] ?? []) {
      const clickAt = world.clickAt(click)
      if (clickAt < at - times.before || clickAt > at) continue
      digest.add(text(purchaseId(n), clickId(click), visitorId(visitor), world.amount(n), at), world.amount(n))
    }
  }
  return {
    digest,
    take(into, row) {
      const pair = row as Pair
      if (pair.occurredAt >= settled) return
      const amount = Number(pair.amount)
      into.add(text(pair.purchaseId, pair.clickId, pair.visitorId, amount, pair.occurredAt), amount)
    },
  }
}

function maskedOf(world: World): Truth {
  const digest = new Digest()
  const take = (into: Digest, row: Masked): void => {
    const amount = Number(row.amount)
    const { eventId, visitorId: visitor, country, occurredAt } = row
    into.add([eventId, visitor, country, amount, row.network, row.initial, occurredAt].join('|'), amount)
  }
  for (let n = 0; n < world.events; n++) {
    const visitor = world.visitor(n)
    take(digest, {
      eventId: purchaseId(n),
      visitorId: visitorId(visitor),
      country: world.country(n),
      amount: BigInt(world.amount(n)),
      network: network(ipOf(n)),
      initial: initial(emailOf(visitor)),
      occurredAt: world.at(n),
    })
  }
  return { digest, take: (into, row) => take(into, row as Masked) }
}

function distinctOf(world: World): Truth {
  const digest = new Digest()
  const take = (into: Digest, { eventId, visitorId: visitor, orderId: order, amount, occurredAt }: Distinct): void =>
    into.add([eventId, visitor, order, amount, occurredAt].join('|'), Number(amount))
  for (let n = 0; n < world.events; n++) {
    if (world.original(n) !== n) continue
    take(digest, {
      eventId: purchaseId(n),
      visitorId: visitorId(world.visitor(n)),
      orderId: orderId(n),
      amount: BigInt(world.amount(n)),
      occurredAt: world.at(n),
    })
  }
  return { digest, take: (into, row) => take(into, row as Distinct) }
}
