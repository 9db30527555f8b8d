import assert from 'node:assert/strict'
import { test } from 'node:test'
import { KappaError } from '#engine/errors'
import type { Explanation } from '#engine/replay'
import retailRevenuePerDay from '../../../processors/retail-revenue-per-day.ts'
import revenuePerMinute from '../../../processors/revenue-per-minute.ts'
import { explainedOf } from './explained.ts'
import type { Figure } from './figure.ts'
import { rowOf } from './row.ts'
import { settledOf } from './settled.ts'
import { explainedText } from './text.ts'

const refused = (about: RegExp) => (thrown: unknown) =>
  thrown instanceof KappaError && thrown.code === 'CONFIG_INVALID' && about.test(thrown.message)

const JUNE_3 = Date.parse('2017-06-03T04:00:00Z')

test('a row is named by its identity; a window by its day in the processor’s zone or any time within it', () => {
  const wanted = { values: { department: 'GROCERY', windowStart: JUNE_3 }, time: JUNE_3 }
  for (const time of ['day=2017-06-03', 'windowStart=2017-06-03T04:00:00Z', 'at=2017-06-03T23:59:59-04:00'])
    assert.deepEqual(rowOf(retailRevenuePerDay, ['department=GROCERY', time]), wanted)
  const minute = rowOf(revenuePerMinute, ['minute=2026-01-01T12:00:31Z', 'country=FR', 'currency=EUR'])
  assert.equal(minute.time, Date.parse('2026-01-01T12:00:00Z'))
})

test('a row that is not named is refused with the column that is wrong or missing', () => {
  const row =
    (...words: string[]) =>
    () =>
      rowOf(retailRevenuePerDay, words)
  assert.throws(row('day=2017-06-03'), refused(/department is missing.*department=… windowStart=…/))
  assert.throws(row('department=A', 'shop=3', 'day=2017-06-03'), refused(/'shop=3' names no column/))
  assert.throws(row('department=A', 'day=2017-06-03', 'windowStart=2017-06-03'), refused(/windowStart is given twice/))
  assert.throws(row('department=A', 'day=June'), refused(/neither a day/))
  assert.throws(row('department'), refused(/'department' names no column/))
})

const event = (offset: number, cents: bigint) => ({
  ...{ topic: 'retail.purchase-lines.v1', partition: 1, offset, eventTime: JUNE_3 + 1_000 },
  amounts: { lines: 1, units: 2, revenue: cents },
})
const found: Explanation = {
  window: { start: JUNE_3, end: JUNE_3 + 86_400_000 },
  events: [event(3, 250n), event(9, 125n)],
  added: { lines: 2, units: 4, revenue: 375n },
  made: {
    department: 'GROCERY',
    windowStart: JUNE_3,
    windowEnd: JUNE_3 + 86_400_000,
    lines: 2,
    units: 4,
    revenue: 375n,
  },
  leftOut: [{ ...event(4, 1_000n), reason: 'late (late): 90000 s behind stream time', isCertain: true }],
  dead: [],
  pending: [],
  read: 100,
}
const figure = (revenue: string): Figure => ({
  row: {
    department: 'GROCERY',
    windowStart: '2017-06-03T04:00:00.000Z',
    windowEnd: '2017-06-04T04:00:00.000Z',
    ...{ lines: 2, units: 4, revenue },
  },
  generation: 1,
  place: 'retail.revenue-per-day.v1[0]@7',
})
const values = { department: 'GROCERY', windowStart: JUNE_3 }
const told = (of: Explanation, one: Figure | undefined) => explainedOf(retailRevenuePerDay, values, of, one, [])

test('a figure that its events add up to says so; one cent away it does not', () => {
  const right = told(found, figure('3.75'))
  assert.equal(right.state, 'adds up')
  assert.deepEqual(right.reasons, { 'late (late)': { events: 1, amounts: { lines: 1, units: 2, revenue: '10.00' } } })
  const text = explainedText(right, 1)
  assert.match(text, /retail\.purchase-lines\.v1\[1\]@3 .* revenue 2\.50\n {2}… and 1 more/)
  assert.match(text, /1 × late \(late\): lines 1, units 2, revenue 10\.00/)
  assert.match(text, /revenue ← retail\.purchase-lines\.v1\.salesValue \(sum\)/)
  const wrong = told(found, figure('3.76'))
  assert.equal(wrong.state, 'differs')
  assert.match(explainedText(wrong, 5), /revenue +3\.76 +3\.75 +3\.75 +DIFFERS/)
})

test('a figure whose row the code does not make again, or that is not in the table, does not add up; an open one may yet', () => {
  assert.equal(told({ ...found, made: undefined }, figure('3.75')).state, 'differs')
  assert.equal(told(found, undefined).state, 'missing')
  assert.equal(told({ ...found, made: undefined }, undefined).state, 'open')
})

test('corrections of a row are named, and figure and corrections are what its events and the late ones come to', () => {
  const columns = ['lines', 'units', 'revenue']
  const posted = (revenue: bigint, isSettled = true) => ({
    corrections: [{ correctionId: 'retail-revenue-per-day/GROCERY/1', number: 1, lines: 1, units: 2, revenue }],
    isSettled,
  })
  const settled = (...[revenue, isSettled]: Parameters<typeof posted>) =>
    settledOf(retailRevenuePerDay.destination, columns, found, posted(revenue, isSettled))
  const right = settled(1_000n)
  assert.equal(right.state, 'settled')
  const explained = explainedOf(retailRevenuePerDay, values, found, figure('3.75'), [], right)
  const text = explainedText(explained, 5)
  assert.match(text, /1 correction was posted by kappa settle: figure and corrections are what/)
  assert.match(text, /GROCERY\/1 {2}lines 1, units 2, revenue 10\.00/)
  assert.match(text, /revenue +3\.75 +10\.00 +13\.75 +13\.75/)
  const wrong = settled(1_001n)
  assert.deepEqual([wrong.state, wrong.columns.map(({ equal }) => equal)], ['differs', [true, true, false]])
  assert.equal(settled(1_001n, false).state, 'waiting')
  const none = settledOf(retailRevenuePerDay.destination, columns, found, { corrections: [], isSettled: false })
  assert.match(
    explainedText(explainedOf(retailRevenuePerDay, values, found, figure('3.75'), [], none), 5),
    /not settled yet \(kappa settle\)/,
  )
})

test('a row of which every event was late is its corrections alone', () => {
  const none: Explanation = { ...found, events: [], added: { lines: 0, units: 0, revenue: 0n }, made: undefined }
  const corrections = [{ correctionId: 'x/1', number: 1, lines: 1, units: 2, revenue: 1_000n }]
  const told = settledOf(retailRevenuePerDay.destination, ['lines', 'units', 'revenue'], none, {
    ...{ corrections, isSettled: true },
  })
  assert.deepEqual([told.state, told.columns[2]?.figure, told.columns[2]?.settled], ['settled', '0.00', '10.00'])
})
