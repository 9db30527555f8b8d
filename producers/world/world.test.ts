import assert from 'node:assert/strict'
import { test } from 'node:test'
import { rulesOf } from '#engine/schema'
import type { Customer, Order, OrderCause, OrderLine, PageView, PromotionEffect, Purchase } from '#schemas'
import {
  domains,
  eventsOf,
  eventsOfHour,
  liveHoursOf,
  tablesAt,
  World,
  type WorldEvent,
  type WorldSettings,
} from './index.ts'
import { lineOf } from './lines.ts'
import { promotionOf } from './promotions.ts'
import { HOUR_MS } from './settings.ts'

const DAY_MS = 24 * HOUR_MS
const START = Date.UTC(2025, 0, 1)
const settings: WorldSettings = {
  seed: 7,
  start: START,
  eventsPerDay: 3_000,
  initialCustomers: 500,
  frequency: 'daily',
  incidents: [],
}

const span = (world: World, start: number, days: number, tables = false): WorldEvent[] =>
  [...eventsOf(world, { domains, start, days, tables })].flat()

const linesOf = (events: readonly WorldEvent[]): string => events.map(lineOf).join('')

const valuesOf = <V>(events: readonly WorldEvent[], topic: string): V[] =>
  events.filter((event) => event.topic.name === topic).map(({ value }) => value as V)

test('the same settings are the same events, byte for byte; another seed is another world', () => {
  const once = linesOf(span(new World(settings), START, 2, true))
  assert.equal(linesOf(span(new World(settings), START, 2, true)), once)
  assert.notEqual(linesOf(span(new World({ ...settings, seed: 8 }), START, 2, true)), once)
})

test('pieces, hours in any order and the live stream are what the whole is', async () => {
  const whole = span(new World(settings), START + 30 * DAY_MS, 2)
  const second = new World(settings)
  const pieces = [1, 0]
    .map((day) => span(second, START + (30 + day) * DAY_MS, 1))
    .reverse()
    .flat()
  assert.equal(linesOf(pieces), linesOf(whole))

  const start = START + 31 * DAY_MS + 20 * HOUR_MS + 1_234_567
  let now = start
  const clock = {
    now: () => now,
    sleep: async () => {
      now += 59_000
    },
  }
  const live: WorldEvent[] = []
  const options = { domains, durationSeconds: 7_200, tables: false, clock }
  for await (const { hour, events } of liveHoursOf(new World(settings), options)) {
    assert.ok(events.every(({ at }) => Math.floor(at / HOUR_MS) === hour))
    live.push(...events)
  }
  const expected = whole.filter(({ at }) => at >= start && at < start + 7_200_000)
  assert.ok(expected.length > 100)
  assert.equal(linesOf(live), linesOf(expected))
})

test('every event fits its contract, is told once, in its hour, in the order of time', () => {
  const world = new World(settings)
  const judges = new Map(domains.flatMap(({ topics }) => topics.map((topic) => [topic.name, rulesOf(topic)] as const)))
  const ids = new Set<string>()
  const wrong: string[] = []
  for (const event of span(world, START, 10, true)) {
    const { topic, value, at } = event
    const { id, time, kind } = topic.contract.topic
    const row = value as Readonly<Record<string, unknown>>
    const broken = judges.get(topic.name)?.(row)
    const numbers = Object.values(row).every((part) => typeof part !== 'number' || Number.isFinite(part))
    if (broken !== undefined || !numbers || row[time] !== at) wrong.push(`${broken}: ${lineOf(event)}`)
    topic.encode(value)
    if (kind === 'table') continue
    const known = [topic.name, ...id.map((field) => row[field])].join('|')
    if (ids.has(known)) wrong.push(`twice: ${known}`)
    ids.add(known)
  }
  assert.deepEqual(wrong, [])
  for (const hour of [0, 13, 200].map((hours) => START / HOUR_MS + hours)) {
    let last = hour * HOUR_MS
    for (const { at } of eventsOfHour(world, domains, hour)) {
      assert.ok(at >= last && at < (hour + 1) * HOUR_MS)
      last = at
    }
  }
})

test('the shopper in the web log is the customer in the CRM and in the orders', () => {
  const events = span(new World(settings), START, 25, true)
  const customers = new Map(valuesOf<Customer>(events, 'crm.customers.v1').map((one) => [one.customerId, one]))
  const orders = new Map<string, Order[]>()
  for (const order of valuesOf<Order>(events, 'crm.orders.v1'))
    orders.set(order.orderId, [...(orders.get(order.orderId) ?? []), order])
  const lines = new Map<string, OrderLine[]>()
  for (const line of valuesOf<OrderLine>(events, 'crm.order-lines.v1'))
    lines.set(line.orderId, [...(lines.get(line.orderId) ?? []), line])
  const paid = valuesOf<Purchase>(events, 'shop.purchases.v1').filter(({ status }) => status === 'PAID')
  assert.ok(paid.length > 150)
  for (const purchase of paid) {
    const customer = customers.get(purchase.customerId)
    assert.equal(customer?.visitorId, purchase.visitorId)
    assert.equal(customer?.email, purchase.email)
    const steps = orders.get(purchase.orderId) ?? []
    assert.equal(steps[0]?.status, 'PLACED')
    assert.equal(steps[0]?.placedAt, purchase.occurredAt)
    assert.equal(steps[0]?.amount, purchase.amount)
    const own = lines.get(purchase.orderId) ?? []
    assert.equal(
      own.reduce((sum, { quantity }) => sum + quantity, 0),
      purchase.items,
    )
    const gross = own.reduce((sum, { unitPrice, quantity }) => sum + unitPrice * BigInt(quantity), 0n)
    assert.ok(steps[0]?.code === null ? gross === purchase.amount : gross > purchase.amount)
  }
  assert.equal(orders.size, paid.length)
  assert.equal(lines.size, paid.length)
  assert.equal(valuesOf<OrderCause>(events, 'truth.order-causes.v1').length, paid.length)
  const statuses = [...orders.values()].map((steps) => steps.map(({ status }) => status).join())
  for (const known of ['PLACED,SHIPPED,DELIVERED', 'PLACED,CANCELLED', 'PLACED,SHIPPED,DELIVERED,RETURNED'])
    assert.ok(statuses.includes(known), known)
})

test('newcomers are anonymous before they register, and known after', () => {
  const events = span(new World(settings), START, 50, true)
  const registered = new Map(
    valuesOf<Customer>(events, 'crm.customers.v1').map((one) => [one.visitorId, one.registeredAt]),
  )
  const views = valuesOf<PageView>(events, 'shop.page-views.v1').filter(
    ({ visitorId }) => (registered.get(visitorId) ?? 0) >= START,
  )
  let [before, after] = [0, 0]
  for (const { visitorId, customerId, occurredAt } of views) {
    if (occurredAt < (registered.get(visitorId) ?? 0)) {
      before++
      assert.equal(customerId, null)
    } else if (customerId !== null) after++
  }
  assert.ok(before > 50 && after > 5, `${before} before, ${after} after`)
})

test('a promotion sells what its truth says, in its countries and nowhere else', () => {
  const world = new World({ ...settings, eventsPerDay: 1_000_000, initialCustomers: 5_000 })
  const { promotionId, category, countries, startsAt, orderFactor } = promotionOf(world.settings, 1, world.categories)
  const told = [...tablesAt(world, domains, startsAt)].map(({ value }) => value as Partial<PromotionEffect>)
  assert.equal(told.find((one) => one.promotionId === promotionId && one.orderFactor)?.orderFactor, orderFactor)
  const counts = { during: { treated: 0, others: 0 }, before: { treated: 0, others: 0 } }
  for (let hour = 0; hour < 96; hour++)
    for (const [when, from] of [
      ['during', startsAt],
      ['before', startsAt - 4 * DAY_MS],
    ] as const)
      for (const { buyer, lines, cause } of world.orders(from / HOUR_MS + hour))
        if (cause.kind === 'ORGANIC' && lines[0]?.product.category === category)
          counts[when][countries.includes(buyer.market.country) ? 'treated' : 'others']++
  const { during, before } = counts
  const factor = during.treated / during.others / (before.treated / before.others)
  const noise = 3 * Math.sqrt(1 / during.treated + 1 / during.others + 1 / before.treated + 1 / before.others)
  assert.ok(noise < 0.35, `too few orders to tell: ${JSON.stringify(counts)}`)
  assert.ok(Math.abs(Math.log(factor / orderFactor)) < noise, `${factor} for ${orderFactor} ± ${noise}`)
  assert.ok(factor > 1.1)
})
