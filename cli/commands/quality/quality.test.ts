import assert from 'node:assert/strict'
import { test } from 'node:test'
import { shortfalls } from './expected.ts'
import { type Figures, figuresOf, type Measured, measuredTopics, onlyRejected, questionOf } from './figures.ts'
import { askedOf } from './index.ts'
import { ageText, figuresText, percent } from './text.ts'

const sums = {
  ...{ source: 'crm', topic: 'crm.order-lines.v1', window: null, records: 1_000, duplicates: 15, elsewhere: 3 },
  ...{ wantedCells: 7_000, missingCells: 7, flaggedRecords: 10, outliers: 4, unknowns: 6 },
  ...{ meanAgeSeconds: 90, maxAgeSeconds: 7_200, until: '2025-01-02T00:00:00Z' },
}

test('shares are of what came; rejected records are not valid', () => {
  const { completeness, uniqueness, validity, rejected } = figuresOf(sums, 40)
  assert.deepEqual([completeness, uniqueness, rejected], [0.999, 0.985, 40])
  assert.equal(validity, 1 - 50 / 1_040)
  assert.deepEqual([figuresOf(sums, undefined).validity, figuresOf(sums, undefined).rejected], [0.99, null])
})

const measured: readonly Measured[] = [
  {
    ...{ source: 'crm', topic: 'crm.order-lines.v1', rawTopic: 'crm.order-lines.v1' },
    expect: { completeness: 0.999, uniqueness: 0.99, validity: 0.98, meanAgeSeconds: 60 },
  },
]

test('what is below, and what is too old, is told; what is just as expected is not', () => {
  const short = shortfalls([figuresOf(sums, 0)], measured)
  assert.deepEqual(
    short.map(({ figure, found, expected }) => [figure, found, expected]),
    [
      ['uniqueness', 0.985, 0.99],
      ['meanAgeSeconds', 90, 60],
    ],
  )
  const [one] = measured
  assert.ok(one)
  const none: Figures = onlyRejected(one, 3)
  assert.deepEqual(
    shortfalls([none], measured).map(({ figure, found }) => [figure, found]),
    [['validity', 0]],
  )
  const text = figuresText([figuresOf(sums, 0)], short, true)
  assert.match(text, /BELOW {2}crm crm\.order-lines\.v1: uniqueness 98\.500 %, expected 99\.000 %/)
  assert.match(text, /mean age 1\.5 min, expected at most 1 min/)
  assert.doesNotMatch(figuresText([figuresOf(sums, 0)], short, false), /BELOW/)
  assert.match(figuresText([figuresOf(sums, 0)], [], true), /All as expected/)
  const alone = { topic: 'silver.buyers.v1', column: 'customerId', in: 'silver.sales.v1', rows: 9, without: 2 }
  const told = figuresText([figuresOf(sums, 0)], [], false, [alone])
  assert.match(told, /silver\.buyers\.v1: 2 of 9 rows have no customerId in silver\.sales\.v1/)
})

test('a share is never rounded up to all of it', () => {
  assert.deepEqual([1, 0.9999999, 0.5, null].map(percent), ['100 %', '99.999 %', '50.000 %', '-'])
  assert.deepEqual([5, 90, 5_400, 400_000_000, null].map(ageText), ['5 s', '1.5 min', '1.5 h', '12.7 y', '-'])
})

test('the question names what is asked for alone; a wrong flag is told by name', () => {
  const asked = askedOf({ source: ['crm'], from: '2025-01-01', to: '2025-01-02', by: 'day' })
  const question = questionOf(asked)
  assert.match(question, /source IN \('crm'\)/)
  assert.match(question, /windowStart >= fromUnixTimestamp64Milli\(1735689600000, 'UTC'\)/)
  assert.match(question, /toStartOfDay/)
  assert.doesNotMatch(questionOf(askedOf({ by: 'all' })), /WHERE/)
  assert.throws(() => askedOf({ source: ['nobody'], by: 'all' }), /--source nobody: rules are for .*crm/)
  assert.throws(
    () => askedOf({ from: '2025-01-02', to: '2025-01-01', by: 'all' }),
    /--to 2025-01-01: the range is empty/,
  )
  assert.throws(() => askedOf({ from: 'soon', by: 'all' }), /--from: 'soon'/)
})

test('of masked topics the records that were rejected are those of the topic behind', () => {
  const buyers = measuredTopics.find(({ topic }) => topic === 'crm.masked-customers.v1')
  assert.equal(buyers?.rawTopic, 'crm.customers.v1')
})
