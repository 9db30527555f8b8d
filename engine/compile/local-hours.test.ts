import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { LocalHours } from './local-hours.ts'

const MINUTE = 60_000
const at = (iso: string): number => Date.parse(iso)
/** Lengths in minutes of the hours that begin in a span of time. */
function lengths(zone: string, from: string, to: string): number[] {
  const hours = new LocalHours(zone)
  const found: number[] = []
  for (let start = hours.startOf(at(from)); start < at(to); start = hours.endOf(start))
    found.push((hours.endOf(start) - start) / MINUTE)
  return found
}

test('an hour that is repeated is two windows, one that is left out none', () => {
  // New York, 2017-11-05: 01:00 to 02:00 in summer time, then again in winter time.
  assert.deepEqual(lengths('America/New_York', '2017-11-05T04:00:00Z', '2017-11-05T08:00:00Z'), [60, 60, 60, 60])
  const hours = new LocalHours('America/New_York')
  assert.equal(hours.startOf(at('2017-11-05T05:30:00Z')), at('2017-11-05T05:00:00Z'))
  assert.equal(hours.startOf(at('2017-11-05T06:30:00Z')), at('2017-11-05T06:00:00Z'))
  // A day of 23 hours and one of 25.
  assert.equal(lengths('America/New_York', '2017-03-12T05:00:00Z', '2017-03-13T04:00:00Z').length, 23)
  assert.equal(lengths('America/New_York', '2017-11-05T04:00:00Z', '2017-11-06T05:00:00Z').length, 25)
})

test('hours begin when the clocks show a full one, and are cut where these change by half an hour', () => {
  assert.equal(new LocalHours('Asia/Kathmandu').startOf(at('2024-06-01T10:30:00Z')), at('2024-06-01T10:15:00Z'))
  // Lord Howe Island, 2024-04-07: at 02:00 the clocks went back to 01:30; on 2024-10-06 from 02:00 to 02:30.
  assert.deepEqual(lengths('Australia/Lord_Howe', '2024-04-06T14:00:00Z', '2024-04-06T16:30:00Z'), [60, 30, 60])
  assert.deepEqual(lengths('Australia/Lord_Howe', '2024-10-05T14:30:00Z', '2024-10-05T17:00:00Z'), [60, 30, 60])
})

test('hours touch: every instant is in exactly the one that holds it', () => {
  const zones = ['America/New_York', 'Europe/Berlin', 'Asia/Kathmandu', 'Australia/Lord_Howe', 'Asia/Beirut', 'UTC']
  const instant = fc.integer({ min: at('2000-01-01T00:00:00Z'), max: at('2030-01-01T00:00:00Z') })
  fc.assert(
    fc.property(fc.constantFrom(...zones), instant, (zone, time) => {
      const hours = new LocalHours(zone)
      const start = hours.startOf(time)
      const end = hours.endOf(start)
      assert.ok(start <= time && time < end && end - start <= 60 * MINUTE)
      assert.equal(hours.startOf(end - 1), start)
      assert.equal(hours.startOf(end), end)
      assert.equal(new LocalHours(zone).endOf(start), end)
      assert.ok(hours.startOf(start - 1) < start)
      assert.equal(hours.endOf(hours.startOf(start - 1)), start)
    }),
    { numRuns: 300 },
  )
})
