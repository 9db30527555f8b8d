import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { explainRow, postedCorrections, settle, settleable } from '#engine/replay'
import {
  type DepartureDelayPerHour,
  departureDelayPerHour,
  departureDelayPerHourCorrections,
  type Flight,
  flights,
  type Observation,
  observations,
} from '#schemas'
import { settledOf } from '../../cli/commands/explain/settled.ts'
import plan from '../../processors/departure-delay-per-hour.ts'
import { processors } from '../../processors/index.ts'
import { drivenPlan } from './driven.ts'

// Means, extremes and what an hour's first flight was joined with: no sum corrects these.

const HOUR = 3_600_000
const START = Date.parse('2013-03-08T05:00:00Z')
const ORIGINS = ['EWR', 'JFK'] as const

const aFlight = fc.record({
  origin: fc.constantFrom(...ORIGINS),
  /** Hours behind the hour in which it comes; a day late is too late. */
  behind: fc.oneof({ weight: 3, arbitrary: fc.nat(20) }, { weight: 1, arbitrary: fc.nat(60) }),
  delay: fc.oneof({ weight: 4, arbitrary: fc.integer({ min: -20, max: 300 }) }, fc.constant(null)),
})

function flightOf(origin: string, delay: number | null, hour: number, n: number): Flight {
  const scheduledAt = START + hour * HOUR + n * 1_000
  return {
    ...{ flightId: `F${n}`, carrier: 'UA', flightNumber: n, tailNumber: null, origin, destination: 'LAX', scheduledAt },
    ...{ scheduledHourAt: scheduledAt - (scheduledAt % HOUR), localDate: 15_000, scheduledDepartureLocal: 800 },
    ...{ departureLocal: null, departureDelayMinutes: delay, scheduledArrivalLocal: 900, arrivalLocal: null },
    ...{ arrivalDelayMinutes: null, airTimeMinutes: null, distanceMiles: 100 },
  }
}

/** Of every other hour. */
const weather = (origin: string, hour: number): Observation => ({
  ...{ origin, temperatureFahrenheit: 40 + hour / 8, windSpeedMilesPerHour: hour, precipitationInches: null },
  ...{ dewPointFahrenheit: null, humidityPercent: null, windDirectionDegrees: null, windGustMilesPerHour: null },
  ...{ pressureMillibars: null, visibilityMiles: 10, observedAt: START + hour * HOUR },
})

type Figures = Pick<
  DepartureDelayPerHour,
  'flights' | 'departed' | 'meanDelayMinutes' | 'maxDelayMinutes' | 'temperatureFahrenheit' | 'weatherObservedAt'
>
const figuresOf = (row: Figures): Figures => ({
  ...{ flights: row.flights, departed: row.departed, meanDelayMinutes: row.meanDelayMinutes },
  ...{ maxDelayMinutes: row.maxDelayMinutes, temperatureFahrenheit: row.temperatureFahrenheit },
  weatherObservedAt: row.weatherObservedAt,
})

/** A plain loop over all flights, late or not. */
function truthOf(all: readonly Flight[]): Map<string, Figures> {
  const hours = new Map<string, Flight[]>()
  for (const flight of all) {
    const name = `${flight.origin} ${flight.scheduledHourAt}`
    hours.set(name, [...(hours.get(name) ?? []), flight])
  }
  return new Map(
    [...hours].map(([name, own]) => {
      const delays = own.flatMap(({ departureDelayMinutes: delay }) => (delay === null ? [] : [delay]))
      const at = own[0]?.scheduledHourAt ?? 0
      const hour = (at - START) / HOUR
      return [
        name,
        {
          flights: own.length,
          departed: delays.length,
          meanDelayMinutes: delays.length === 0 ? null : delays.reduce((sum, delay) => sum + delay, 0) / delays.length,
          maxDelayMinutes: delays.length === 0 ? null : Math.max(...delays),
          temperatureFahrenheit: hour % 2 === 0 ? 40 + hour / 8 : null,
          weatherObservedAt: hour % 2 === 0 ? at : null,
        },
      ]
    }),
  )
}

test('delays with their corrections are what a plain loop over all flights gives: means, extremes and weather too', async () => {
  let [posted, replaced] = [0, 0]
  await fc.assert(
    fc.asyncProperty(
      fc.array(aFlight, { minLength: 60, maxLength: 120 }),
      fc.integer({ min: 1, max: 99 }),
      async (drawn, seed) => {
        const run = await drivenPlan(plan, { seed })
        const { driven } = run
        const { deployment, broker } = driven
        await deployment.registry.register(departureDelayPerHourCorrections)
        const corrections = processors.find((one) => one.plan === plan)?.corrections
        assert.ok(corrections)
        const options = { broker, archive: undefined, archiveLog: undefined, plan, deployment }
        try {
          // By hour: an observation of two days ago comes too late to be looked up.
          for (let hour = 0; hour < 200; hour += 2)
            run.write(
              observations,
              ORIGINS.map((origin) => weather(origin, hour)),
            )
          await driven.run()
          const all = drawn.map(({ origin, behind, delay }, n) => flightOf(origin, delay, Math.max(0, n - behind), n))
          const half = Math.floor(all.length / 2)
          /** Flights far ahead, on every partition: they close the hours before them. */
          const far = (hour: number) => Array.from({ length: 12 }, (_, n) => flightOf(`Z0${n}`, 1, hour, n))
          // Settled twice: what came in between is late for hours that were corrected before.
          for (const [part, hour] of [[all.slice(0, half), 1_000] as const, [all.slice(half), 1_001] as const]) {
            run.write(flights, part)
            run.write(flights, far(hour))
            await run.settle()
            const { corrections: own, unknown } = await settle({ ...options, corrections })
            assert.deepEqual(unknown, [])
            assert.deepEqual((await settle({ ...options, corrections })).corrections, [])
            posted += own.length
          }
          const truth = truthOf(all)
          const found = new Map<string, Figures>()
          const rows = [...run.rows(departureDelayPerHour), ...run.rows(departureDelayPerHourCorrections)]
          for (const row of rows) {
            if (row.origin.startsWith('Z')) continue
            const name = `${row.origin} ${row.windowStart}`
            const before = found.get(name)
            if (before !== undefined && before.maxDelayMinutes !== row.maxDelayMinutes) replaced++
            const sums = {
              flights: row.flights + (before?.flights ?? 0),
              departed: row.departed + (before?.departed ?? 0),
            }
            found.set(name, { ...figuresOf(row), ...sums })
          }
          assert.deepEqual(new Map([...found].sort()), new Map([...truth].sort()))
          const [one] = run.rows<DepartureDelayPerHour>(departureDelayPerHourCorrections)
          if (one === undefined) return
          const { origin, windowStart } = one
          const values = { origin, windowStart }
          const why = await explainRow({ ...options, asked: { values, time: windowStart } })
          const { columns, replaced: others } = settleable(plan, corrections)
          const own = await postedCorrections({ ...options, corrections, values, windowStart })
          const settled = settledOf(departureDelayPerHour, columns, why, own, others)
          assert.equal(settled.state, 'settled')
          const text = Object.fromEntries(settled.columns.map((column) => [column.column, column.settled]))
          const wanted = truth.get(`${origin} ${windowStart}`)
          assert.deepEqual(
            [text.flights, text.meanDelayMinutes, text.maxDelayMinutes],
            [wanted?.flights, wanted?.meanDelayMinutes, wanted?.maxDelayMinutes],
          )
        } finally {
          await driven.close()
        }
      },
    ),
    { numRuns: 4, seed: 9, endOnFailure: true },
  )
  assert.ok(posted > 10 && replaced > 3, `${posted} corrections, ${replaced} of them with another extreme`)
})
