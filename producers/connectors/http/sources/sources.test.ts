import assert from 'node:assert/strict'
import { test } from 'node:test'
import { delays, positions, reports, schedules } from '#schemas'
import { letters, once, platform, values } from '../poll-fixture.ts'
import { apiServer, flight, flightsPage, weather } from '../server-fixture.ts'

test('flights: the timetable, what became of each once, and where planes are', async () => {
  const on = await platform()
  const departure = (change: object) => ({ ...(flight(1).departure as object), ...change })
  const live = { updated: '2026-03-01T11:00:00+00:00', latitude: 50, longitude: 1, altitude: -3.2, direction: 360.2 }
  const away = { flight_status: 'active', departure: departure({ actual: '2026-03-01T10:45:00+00:00', delay: 25 }) }
  const shared = { ...(flight(9).flight as object), codeshared: { airline_name: 'delta', flight_number: '8' } }
  const rounds = [
    [flight(1), flight(2), flight(9, { flight: shared })],
    [
      flight(1, { ...away, live: { ...live, speed_horizontal: 800.6, speed_vertical: 0, is_ground: false } }),
      flight(2, { flight_status: 'cancelled' }),
    ],
    [
      flight(1, { ...away, flight_status: 'landed', live: { ...live, updated: '2026-03-01T12:00:00+00:00' } }),
      flight(2, { flight_status: 'cancelled' }),
      flight(3, { flight: { number: '12A', codeshared: null } }),
    ],
  ]
  await using server = await apiServer((_, n) => ({ body: flightsPage(rounds[n - 1] ?? []) }))
  for (let i = 0; i < 3; i++) await once('flight-status', server.url, on)
  assert.equal(server.asked[0]?.url.searchParams.get('access_key'), 'secret')
  const [af1 = {}] = values(on.broker, schedules).filter(({ flightNumber }) => flightNumber === 1)
  assert.equal(values(on.broker, schedules).length, 2)
  assert.deepEqual([af1.flightId, af1.destination], ['AF1-CDG-2026-03-01T10:20Z', 'JFK'])
  assert.deepEqual(
    values(on.broker, delays)
      .map(({ flightId, status, delayMinutes, cause }) => [flightId, status, delayMinutes, cause])
      .sort(),
    [
      ['AF1-CDG-2026-03-01T10:20Z', 'DEPARTED', 25, 'UNKNOWN'],
      ['AF2-CDG-2026-03-01T10:20Z', 'CANCELLED', 0, 'UNKNOWN'],
    ],
  )
  const seen = values(on.broker, positions)
  assert.deepEqual(
    seen.map(({ altitudeMeters, headingDegrees, speedKilometersPerHour }) => [
      ...[altitudeMeters, headingDegrees, speedKilometersPerHour],
    ]),
    [
      [0, 0, 801],
      [0, 0, 0],
    ],
  )
  assert.match(letters(on.broker, schedules.name)[0]?.reason ?? '', /^flight\.number/)
})

test('flights: pages are led on by what the answer says of itself', async () => {
  const on = await platform()
  await using server = await apiServer(({ url }) => {
    const offset = Number(url.searchParams.get('offset'))
    return { body: flightsPage([flight(offset + 1), flight(offset + 2)].slice(0, 5 - offset), offset, 5) }
  })
  await once('flight-status', server.url, on)
  assert.deepEqual(
    server.asked.map(({ url }) => url.searchParams.get('offset')),
    ['0', '2', '4'],
  )
  assert.equal(values(on.broker, schedules).length, 5)
})

test('weather: an observation is there once; a condition nobody knows is told as clouds', async () => {
  const on = await platform()
  const states = [
    weather(1_000),
    weather(1_000),
    weather(1_600, { weather: [{ id: 804 }], rain: undefined, snow: { '1h': 1 } }),
  ]
  await using server = await apiServer((_, n) => ({ body: states[n - 1] }))
  for (let i = 0; i < 3; i++) await once('current-weather', server.url, on)
  assert.deepEqual(values(on.broker, reports), [
    {
      ...{ airport: 'CDG', temperatureCelsius: 11.4, windMetersPerSecond: 5.1, precipitationMillimeters: 3.16 },
      ...{ visibilityMeters: 9_000, condition: 'RAIN', observedAt: 1_000_000 },
    },
    {
      ...{ airport: 'CDG', temperatureCelsius: 11.4, windMetersPerSecond: 5.1, precipitationMillimeters: 1 },
      ...{ visibilityMeters: 9_000, condition: 'CLOUDS', observedAt: 1_600_000 },
    },
  ])
})
