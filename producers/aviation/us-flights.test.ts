import assert from 'node:assert/strict'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { type TestContext, test } from 'node:test'
import { parquetWriteBuffer } from 'hyparquet-writer'
import type { SourceRow } from '#engine/ingest'
import type { Airline, Plane, UsFlight } from '#schemas'
import { temporaryFolder } from '../../deploy/local/temporary.ts'
import type { BoundedSource } from '../connectors/bounded.ts'
import { fleetSource, usFlightSource } from './index.ts'

async function rowsOf(source: BoundedSource): Promise<readonly SourceRow[]> {
  const rows: SourceRow[] = []
  for await (const batch of source.rows(0)) rows.push(...batch)
  assert.equal(rows.length, source.total)
  return rows
}

function flights(t: TestContext) {
  const folder = temporaryFolder(t)
  const times = ['2001-03-02T00:00:00Z', '2001-03-01T23:59:00Z', '2001-01-01T00:01:00Z', '2001-03-01T23:59:00Z']
  const columnData = [
    { name: 'date', type: 'TIMESTAMP' as const, data: times.map((time) => new Date(time)) },
    { name: 'delay', type: 'INT64' as const, data: [1n, -1_116n, null, 4n], nullable: true },
    { name: 'distance', type: 'INT64' as const, data: [100n, 200n, 300n, 400n] },
    { name: 'origin', type: 'STRING' as const, data: ['LAS', 'ATL', 'LAS', 'JFK'] },
    { name: 'destination', type: 'STRING' as const, data: ['PHL', 'SAV', 'PHL', 'SFO'] },
  ]
  writeFileSync(join(folder, 'flights-3m.parquet'), Buffer.from(parquetWriteBuffer({ columnData })))
  return { name: 'tiny', sha256: '0', path: (file: string) => join(folder, file) }
}

test('flights come in the order of their departures, and of the file within a minute; one without a delay is broken', async (t) => {
  const rows = await rowsOf(await usFlightSource(flights(t)))
  assert.deepEqual(
    rows.map((one) => ('value' in one ? (one.value as UsFlight).delayMinutes : `broken ${one.place.line}`)),
    ['broken 3', -1_116, 4, 1],
  )
  const last = rows.at(-1)
  assert.ok(last && 'value' in last)
  assert.deepEqual(last.value, {
    ...{ origin: 'LAS', destination: 'PHL', departedAt: Date.parse('2001-03-02T00:00:00Z') },
    ...{ delayMinutes: 1, distanceMiles: 100 },
  })
})

test('days of a part are those of the clocks at the origin, both included', async (t) => {
  const data = flights(t)
  const lines = async (part: object) => (await rowsOf(await usFlightSource(data, part))).map(({ place }) => place.line)
  assert.deepEqual(await lines({ from: '2001-03-01', to: '2001-03-01' }), [2, 4])
  assert.deepEqual(await lines({ from: '2001-03-01', limit: 1 }), [2])
})

test('planes and airlines come whole; NA is null where nobody knows, and a broken row where it must be known', async (t) => {
  const folder = temporaryFolder(t)
  writeFileSync(join(folder, 'airlines.csv'), 'carrier,name\n9E,Endeavor Air Inc.\n')
  writeFileSync(
    join(folder, 'planes.csv'),
    `tailnum,year,type,manufacturer,model,engines,seats,speed,engine
N10156,2004,Fixed wing multi engine,EMBRAER,EMB-145XR,2,55,NA,Turbo-fan
N1,NA,Rotorcraft,BELL,407,1,NA,112,Turbo-shaft
`,
  )
  const rows = await rowsOf(await fleetSource({ name: 'tiny', sha256: '0', path: (file) => join(folder, file) }))
  const [airline, plane, broken] = rows.map((one) => ('value' in one ? one.value : one.reason))
  assert.equal((airline as Airline).name, 'Endeavor Air Inc.')
  assert.deepEqual([(plane as Plane).seats, (plane as Plane).speed, (plane as Plane).year], [55, null, 2004])
  assert.match(String(broken), /seats/)
})
