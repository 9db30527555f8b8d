import type { SourceRow } from '#engine/ingest'
import { airports, flights, observations } from '#schemas'
import { type BoundedSource, type Part, type Range, rangeOf, rowsOf } from '../connectors/bounded.ts'
import type { OpenDataSet } from '../connectors/dataset.ts'
import { rowsAtHand } from '../connectors/sections.ts'
import { AIRPORT_TIME_ZONE } from './dataset.ts'
import { airportRows, flightRows, observationRows, timeOf } from './rows.ts'

export { newYorkFlights, vegaFlights } from './dataset.ts'
export { fleetSource, fleetTopics } from './fleet.ts'
export { usFlightSource, usFlightTopics } from './us-flights.ts'

/** What departures are written to. */
export const flightTopics = [airports, observations, flights]

/**
 * New York's departures of 2013 as a bounded source: airports, hourly weather and flights, each in the order of event time.
 * Everything is kept: flights that never departed, and hours that nobody observed. Throws CONFIG_INVALID for a part that
 * cannot be.
 */
export async function flightSource(data: OpenDataSet, part: Part = {}): Promise<BoundedSource> {
  const range = rangeOf(part, AIRPORT_TIME_ZONE)
  const wanted = within(await flightRows(data.path('flights.csv')), 'scheduledAt', range).slice(0, range.limit)
  const weather = within(await observationRows(data.path('weather.csv')), 'observedAt', range)
  return {
    importId: `flights${range.label}`,
    name: 'flights',
    source: { name: data.name, sha256: data.sha256 },
    topics: flightTopics,
    ...rowsOf([await airportRows(data.path('airports.csv')), weather, wanted].map(rowsAtHand)),
  }
}

/** Days begin on the hour in New York, so that a part's hours of weather are those of its flights. Broken rows have no time and stay. */
const within = (rows: readonly SourceRow[], field: string, { from, to }: Range): readonly SourceRow[] =>
  rows.filter((one) => {
    const time = timeOf(one, field)
    return time === -1 || (time >= from && time < to)
  })
