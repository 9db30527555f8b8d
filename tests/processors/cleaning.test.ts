import assert from 'node:assert/strict'
import { test } from 'node:test'
import {
  airports,
  buyers,
  type Customer,
  catalogueItems,
  customers,
  departures,
  type Flight,
  flights,
  hourlyWeather,
  type MaskedCustomer,
  maskedClients,
  maskedCustomers,
  type OrderedProduct,
  type OrderLine,
  type OrderRow,
  observations,
  orderedProducts,
  orderLines,
  orderRows,
  products,
  purchaseLines,
  reports,
  storeSales,
} from '#schemas'
import { cleaning } from '../../processors/cleaning/index.ts'
import { ruleSets } from '../../schemas/rule-sets.ts'
import { buyersRules } from '../../schemas/silver/buyers.rules.ts'
import { departuresRules } from '../../schemas/silver/departures.rules.ts'
import { hourlyWeatherRules } from '../../schemas/silver/hourly-weather.rules.ts'
import { orderedProductsRules } from '../../schemas/silver/ordered-products.rules.ts'
import { storeSalesRules } from '../../schemas/silver/store-sales.rules.ts'
import { DAY, item, latest, START } from './cleaning-fixture.ts'
import { type DrivenPlan, drivenPlan } from './driven.ts'

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
