import { setTimeout as pause } from 'node:timers/promises'
import { hourlyWeather, schedules } from '#schemas'
import { ClickHouseWarehouse } from '../sinks/clickhouse/index.ts'
import { servingView } from '../sinks/redis/index.ts'
import { install, until } from '../tests/installation.ts'

/**
 * The look-ups that MySQL and Cassandra answered in the fourth system, as ClickHouse and Redis answer them now: by key, and by
 * key and time range. New York's flights and weather of 2013 through the silver processors and the sinks, the live
 * timetable beside them. Each question is asked of keys drawn evenly over all of them, by one asker and by eight.
 *
 *   npm run bench -- --only lookups
 *   node --import tsx bench/lookups.ts [questions of each kind, default 500]
 */
const QUESTIONS = Number(process.argv.find((text) => /^\d+$/.test(text)) ?? 500)
const ASKERS = 8
/** Of the year, so that filling takes little; the whole: []. */
const PART = ['--from', '2013-01-01', '--to', '2013-03-31']
const WARM_UP = 100

await using kappa = await install()
const good = async (...args: string[]): Promise<void> => {
  const { code, out, err } = await kappa.run(...args)
  if (code !== 0) throw new Error(`kappa ${args.join(' ')} ended with ${code}\n${out}\n${err}`)
}
await good('schemas', 'register')
const workers = [
  kappa.start('run', 'processor', 'departures', 'hourly-weather'),
  kappa.start('sink', 'run', 'clickhouse'),
  kappa.start('sink', 'run', 'redis'),
]
await good('import', 'flights', ...PART)
const timetable = ['--start-date', '2025-01-01', '--end-date', '2025-01-03', '--events-per-day', '20000']
await good('produce', 'flights', '--mode', 'batch', ...timetable)

const { clickhouse, redis } = kappa.stack.addresses
const warehouse = new ClickHouseWarehouse(clickhouse)
const view = servingView({ url: redis.url })
const ask = (query: string) => warehouse.rows(query, 'looking something up')
const count = async (table: string): Promise<number> =>
  Number((await kappa.rows(`SELECT count() FROM ${table}`).catch(() => []))[0]?.[0] ?? 0)

const [flights, hours] = await until(
  async () =>
    [
      await count('silver.departures_latest'),
      await count('silver.hourly_weather_latest'),
      await count('aviation.flights'),
      await count('weather.observations_latest'),
    ] as const,
  ([departures, weather, flown, observed]) =>
    departures > 0 && weather > 0 && departures === flown && weather === observed,
  300_000,
)
const timetabled = await until(
  () => count('aviation.schedules_latest'),
  (rows) => rows > 0,
  60_000,
)

type Key = Readonly<Record<string, string>>
const keysOf = async (columns: string, table: string): Promise<readonly Key[]> =>
  (await ask(`SELECT ${columns} FROM ${table}_latest ORDER BY cityHash64(*) LIMIT ${QUESTIONS}`)) as readonly Key[]
const instant = (column: string) => `toString(toUnixTimestamp64Milli(${column})) AS at`
const departureKeys = await keysOf(`origin, flightId, ${instant('scheduledAt')}`, 'silver.departures')
const hourKeys = await keysOf(`airport, ${instant('observedAt')}`, 'silver.hourly_weather')
const flightKeys = await keysOf('flightId', 'aviation.schedules')
const time = (at: string | undefined, plusMs = 0) => `fromUnixTimestamp64Milli(${Number(at) + plusMs}, 'UTC')`
const DAY_MS = 86_400_000

/** A look-up: what is asked, of which keys, and how many rows answer. */
interface LookUp {
  readonly what: string
  readonly store: string
  readonly rows: number
  readonly keys: readonly Key[]
  readonly of: (key: Key) => Promise<number>
}

const lookUps: readonly LookUp[] = [
  {
    what: 'nothing (`SELECT 1`): the way there and back',
    store: 'ClickHouse',
    rows: 1,
    keys: [{}],
    of: async () => (await ask('SELECT 1')).length,
  },
  {
    what: 'a departure by its key',
    store: 'ClickHouse `silver.departures_latest`',
    rows: flights,
    keys: departureKeys,
    of: async ({ origin, flightId, at }) =>
      (
        await ask(
          `SELECT * FROM silver.departures_latest WHERE origin = '${origin}' AND scheduledAt = ${time(at)} AND flightId = '${flightId}'`,
        )
      ).length,
  },
  {
    what: "an airport's departures of a day",
    store: 'ClickHouse `silver.departures_latest`',
    rows: flights,
    keys: departureKeys,
    of: async ({ origin, at }) =>
      (
        await ask(
          `SELECT * FROM silver.departures_latest WHERE origin = '${origin}' AND scheduledAt >= ${time(at)} AND scheduledAt < ${time(at, DAY_MS)}`,
        )
      ).length,
  },
  {
    what: 'the weather of an airport and hour',
    store: 'ClickHouse `silver.hourly_weather_latest`',
    rows: hours,
    keys: hourKeys,
    of: async ({ airport, at }) =>
      (
        await ask(
          `SELECT * FROM silver.hourly_weather_latest WHERE airport = '${airport}' AND observedAt = ${time(at)}`,
        )
      ).length,
  },
  {
    what: 'the weather of an airport over a day',
    store: 'ClickHouse `silver.hourly_weather_latest`',
    rows: hours,
    keys: hourKeys,
    of: async ({ airport, at }) =>
      (
        await ask(
          `SELECT * FROM silver.hourly_weather_latest WHERE airport = '${airport}' AND observedAt >= ${time(at)} AND observedAt < ${time(at, DAY_MS)}`,
        )
      ).length,
  },
  {
    what: 'the weather of an airport and hour',
    store: 'Redis, view of `silver.hourly-weather.v1`',
    rows: hours,
    keys: hourKeys,
    of: async ({ airport, at }) => found(await view.latest(hourlyWeather, [[airport, Number(at)]])),
  },
  {
    what: "an airport's weather of 24 hours, by their keys",
    store: 'Redis, view of `silver.hourly-weather.v1`',
    rows: hours,
    keys: hourKeys,
    of: async ({ airport, at }) =>
      found(
        await view.latest(
          hourlyWeather,
          Array.from({ length: 24 }, (_, hour) => [airport, Number(at) + hour * 3_600_000]),
        ),
      ),
  },
  {
    what: 'a flight of the timetable by its id',
    store: 'Redis, view of `aviation.schedules.v1`',
    rows: timetabled,
    keys: flightKeys,
    of: async ({ flightId }) => found(await view.latest(schedules, [[flightId]])),
  },
]
const found = (rows: readonly unknown[]): number => rows.filter((row) => row !== undefined).length

// The serving view is filled by its own sink: it is through when what was drawn is there.
for (const { store, keys, of } of lookUps)
  if (store.startsWith('Redis'))
    await until(
      async () => {
        for (const key of keys) if ((await of(key)) === 0) return false
        return true
      },
      (filled) => filled,
      120_000,
    )
for (const { child, ended } of workers) {
  child.kill('SIGINT')
  await ended
}

/** Milliseconds of each question, asked by so many at a time; and questions a second. */
async function asked({ keys, of }: LookUp, askers: number) {
  const times: number[] = []
  let next = 0
  let answered = 0
  const begun = performance.now()
  const asker = async (): Promise<void> => {
    for (let n = next++; n < QUESTIONS; n = next++) {
      const from = performance.now()
      const rows = await of(keys[n % keys.length] as Key)
      times.push(performance.now() - from)
      if (rows === 0) throw new Error('a key that is there was not found')
      answered += rows
    }
  }
  await Promise.all(Array.from({ length: askers }, asker))
  const seconds = (performance.now() - begun) / 1_000
  times.sort((a, b) => a - b)
  const at = (share: number): string => (times[Math.floor((times.length - 1) * share)] ?? 0).toFixed(2)
  return {
    p50: at(0.5),
    p99: at(0.99),
    most: at(1),
    rate: Math.round(times.length / seconds),
    rows: answered / times.length,
  }
}

console.log(
  '| look-up | answered by | of rows | rows found | p50 ms | p99 ms | most ms | eight askers: p99 ms | a second |',
)
console.log('|---|---|---|---|---|---|---|---|---|')
for (const lookUp of lookUps) {
  for (const key of lookUp.keys.slice(0, WARM_UP)) await lookUp.of(key)
  await pause(500)
  const [one, many] = [await asked(lookUp, 1), await asked(lookUp, ASKERS)]
  const { what, store, rows } = lookUp
  const cells = [what, store, rows.toLocaleString('en-US'), one.rows.toFixed(1), one.p50, one.p99, one.most, many.p99]
  console.log(`| ${[...cells, many.rate.toLocaleString('en-US')].join(' | ')} |`)
}
await Promise.all([warehouse.close(), view.close()])
