import assert from 'node:assert/strict'
import { test } from 'node:test'
import { cron } from './cron.ts'

const at = (text: string): number => Date.parse(text)
const shown = (moments: readonly number[]): string[] => moments.map((one) => new Date(one).toISOString().slice(0, 16))
const of = (expression: string, zone: string, from: string, to: string) =>
  shown(cron(expression, zone).between(at(from), at(to), 100))

test('hourly, daily and monthly, in the zone that is named', () => {
  assert.deepEqual(of('hourly', 'UTC', '2026-03-01T10:00Z', '2026-03-01T12:00Z'), [
    '2026-03-01T11:00',
    '2026-03-01T12:00',
  ])
  assert.deepEqual(of('daily', 'Europe/Berlin', '2026-03-28T12:00Z', '2026-03-31T00:00Z'), [
    '2026-03-28T23:00',
    '2026-03-29T22:00',
    '2026-03-30T22:00',
  ])
  assert.deepEqual(of('monthly', 'UTC', '2026-01-01T00:00Z', '2026-03-01T00:00Z'), [
    '2026-02-01T00:00',
    '2026-03-01T00:00',
  ])
})

test('a moment that the clock skips comes once, and one that comes twice counts once', () => {
  assert.deepEqual(of('30 2 * * *', 'America/New_York', '2025-03-08T12:00Z', '2025-03-10T12:00Z'), [
    '2025-03-09T07:00',
    '2025-03-10T06:30',
  ])
  assert.deepEqual(of('30 1 * * *', 'America/New_York', '2025-11-01T12:00Z', '2025-11-03T12:00Z'), [
    '2025-11-02T05:30',
    '2025-11-03T06:30',
  ])
  assert.equal(of('hourly', 'America/New_York', '2025-11-02T04:00Z', '2025-11-02T08:00Z').length, 4)
})

test('of many moments the last are given', () => {
  assert.deepEqual(shown(cron('*/5 * * * *', 'UTC').between(at('2026-01-01T00:00Z'), at('2026-06-01T00:00Z'), 2)), [
    '2026-05-31T23:55',
    '2026-06-01T00:00',
  ])
})

test('what is no expression is refused by name', () => {
  for (const [expression, zone, message] of [
    ['61 * * * *', 'UTC', /'61 \* \* \* \*'.*61/],
    ['* * * * * *', 'UTC', /has not five fields/],
    ['sometimes', 'UTC', /has not five fields \(or is one of hourly/],
    ['0 0 30 2 *', 'UTC', /no such moment ever comes/],
    ['hourly', 'Mars/Base', /Mars\/Base/],
  ] as const)
    assert.throws(() => cron(expression, zone), { code: 'CONFIG_INVALID', message })
})
