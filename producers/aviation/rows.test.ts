import assert from 'node:assert/strict'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import type { SourceRow } from '#engine/ingest'
import type { Flight, Observation } from '#schemas'
import { flightSource } from './index.ts'

const FLIGHTS = `year,month,day,dep_time,sched_dep_time,dep_delay,arr_time,sched_arr_time,arr_delay,carrier,flight,tailnum,origin,dest,air_time,distance,hour,minute,time_hour
2013,1,2,NA,2359,NA,NA,819,NA,UA,1545,NA,EWR,IAH,NA,1400,23,59,2013-01-03T04:00:00Z
2013,1,1,517,515,2,830,819,11,UA,1545,N14228,EWR,IAH,227,1400,5,15,2013-01-01T10:00:00Z
2013,1,1,late,515,2,830,819,11,UA,1546,N14228,EWR,IAH,227,1400,5,15,2013-01-01T10:00:00Z
2013,7,1,517,515,2,830
2013,7,1,517,515,-3,830,819,11,DL,7,N1,JFK,SEA,300,2400,5,15,2013-07-01T09:00:00Z
`
const WEATHER = `origin,year,month,day,hour,temp,dewp,humid,wind_dir,wind_speed,wind_gust,precip,pressure,visib,time_hour
EWR,2013,1,1,5,39.02,26.06,59.37,270,10.357019999999999,NA,0,1012,10,2013-01-01T10:00:00Z
JFK,2013,7,1,5,70,60,NA,NA,3,NA,0.1,NA,9,2013-07-01T09:00:00Z
`
const AIRPORTS = `faa,name,lat,lon,alt,tz,dst,tzone
EWR,"Newark, Liberty",40.6925,-74.168667,18,-5,A,America/New_York
XXX,Nowhere,1,2,3,NA,U,\\N
`

async function rowsOf(part = {}): Promise<readonly SourceRow[]> {
  const folder = mkdtempSync(join(tmpdir(), 'kappa-'))
  try {
    for (const [name, text] of Object.entries({ flights: FLIGHTS, weather: WEATHER, airports: AIRPORTS }))
      writeFileSync(join(folder, `${name}.csv`), text)
    const source = await flightSource({ name: 'tiny', sha256: '0', path: (file) => join(folder, file) }, part)
    const rows: SourceRow[] = []
    for await (const batch of source.rows(0)) rows.push(...batch)
    assert.equal(rows.length, source.total)
    return rows
  } finally {
    rmSync(folder, { recursive: true })
  }
}

const values = <V>(rows: readonly SourceRow[], topic: string): V[] =>
  rows.flatMap((one) => (one.topic.name === topic && 'value' in one ? [one.value as V] : []))

test('a flight has its scheduled instant, winter and summer, and NA is null', async () => {
  const flights = values<Flight>(await rowsOf(), 'aviation.flights.v1')
  assert.deepEqual(
    flights.map(({ flightId, localDate }) => [flightId, new Date(localDate * 86_400_000).toISOString().slice(0, 10)]),
    [
      ['UA1545-EWR-2013-01-01T10:15Z', '2013-01-01'],
      ['UA1545-EWR-2013-01-03T04:59Z', '2013-01-02'],
      ['DL7-JFK-2013-07-01T09:15Z', '2013-07-01'],
    ],
  )
  const [, cancelled, early] = flights
  assert.deepEqual(
    [cancelled?.departureLocal, cancelled?.departureDelayMinutes, cancelled?.tailNumber, cancelled?.airTimeMinutes],
    [null, null, null, null],
  )
  assert.equal(cancelled?.scheduledHourAt, Date.parse('2013-01-03T04:00:00Z'))
  assert.equal(early?.departureDelayMinutes, -3)
})

test('airports, then weather, then flights; what was not measured is null', async () => {
  const rows = await rowsOf()
  assert.deepEqual(
    [...new Set(rows.map(({ topic }) => topic.name))],
    ['aviation.airports.v1', 'weather.observations.v1', 'aviation.flights.v1'],
  )
  const [, july] = values<Observation>(rows, 'weather.observations.v1')
  assert.equal(july?.observedAt, Date.parse('2013-07-01T09:00:00Z'))
  assert.deepEqual([july?.pressureMillibars, july?.windDirectionDegrees, july?.precipitationInches], [null, null, 0.1])
})

test('a line that cannot be read is kept as a broken row with file and line', async () => {
  const broken = (await rowsOf()).flatMap((one) => ('reason' in one ? [one] : []))
  assert.deepEqual(
    broken.map(({ place, reason }) => [place.file, place.line, reason]),
    [
      ['flights.csv', 4, 'column dep_time is no number: late'],
      ['flights.csv', 5, '7 columns instead of 19'],
    ],
  )
})

test("a part's days are New York's, both included", async () => {
  const days = async (from: string, to: string) =>
    values<Flight>(await rowsOf({ from, to }), 'aviation.flights.v1').map(({ flightId }) => flightId)
  assert.deepEqual(await days('2013-01-02', '2013-01-02'), ['UA1545-EWR-2013-01-03T04:59Z'])
  assert.equal((await days('2013-01-01', '2013-01-02')).length, 2)
  assert.deepEqual(
    values<Observation>(await rowsOf({ from: '2013-07-01' }), 'weather.observations.v1').map(({ origin }) => origin),
    ['JFK'],
  )
  await assert.rejects(rowsOf({ from: '2013-02-30' }), { code: 'CONFIG_INVALID', message: /--from/ })
})
