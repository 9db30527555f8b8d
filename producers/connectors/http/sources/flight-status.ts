import { z } from 'zod'
import { type Delay, delays, type Position, positions, type ScheduledFlight, schedules } from '#schemas'
import type { HttpSource, Reading } from '../contract.ts'
import { answerOf, fitting, instant, said } from './shape.ts'

const end = z.object({
  iata: said.length(3),
  scheduled: instant,
  actual: instant.nullish(),
  delay: z.number().nullish(),
})

/** What is read of a flight; the documented answer has more. */
const flightShape = z.object({
  flight_status: z.enum(['scheduled', 'active', 'landed', 'cancelled', 'incident', 'diverted']),
  departure: end,
  arrival: end,
  airline: z.object({ iata: said.nullish(), icao: said.nullish() }),
  flight: z.object({ number: z.coerce.number().int().positive(), codeshared: z.unknown().nullish() }),
  live: z
    .object({
      updated: instant,
      latitude: z.number(),
      longitude: z.number(),
      altitude: z.number().nullish(),
      direction: z.number().nullish(),
      speed_horizontal: z.number().nullish(),
    })
    .nullish(),
})
type Flight = z.infer<typeof flightShape>

const answerShape = z.object({
  pagination: z.object({ limit: z.int(), offset: z.int(), count: z.int(), total: z.int() }),
  data: z.array(z.unknown()),
})

/**
 * Flights as AviationStack tells them (`/v1/flights`, documented at aviationstack.com/documentation): the timetable, what
 * became of each departure, and where planes are. Times are taken with the offset that is written. A code-shared flight is
 * the departure of another carrier's and is passed over. The API gives no cause of a delay.
 */
export const flightStatus: HttpSource = {
  name: 'flight-status',
  doc: 'flights, delays and positions as AviationStack answers',
  topics: [schedules, delays, positions],
  key: { variable: 'KAPPA_AVIATIONSTACK_KEY', in: 'query', name: 'access_key' },
  baseUrl: 'https://api.aviationstack.com/v1',
  intervalMs: 300_000,
  perMinute: 60,
  targets({ baseUrl, places, pageSize }) {
    const all = `${baseUrl}/flights?limit=${pageSize}&offset=0`
    if (places.length === 0) return [{ name: 'all', url: all }]
    return places.map(({ code }) => ({ name: code, url: `${all}&dep_iata=${code}` }))
  },
  read(answer, { url, receivedAt }) {
    const { pagination, data } = answerOf(answerShape, answer, 'AviationStack')
    const items = data.map((item) => {
      const fit = fitting(flightShape, item)
      return 'reason' in fit
        ? [{ topic: schedules, found: item, reason: fit.reason }]
        : readingsOf(fit.value, item, receivedAt)
    })
    const behind = pagination.offset + pagination.count
    if (pagination.count === 0 || behind >= pagination.total) return { items }
    const next = new URL(url)
    next.searchParams.set('offset', String(behind))
    return { items, next: next.href }
  },
}

function readingsOf(flight: Flight, item: unknown, receivedAt: number): Reading[] {
  if (flight.flight.codeshared) return []
  const { departure, arrival, airline } = flight
  const carrier = airline.iata ?? airline.icao
  if (!carrier) return [{ topic: schedules, found: item, reason: 'airline: it has neither an IATA nor an ICAO code' }]
  const departsAt = departure.scheduled
  const origin = departure.iata
  const flightNumber = flight.flight.number
  const flightId = `${carrier}${flightNumber}-${origin}-${new Date(departsAt).toISOString().slice(0, 16)}Z`
  const timetable = {
    flightId,
    carrier,
    flightNumber,
    origin,
    destination: arrival.iata,
    departsAt,
    arrivesAt: arrival.scheduled,
  }
  const schedule: ScheduledFlight = { ...timetable, announcedAt: receivedAt }
  const readings: Reading[] = [{ about: flightId, topic: schedules, value: schedule, newsIn: timetable }]
  const delay = delayOf(flight, flightId, receivedAt)
  // A fact: said once, when the flight departed or was cancelled.
  if (delay) readings.push({ about: flightId, topic: delays, value: delay, newsIn: delay.status })
  const position = positionOf(flight, flightId)
  if (position) readings.push({ about: flightId, topic: positions, value: position, order: position.observedAt })
  return readings
}

function delayOf({ flight_status, departure }: Flight, flightId: string, receivedAt: number): Delay | undefined {
  const { iata: origin, scheduled: departsAt, actual, delay } = departure
  if (flight_status === 'cancelled')
    return {
      flightId,
      origin,
      status: 'CANCELLED',
      delayMinutes: 0,
      cause: 'UNKNOWN',
      departsAt,
      reportedAt: receivedAt,
    }
  if (flight_status === 'scheduled' || typeof actual !== 'number') return undefined
  const minutes = Math.max(0, Math.round(delay ?? (actual - departsAt) / 60_000))
  return {
    flightId,
    origin,
    status: 'DEPARTED',
    delayMinutes: minutes,
    cause: 'UNKNOWN',
    departsAt,
    reportedAt: actual,
  }
}

function positionOf({ live }: Flight, flightId: string): Position | undefined {
  if (!live) return undefined
  const { latitude, longitude, altitude, direction, speed_horizontal, updated } = live
  return {
    ...{ flightId, latitude, longitude, observedAt: updated },
    // On the ground some transponders say a little below zero.
    altitudeMeters: Math.max(0, Math.round(altitude ?? 0)),
    speedKilometersPerHour: Math.max(0, Math.round(speed_horizontal ?? 0)),
    headingDegrees: ((Math.round(direction ?? 0) % 360) + 360) % 360,
  }
}
