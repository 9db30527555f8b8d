import { row, type SourceRow } from '#engine/ingest'
import { usFlights } from '#schemas'
import { type BoundedSource, type Part, type Range, rangeOf, rowsOf } from '../connectors/bounded.ts'
import type { OpenDataSet } from '../connectors/dataset.ts'
import { NO_INTEGER, parquetIntegers, parquetNumbers, parquetTexts } from '../connectors/parquet.ts'
import type { Section } from '../connectors/sections.ts'

/** What they are written to. */
export const usFlightTopics = [usFlights]

const FILE = 'flights-3m.parquet'

/**
 * Three million flights of the first half of 2001, in the order of their departures by the clocks at their origins (in the
 * file's order within a minute). The source names no zone: days of a part are those of its clocks. Throws CONFIG_INVALID for a
 * part that cannot be.
 */
export async function usFlightSource(data: OpenDataSet, part: Part = {}): Promise<BoundedSource> {
  const range = rangeOf(part, 'UTC')
  return {
    importId: `us-flights${range.label}`,
    name: 'us-flights',
    source: { name: data.name, sha256: data.sha256 },
    topics: usFlightTopics,
    ...rowsOf([await flightSection(data.path(FILE), range)]),
  }
}

async function flightSection(path: string, range: Range): Promise<Section> {
  const { rows, columns } = await parquetNumbers(path, ['date'])
  const order = selected(columns.date, rows, range)
  const delays = await parquetIntegers(path, 'delay')
  const distances = await parquetIntegers(path, 'distance')
  const origins = await parquetTexts(path, 'origin')
  const destinations = await parquetTexts(path, 'destination')
  return {
    length: order.length,
    at: (place): SourceRow => {
      const index = order[place] ?? 0
      const value = {
        origin: origins.texts[origins.codes[index] ?? 0] ?? '',
        destination: destinations.texts[destinations.codes[index] ?? 0] ?? '',
        departedAt: columns.date[index] ?? Number.NaN,
        delayMinutes: delays[index] ?? NO_INTEGER,
        distanceMiles: distances[index] ?? NO_INTEGER,
      }
      const at = { file: FILE, line: index + 1 }
      const isWhole = value.delayMinutes !== NO_INTEGER && value.distanceMiles !== NO_INTEGER
      if (isWhole && !Number.isNaN(value.departedAt)) return row(usFlights, value, at)
      return { topic: usFlights, found: value, reason: 'date, delay or distance is missing', place: at }
    },
  }
}

/** Indices in the order of time; flights without one come first, and are in every part. */
function selected(times: Float64Array, rows: number, { from, to, limit }: Range): Uint32Array {
  const order = new Uint32Array(rows)
  let count = 0
  for (let index = 0; index < rows; index++) {
    const time = times[index] ?? Number.NaN
    if (Number.isNaN(time) || (time >= from && time < to)) order[count++] = index
  }
  const placeOf = (index: number): number => {
    const time = times[index] ?? Number.NaN
    return Number.isNaN(time) ? -1 : time
  }
  return order
    .subarray(0, count)
    .sort((a, b) => placeOf(a) - placeOf(b) || a - b)
    .subarray(0, limit)
}
