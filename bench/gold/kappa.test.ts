import assert from 'node:assert/strict'
import { test } from 'node:test'
import { dayBefore, halves } from './kappa.ts'

test('halves share no day and leave none out', () => {
  assert.deepEqual(halves({ from: '2017-01-01', to: '2018-01-02' }), [
    { from: '2017-01-01', to: '2017-07-03' },
    { from: '2017-07-03', to: '2018-01-02' },
  ])
  assert.deepEqual(halves({ from: '2017-06-01', to: '2017-06-03' }), [
    { from: '2017-06-01', to: '2017-06-02' },
    { from: '2017-06-02', to: '2017-06-03' },
  ])
})

test('the day before the first of March', () => {
  assert.equal(dayBefore('2016-03-01'), '2016-02-29')
})
