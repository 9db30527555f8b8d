import assert from 'node:assert/strict'
import { test } from 'node:test'
import type {
  Achat,
  AdCampaign,
  AdClick,
  AdSpend,
  CatalogueItem,
  Client,
  Customer,
  Delay,
  Fee,
  Order,
  OrderCause,
  OrderLine,
  PageView,
  Position,
  Post,
  Promotion,
  Redemption,
  ScheduledFlight,
  StockLevel,
  StockMovement,
  WeatherReport,
} from '#schemas'
import { MARKETS } from '../../shop/markets.ts'
import { domains, eventsOf, World, type WorldSettings } from '../index.ts'
import { HOUR_MS } from '../settings.ts'

const DAY_MS = 24 * HOUR_MS
const START = Date.UTC(2025, 0, 1)
const DAYS = 35
const settings: WorldSettings = {
  seed: 3,
  start: START,
  eventsPerDay: 8_000,
  initialCustomers: 600,
  frequency: 'daily',
  incidents: [],
}

/** Five weeks of everything, by topic. */
const values = new Map<string, unknown[]>()
for (const events of eventsOf(new World(settings), { domains, start: START, days: DAYS, tables: true }))
  for (const { topic, value } of events) {
    const known = values.get(topic.name)
    if (known) known.push(value)
    else values.set(topic.name, [value])
  }
const of = <V>(topic: string): V[] => (values.get(topic) ?? assert.fail(`nothing on ${topic}`)) as V[]
const ids = <V, K extends keyof V>(topic: string, key: K): Set<V[K]> => new Set(of<V>(topic).map((value) => value[key]))
const sumOf = <V>(list: readonly V[], part: (value: V) => number): number =>
  list.reduce((sum, one) => sum + part(one), 0)

test('a day has about as many events as asked for, once season and growth are taken away', () => {
  const total = sumOf([...values.values()], (list) => list.length)
  const perDay = total / DAYS
  // January and early February sell 0.87 of an ordinary day (seasons.ts)
  assert.ok(Math.abs(perDay / 8_000 - 0.9) < 0.08, `${perDay} a day`)
})

test('the networks report the clicks that there were, of campaigns that are booked', () => {
  const campaigns = ids<AdCampaign, 'campaignId'>('ads.ad-campaigns.v1', 'campaignId')
  const reports = of<AdSpend>('ads.ad-spend.v1')
  const reported = Math.max(...reports.map(({ periodEnd }) => periodEnd))
  const clicks = of<AdClick>('ads.ad-clicks.v1').filter(({ clickedAt }) => clickedAt < reported)
  assert.ok(clicks.length > 500)
  for (const { campaignId } of [...clicks, ...reports]) assert.ok(campaigns.has(campaignId), campaignId)
  assert.equal(
    sumOf(reports, (report) => report.clicks),
    clicks.length,
  )
  assert.equal(
    sumOf(reports, ({ spend }) => Number(spend)),
    sumOf(clicks, ({ cost }) => Number(cost)),
  )
  assert.ok(reports.every((report) => report.impressions >= report.clicks))
  const seen = ids<PageView, 'visitorId'>('shop.page-views.v1', 'visitorId')
  const landed = clicks.filter(({ visitorId }) => seen.has(visitorId)).length
  assert.ok(landed >= clicks.length - 2, 'a click leads to a visit')
})

test('a code is redeemed with an order that has it, and its owner is paid a share', () => {
  const placed = new Map(
    of<Order>('crm.orders.v1')
      .filter(({ status }) => status === 'PLACED')
      .map((order) => [order.orderId, order]),
  )
  const redemptions = of<Redemption>('influencers.redemptions.v1')
  assert.ok(redemptions.length > 10)
  assert.equal(redemptions.length, [...placed.values()].filter(({ code }) => code !== null).length)
  for (const { orderId, code, customerId } of redemptions) {
    assert.equal(placed.get(orderId)?.code, code)
    assert.equal(placed.get(orderId)?.customerId, customerId)
  }
  const fees = of<Fee>('influencers.fees.v1')
  assert.equal(fees.filter(({ kind }) => kind === 'COMMISSION').length, redemptions.length)
  assert.equal(fees.filter(({ kind }) => kind === 'POST').length, of<Post>('influencers.posts.v1').length)
})

test('every cause named by the truth is a campaign or a post that was there before', () => {
  const campaigns = new Map(of<AdCampaign>('ads.ad-campaigns.v1').map((one) => [one.campaignId, one.startsAt]))
  const posts = new Map(of<Post>('influencers.posts.v1').map((one) => [one.postId, one.publishedAt]))
  const kinds = new Map<string, number>()
  for (const { cause, campaignId, postId, placedAt } of of<OrderCause>('truth.order-causes.v1')) {
    kinds.set(cause, (kinds.get(cause) ?? 0) + 1)
    if (campaignId !== null) assert.ok((campaigns.get(campaignId) ?? Number.POSITIVE_INFINITY) <= placedAt)
    if (postId !== null) assert.ok((posts.get(postId) ?? Number.POSITIVE_INFINITY) <= placedAt)
    assert.equal([campaignId, postId].filter((id) => id !== null).length, cause === 'ORGANIC' ? 0 : 1)
  }
  assert.deepEqual([...kinds.keys()].sort(), ['CAMPAIGN', 'INFLUENCER', 'ORGANIC'])
})

test('the stock is the sum of its movements, and never below zero', () => {
  const movements = of<StockMovement>('inventory.stock-movements.v1')
  const levels = of<StockLevel>('inventory.stock-levels.v1')
  assert.equal(levels.length, 240 * (DAYS - 1))
  for (const { productId, units, countedAt } of levels.filter((_, i) => i % 97 === 0)) {
    const before = movements.filter((one) => one.productId === productId && one.movedAt < countedAt)
    assert.equal(
      units,
      sumOf(before, ({ quantity }) => quantity),
      `${productId} on day ${(countedAt - START) / DAY_MS}`,
    )
    assert.ok(units >= 0)
  }
  const items = ids<CatalogueItem, 'productId'>('inventory.catalogue-items.v1', 'productId')
  assert.equal(items.size, 240)
  for (const { productId } of of<OrderLine>('crm.order-lines.v1')) assert.ok(items.has(productId))
})

test('clients and achats are the customers and their orders, in euros to the cent', () => {
  const customers = ids<Customer, 'customerId'>('crm.customers.v1', 'customerId')
  assert.deepEqual(ids<Client, 'idClient'>('ventes.clients.v1', 'idClient'), customers)
  const names = ids<CatalogueItem, 'name'>('inventory.catalogue-items.v1', 'name')
  const paid = new Map<string, bigint>()
  for (const { idAchat, idClient, montant, produit } of of<Achat>('ventes.achats.v1')) {
    const orderId = idAchat.slice(0, idAchat.lastIndexOf('-'))
    paid.set(orderId, (paid.get(orderId) ?? 0n) + montant)
    assert.ok(customers.has(idClient))
    assert.ok(names.has(produit), produit)
  }
  const placed = of<Order>('crm.orders.v1').filter(({ status }) => status === 'PLACED')
  assert.equal(placed.length, paid.size)
  for (const { orderId, amount, country } of placed) {
    const factor = MARKETS.find((market) => market.country === country)?.priceFactor ?? 1
    assert.equal(paid.get(orderId), BigInt(Math.round(Number(amount) / factor)), orderId)
  }
})

test('prices are reduced where a promotion runs, and only there', () => {
  const promotions = new Map(of<Promotion>('shop.promotions.v1').map((one) => [one.promotionId, one]))
  let reduced = 0
  for (const { promotionId, unitPrice, listPrice, category, country, placedAt } of of<OrderLine>(
    'crm.order-lines.v1',
  )) {
    const running = [...promotions.values()].find(
      (one) =>
        one.category === category &&
        one.countries.includes(country) &&
        placedAt >= one.startsAt &&
        placedAt < one.endsAt,
    )
    assert.equal(promotionId, running?.promotionId ?? null)
    if (running === undefined) assert.equal(unitPrice, listPrice)
    else {
      reduced++
      assert.ok(Math.abs(Number(unitPrice) / Number(listPrice) - (1 - running.discountPercent / 100)) < 0.02)
    }
  }
  assert.ok(reduced > 5)
})

test('flights fly between their airports after they depart; bad weather delays', () => {
  const flights = new Map(of<ScheduledFlight>('aviation.schedules.v1').map((one) => [one.flightId, one]))
  const delays = new Map(of<Delay>('aviation.delays.v1').map((one) => [one.flightId, one]))
  for (const { flightId, observedAt } of of<Position>('aviation.positions.v1')) {
    const delay = delays.get(flightId)
    assert.equal(delay?.status, 'DEPARTED')
    assert.ok(observedAt > (delay?.reportedAt ?? 0) && flights.has(flightId))
  }
  const conditions = new Map(
    of<WeatherReport>('weather.reports.v1').map(({ airport, observedAt, condition }) => [
      `${airport}${observedAt}`,
      condition,
    ]),
  )
  const minutes = { fair: [] as number[], foul: [] as number[] }
  for (const { origin, departsAt, status, delayMinutes, cause } of delays.values()) {
    const condition = conditions.get(`${origin}${Math.floor(departsAt / HOUR_MS) * HOUR_MS}`)
    const foul = condition === 'STORM' || condition === 'SNOW' || condition === 'FOG'
    if (status === 'DEPARTED') minutes[foul ? 'foul' : 'fair'].push(delayMinutes)
    if (cause === 'WEATHER') assert.ok(condition !== 'CLEAR' && condition !== 'CLOUDS')
  }
  const mean = (list: readonly number[]) => sumOf(list, (one) => one) / list.length
  assert.ok(minutes.foul.length > 30, `${minutes.foul.length} in foul weather`)
  assert.ok(mean(minutes.foul) > 2 * mean(minutes.fair), `${mean(minutes.foul)} against ${mean(minutes.fair)} minutes`)
})
