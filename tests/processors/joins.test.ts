import assert from 'node:assert/strict'
import { test } from 'node:test'
import {
  type DepartureDelayPerHour,
  departureDelayPerHour,
  type Flight,
  flights,
  type Observation,
  observations,
  type Product,
  type PurchaseLine,
  products,
  purchaseLines,
  revenuePerDay,
} from '#schemas'
import departurePlan from '../../processors/departure-delay-per-hour.ts'
import retailPlan from '../../processors/retail-revenue-per-day.ts'
import { drivenPlan, sorted } from './driven.ts'

const product = (productId: number, department: string | null): Product => ({
  productId,
  manufacturerId: null,
  department,
  brand: null,
  productCategory: null,
  productType: null,
  packageSize: null,
  validFrom: Date.UTC(2016, 11, 1),
})

const line = (productId: number, purchasedAt: string, quantity: number, salesValue: bigint): PurchaseLine => ({
  householdId: 1,
  storeId: 1,
  basketId: 1,
  productId,
  quantity,
  salesValue,
  retailDiscount: 0n,
  couponDiscount: 0n,
  couponMatchDiscount: 0n,
  week: 1,
  purchasedAt: Date.parse(purchasedAt),
})

test('retail days are New York’s, lines without a product or a department are unknown, odd quantities count', async () => {
  const plan = await drivenPlan(retailPlan)
  plan.write(products, [product(1, 'GROCERY'), product(2, null), product(3, 'DELI')])
  plan.write(purchaseLines, [
    line(1, '2017-01-01T12:00:00Z', 2, 350n),
    line(9, '2017-01-01T13:00:00Z', 1, 100n),
    line(2, '2017-01-01T14:00:00Z', 0, 50n),
    // 23:59:59.999 and 00:00 in New York, which is five hours behind in winter.
    line(1, '2017-01-02T04:59:59.999Z', -1, 7n),
    line(1, '2017-01-02T05:00:00Z', 1, 11n),
    // The day on which the clocks go forward has 23 hours.
    line(3, '2017-03-12T06:00:00Z', 1, 13n),
    line(3, '2017-03-13T03:59:59Z', 1, 17n),
    line(3, '2017-03-13T04:00:00Z', 1, 19n),
  ])
  // One line on every partition, far ahead: it closes the days before it.
  for (let productId = 100; productId < 140; productId++)
    plan.write(purchaseLines, [line(productId, '2017-06-01T12:00:00Z', 1, 1n)])
  await plan.settle()
  const rows = plan.rows(revenuePerDay)
  const day = (department: string, from: string, to: string, lines: number, units: number, revenue: bigint) => ({
    department,
    windowStart: Date.parse(from),
    windowEnd: Date.parse(to),
    lines,
    units,
    revenue,
  })
  assert.deepEqual(
    sorted(rows),
    sorted([
      day('GROCERY', '2017-01-01T05:00:00Z', '2017-01-02T05:00:00Z', 2, 1, 357n),
      day('unknown', '2017-01-01T05:00:00Z', '2017-01-02T05:00:00Z', 2, 1, 150n),
      day('GROCERY', '2017-01-02T05:00:00Z', '2017-01-03T05:00:00Z', 1, 1, 11n),
      day('DELI', '2017-03-12T05:00:00Z', '2017-03-13T04:00:00Z', 2, 2, 30n),
      day('DELI', '2017-03-13T04:00:00Z', '2017-03-14T04:00:00Z', 1, 1, 19n),
    ]),
  )
  assert.equal(plan.refused(), 0)
  await plan.driven.close()
})

const flight = (origin: string, scheduledAt: string, departureDelayMinutes: number | null): Flight => {
  const at = Date.parse(scheduledAt)
  return {
    flightId: `${origin}-${scheduledAt}-${departureDelayMinutes}`,
    carrier: 'UA',
    flightNumber: 1,
    tailNumber: null,
    origin,
    destination: 'IAH',
    scheduledAt: at,
    scheduledHourAt: at - (at % 3_600_000),
    localDate: 0,
    scheduledDepartureLocal: 0,
    departureLocal: null,
    departureDelayMinutes,
    scheduledArrivalLocal: 0,
    arrivalLocal: null,
    arrivalDelayMinutes: null,
    airTimeMinutes: null,
    distanceMiles: 1,
  }
}

const observation = (origin: string, observedAt: string, temperatureFahrenheit: number): Observation => ({
  origin,
  temperatureFahrenheit,
  dewPointFahrenheit: null,
  humidityPercent: null,
  windDirectionDegrees: null,
  windSpeedMilesPerHour: 10.5,
  windGustMilesPerHour: null,
  precipitationInches: 0,
  pressureMillibars: null,
  visibilityMiles: null,
  observedAt: Date.parse(observedAt),
})

test('delays per hour carry the weather of exactly that hour; hours without one, and flights that stayed, have nulls', async () => {
  const plan = await drivenPlan(departurePlan)
  plan.write(observations, [
    observation('JFK', '2013-01-01T10:00:00Z', 39),
    observation('EWR', '2013-01-01T10:00:00Z', 37),
    observation('JFK', '2013-01-01T12:00:00Z', 41),
  ])
  plan.write(flights, [
    flight('JFK', '2013-01-01T10:15:00Z', 4),
    flight('EWR', '2013-01-01T10:20:00Z', null),
    flight('JFK', '2013-01-01T10:59:59Z', -1),
    flight('JFK', '2013-01-01T10:59:59.999Z', null),
    flight('JFK', '2013-01-01T11:00:00Z', 30),
    flight('JFK', '2013-01-01T12:00:00Z', 0),
  ])
  for (const origin of ['JFK', 'EWR', 'LGA']) plan.write(flights, [flight(origin, '2013-02-01T12:00:00Z', 0)])
  await plan.settle()
  const none = {
    temperatureFahrenheit: null,
    windSpeedMilesPerHour: null,
    precipitationInches: null,
    visibilityMiles: null,
  }
  const dry = { windSpeedMilesPerHour: 10.5, precipitationInches: 0, visibilityMiles: null }
  const hour = (
    origin: string,
    from: string,
    more: Omit<DepartureDelayPerHour, 'origin' | 'windowStart' | 'windowEnd'>,
  ) => ({
    origin,
    windowStart: Date.parse(from),
    windowEnd: Date.parse(from) + 3_600_000,
    ...more,
  })
  const seen = (time: string) => ({ weatherObservedAt: Date.parse(time) })
  const ten = '2013-01-01T10:00:00Z'
  const twelve = '2013-01-01T12:00:00Z'
  assert.deepEqual(
    sorted(plan.rows(departureDelayPerHour)),
    sorted([
      hour('JFK', ten, {
        flights: 3,
        departed: 2,
        meanDelayMinutes: 1.5,
        maxDelayMinutes: 4,
        temperatureFahrenheit: 39,
        ...dry,
        ...seen(ten),
      }),
      hour('EWR', ten, {
        flights: 1,
        departed: 0,
        meanDelayMinutes: null,
        maxDelayMinutes: null,
        temperatureFahrenheit: 37,
        ...dry,
        ...seen(ten),
      }),
      hour('JFK', '2013-01-01T11:00:00Z', {
        flights: 1,
        departed: 1,
        meanDelayMinutes: 30,
        maxDelayMinutes: 30,
        ...none,
        weatherObservedAt: null,
      }),
      hour('JFK', twelve, {
        flights: 1,
        departed: 1,
        meanDelayMinutes: 0,
        maxDelayMinutes: 0,
        temperatureFahrenheit: 41,
        ...dry,
        ...seen(twelve),
      }),
    ]),
  )
  assert.equal(plan.refused(), 0)
  await plan.driven.close()
})
