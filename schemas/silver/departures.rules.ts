import { airports, departures, flights } from '../generated/index.ts'
import { made, outside, refersTo, ruleSet, sourceOf } from '../rules.ts'

const KILOMETRES_PER_MILE = 1.609344

/** Departures in metric units. Those without a delay did not depart; planes without a registration are real. */
export const departuresRules = ruleSet(departures, {
  name: 'departures',
  doc: 'New York departures in metric units with the name of their destination, judged, without duplicates.',
  identity: ['origin', 'scheduledAt', 'flightId'],
  remember: '2 days',
  sources: [
    sourceOf(departures, flights, {
      name: 'new-york',
      pass: {
        flightId: 'flightId',
        origin: 'origin',
        destination: 'destination',
        carrier: 'carrier',
        tailNumber: 'tailNumber',
        departureDelayMinutes: 'departureDelayMinutes',
        arrivalDelayMinutes: 'arrivalDelayMinutes',
        scheduledAt: 'scheduledAt',
      },
      made: {
        distanceKilometers: made(['distanceMiles'], (row: { distanceMiles: number }) =>
          Math.round(row.distanceMiles * KILOMETRES_PER_MILE),
        ),
      },
      wanted: ['flightId', 'origin', 'destination', 'carrier', 'tailNumber'],
      expect: { completeness: 0.99, uniqueness: 0.999, validity: 0.95 },
    }),
  ],
  references: [refersTo(airports, { by: 'destination', whole: true, take: { airportName: 'name' } })],
  derived: {
    destinationName: made(['airportName'], (row: { airportName: string | null }) => row.airportName ?? 'unknown'),
  },
  checks: [
    outside('departureDelayMinutes', { min: -60, max: 1_440 }),
    outside('distanceKilometers', { min: 50, max: 20_000 }),
  ],
})
