import type { WeatherCondition, WeatherReport } from '#schemas'
import { DAY_MS } from '../calendar.ts'
import { randomOf } from '../shop/random.ts'
import { HOUR_MS, YEAR_MS } from './settings.ts'

export interface Airport {
  readonly code: string
  /** Degrees north and east. */
  readonly latitude: number
  readonly longitude: number
  /** Share of all departures. */
  readonly share: number
}

/** Airports of the live timetable, where they really are. */
export const AIRPORTS: readonly Airport[] = [
  { code: 'LHR', latitude: 51.47, longitude: -0.45, share: 0.13 },
  { code: 'CDG', latitude: 49.01, longitude: 2.55, share: 0.12 },
  { code: 'FRA', latitude: 50.03, longitude: 8.57, share: 0.12 },
  { code: 'AMS', latitude: 52.31, longitude: 4.76, share: 0.11 },
  { code: 'MAD', latitude: 40.47, longitude: -3.56, share: 0.1 },
  { code: 'JFK', latitude: 40.64, longitude: -73.78, share: 0.1 },
  { code: 'MUC', latitude: 48.35, longitude: 11.79, share: 0.09 },
  { code: 'WAW', latitude: 52.17, longitude: 20.97, share: 0.07 },
  { code: 'NRT', latitude: 35.76, longitude: 140.39, share: 0.06 },
  { code: 'CMN', latitude: 33.37, longitude: -7.59, share: 0.05 },
  { code: 'TUN', latitude: 36.85, longitude: 10.23, share: 0.05 },
]

/** Noise that changes smoothly: random values every `periodHours`, joined by straight lines; in [0, 1). */
function drift(seed: number, what: string, code: string, hour: number, periodHours: number): number {
  const position = hour / periodHours
  const earlier = Math.floor(position)
  const part = position - earlier
  const at = (knot: number) => randomOf(seed, 'sky', what, code, knot).next()
  return at(earlier) * (1 - part) + at(earlier + 1) * part
}

/** To a tenth; never minus zero, which no file can say. */
const rounded = (value: number): number => Math.round(value * 10) / 10 + 0

/** The weather within an hour: the hour's, but for a temperature on its way to the next one's. */
export function weatherWithin(seed: number, airport: Airport, instant: number): WeatherReport {
  const hour = Math.floor(instant / HOUR_MS)
  const [own, next] = [weatherAt(seed, airport, hour), weatherAt(seed, airport, hour + 1)]
  const part = instant / HOUR_MS - hour
  const temperatureCelsius = rounded(own.temperatureCelsius * (1 - part) + next.temperatureCelsius * part)
  return { ...own, temperatureCelsius, observedAt: instant }
}

/** The weather at an airport in the hour that begins then: a function of seed, place and hour. */
export function weatherAt(seed: number, { code, latitude, longitude }: Airport, hour: number): WeatherReport {
  const observedAt = hour * HOUR_MS
  const summer = -Math.cos((2 * Math.PI * (observedAt - 20 * DAY_MS)) / YEAR_MS)
  const localHour = (((hour + longitude / 15) % 24) + 24) % 24
  const daily = -Math.cos((2 * Math.PI * (localHour - 3)) / 24)
  const warmth = 26 - 0.4 * Math.abs(latitude) + 9 * summer + 4 * daily
  const temperatureCelsius = rounded(warmth + 12 * (drift(seed, 'warmth', code, hour, 30) - 0.5))
  const front = drift(seed, 'front', code, hour, 9)
  const gusts = drift(seed, 'gusts', code, hour, 5)
  const wet = Math.max(0, front - 0.68) / 0.32
  const windMetersPerSecond = rounded(1 + 9 * gusts * gusts + 14 * wet * gusts)
  const foggy = wet === 0 && windMetersPerSecond < 2.2 && localHour > 3 && localHour < 9
  const storm = wet > 0.25 && windMetersPerSecond > 10
  const condition: WeatherCondition = storm
    ? 'STORM'
    : wet > 0
      ? temperatureCelsius < 0.5
        ? 'SNOW'
        : 'RAIN'
      : foggy
        ? 'FOG'
        : front > 0.45
          ? 'CLOUDS'
          : 'CLEAR'
  const visibilityMeters = foggy ? 200 + Math.round(900 * gusts) : Math.round(10_000 - 7_500 * wet)
  return {
    airport: code,
    temperatureCelsius,
    windMetersPerSecond,
    precipitationMillimeters: rounded(9 * wet * wet),
    visibilityMeters,
    condition,
    observedAt,
  }
}
