import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { AnyTopic } from '#engine/schema'
import {
  type AdCampaign,
  type AdClick,
  type AdSpend,
  adCampaigns,
  adClicks,
  adReports,
  adSpend,
  adVisits,
  airports,
  buyers,
  type CatalogueItem,
  type Customer,
  catalogueItems,
  checkouts,
  codes,
  codeUses,
  customers,
  departures,
  type Flight,
  flights,
  hourlyWeather,
  type MaskedCustomer,
  type MaskedPurchase,
  maskedClients,
  maskedCustomers,
  maskedPurchases,
  type OrderedProduct,
  type OrderLine,
  type OrderRow,
  observations,
  orderedProducts,
  orderLines,
  orderRows,
  products,
  purchaseLines,
  redemptions,
  reports,
  type StockMovement,
  stockChanges,
  stockMovements,
  storeSales,
} from '#schemas'
import { cleaning } from '../../processors/cleaning/index.ts'
import { domains, eventsOf, World } from '../../producers/world/index.ts'
import { ruleSets } from '../../schemas/rule-sets.ts'
import type { CleanColumns } from '../../schemas/rules.ts'
import { adReportsRules } from '../../schemas/silver/ad-reports.rules.ts'
import { adVisitsRules } from '../../schemas/silver/ad-visits.rules.ts'
import { buyersRules } from '../../schemas/silver/buyers.rules.ts'
import { checkoutsRules } from '../../schemas/silver/checkouts.rules.ts'
import { codeUsesRules } from '../../schemas/silver/code-uses.rules.ts'
import { departuresRules } from '../../schemas/silver/departures.rules.ts'
import { hourlyWeatherRules } from '../../schemas/silver/hourly-weather.rules.ts'
import { orderedProductsRules } from '../../schemas/silver/ordered-products.rules.ts'
import { stockChangesRules } from '../../schemas/silver/stock-changes.rules.ts'
import { storeSalesRules } from '../../schemas/silver/store-sales.rules.ts'
import { type DrivenPlan, drivenPlan } from './driven.ts'

const START = Date.UTC(2025, 0, 1)
const DAY = 86_400_000

const customer = (customerId: string, changedAt = START): MaskedCustomer => ({
  customerId,
  visitorId: `v-${customerId}`,
  country: 'DE',
  language: 'de',
  emailPseudonym: null,
  city: 'Leipzig',
  status: 'ACTIVE',
  change: 'REGISTERED',
  registeredAt: START,
  changedAt,
})

/** As in the topic that is referred to: of personal fields nothing is read. */
const registered = (customerId: string): Customer => {
  const { emailPseudonym: _email, city: _city, ...kept } = customer(customerId)
  return { ...kept, email: 'sealed', name: 'sealed', address: 'sealed' }
}

const item = (productId: string, listPrice: bigint): CatalogueItem => ({
  ...{ productId, name: productId, category: 'toys', listPrice, unitCost: 1n },
  ...{ supplier: 'Bovary', warehouse: 'Lyon', validFrom: START },
})

const line = (orderId: string, productId: string, change: Partial<OrderLine> = {}): OrderLine => ({
  ...{ orderId, lineNumber: 1, customerId: 'c-1', country: 'DE', productId, category: 'toys', quantity: 1 },
  ...{ unitPrice: 1000n, listPrice: 1000n, currency: 'EUR', promotionId: null, placedAt: START + DAY },
  ...change,
})

const row = (orderId: string, productId: string, change: Partial<OrderRow> = {}): OrderRow => ({
  ...{ orderId, customerId: 'c-1', productId, category: 'toys', quantity: 1, price: 1000n, currency: 'EUR' },
  ...{ orderedAt: START + DAY },
  ...change,
})

/** The latest row of each identity, as a table of upserts has it. */
function latest<R extends object>(rows: readonly R[], id: readonly (keyof R)[]): Map<string, R> {
  const found = new Map<string, R>()
  for (const one of rows) found.set(id.map((column) => String(one[column])).join('|'), one)
  return found
}

const latestOrders = (plan: DrivenPlan): Map<string, OrderedProduct> =>
  latest(plan.rows(orderedProducts), ['orderId', 'productId'])

for (const seed of [1, 2, 3])
  test(`orders of two systems become one row each; nothing is dropped, through a crash (${seed})`, async () => {
    const plan = await drivenPlan(cleaning(orderedProductsRules), { seed })
    plan.driven.crashAt('commit', 4)
    plan.write(customers, [registered('c-1')])
    plan.write(catalogueItems, [item('p-1', 1000n), item('p-2', 2000n)])
    plan.write(orderLines, [
      line('o-1', 'p-1'),
      line('o-1', 'p-2', { unitPrice: 2000n, lineNumber: 2 }),
      line('o-1', 'p-1'),
      line('o-3', 'p-9', { currency: 'XAU' }),
      line('o-4', 'p-1', { customerId: 'c-9' }),
      line('o-5', 'p-1', { currency: 'JPY', unitPrice: 160_000n }),
    ])
    await plan.settle()
    plan.write(orderRows, [
      row('o-1', 'p-1'),
      row('o-1', 'p-2', { price: 200_000n }),
      row('o-2', 'p-1', { quantity: 100 }),
      row('o-2', 'p-1', { quantity: 100 }),
      row('o-5', 'p-1', { currency: 'JPY', price: 16_000_000n }),
    ])
    await plan.settle()
    assert.equal(plan.driven.crashes, 1)
    assert.equal(plan.refused(), 0)
    const rows = plan.rows(orderedProducts)
    assert.equal(rows.length, 11, 'one record a record')
    const tellings = rows.map(({ orderId, productId, source, told }) => `${orderId} ${productId} ${source} ${told}`)
    assert.deepEqual(tellings.sort(), [
      'o-1 p-1 crm AGAIN',
      'o-1 p-1 crm FIRST',
      'o-1 p-1 staging ELSEWHERE',
      'o-1 p-2 crm FIRST',
      'o-1 p-2 staging ELSEWHERE',
      'o-2 p-1 staging AGAIN',
      'o-2 p-1 staging FIRST',
      'o-3 p-9 crm FIRST',
      'o-4 p-1 crm FIRST',
      'o-5 p-1 crm FIRST',
      'o-5 p-1 staging ELSEWHERE',
    ])
    const found = latestOrders(plan)
    const told = (key: string) => {
      const { flags, sources, copies, unitPrice } = found.get(key) ?? assert.fail(key)
      return [flags, sources, copies, unitPrice]
    }
    assert.deepEqual(told('o-1|p-1'), [[], ['crm', 'staging'], 3, 1000n])
    // the spoilt price of the other system does not reach the row, but is counted
    assert.deepEqual(told('o-1|p-2'), [[], ['crm', 'staging'], 2, 2000n])
    assert.deepEqual(found.get('o-1|p-2')?.findings, ['outlier:unitPrice'])
    assert.deepEqual(told('o-2|p-1'), [['outlier:quantity'], ['staging'], 2, 1000n])
    assert.deepEqual(told('o-3|p-9'), [['unknown:productId', 'unknown:currency'], ['crm'], 1, 1000n])
    assert.deepEqual(told('o-4|p-1'), [['unknown:customerId'], ['crm'], 1, 1000n])
    assert.deepEqual(told('o-5|p-1'), [[], ['crm', 'staging'], 2, 160_000n])
    await plan.driven.close()
  })

test('the better record stands, whoever came first', async () => {
  const plan = await drivenPlan(cleaning(orderedProductsRules))
  plan.write(customers, [registered('c-1')])
  plan.write(catalogueItems, [item('p-1', 1000n)])
  plan.write(orderRows, [row('o-1', 'p-1', { quantity: 200 }), row('o-2', 'p-1', { price: 900n })])
  await plan.settle()
  plan.write(orderLines, [line('o-1', 'p-1', { quantity: 2 }), line('o-2', 'p-1', { unitPrice: 800n })])
  await plan.settle()
  const found = latestOrders(plan)
  assert.deepEqual([found.get('o-1|p-1')?.quantity, found.get('o-1|p-1')?.flags], [2, []])
  assert.equal(found.get('o-2|p-1')?.unitPrice, 800n, 'of equals the more trusted')
  await plan.driven.close()
})

test('versions of a customer are changes, not duplicates; what only one system knows is filled in', async () => {
  const plan = await drivenPlan(cleaning(buyersRules))
  plan.write(maskedClients, [{ idClient: 'c-1', emailPseudonym: null, dateInscription: START, pays: 'DE' }])
  plan.write(maskedClients, [{ idClient: 'c-2', emailPseudonym: null, dateInscription: START, pays: 'FR' }])
  await plan.settle()
  plan.write(maskedCustomers, [
    customer('c-1'),
    { ...customer('c-1', START + DAY), country: 'NL', change: 'MOVED' },
    { ...customer('c-1', START + DAY), country: 'NL', change: 'MOVED' },
  ])
  await plan.settle()
  const rows = plan.rows(buyers)
  assert.deepEqual(
    rows.filter(({ customerId }) => customerId === 'c-1').map(({ source, told }) => `${source} ${told}`),
    ['ventes FIRST', 'crm ELSEWHERE', 'crm CHANGED', 'crm AGAIN'],
  )
  const found = latest(rows, ['customerId'])
  assert.deepEqual(
    [found.get('c-1')?.country, found.get('c-1')?.language, found.get('c-1')?.sources],
    ['NL', 'de', ['crm', 'ventes']],
  )
  assert.deepEqual([found.get('c-2')?.country, found.get('c-2')?.status, found.get('c-2')?.flags], ['FR', null, []])
  await plan.driven.close()
})

test('till lines: a negative quantity is flagged and kept, a product without a row is called unknown', async () => {
  const plan = await drivenPlan(cleaning(storeSalesRules))
  const product = { manufacturerId: null, brand: null, productType: null, packageSize: null, validFrom: START }
  plan.write(products, [{ ...product, productId: 1, department: 'DELI', productCategory: null }])
  const till = {
    ...{ householdId: 1, storeId: 1, basketId: 1, salesValue: 350n, week: 1, purchasedAt: START + DAY },
    ...{ retailDiscount: 10n, couponDiscount: 20n, couponMatchDiscount: 30n },
  }
  plan.write(purchaseLines, [
    { ...till, productId: 1, quantity: 2 },
    { ...till, productId: 1, quantity: -1, basketId: 2 },
    { ...till, productId: 9, quantity: 1 },
  ])
  await plan.settle()
  const found = plan.rows(storeSales).map(({ productId, quantity, department, category, discount, flags }) => {
    return { productId, quantity, department, category, discount, flags }
  })
  const known = { department: 'DELI', category: 'unknown', discount: 60n }
  assert.deepEqual(
    found.sort((a, b) => a.productId - b.productId || b.quantity - a.quantity),
    [
      { productId: 1, quantity: 2, ...known, flags: [] },
      { productId: 1, quantity: -1, ...known, flags: ['outlier:quantity'] },
      { productId: 9, quantity: 1, ...known, department: 'unknown', flags: ['unknown:productId'] },
    ],
  )
  await plan.driven.close()
})

test('units are metric whatever the source has; empty cells are missing, impossible winds outliers', async () => {
  const plan = await drivenPlan(cleaning(hourlyWeatherRules))
  const observation = {
    ...{ origin: 'JFK', temperatureFahrenheit: 39.02, dewPointFahrenheit: null, humidityPercent: null },
    ...{ windDirectionDegrees: null, windSpeedMilesPerHour: 10, windGustMilesPerHour: null },
    ...{ precipitationInches: 0.1, pressureMillibars: null, visibilityMiles: 10, observedAt: START },
  }
  plan.write(observations, [
    observation,
    { ...observation, observedAt: START + 3_600_000, windSpeedMilesPerHour: 1_048.36, temperatureFahrenheit: null },
  ])
  plan.write(reports, [
    {
      ...{ airport: 'JFK', temperatureCelsius: 3.9, windMetersPerSecond: 4.5, precipitationMillimeters: 2.5 },
      ...{ visibilityMeters: 16_093, condition: 'CLEAR', observedAt: START },
    },
  ])
  await plan.settle()
  const found = latest(plan.rows(hourlyWeather), ['airport', 'observedAt'])
  const first = found.get(`JFK|${START}`)
  assert.deepEqual(
    [first?.temperatureCelsius, first?.windMetersPerSecond, first?.precipitationMillimeters, first?.visibilityMeters],
    [3.9, 4.5, 2.5, 16_093],
  )
  assert.deepEqual(first?.sources, ['new-york', 'weather'])
  assert.deepEqual(found.get(`JFK|${START + 3_600_000}`)?.flags, [
    'missing:temperatureCelsius',
    'outlier:windMetersPerSecond',
  ])
  await plan.driven.close()
})

test('a flight that did not leave has no delay, which nothing is missing of; its destination has a name or is unknown', async () => {
  const plan = await drivenPlan(cleaning(departuresRules))
  const flight: Flight = {
    ...{ flightId: 'UA1', carrier: 'UA', flightNumber: 1, tailNumber: 'N1', origin: 'JFK', destination: 'IAH' },
    ...{ scheduledAt: START + DAY, scheduledHourAt: START + DAY, localDate: 0, scheduledDepartureLocal: 0 },
    ...{ departureLocal: null, departureDelayMinutes: 4, scheduledArrivalLocal: 0, arrivalLocal: null },
    ...{ arrivalDelayMinutes: null, airTimeMinutes: null, distanceMiles: 1_000 },
  }
  plan.write(airports, [
    {
      ...{ airport: 'IAH', name: 'Intercontinental', latitude: 30, longitude: -95, altitudeFeet: 97 },
      ...{ utcOffsetHours: null, daylightSaving: null, timeZone: null, validFrom: START },
    },
  ])
  plan.write(flights, [
    flight,
    { ...flight, flightId: 'UA2', destination: 'SJU', departureDelayMinutes: null },
    { ...flight, flightId: 'UA3', tailNumber: null, departureDelayMinutes: 2_000 },
  ])
  await plan.settle()
  const found = latest(plan.rows(departures), ['flightId'])
  const told = (id: string) => {
    const { destinationName, distanceKilometers, departureDelayMinutes, flags } = found.get(id) ?? assert.fail(id)
    return [destinationName, distanceKilometers, departureDelayMinutes, flags]
  }
  assert.deepEqual(told('UA1'), ['Intercontinental', 1_609, 4, []])
  assert.deepEqual(told('UA2'), ['unknown', 1_609, null, ['unknown:destination']])
  assert.deepEqual(told('UA3'), [
    ...['Intercontinental', 1_609, 2_000],
    ['missing:tailNumber', 'outlier:departureDelayMinutes'],
  ])
  await plan.driven.close()
})

const campaign = (campaignId: string): AdCampaign => ({
  ...{ campaignId, name: `campaign ${campaignId}`, channel: 'SEARCH', country: 'DE', dailyBudget: 1_000n },
  ...{ startsAt: START, endsAt: START + 30 * DAY, bookedAt: START - DAY },
})

test('a report of advertising that says otherwise corrects the earlier one, unless it is worse; the same again is a duplicate', async () => {
  const plan = await drivenPlan(cleaning(adReportsRules))
  plan.write(adCampaigns, [campaign('a-1')])
  await plan.settle()
  const report: AdSpend = {
    ...{ campaignId: 'a-1', channel: 'SEARCH', country: 'DE', impressions: 900, clicks: 9, spend: 450n },
    ...{ periodStart: START, periodEnd: START + DAY },
  }
  const next = { ...report, periodStart: START + DAY, periodEnd: START + 2 * DAY }
  plan.write(adSpend, [
    report,
    report,
    { ...report, clicks: 12, spend: 600n },
    { ...report, clicks: 12, spend: 60_000n },
    { ...next, clicks: 901 },
    { ...next, campaignId: 'a-9' },
  ])
  await plan.settle()
  assert.equal(plan.refused(), 0)
  const rows = plan.rows(adReports)
  const first = rows.filter(({ campaignId, periodStart }) => campaignId === 'a-1' && periodStart === START)
  assert.deepEqual(
    first.map(({ told, clicks, spend, findings }) => [told, clicks, spend, findings]),
    [
      ['FIRST', 9, 450n, []],
      ['AGAIN', 9, 450n, []],
      ['CHANGED', 12, 600n, []],
      ['CHANGED', 12, 600n, ['outlier:spend']],
    ],
  )
  const found = latest(rows, ['campaignId', 'periodStart'])
  const told = (key: string) => {
    const { campaignName, currency, flags } = found.get(key) ?? assert.fail(key)
    return [campaignName, currency, flags]
  }
  assert.deepEqual(told(`a-1|${START}`), ['campaign a-1', 'EUR', []])
  assert.deepEqual(told(`a-1|${START + DAY}`), ['campaign a-1', 'EUR', ['outlier:clicks']])
  assert.deepEqual(told(`a-9|${START + DAY}`), ['unknown', 'EUR', ['unknown:campaignId']])
  await plan.driven.close()
})

test('a click outside the days of its campaign, or at the price of a hundred, is flagged and kept', async () => {
  const plan = await drivenPlan(cleaning(adVisitsRules))
  plan.write(adCampaigns, [campaign('a-1')])
  await plan.settle()
  const click = (clickId: string, change: Partial<AdClick> = {}): AdClick => ({
    ...{ clickId, campaignId: 'a-1', channel: 'SEARCH', country: 'DE', visitorId: 'v-1', cost: 45n },
    ...{ clickedAt: START + DAY },
    ...change,
  })
  plan.write(adClicks, [
    click('k-1'),
    click('k-1'),
    click('k-2', { cost: 4_500n }),
    click('k-3', { clickedAt: START + 30 * DAY }),
    click('k-4', { campaignId: 'a-9' }),
  ])
  await plan.settle()
  const found = latest(plan.rows(adVisits), ['clickId'])
  assert.deepEqual([found.get('k-1')?.copies, found.get('k-1')?.told, found.get('k-1')?.flags], [2, 'AGAIN', []])
  assert.deepEqual(found.get('k-2')?.flags, ['outlier:cost'])
  assert.deepEqual(found.get('k-3')?.flags, ['outlier:clickedAt'])
  assert.deepEqual(found.get('k-4')?.flags, ['unknown:campaignId'])
  await plan.driven.close()
})

test('a refused checkout says why; amounts are judged in their currency', async () => {
  const plan = await drivenPlan(cleaning(checkoutsRules))
  const checkout = (eventId: string, change: Partial<MaskedPurchase> = {}): MaskedPurchase => ({
    ...{ eventId, sessionId: 's-1', visitorId: 'v-1', customerId: 'c-1', country: 'JP', device: 'MOBILE' },
    ...{ orderId: 'o-1', status: 'PAID', amount: 40_000_00n, currency: 'JPY', items: 1, paymentMethod: 'CARD' },
    ...{ refusalReason: null, emailPseudonym: null, ipPrefix: '10.0.0.0/24', city: 'Kyoto', occurredAt: START },
    ...change,
  })
  plan.write(maskedPurchases, [
    checkout('e-1'),
    checkout('e-2', { currency: 'EUR', amount: 40_000_00n }),
    checkout('e-3', { status: 'REFUSED' }),
    checkout('e-4', { status: 'REFUSED', refusalReason: 'card-expired', currency: 'XAU', items: 200 }),
    checkout('e-5', { amount: 0n }),
  ])
  await plan.settle()
  const found = latest(plan.rows(checkouts), ['checkoutId'])
  const flags = ['e-1', 'e-2', 'e-3', 'e-4', 'e-5'].map((id) => found.get(id)?.flags)
  assert.deepEqual(flags, [
    [],
    ['outlier:amount'],
    ['missing:refusalReason'],
    ['outlier:items', 'unknown:currency'],
    ['outlier:amount'],
  ])
  assert.equal(found.get('e-3')?.wanted, 9)
  assert.equal(found.get('e-1')?.wanted, 8)
  await plan.driven.close()
})

test('a code has an influencer or nobody; pieces go the way of their reason', async () => {
  const uses = await drivenPlan(cleaning(codeUsesRules))
  uses.write(codes, [{ code: 'ANNA10', influencerId: 'i-1', discountPercent: 10, validFrom: START }])
  await uses.settle()
  const use = { orderId: 'o-1', customerId: 'c-1', discount: 500n, currency: 'EUR', redeemedAt: START + DAY }
  uses.write(redemptions, [
    { ...use, redemptionId: 'r-1', code: 'ANNA10' },
    { ...use, redemptionId: 'r-2', code: 'BOB', discount: 200_000_00n },
    { ...use, redemptionId: 'r-3', code: 'ANNA10', redeemedAt: START - DAY },
  ])
  await uses.settle()
  const used = latest(uses.rows(codeUses), ['redemptionId'])
  const told = ['r-1', 'r-2', 'r-3'].map((id) => [used.get(id)?.influencerId, used.get(id)?.flags])
  assert.deepEqual(told, [
    ['i-1', []],
    ['unknown', ['unknown:code', 'outlier:discount']],
    ['unknown', ['unknown:code']],
  ])
  await uses.driven.close()

  const stock = await drivenPlan(cleaning(stockChangesRules))
  stock.write(catalogueItems, [item('p-1', 1000n)])
  await stock.settle()
  const move = (movementId: string, change: Partial<StockMovement>): StockMovement => ({
    ...{ movementId, productId: 'p-1', warehouse: 'Lyon', reason: 'SALE', quantity: -1, orderId: 'o-1' },
    ...{ movedAt: START + DAY },
    ...change,
  })
  stock.write(stockMovements, [
    move('m-1', {}),
    move('m-2', { quantity: 1 }),
    move('m-3', { reason: 'RECEIPT', quantity: 20, orderId: null }),
    move('m-4', { reason: 'RETURN', quantity: 1, orderId: null }),
    move('m-5', { reason: 'RECEIPT', quantity: 20_000, orderId: null, productId: 'p-9' }),
  ])
  await stock.settle()
  const moved = latest(stock.rows(stockChanges), ['movementId'])
  const judged = ['m-1', 'm-2', 'm-3', 'm-4', 'm-5'].map((id) => [moved.get(id)?.category, moved.get(id)?.flags])
  assert.deepEqual(judged, [
    ['toys', []],
    ['toys', ['outlier:quantity']],
    ['toys', []],
    ['toys', ['missing:orderId']],
    ['unknown', ['unknown:productId', 'outlier:quantity']],
  ])
  await stock.driven.close()
})

test('what the made-up world tells is in order by these rules', async () => {
  const settings = { seed: 3, start: START, eventsPerDay: 3_000, initialCustomers: 200, frequency: 'daily' as const }
  const world = new World({ ...settings, incidents: [] })
  const views = domains.filter(({ name }) => ['ads', 'influencers', 'inventory'].includes(name))
  const events = [...eventsOf(world, { domains: views, start: START, days: 12, tables: true })].flat()
  for (const [rules, table] of [
    [adReportsRules, adCampaigns],
    [adVisitsRules, adCampaigns],
    [codeUsesRules, codes],
    [stockChangesRules, catalogueItems],
  ] as const) {
    const plan = await drivenPlan(cleaning(rules))
    const of = (topic: AnyTopic) => events.filter((event) => event.topic.name === topic.name).map(({ value }) => value)
    plan.write(table as AnyTopic, of(table as AnyTopic))
    await plan.settle()
    const [source] = rules.sources
    assert.ok(source)
    const told = of(source.topic)
    plan.write(source.topic, told)
    await plan.settle()
    const rows = plan.rows(rules.to) as readonly CleanColumns[]
    assert.ok(told.length > 3, rules.name)
    assert.equal(rows.length, told.length)
    const flagged = rows.filter(({ flags, told }) => flags.length > 0 || told !== 'FIRST')
    assert.deepEqual(flagged, [], rules.name)
    await plan.driven.close()
  }
})

test('a change of the rules is another version of the processor, and a rule set that leaves a column open does not build', () => {
  const plan = cleaning(orderedProductsRules)
  assert.equal(plan.version, cleaning(orderedProductsRules).version)
  const [first, ...others] = orderedProductsRules.checks
  assert.ok(first)
  const changed = { ...orderedProductsRules, checks: [{ ...first, terms: ['1', '60'] }, ...others] }
  assert.notEqual(cleaning(changed).version, plan.version)
  const [trusted, ...rest] = orderedProductsRules.sources
  assert.ok(trusted)
  const expected = { ...orderedProductsRules, sources: [{ ...trusted, expect: { validity: 0.5 } }, ...rest] }
  assert.equal(cleaning(expected).version, plan.version, 'what is expected of figures makes no other rows')
  const [crm, ...more] = orderedProductsRules.sources
  assert.ok(crm)
  const { category: _category, ...pass } = crm.pass
  const open = { ...orderedProductsRules, sources: [{ ...crm, pass }, ...more] }
  assert.throws(() => cleaning(open), /crm \(crm\.order-lines\.v1\) says nothing of 'category'/)
  const unkeyed = { ...orderedProductsRules, identity: ['orderId', 'productId'] }
  assert.throws(() => cleaning(unkeyed), /keyed by customerId, which its identity does not have/)
})

test('sources and topics of rule sets are told apart', () => {
  const places = ruleSets.flatMap(({ sources }) => sources.map(({ name, topic }) => `${name} ${topic.name}`))
  assert.equal(new Set(places).size, places.length)
})
