import { airlines, planes } from '#schemas'
import { type BoundedSource, type Part, rowsOf } from '../connectors/bounded.ts'
import type { OpenDataSet } from '../connectors/dataset.ts'
import { rowsAtHand } from '../connectors/sections.ts'
import { number, requiredNumber, requiredText } from './columns.ts'
import { VALID_FROM } from './dataset.ts'
import { readLines } from './rows.ts'

/** What the fleet is written to. */
export const fleetTopics = [airlines, planes]

/** The planes and airlines of New York's departures of 2013: whole. */
export async function fleetSource(data: OpenDataSet, _: Part = {}): Promise<BoundedSource> {
  const rows = [
    ...(await readLines(data.path('airlines.csv'), 'airlines.csv', airlines, ['carrier'], (columns) => ({
      ...{ carrier: requiredText(columns, 'carrier'), name: requiredText(columns, 'name'), validFrom: VALID_FROM },
    }))),
    ...(await readLines(data.path('planes.csv'), 'planes.csv', planes, ['tailnum'], (columns) => ({
      tailNumber: requiredText(columns, 'tailnum'),
      year: number(columns, 'year'),
      type: requiredText(columns, 'type'),
      manufacturer: requiredText(columns, 'manufacturer'),
      model: requiredText(columns, 'model'),
      engines: requiredNumber(columns, 'engines'),
      seats: requiredNumber(columns, 'seats'),
      speed: number(columns, 'speed'),
      engine: requiredText(columns, 'engine'),
      validFrom: VALID_FROM,
    }))),
  ]
  return {
    ...{ importId: 'fleet', name: 'fleet', source: { name: data.name, sha256: data.sha256 } },
    topics: fleetTopics,
    ...rowsOf([rowsAtHand(rows)]),
  }
}
