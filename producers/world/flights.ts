import type { Delay, DelayCause, Position, ScheduledFlight } from '#schemas'
import { type Random, randomOf } from '../shop/random.ts'
import { poisson, weighted } from './chance.ts'
import { HOUR_MS, type WorldSettings } from './settings.ts'
import { AIRPORTS, type Airport, weatherAt } from './skies.ts'

/** A flight as planned, and as it will be. */
export interface PlannedFlight {
  readonly schedule: ScheduledFlight
  readonly delay: Delay
  readonly positions: readonly Position[]
}

/** A flight is announced so long before it departs. */
export const ANNOUNCED_HOURS = 24
/** From its scheduled departure on, a flight is over within so many hours. */
export const FLIGHT_HOURS = 24

/** Flights a day for an event of the world a day: with what follows from them about a tenth of all events. */
const FLIGHTS_PER_EVENT = 0.1 / 17.5
const POSITIONS_EVERY_MS = 15 * 60_000
const CARRIERS = ['QA', 'QB', 'QK', 'QZ', 'XE', 'XV']
/** Departures by UTC hour, relative. */
const BUSY = [3, 2, 2, 2, 4, 8, 11, 12, 11, 10, 10, 10, 10, 10, 10, 11, 12, 12, 10, 9, 8, 6, 5, 4]
const BUSY_SUM = BUSY.reduce((sum, weight) => sum + weight, 0)
const SHARES = AIRPORTS.map(({ share }) => share)
const LONGEST_DELAY_MINUTES = 360

/** Flights that are scheduled to depart in an hour. A function of the settings and the hour alone. */
export function flightsOfHour(settings: WorldSettings, hour: number): readonly PlannedFlight[] {
  if (hour * HOUR_MS < settings.start) return []
  const random = randomOf(settings.seed, 'flights', hour)
  const mean = settings.eventsPerDay * FLIGHTS_PER_EVENT * ((BUSY[hour % 24] ?? 0) / BUSY_SUM)
  const known = new Set<string>()
  const flights: PlannedFlight[] = []
  for (let left = poisson(random, mean); left > 0; left--) {
    const flight = flightOf(settings, hour, random)
    if (known.has(flight.schedule.flightId)) continue
    known.add(flight.schedule.flightId)
    flights.push(flight)
  }
  return flights
}

function flightOf({ seed, start }: WorldSettings, hour: number, random: Random): PlannedFlight {
  const origin = AIRPORTS[weighted(random, SHARES, 1)] as Airport
  const others = AIRPORTS.filter((airport) => airport !== origin)
  const destination = others[
    weighted(
      random,
      others.map(({ share }) => share),
      1 - origin.share,
    )
  ] as Airport
  const carrier = random.pick(CARRIERS)
  const flightNumber = 100 + random.integer(8_900)
  const departsAt = hour * HOUR_MS + 5 * random.integer(12) * 60_000
  const kilometers = distance(origin, destination)
  const airTime = Math.round((kilometers / 820) * 60 + 25) * 60_000
  const schedule: ScheduledFlight = {
    flightId: `${carrier}${flightNumber}-${origin.code}-${new Date(departsAt).toISOString().slice(0, 16)}Z`,
    carrier,
    flightNumber,
    origin: origin.code,
    destination: destination.code,
    departsAt,
    arrivesAt: departsAt + airTime + 15 * 60_000,
    announcedAt: Math.max(start, departsAt - ANNOUNCED_HOURS * HOUR_MS),
  }
  const delay = delayOf(seed, schedule, origin, hour, random)
  const positions =
    delay.status === 'CANCELLED' ? [] : track(schedule.flightId, origin, destination, delay.reportedAt, airTime, random)
  return { schedule, delay, positions }
}

/** Bad weather at the origin delays or cancels; so do, at any time, carriers and traffic. */
function delayOf(
  seed: number,
  { flightId, departsAt }: ScheduledFlight,
  origin: Airport,
  hour: number,
  random: Random,
): Delay {
  const { condition, visibilityMeters, windMetersPerSecond } = weatherAt(seed, origin, hour)
  const hard =
    condition === 'STORM'
      ? 1
      : condition === 'SNOW'
        ? 0.6
        : condition === 'FOG'
          ? 0.7
          : visibilityMeters < 6_000
            ? 0.25
            : 0
  if (random.chance(0.008 + 0.12 * hard)) {
    const cause: DelayCause = hard > 0 ? 'WEATHER' : 'CARRIER'
    return {
      flightId,
      origin: origin.code,
      status: 'CANCELLED',
      delayMinutes: 0,
      cause,
      departsAt,
      reportedAt: departsAt,
    }
  }
  const weather = hard > 0 ? random.exponential(12 + 55 * hard + windMetersPerSecond) : 0
  const carrier = random.chance(0.16) ? random.exponential(28) : 0
  const traffic = random.chance(0.3) ? random.exponential(9) : 0
  const delayMinutes = Math.min(LONGEST_DELAY_MINUTES, Math.round(weather + carrier + traffic))
  const most = Math.max(weather, carrier, traffic)
  const cause: DelayCause =
    delayMinutes === 0 ? 'NONE' : most === weather ? 'WEATHER' : most === carrier ? 'CARRIER' : 'TRAFFIC'
  const reportedAt = departsAt + delayMinutes * 60_000
  return { flightId, origin: origin.code, status: 'DEPARTED', delayMinutes, cause, departsAt, reportedAt }
}

const RADIANS = Math.PI / 180
const EARTH_KILOMETERS = 6_371

type Vector = readonly [number, number, number]

function vectorOf({ latitude, longitude }: Airport): Vector {
  const [phi, lambda] = [latitude * RADIANS, longitude * RADIANS]
  return [Math.cos(phi) * Math.cos(lambda), Math.cos(phi) * Math.sin(lambda), Math.sin(phi)]
}

function angle(a: Vector, b: Vector): number {
  return Math.acos(Math.min(1, a[0] * b[0] + a[1] * b[1] + a[2] * b[2]))
}

/** Along the great circle, kilometers. */
export const distance = (from: Airport, to: Airport): number => angle(vectorOf(from), vectorOf(to)) * EARTH_KILOMETERS

/** The point at a part of the great circle, degrees. */
function pointAt(a: Vector, b: Vector, part: number): { readonly latitude: number; readonly longitude: number } {
  const whole = angle(a, b)
  const [f, g] = [Math.sin((1 - part) * whole) / Math.sin(whole), Math.sin(part * whole) / Math.sin(whole)]
  const [x, y, z] = [f * a[0] + g * b[0], f * a[1] + g * b[1], f * a[2] + g * b[2]]
  const degrees = (value: number) => Math.round((value / RADIANS) * 10_000) / 10_000
  return { latitude: degrees(Math.atan2(z, Math.hypot(x, y))), longitude: degrees(Math.atan2(y, x)) }
}

function track(
  flightId: string,
  from: Airport,
  to: Airport,
  departedAt: number,
  airTime: number,
  random: Random,
): readonly Position[] {
  const [a, b] = [vectorOf(from), vectorOf(to)]
  const cruise = 9_800 + 300 * random.integer(8)
  const speed = distance(from, to) / (airTime / HOUR_MS)
  const positions: Position[] = []
  for (let since = POSITIONS_EVERY_MS; since < airTime; since += POSITIONS_EVERY_MS) {
    const part = since / airTime
    const here = pointAt(a, b, part)
    const next = pointAt(a, b, Math.min(1, part + 0.01))
    const climb = Math.min(1, Math.min(since, airTime - since) / (25 * 60_000))
    positions.push({
      flightId,
      ...here,
      altitudeMeters: Math.round(cruise * climb),
      speedKilometersPerHour: Math.round(speed * (0.75 + 0.3 * climb)),
      headingDegrees: heading(here, next),
      observedAt: departedAt + since,
    })
  }
  return positions
}

interface Place {
  readonly latitude: number
  readonly longitude: number
}

/** Initial bearing from one place to another, whole degrees clockwise from north. */
function heading(from: Place, to: Place): number {
  const [phi, psi] = [from.latitude * RADIANS, to.latitude * RADIANS]
  const turn = (to.longitude - from.longitude) * RADIANS
  const y = Math.sin(turn) * Math.cos(psi)
  const x = Math.cos(phi) * Math.sin(psi) - Math.sin(phi) * Math.cos(psi) * Math.cos(turn)
  return (Math.round(Math.atan2(y, x) / RADIANS) + 360) % 360
}
