import type { SourceRow } from '#engine/ingest'
import type { Topic } from '#engine/schema'
import { type Airport, airports, type Flight, flights, type Observation, observations } from '#schemas'
import { DAY_MS } from '../calendar.ts'
import { csvLines } from '../connectors/csv.ts'
import { type Columns, instant, number, requiredNumber, requiredText, rowOf, text, Unreadable } from './columns.ts'
import { VALID_FROM } from './dataset.ts'

const MINUTE_MS = 60_000

/**
 * The hour is an instant in the data set; hour and minute of the schedule are New York's. All its offsets are whole hours,
 * so that the minute needs no conversion.
 */
export function flightOf(columns: Columns): Flight {
  const scheduledHourAt = instant(columns, 'time_hour')
  const minute = requiredNumber(columns, 'minute')
  if (!Number.isInteger(minute) || minute < 0 || minute > 59)
    throw new Unreadable(`column minute is no minute: ${minute}`)
  const scheduledAt = scheduledHourAt + minute * MINUTE_MS
  const carrier = requiredText(columns, 'carrier')
  const flightNumber = requiredNumber(columns, 'flight')
  const origin = requiredText(columns, 'origin')
  const [year, month, day] = ['year', 'month', 'day'].map((name) => requiredNumber(columns, name)) as [
    number,
    number,
    number,
  ]
  return {
    flightId: `${carrier}${flightNumber}-${origin}-${new Date(scheduledAt).toISOString().slice(0, 16)}Z`,
    carrier,
    flightNumber,
    tailNumber: text(columns, 'tailnum'),
    origin,
    destination: requiredText(columns, 'dest'),
    scheduledAt,
    scheduledHourAt,
    localDate: Date.UTC(year, month - 1, day) / DAY_MS,
    scheduledDepartureLocal: requiredNumber(columns, 'sched_dep_time'),
    departureLocal: number(columns, 'dep_time'),
    departureDelayMinutes: number(columns, 'dep_delay'),
    scheduledArrivalLocal: requiredNumber(columns, 'sched_arr_time'),
    arrivalLocal: number(columns, 'arr_time'),
    arrivalDelayMinutes: number(columns, 'arr_delay'),
    airTimeMinutes: number(columns, 'air_time'),
    distanceMiles: requiredNumber(columns, 'distance'),
  }
}

export const observationOf = (columns: Columns): Observation => ({
  origin: requiredText(columns, 'origin'),
  temperatureFahrenheit: number(columns, 'temp'),
  dewPointFahrenheit: number(columns, 'dewp'),
  humidityPercent: number(columns, 'humid'),
  windDirectionDegrees: number(columns, 'wind_dir'),
  windSpeedMilesPerHour: number(columns, 'wind_speed'),
  windGustMilesPerHour: number(columns, 'wind_gust'),
  precipitationInches: number(columns, 'precip'),
  pressureMillibars: number(columns, 'pressure'),
  visibilityMiles: number(columns, 'visib'),
  observedAt: instant(columns, 'time_hour'),
})

export const airportOf = (columns: Columns): Airport => ({
  airport: requiredText(columns, 'faa'),
  name: requiredText(columns, 'name'),
  latitude: requiredNumber(columns, 'lat'),
  longitude: requiredNumber(columns, 'lon'),
  altitudeFeet: requiredNumber(columns, 'alt'),
  utcOffsetHours: number(columns, 'tz'),
  daylightSaving: text(columns, 'dst'),
  timeZone: text(columns, 'tzone'),
  validFrom: VALID_FROM,
})

export const airportRows = (path: string): Promise<SourceRow[]> =>
  readLines(path, 'airports.csv', airports, ['faa'], airportOf)

export const observationRows = async (path: string): Promise<SourceRow[]> =>
  inOrder(await readLines(path, 'weather.csv', observations, ['origin', 'time_hour'], observationOf), 'observedAt')

export const flightRows = async (path: string): Promise<SourceRow[]> =>
  inOrder(
    await readLines(path, 'flights.csv', flights, ['carrier', 'flight', 'origin', 'time_hour', 'minute'], flightOf),
    'scheduledAt',
  )

/** The lines of a table as rows, broken ones too. */
export async function readLines<V>(
  path: string,
  file: string,
  topic: Topic<V>,
  required: readonly string[],
  make: (columns: Columns) => V,
): Promise<SourceRow[]> {
  const rows: SourceRow[] = []
  for await (const lines of csvLines(path, required))
    for (const line of lines) rows.push(rowOf(topic, file, line, make))
  return rows
}

/** By event time, lines of one instant as in the file (the sort is stable); broken rows first, which have none. */
function inOrder(rows: SourceRow[], field: string): SourceRow[] {
  return rows.sort((a, b) => timeOf(a, field) - timeOf(b, field))
}

/** Event time of a row, milliseconds; -1 for a broken one. */
export const timeOf = (one: SourceRow, field: string): number =>
  'value' in one ? ((one.value as Readonly<Record<string, number>>)[field] ?? -1) : -1
