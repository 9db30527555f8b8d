import { hourlyWeather, observations, reports } from '../generated/index.ts'
import { made, outside, ruleSet, sourceOf } from '../rules.ts'

const METRES_PER_MILE = 1_609.344
const MILLIMETRES_PER_INCH = 25.4
const SECONDS_PER_HOUR = 3_600

const tenths = (value: number): number => Math.round(value * 10) / 10
/** Null stays null. */
const converted =
  <F extends string>(field: F, convert: (value: number) => number) =>
  (row: Readonly<Record<F, number | null>>): number | null => {
    const value = row[field]
    return value === null ? null : convert(value)
  }

/** The weather of the hour in metric units, as New York's stations and the live reports tell of it. */
export const hourlyWeatherRules = ruleSet(hourlyWeather, {
  name: 'hourly-weather',
  doc: 'Weather per airport and hour in metric units, judged and merged.',
  identity: ['airport', 'observedAt'],
  sources: [
    sourceOf(hourlyWeather, observations, {
      name: 'new-york',
      pass: { airport: 'origin', observedAt: 'observedAt' },
      made: {
        temperatureCelsius: made(
          ['temperatureFahrenheit'],
          converted('temperatureFahrenheit', (fahrenheit) => tenths(((fahrenheit - 32) * 5) / 9)),
        ),
        windMetersPerSecond: made(
          ['windSpeedMilesPerHour'],
          converted('windSpeedMilesPerHour', (miles) => tenths((miles * METRES_PER_MILE) / SECONDS_PER_HOUR)),
        ),
        precipitationMillimeters: made(
          ['precipitationInches'],
          converted('precipitationInches', (inches) => tenths(inches * MILLIMETRES_PER_INCH)),
        ),
        visibilityMeters: made(
          ['visibilityMiles'],
          converted('visibilityMiles', (miles) => Math.round(miles * METRES_PER_MILE)),
        ),
      },
      wanted: ['temperatureCelsius', 'windMetersPerSecond', 'precipitationMillimeters', 'visibilityMeters'],
      expect: { completeness: 0.99, uniqueness: 0.999, validity: 0.999 },
    }),
    sourceOf(hourlyWeather, reports, {
      name: 'weather',
      pass: {
        airport: 'airport',
        temperatureCelsius: 'temperatureCelsius',
        windMetersPerSecond: 'windMetersPerSecond',
        precipitationMillimeters: 'precipitationMillimeters',
        visibilityMeters: 'visibilityMeters',
        observedAt: 'observedAt',
      },
      wanted: ['temperatureCelsius', 'windMetersPerSecond', 'precipitationMillimeters', 'visibilityMeters'],
      expect: { completeness: 0.99, uniqueness: 0.99, validity: 0.99 },
    }),
  ],
  checks: [
    outside('temperatureCelsius', { min: -60, max: 57 }),
    outside('windMetersPerSecond', { min: 0, max: 115 }),
    outside('precipitationMillimeters', { min: 0, max: 305 }),
  ],
})
