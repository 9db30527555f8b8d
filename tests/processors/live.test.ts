import assert from 'node:assert/strict'
import { test } from 'node:test'
import {
  type CartChange,
  type Click,
  cartChanges,
  clicks,
  type Delay,
  delayByWeather,
  delays,
  type PageView,
  type Purchase,
  pageViews,
  purchases,
  reports,
  type StockMovement,
  sessions,
  stockAlerts,
  stockLevels,
  stockMovements,
  trendingProducts,
  type WeatherReport,
} from '#schemas'
import delayPlan from '../../processors/delay-by-weather.ts'
import sessionsPlan, { SILENT_FOR } from '../../processors/sessions.ts'
import stockPlan from '../../processors/stock-alerts.ts'
import trendingPlan from '../../processors/trending-products.ts'
import { generateShopEvents } from '../../producers/shop/index.ts'
import { drivenPlan } from './driven.ts'

const START = Date.UTC(2025, 0, 6)
const MINUTE = 60_000
const HOUR = 60 * MINUTE
const DAY = 24 * HOUR

const web = { country: 'DE', device: 'MOBILE', ip: '10.0.0.1', email: null } as const
const view = (sessionId: string, minute: number, more: Partial<PageView> = {}): PageView => ({
  ...web,
  eventId: `${sessionId}-${minute}`,
  visitorId: 'v-1',
  sessionId,
  customerId: null,
  pageType: 'HOME',
  path: '/',
  productId: null,
  referrer: null,
  occurredAt: START + minute * MINUTE,
  ...more,
})
const change = (sessionId: string, minute: number, more: Partial<CartChange> = {}): CartChange => ({
  ...web,
  eventId: `${sessionId}-c${minute}`,
  visitorId: 'v-1',
  sessionId,
  customerId: null,
  action: 'ADD',
  productId: 'p-1',
  quantity: 1,
  price: 100n,
  currency: 'EUR',
  occurredAt: START + minute * MINUTE,
  ...more,
})

test('a visit is told once, half an hour after its last event, with its way; who signs in is known from its first page', async () => {
  const plan = await drivenPlan(sessionsPlan)
  plan.write(pageViews, [
    view('a', 0, { referrer: 'search.example' }),
    view('a', 1, { pageType: 'PRODUCT', path: '/p/1' }),
    view('a', 2, { pageType: 'PRODUCT', path: '/p/2' }),
    view('a', 31, { pageType: 'CART', path: '/cart', customerId: 'c-1' }),
    // Exactly half an hour behind the last event of `a`: another visit of the same browser, open beside it.
    view('b', 61, { path: '/again' }),
    view('b', 80, { pageType: 'CATEGORY', path: '/x' }),
  ])
  plan.write(cartChanges, [change('a', 3), change('a', 4, { action: 'REMOVE' })])
  await plan.settle()
  const told = plan
    .rows(sessions)
    .map((one) => ({ ...one, startedAt: one.startedAt - START, endedAt: one.endedAt - START }))
  const same = { visitorId: 'v-1', country: 'DE', device: 'MOBILE', clicks: 0, orders: 0 } as const
  assert.deepEqual(
    told.sort((a, b) => (a.sessionId < b.sessionId ? -1 : 1)),
    [
      {
        ...same,
        sessionId: 'a',
        customerId: 'c-1',
        referrer: 'search.example',
        entryPath: '/',
        exitPath: '/cart',
        steps: ['HOME', 'PRODUCT', 'ADD', 'REMOVE', 'CART'],
        pages: 4,
        cartChanges: 2,
        startedAt: 0,
        endedAt: 31 * MINUTE,
      },
      {
        ...same,
        sessionId: 'b',
        customerId: null,
        referrer: null,
        entryPath: '/again',
        exitPath: '/x',
        steps: ['HOME', 'CATEGORY'],
        pages: 2,
        cartChanges: 0,
        startedAt: 61 * MINUTE,
        endedAt: 80 * MINUTE,
      },
    ],
  )
  await plan.driven.close()
})

test('a day of the shop: every visit once, with as many pages, clicks, changes and orders as there were; through a crash', async () => {
  const events = [...generateShopEvents({ start: START, days: 1, eventsPerDay: 3_000, seed: 3 })]
  const plan = await drivenPlan(sessionsPlan, { seed: 5 })
  plan.driven.crashAt('commit', 4)
  for (const { topic, value } of events) {
    if (topic === pageViews) plan.write(pageViews, [value as PageView])
    else if (topic === cartChanges) plan.write(cartChanges, [value as CartChange])
    else if (topic === clicks) plan.write(clicks, [value as Click])
    else if (topic === purchases) plan.write(purchases, [value as Purchase])
  }
  await plan.settle()
  const rows = plan.rows(sessions)
  const bySession = new Map<string, { pages: number; clicks: number; cartChanges: number; orders: number }>()
  const times = new Map<string, number[]>()
  for (const { topic, value } of events) {
    const { sessionId, occurredAt } = value
    const counts = bySession.get(sessionId) ?? { pages: 0, clicks: 0, cartChanges: 0, orders: 0 }
    if (topic === pageViews) counts.pages++
    if (topic === clicks) counts.clicks++
    if (topic === cartChanges) counts.cartChanges++
    if (topic === purchases && 'status' in value && value.status === 'PAID') counts.orders++
    bySession.set(sessionId, counts)
    times.set(sessionId, [...(times.get(sessionId) ?? []), occurredAt])
  }
  for (const list of times.values()) {
    list.sort((a, b) => a - b)
    assert.ok(
      list.every((time, n) => n === 0 || time - (list[n - 1] ?? 0) < SILENT_FOR),
      'the shop pauses that long',
    )
  }
  assert.equal(rows.length, bySession.size)
  for (const { sessionId, pages, clicks, cartChanges, orders, startedAt, endedAt } of rows) {
    assert.deepEqual({ pages, clicks, cartChanges, orders }, bySession.get(sessionId))
    assert.deepEqual([startedAt, endedAt], [times.get(sessionId)?.[0], times.get(sessionId)?.at(-1)])
  }
  assert.equal(plan.refused(), 0)
  await plan.driven.close()
})

test('what trends is counted over the hour before each five minutes, by country; equals by id', async () => {
  const plan = await drivenPlan(trendingPlan)
  const seen = (minute: number, productId: string | null, more: Partial<PageView> = {}) =>
    view('a', minute, { productId, pageType: 'PRODUCT', ...more })
  plan.write(pageViews, [
    seen(0, 'p-1'),
    seen(1, 'p-2'),
    seen(2, null),
    seen(3, 'p-9', { country: 'FR' }),
    seen(62, 'p-2'),
  ])
  plan.write(cartChanges, [
    change('a', 4, { productId: 'p-3' }),
    change('a', 5, { productId: 'p-2', action: 'REMOVE' }),
  ])
  for (let n = 0; n < 20; n++) plan.write(pageViews, [view('z', 600, { visitorId: `v-${n}`, productId: 'p-0' })])
  await plan.settle()
  const at = (country: string, endMinute: number) => {
    const row = plan
      .rows(trendingProducts)
      .find((one) => one.country === country && one.windowEnd === START + endMinute * MINUTE)
    return row && [row.events, row.products, row.counts]
  }
  assert.deepEqual(at('DE', 60), [3, ['p-1', 'p-2', 'p-3'], [1, 1, 1]])
  assert.deepEqual(at('DE', 65), [1, ['p-2'], [1]])
  assert.deepEqual(at('FR', 60), [1, ['p-9'], [1]])
  assert.equal(at('FR', 65), undefined)
  await plan.driven.close()
})

const moved = (day: number, quantity: number, reason: StockMovement['reason'] = 'SALE'): StockMovement => ({
  movementId: `m-${day}-${quantity}`,
  productId: 'p-1',
  warehouse: 'w',
  reason,
  quantity,
  orderId: null,
  movedAt: START + day * DAY,
})

test('a product is told when it falls to what five days take, and when it is back above; unknown stock is not judged', async () => {
  const plan = await drivenPlan(stockPlan)
  plan.write(stockMovements, [
    moved(0, -5),
    moved(0.1, 60, 'OPENING'),
    // 10 on two days: demand 5 a day, reorder point 25; 55 are there.
    moved(1, -5),
    // 40 on three days: 13.33 a day, reorder point 67: 25 are there.
    moved(2, -30),
    moved(3, 100, 'RECEIPT'),
    // A return lowers the demand.
    moved(4, 10, 'RETURN'),
  ])
  plan.write(stockLevels, [{ productId: 'p-1', warehouse: 'w', units: 7, countedAt: START + 5 * DAY }])
  await plan.settle()
  const rows = plan
    .rows(stockAlerts)
    .map(({ state, units, reorderPoint, dailyDemand, changedAt }) => [
      (changedAt - START) / DAY,
      state,
      units,
      reorderPoint,
      Number(dailyDemand.toFixed(3)),
    ])
  assert.deepEqual(rows, [
    [2, 'BELOW', 25, 67, 13.333],
    [3, 'ABOVE', 125, 50, 10],
    [5, 'BELOW', 7, 25, 5],
  ])
  await plan.driven.close()
})

const report = (airport: string, minute: number, condition: WeatherReport['condition']): WeatherReport => ({
  airport,
  temperatureCelsius: 1,
  windMetersPerSecond: 1,
  precipitationMillimeters: 0,
  visibilityMeters: 1_000,
  condition,
  observedAt: START + minute * MINUTE,
})
const delay = (flightId: string, departs: number, told: number, more: Partial<Delay> = {}): Delay => ({
  flightId,
  origin: 'CDG',
  status: 'DEPARTED',
  delayMinutes: 0,
  cause: 'NONE',
  departsAt: START + departs * MINUTE,
  reportedAt: START + told * MINUTE,
  ...more,
})

test('delays stand with the weather of the scheduled departure, by hour; without a report of two hours it is unknown', async () => {
  const plan = await drivenPlan(delayPlan)
  plan.write(reports, [report('CDG', 0, 'SNOW'), report('CDG', 120, 'CLEAR'), report('NCE', 0, 'RAIN')])
  plan.write(delays, [
    delay('a', 119, 121, { delayMinutes: 15, cause: 'WEATHER' }),
    delay('b', 120, 125, { delayMinutes: 14, cause: 'CARRIER' }),
    delay('c', 119, 130, { status: 'CANCELLED', cause: 'WEATHER' }),
    delay('d', 119, 140, { delayMinutes: 5 }),
    delay('e', 121, 130, { origin: 'NCE' }),
    delay('f', 120, 130, { origin: 'NCE', delayMinutes: 60, cause: 'TRAFFIC' }),
  ])
  for (let n = 0; n < 20; n++) plan.write(delays, [delay(`end-${n}`, 2_000, 2_000, { origin: 'LHR' })])
  await plan.settle()
  const rows = plan
    .rows(delayByWeather)
    .filter(({ origin }) => origin !== 'LHR')
    .map(({ origin, condition, windowStart, flights, cancelled, late, byWeather, meanDelayMinutes, maxDelayMinutes }) =>
      [
        origin,
        condition,
        (windowStart - START) / MINUTE,
        flights,
        cancelled,
        late,
        byWeather,
        meanDelayMinutes,
        maxDelayMinutes,
      ].join(' '),
    )
  assert.deepEqual(rows.sort(), [
    'CDG CLEAR 120 1 0 0 0 14 14',
    'CDG SNOW 120 3 1 1 2 10 15',
    'NCE RAIN 120 1 0 1 0 60 60',
    'NCE UNKNOWN 120 1 0 0 0 0 0',
  ])
  await plan.driven.close()
})
