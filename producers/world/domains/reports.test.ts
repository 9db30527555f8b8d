import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Influencer, WeatherReport } from '#schemas'
import { World, type WorldEvent, type WorldSettings } from '../index.ts'
import { HOUR_MS } from '../settings.ts'
import { AIRPORTS, weatherAt } from '../skies.ts'
import { REPORT_EVERY_MS } from '../staggered.ts'
import { influencers } from './influencers.ts'
import { weather } from './weather.ts'

const START = Date.UTC(2025, 0, 1)
const settings: WorldSettings = {
  ...{ seed: 3, start: START, eventsPerDay: 8_000, initialCustomers: 600, incidents: [] },
  frequency: 'minutely',
}
const minutely = new World(settings)
const hourly = new World({ ...settings, frequency: 'hourly' })
const HOURS = [30, 31, 32].map((hour) => START / HOUR_MS + hour)

const eventsOf = (world: World, domain: typeof weather): WorldEvent[] =>
  HOURS.flatMap((hour) => [...domain.hour(world, hour)])

for (const domain of [weather, influencers])
  test(`where reports come minutely, ${domain.name} is never silent for a minute, and nothing else changes`, () => {
    const [often, seldom] = [eventsOf(minutely, domain), eventsOf(hourly, domain)]
    const times = often.map(({ at }) => at)
    assert.deepEqual(times, [...times].sort(), 'in the order of event time')
    const [first = 0, last = 0] = [HOURS[0], HOURS.at(-1)].map((hour) => (hour ?? 0) * HOUR_MS)
    const gaps = [...times, last + HOUR_MS].map((at, i) => at - (times[i - 1] ?? first))
    assert.ok(Math.max(...gaps) < 60_000, `${Math.max(...gaps)} ms`)
    const lines = new Set(often.map((event) => JSON.stringify(event, (_, value) => shown(value))))
    const hourlyLines = seldom.map((event) => JSON.stringify(event, (_, value) => shown(value)))
    assert.deepEqual(
      hourlyLines.filter((line) => !lines.has(line)),
      [],
    )
    const before = [...(domain.before?.(minutely, last) ?? [])].map(({ at }) => at)
    assert.ok(Math.max(...before) >= last - 60_000 && Math.max(...before) < last, 'who comes in has a late row')
  })

const shown = (value: unknown): unknown => (typeof value === 'bigint' ? `${value}` : value)

test('within an hour the weather is the hour’s, which delays follow, and its temperature goes on to the next', () => {
  for (const { value } of eventsOf(minutely, weather)) {
    const report = value as WeatherReport
    const hour = Math.floor(report.observedAt / HOUR_MS)
    const airport = AIRPORTS.find(({ code }) => code === report.airport) ?? assert.fail(report.airport)
    const [own, next] = [weatherAt(settings.seed, airport, hour), weatherAt(settings.seed, airport, hour + 1)]
    assert.equal(report.condition, own.condition)
    const bounds = [own.temperatureCelsius, next.temperatureCelsius].sort((a, b) => a - b)
    assert.ok(report.temperatureCelsius >= (bounds[0] ?? 0) && report.temperatureCelsius <= (bounds[1] ?? 0))
  }
})

test('followers are counted of every influencer, and move', () => {
  const byInfluencer = new Map<string, Influencer[]>()
  for (const { topic, value } of eventsOf(minutely, influencers)) {
    if (topic.name !== 'influencers.influencers.v1') continue
    const row = value as Influencer
    byInfluencer.set(row.influencerId, [...(byInfluencer.get(row.influencerId) ?? []), row])
  }
  assert.equal(byInfluencer.size, minutely.marketing.influence.influencers.length)
  const counts = [...byInfluencer.values()].map((rows) => new Set(rows.map(({ followers }) => followers)).size)
  assert.ok(Math.max(...counts) > 3)
  for (const rows of byInfluencer.values()) assert.equal(rows.length, (HOURS.length * HOUR_MS) / REPORT_EVERY_MS)
})
