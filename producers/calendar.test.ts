import assert from 'node:assert/strict'
import { test } from 'node:test'
import { dateText, dayOf, offsetAt, startOfDay } from './calendar.ts'

test('a date is read and written alike, and one that no calendar has is refused by its flag', () => {
  assert.equal(dayOf('1970-01-02', '--from'), 1)
  assert.equal(dateText(dayOf('2024-02-29', '--from')), '2024-02-29')
  for (const wrong of ['2025-02-29', '2025-13-01', '25-01-01', 'yesterday', '2025-1-1'])
    assert.throws(() => dayOf(wrong, '--start-date'), { code: 'CONFIG_INVALID', message: /--start-date/ })
})

test('days begin at local midnight, on the days when the clocks change too', () => {
  const begins = (date: string) => new Date(startOfDay(dayOf(date, 'x'), 'America/New_York')).toISOString()
  assert.equal(begins('2017-01-01'), '2017-01-01T05:00:00.000Z')
  assert.equal(begins('2017-03-12'), '2017-03-12T05:00:00.000Z')
  assert.equal(begins('2017-03-13'), '2017-03-13T04:00:00.000Z')
  assert.equal(begins('2017-11-05'), '2017-11-05T04:00:00.000Z')
  assert.equal(begins('2017-11-06'), '2017-11-06T05:00:00.000Z')
})

test('offsets are those of the instant', () => {
  assert.equal(offsetAt(Date.parse('2017-07-01T12:00:00Z'), 'America/New_York'), -4 * 3_600_000)
  assert.equal(offsetAt(Date.parse('2017-07-01T12:00:00.999Z'), 'Asia/Tokyo'), 9 * 3_600_000)
})
