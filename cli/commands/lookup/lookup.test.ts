import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Command } from 'commander'
import { KappaError } from '#engine/errors'
import { departures, hourlyWeather, orderedProducts, positions, purchaseLines, schedules } from '#schemas'
import { exitCodeOf } from '../../exit.ts'
import { answerOf } from './answer.ts'
import { askedOf } from './asked.ts'
import { answerText, register } from './index.ts'
import { questionsOf, reachOf } from './questions.ts'
import { statementOf } from './statement.ts'

const refused = (about: RegExp) => (thrown: unknown) =>
  thrown instanceof KappaError && thrown.code === 'CONFIG_INVALID' && about.test(thrown.message)

const NOON = Date.parse('2013-07-04T12:00:00Z')

test('what a table can be asked follows from its contract', () => {
  assert.deepEqual(questionsOf(hourlyWeather), {
    table: 'silver.hourly_weather_latest',
    ...{ one: ['airport', 'observedAt'], servedFor: '2 days', many: ['airport'], time: 'observedAt' },
    sortedBy: ['airport', 'observedAt'],
  })
  const flight = questionsOf(schedules)
  assert.deepEqual([flight.one, flight.many], [['flightId'], []], 'its key is its identity: one row')
  const position = questionsOf(positions)
  assert.deepEqual([position.table, position.servedFor], ['aviation.positions', undefined])
  assert.deepEqual(
    [reachOf(position, ['flightId'], true), reachOf(position, ['flightId'], false)],
    ['sorted', 'scan'],
    'events are sorted by their time',
  )
  assert.equal(reachOf(questionsOf(departures), ['origin'], true), 'sorted')
})

test('all of the identity is one row, less of it the rows of a key', () => {
  const one = askedOf(hourlyWeather, ['observedAt=2013-07-04T12:00:00Z', 'airport=JFK'], {})
  assert.deepEqual(one.identity, ['JFK', NOON])
  const many = askedOf(departures, ['origin=JFK'], { from: '2013-07-04', to: '2013-07-05T00:00:00+02:00' })
  assert.equal(many.identity, undefined)
  assert.deepEqual([many.from, many.to], [Date.parse('2013-07-04T00:00:00Z'), Date.parse('2013-07-04T22:00:00Z')])
})

test('a wrong table, column, value or stretch ends in exit 2 and is named', async () => {
  for (const [line, message] of [
    ['silver.hourly_wether airport=JFK', /'silver.hourly_wether'/],
    ['silver.hourly_weather airprt=JFK', /'airprt=JFK' names no column.* airport, observedAt/],
    ['silver.hourly_weather airport', /airport has no value/],
    ['silver.hourly_weather temperatureCelsius=3', /names no column/],
    ['silver.hourly_weather airport=JFK airport=LGA', /airport is given twice/],
    ['silver.hourly_weather airport=JFK observedAt=noon', /observedAt: 'noon' is neither/],
    ['silver.departures origin=JFK --from 2013-07-04 --to 2013-07-04', /--from 2013-07-04 does not lie before/],
    ['silver.departures origin=JFK --to tomorrow', /--to/],
    ['retail.purchase_lines householdId=one', /householdId: 'one' is no whole number/],
    ['shop.funnel_per_minute type=BUY country=FR', /type: 'BUY' is no value of it; there are PAGE_VIEW, /],
    ['silver.departures origin=JFK --store redis', /--store redis: its contract has no "serving"/],
    ['silver.hourly_weather airport=JFK --store redis', /one row, by all of airport, observedAt/],
  ] as const) {
    const program = new Command('kappa').exitOverride().configureOutput({ writeErr: () => {} })
    register(program)
    const places = { clickhouse: {}, redis: {} } as Parameters<typeof answerOf>[0]
    const thrown = await (line.endsWith('--store redis')
      ? answerOf(places, askedFor(line), 'redis', 1)
      : program.parseAsync(['lookup', ...line.split(' ')], { from: 'user' })
    ).then(
      () => assert.fail(`${line} was accepted`),
      (error: unknown) => error,
    )
    assert.ok(refused(message)(thrown), `${line}: ${thrown}`)
    assert.equal(exitCodeOf(thrown), 2)
  }
})

const askedFor = (line: string) =>
  askedOf(line.startsWith('silver.departures') ? departures : hourlyWeather, [line.split(' ')[1] ?? ''], {})

test('values are bound, and columns stand bare, so that only what is asked is read', () => {
  const asked = askedOf(departures, ["origin=J'FK"], { from: '2013-07-04', to: '2013-07-05' })
  const { query, parameters } = statementOf(asked, 10)
  const day = (parameter: string) => `fromUnixTimestamp64Milli({${parameter}:Int64}, 'UTC')`
  assert.ok(
    query.endsWith(
      ` FROM \`silver\`.\`departures_latest\` WHERE \`origin\` = {p0:String} AND \`scheduledAt\` >= ${day('p1')} AND \`scheduledAt\` < ${day('p2')} ORDER BY \`scheduledAt\`, \`origin\`, \`flightId\` LIMIT 11`,
    ),
    query,
  )
  assert.deepEqual(parameters, { p0: "J'FK", p1: NOON - 43_200_000, p2: NOON + 43_200_000 })
  assert.match(
    statementOf(askedOf(purchaseLines, ['productId=7'], {}), 1).query,
    /FROM `retail`.`purchase_lines` WHERE/,
  )
  assert.match(
    statementOf(askedOf(orderedProducts, ['customerId=c'], {}), 1).query,
    /ORDER BY `placedAt`, `customerId`/,
  )
})

test('one row is shown by its columns, several as a table, and what is left out is told', () => {
  const about = { table: 'a.b', more: false } as const
  assert.deepEqual(answerText({ ...about, store: 'redis', rows: [{ x: 1, y: null }] }).split('\n'), [
    ...['column  value', 'x       1', 'y       null', '', '1 row of a.b, from Redis'],
  ])
  assert.deepEqual(
    answerText({ ...about, store: 'clickhouse', more: true, rows: [{ x: 1 }, { x: [2] }] }).split('\n'),
    ['x', '1', '[2]', '', 'the first 2 rows (--limit) of a.b, from ClickHouse'],
  )
})
