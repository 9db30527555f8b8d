import assert from 'node:assert/strict'
import { test } from 'node:test'
import { tableOf } from '#engine/schema'
import { adClicks, adSpend } from '#schemas'
import { differenceOf, PROVENANCE, sumsOf, sumsQuery, type TableSums } from './year-tables.ts'

test('every column is compared but those that say how a row came', () => {
  for (const topic of [adSpend, adClicks]) {
    const { fields, engineColumns } = tableOf(topic)
    const query = sumsQuery(topic)
    for (const { name } of fields) assert.ok(query.includes(`toString(tuple(\`${name}\`))`), name)
    for (const { name } of engineColumns) assert.ok((PROVENANCE as readonly string[]).includes(name), name)
    for (const name of PROVENANCE) assert.ok(!query.includes(name), name)
  }
  assert.match(sumsQuery(adSpend), /`ad_spend_latest`/)
  assert.match(sumsQuery(adClicks), /`ad_clicks`$/)
})

test('a difference names the columns, or says that rows differ though no column does', () => {
  const names = tableOf(adClicks).fields.map(({ name }) => name)
  const sums = (rows: string, whole: string, first = '1'): TableSums =>
    sumsOf(adClicks, [rows, whole, '2', first, ...names.slice(1).map(() => '3')])
  assert.equal(differenceOf(sums('5', '1'), sums('5', '1')), undefined)
  assert.equal(differenceOf(sums('5', '1'), sums('6', '1')), '5 rows and 6')
  assert.equal(differenceOf(sums('5', '1'), sums('5', '9', '7')), 'differs in clickId')
  assert.equal(differenceOf(sums('5', '1'), sums('5', '9')), 'has the same cells in other rows')
  assert.equal(differenceOf(sums('5', '1'), undefined), 'is there on one way alone')
})
