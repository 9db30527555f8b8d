import assert from 'node:assert/strict'
import { test } from 'node:test'
import { CutLog } from '#engine/delivery'
import { checkpointed, row } from '#engine/ingest'
import { memoryRegistry } from '#engine/schema'
import { fakeBroker } from '#engine/testing'
import { systemClock } from '#engine/time'
import { reports, type WeatherReport } from '#schemas'
import { hourCheckpoint } from '../../../producers/connectors/hours.ts'
import { originText } from '../../../producers/connectors/origin.ts'
import type { Counted } from './counts.ts'
import { reportOfStream, streamSources } from './streams.ts'

const NAME = 'http-current-weather'
const TAKEN = Date.UTC(2026, 2, 1, 12, 30)

const report = (airport: string): WeatherReport => ({
  ...{ airport, temperatureCelsius: 9, windMetersPerSecond: 3, precipitationMillimeters: 0, visibilityMeters: 9_000 },
  ...{ condition: 'CLEAR', observedAt: TAKEN },
})

async function taken() {
  const [broker, registry] = [fakeBroker(), memoryRegistry()]
  await registry.register(reports)
  await broker.admin.ensure([{ name: reports.name, partitions: 2, settings: {} }])
  const rows = ['CDG', 'JFK', 'nowhere'].map((airport, i) => {
    const origin = originText({ source: NAME, unit: `request-${i}`, line: 1, takenAt: TAKEN })
    return row(reports, report(airport), { file: 'http://api/weather', line: 1, origin })
  })
  await checkpointed({ name: NAME, app: 'test', broker, registry, topics: [reports] }, ({ known, commit }) =>
    commit(rows, (tallies) => new Map([hourCheckpoint(known, TAKEN, tallies)])),
  )
  const logOf = (sink: string) => new CutLog({ sink, broker, clock: systemClock })
  const logs = { clickhouse: logOf('clickhouse'), s3: logOf('s3'), redis: logOf('redis') }
  const [stream] = streamSources([NAME])
  assert.ok(stream)
  return { broker, report: () => reportOfStream(stream, { broker, logs, clickhouse: {} } as unknown as Counted) }
}

test('what an API gave is events and dead letters, by the hour in which it was taken', async () => {
  const { report } = await taken()
  const { arrivals } = await report()
  assert.deepEqual(
    arrivals.map(({ source, hour, lines, found, equal }) => [source, hour, lines, found, equal]),
    [[NAME, '2026-03-01T12', 3, { events: 2, deadLetters: 1 }, true]],
  )
})

test('an event more than was written down is not in balance', async () => {
  const { broker, report } = await taken()
  const origin = originText({ source: NAME, unit: 'request-1', line: 1, takenAt: TAKEN })
  broker.write({ topic: reports.name, key: null, value: null, headers: { 'kappa.origin': Buffer.from(origin) } })
  const { arrivals } = await report()
  assert.deepEqual(
    arrivals.map(({ events, found, equal }) => [events, found.events, equal]),
    [[2, 3, false]],
  )
})

test('all streams where none is named, none where only files are', () => {
  assert.ok(streamSources([]).some(({ name }) => name === 'collect'))
  assert.deepEqual(streamSources(['crm']), [])
})
