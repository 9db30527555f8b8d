import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { Calendar } from './calendar.ts'

const HOUR = 3_600_000
const at = (iso: string): number => Date.parse(iso)
const hours = (calendar: Calendar, iso: string): number => {
  const start = calendar.startOf(at(iso))
  return (calendar.endOf(start) - start) / HOUR
}

test('a day begins at local midnight and has 23, 24 or 25 hours', () => {
  const days = new Calendar('day', 'America/New_York')
  assert.equal(days.startOf(at('2017-01-01T12:00:00Z')), at('2017-01-01T05:00:00Z'))
  assert.equal(days.startOf(at('2017-01-01T04:59:59.999Z')), at('2016-12-31T05:00:00Z'))
  assert.equal(days.startOf(at('2017-01-01T05:00:00Z')), at('2017-01-01T05:00:00Z'))
  assert.equal(hours(days, '2017-03-11T12:00:00Z'), 24)
  assert.equal(hours(days, '2017-03-12T12:00:00Z'), 23)
  assert.equal(hours(days, '2017-11-05T12:00:00Z'), 25)
  assert.equal(days.startOf(at('2017-07-04T03:59:59Z')), at('2017-07-03T04:00:00Z'))
})

test('days touch: every instant of a year is in exactly the window that holds it', () => {
  for (const zone of ['America/New_York', 'Asia/Kathmandu', 'Australia/Lord_Howe', 'UTC']) {
    const days = new Calendar('day', zone)
    const first = days.startOf(at('2024-01-01T12:00:00Z'))
    let start = first
    let count = 0
    for (; start < at('2025-01-01T00:00:00Z'); count++) {
      const end = days.endOf(start)
      assert.equal(days.startOf(end - 1), start)
      assert.equal(days.startOf(end), end)
      start = end
    }
    assert.ok(count === 366 || count === 367, `${zone}: ${count}`)
  }
})

test('where clocks change at midnight the day begins when its date does; a date that was left out has no window', () => {
  // Beirut 2024-03-31: 00:00 did not exist, the day began at 01:00 summer time.
  const beirut = new Calendar('day', 'Asia/Beirut')
  assert.equal(beirut.startOf(at('2024-03-31T10:00:00Z')), at('2024-03-30T22:00:00Z'))
  assert.equal(hours(beirut, '2024-03-31T10:00:00Z'), 23)
  // Apia went from 2011-12-29 to 2011-12-31.
  const apia = new Calendar('day', 'Pacific/Apia')
  const before = apia.startOf(at('2011-12-30T09:00:00Z'))
  assert.equal(apia.endOf(before), at('2011-12-30T10:00:00Z'))
  assert.equal(apia.startOf(at('2011-12-30T10:00:00Z')), at('2011-12-30T10:00:00Z'))
})

test('weeks begin on Monday, months on the first, years on the first of January', () => {
  const weeks = new Calendar('week', 'Europe/Berlin')
  assert.equal(weeks.startOf(at('2025-03-30T12:00:00Z')), at('2025-03-23T23:00:00Z'))
  assert.equal(hours(weeks, '2025-03-30T12:00:00Z'), 167)
  const months = new Calendar('month', 'Europe/Berlin')
  assert.equal(months.startOf(at('2024-02-29T12:00:00Z')), at('2024-01-31T23:00:00Z'))
  assert.equal(hours(months, '2024-02-10T12:00:00Z'), 29 * 24)
  assert.equal(months.startOf(at('1969-12-31T12:00:00Z')), at('1969-11-30T23:00:00Z'))
  const years = new Calendar('year', 'America/New_York')
  assert.equal(years.startOf(at('2025-01-01T04:59:59Z')), at('2024-01-01T05:00:00Z'))
  assert.equal(hours(years, '2024-07-01T00:00:00Z'), 366 * 24)
  assert.equal(years.startOf(at('2025-01-01T05:00:00Z')), at('2025-01-01T05:00:00Z'))
})

test('weeks, months and years touch: every instant is in exactly the one that holds it', () => {
  const instant = fc.integer({ min: at('1965-01-01T00:00:00Z'), max: at('2035-01-01T00:00:00Z') })
  const zones = fc.constantFrom('America/New_York', 'Europe/Berlin', 'Asia/Beirut', 'Pacific/Apia', 'UTC')
  const units = fc.constantFrom('day' as const, 'week' as const, 'month' as const, 'year' as const)
  fc.assert(
    fc.property(units, zones, instant, (unit, zone, time) => {
      const calendar = new Calendar(unit, zone)
      const start = calendar.startOf(time)
      const end = calendar.endOf(start)
      assert.ok(start <= time && time < end)
      assert.equal(calendar.startOf(end - 1), start)
      assert.equal(calendar.startOf(end), end)
    }),
    { numRuns: 200 },
  )
})
