import assert from 'node:assert/strict'
import { test } from 'node:test'
import {
  type AdClick,
  type CustomerTouch,
  customerTouches,
  type Order,
  type OrderTouch,
  orders,
  orderTouches,
  type PageView,
  type Purchase,
  pageViews,
  purchases,
  type Redemption,
  type Touch,
  touches,
} from '#schemas'
import orderTouchesPlan from '../../processors/marketing/order-touches.ts'
import touchesPlan from '../../processors/marketing/touches.ts'
import { attributed, type MarketingEvents } from './attributed.ts'
import { drivenPlan } from './driven.ts'

const START = Date.UTC(2020, 0, 1)
const DAY = 86_400_000
const HOUR = 3_600_000

const web = { country: 'DE', device: 'MOBILE', ip: '10.0.0.1' } as const
const view = (visitorId: string, sessionId: string, at: number, more: Partial<PageView> = {}): PageView => ({
  ...web,
  eventId: `${sessionId}-${at}`,
  visitorId,
  sessionId,
  customerId: null,
  pageType: 'HOME',
  path: '/',
  productId: null,
  referrer: null,
  email: null,
  occurredAt: START + at,
  ...more,
})
const click = (visitorId: string, clickId: string, at: number): AdClick => ({
  clickId,
  campaignId: 'cmp-1',
  channel: 'SEARCH',
  country: 'DE',
  visitorId,
  cost: 40n,
  clickedAt: START + at,
})
const paid = (visitorId: string, sessionId: string, customerId: string, at: number): Purchase => ({
  ...web,
  eventId: `${sessionId}-pay`,
  visitorId,
  sessionId,
  customerId,
  orderId: `o-${customerId}-${at}`,
  status: 'PAID',
  amount: 1_000n,
  currency: 'EUR',
  items: 1,
  paymentMethod: 'CARD',
  refusalReason: null,
  email: 'a@example.com',
  name: 'A',
  address: 'Street 1, 12345 City',
  occurredAt: START + at,
})
const order = (customerId: string, at: number, more: Partial<Order> = {}): Order => ({
  eventId: `o-${customerId}-${at}-placed`,
  orderId: `o-${customerId}-${at}`,
  customerId,
  country: 'DE',
  status: 'PLACED',
  amount: 1_000n,
  currency: 'EUR',
  items: 1,
  code: null,
  placedAt: START + at,
  changedAt: START + at,
  ...more,
})
const redemption = (customerId: string, code: string, at: number): Redemption => ({
  redemptionId: `red-o-${customerId}-${at}`,
  code,
  orderId: `o-${customerId}-${at}`,
  customerId,
  discount: 10n,
  currency: 'EUR',
  redeemedAt: START + at,
})

/**
 * ann: an anonymous visit by a search engine, an advertisement a week later, a purchase on a third visit, with a code; a year
 * before all that a visit nobody remembers. bob: pays with somebody else's browser, then comes with his own, signed in.
 */
const story: MarketingEvents = {
  clicks: [click('v-ann', 'k1', 7 * DAY - 700), click('v-nobody', 'k2', 8 * DAY)],
  pageViews: [
    view('v-ann', 's0', -40 * DAY),
    view('v-ann', 's1', 0, { referrer: 'search.example' }),
    view('v-ann', 's1', 60_000),
    view('v-ann', 's2', 7 * DAY, { referrer: 'ads.example' }),
    view('v-ann', 's3', 9 * DAY),
    view('v-ann', 's3', 9 * DAY + 60_000, { pageType: 'CHECKOUT' }),
    view('v-ann', 's4', 10 * DAY, { customerId: 'c-bob', email: 'b@example.com' }),
    view('v-bob', 's5', 11 * DAY, { referrer: 'news.example' }),
    view('v-bob', 's5', 11 * DAY + 60_000, { customerId: 'c-bob' }),
    view('v-nobody', 's6', 8 * DAY + 700, { referrer: 'ads.example' }),
  ],
  purchases: [paid('v-ann', 's3', 'c-ann', 9 * DAY + 120_000), paid('v-ann', 's4', 'c-bob', 10 * DAY + 60_000)],
  redemptions: [redemption('c-ann', 'CODE1', 9 * DAY + 120_000), redemption('c-bob', 'LOST', 12 * DAY)],
  codes: [{ code: 'CODE1', influencerId: 'inf-1', discountPercent: 10, validFrom: START - DAY }],
  orders: [
    order('c-ann', 9 * DAY + 120_000),
    order('c-ann', 9 * DAY + 120_000, { eventId: 'shipped', status: 'SHIPPED', changedAt: START + 10 * DAY }),
    order('c-bob', 10 * DAY + 60_000),
    order('c-bob', 12 * DAY),
    order('c-none', 12 * DAY),
  ],
}

/** The last row of each identity. */
const latest = <R>(rows: readonly R[], identity: (row: R) => string): ReadonlyMap<string, R> =>
  new Map(rows.map((row) => [identity(row), row]))
const shown = (rows: readonly OrderTouch[]): readonly string[] =>
  [...latest(rows, ({ orderId, touchNumber }) => `${orderId} ${touchNumber}`)]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(
      ([key, { touches, touchId, channel, influencerId, linearWeight }]) =>
        `${key}/${touches} ${touchId} ${channel} ${influencerId} ${linearWeight}`,
    )

const ANN = `o-c-ann-${9 * DAY + 120_000}`
const BOB = `o-c-bob-${10 * DAY + 60_000}`

test('visits before a sign-in are the customer’s, thirty days back; a browser that changes hands is the new one’s from then on', async () => {
  const { touches, identities, visitorClicks, customerTouches, refused } = await attributed(story)
  assert.equal(refused, 0)
  assert.equal(visitorClicks.length, 2)
  assert.deepEqual(
    identities
      .map(({ visitorId, customerId, evidence, linkedAt }) => [visitorId, customerId, evidence, linkedAt - START])
      .sort((a, b) => Number(a[3]) - Number(b[3])),
    [
      ['v-ann', 'c-ann', 'CHECKOUT', 9 * DAY + 120_000],
      ['v-ann', 'c-bob', 'SIGNED_IN', 10 * DAY],
      ['v-bob', 'c-bob', 'SIGNED_IN', 11 * DAY + 60_000],
    ],
  )
  const known = latest(touches, ({ touchId }: Touch) => touchId)
  const owners = [...known.values()].map(({ touchId, customerId, channel }) => `${touchId} ${channel} ${customerId}`)
  assert.deepEqual(owners.sort(), [
    'click:k1 SEARCH c-ann',
    'click:k2 SEARCH null',
    'visit:s0 DIRECT null',
    'visit:s1 ORGANIC_SEARCH c-ann',
    'visit:s3 DIRECT c-ann',
    'visit:s4 DIRECT c-bob',
    'visit:s5 REFERRAL c-bob',
  ])
  const ofCustomers = customerTouches.map(({ touchId, customerId, influencerId }) =>
    [touchId, customerId, influencerId].join(' '),
  )
  assert.deepEqual(ofCustomers.sort(), [
    'click:k1 c-ann ',
    `code:red-${ANN} c-ann inf-1`,
    `code:red-o-c-bob-${12 * DAY} c-bob `,
    'visit:s1 c-ann ',
    'visit:s3 c-ann ',
    'visit:s4 c-bob ',
    'visit:s5 c-bob ',
  ])
})

test('an order has the touches of thirty days, in order, with shares that are 1 and amounts that are the order’s', async () => {
  const { orderTouches: rows } = await attributed(story)
  assert.deepEqual(shown(rows), [
    `${ANN} 1/4 visit:s1 ORGANIC_SEARCH null 250000000`,
    `${ANN} 2/4 click:k1 SEARCH null 250000000`,
    `${ANN} 3/4 visit:s3 DIRECT null 250000000`,
    `${ANN} 4/4 code:red-${ANN} INFLUENCER inf-1 250000000`,
    `o-c-bob-${12 * DAY} 1/3 visit:s4 DIRECT null 333333333`,
    `o-c-bob-${12 * DAY} 2/3 visit:s5 REFERRAL null 333333334`,
    `o-c-bob-${12 * DAY} 3/3 code:red-o-c-bob-${12 * DAY} INFLUENCER null 333333333`,
    `${BOB} 1/1 visit:s4 DIRECT null 1000000000`,
  ])
  const final = latest(rows, ({ orderId, touchNumber }) => `${orderId} ${touchNumber}`)
  for (const orderId of new Set(rows.map((row) => row.orderId))) {
    const own = [...final.values()].filter((row) => row.orderId === orderId)
    for (const model of ['firstTouch', 'lastTouch', 'linear', 'timeDecay'] as const) {
      assert.equal(
        own.reduce((sum, row) => sum + row[`${model}Weight`], 0n),
        1_000_000_000n,
      )
      assert.equal(
        own.reduce((sum, row) => sum + row[`${model}Amount`], 0n),
        1_000n,
      )
    }
  }
})

for (const [seed, crashAt] of [
  [2, 2],
  [3, 4],
  [4, 5],
] as const)
  test(`the same rows whatever interleaves, and through a crash at step ${crashAt} (seed ${seed})`, async () => {
    const calm = await attributed(story)
    const stormy = await attributed(story, { seed, crashAt })
    assert.deepEqual(shown(stormy.orderTouches), shown(calm.orderTouches))
    assert.equal(stormy.refused, 0)
  })

const touch = (touchId: string, at: number): CustomerTouch => ({
  touchId,
  customerId: 'c-ann',
  visitorId: 'v-ann',
  channel: 'DIRECT',
  campaignId: null,
  code: null,
  influencerId: null,
  touchedAt: START + at,
})

test('a touch that is told after its order changes the order’s rows; one of more than thirty days, or behind it, does not', async () => {
  const plan = await drivenPlan(orderTouchesPlan)
  plan.write(customerTouches, [touch('a', 35 * DAY)])
  plan.write(orders, [order('c-ann', 40 * DAY), order('c-ann', 41 * DAY)])
  await plan.settle()
  const first = `o-c-ann-${40 * DAY}`
  assert.deepEqual(shown(plan.rows(orderTouches))[0], `${first} 1/1 a DIRECT null 1000000000`)
  plan.write(customerTouches, [touch('old', 10 * DAY - 1), touch('b', 30 * DAY), touch('behind', 40 * DAY + 1)])
  plan.write(customerTouches, [touch('b', 30 * DAY)])
  await plan.settle()
  assert.deepEqual(shown(plan.rows(orderTouches)), [
    `${first} 1/2 b DIRECT null 500000000`,
    `${first} 2/2 a DIRECT null 500000000`,
    `o-c-ann-${41 * DAY} 1/3 b DIRECT null 333333333`,
    `o-c-ann-${41 * DAY} 2/3 a DIRECT null 333333334`,
    `o-c-ann-${41 * DAY} 3/3 behind DIRECT null 333333333`,
  ])
  await plan.driven.close()
})

test('silence of topics that never had an event forgets nobody: the next import still knows the visitors of the last', async () => {
  const plan = await drivenPlan(touchesPlan)
  plan.write(pageViews, [view('v-ann', 's1', 0)])
  await plan.settle()
  plan.write(pageViews, [view('v-ann', 's2', 6 * DAY), view('v-ann', 's2', 6 * DAY + HOUR, { customerId: 'c-ann' })])
  plan.write(purchases, [])
  await plan.settle()
  const known = [...latest(plan.rows(touches), ({ touchId }) => touchId).values()]
  assert.deepEqual(
    known.map(({ touchId, customerId }) => [touchId, customerId]),
    [
      ['visit:s1', 'c-ann'],
      ['visit:s2', 'c-ann'],
    ],
  )
  await plan.driven.close()
})
