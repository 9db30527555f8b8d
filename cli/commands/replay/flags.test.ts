import assert from 'node:assert/strict'
import { test } from 'node:test'
import { processorNamed } from '../../deployments.ts'
import { exitCodeOf } from '../../exit.ts'
import { generationOf, keyOf, lagBound, perSecond, requestOf } from './flags.ts'

const retail = processorNamed('retail-revenue-per-day')
const request = (from: string, to: string, live = false) => requestOf(retail, { from, to, live, source: 'auto' })
const refusal = (work: () => unknown): { readonly code: number; readonly text: string } => {
  try {
    work()
  } catch (thrown) {
    return { code: exitCodeOf(thrown), text: String(thrown) }
  }
  return assert.fail('it was taken')
}

test("a day is the midnight of the processor's zone, a time is as it says", () => {
  const { from, to } = request('2017-06-01', '2017-07-01T00:00:00Z')
  assert.deepEqual([from, to], [Date.UTC(2017, 5, 1, 4), Date.UTC(2017, 6, 1)])
})

test('a range that is none ends with 2 and names the flags', () => {
  for (const [from, to, message] of [
    ['2017-07-01', '2017-06-01', /--from 2017-07-01 --to 2017-06-01: the range is empty/],
    ['2017-06-01', '2017-06-01', /the range is empty/],
    ['2017-06-31', '2017-07-02', /--from/],
    ['2017-06-01', 'tomorrow', /--to: 'tomorrow' is neither a day .* nor a time with its offset/],
    ['2017-06-01', '2017-06-02T10:00:00', /--to/],
  ] as const) {
    const { code, text } = refusal(() => request(from, to))
    assert.equal(code, 2, text)
    assert.match(text, message)
  }
  assert.equal(refusal(() => request('2017-06-01', '2017-06-02', true)).code, 2)
})

test('a key is a field of the identity; what is none, or cannot be taken alone, ends with 2', () => {
  const range = { from: '2017-06-01', to: '2017-06-02', source: 'auto' } as const
  const key = keyOf('department=FROZEN=1')
  assert.deepEqual(requestOf(retail, { ...range, key }).key, { field: 'department', value: 'FROZEN=1' })
  assert.equal('key' in requestOf(retail, range), false)
  for (const [text, live, message] of [
    ['revenue=1', false, /results of retail-revenue-per-day have the keys department$/],
    ['windowStart=1', false, /have the keys department/],
    ['department=GROCERY', true, /--live takes a processor over whole/],
  ] as const) {
    const flags = { ...range, key: keyOf(text), live, ...(live ? { to: 'now' } : {}) }
    const { code, text: told } = refusal(() => requestOf(retail, flags))
    assert.equal(code, 2, told)
    assert.match(told, message)
  }
  assert.throws(() => keyOf('GROCERY'), /It is not a field with its value/)
})

test('generations, rates and bounds are read as people write them', () => {
  assert.deepEqual([generationOf('v2'), generationOf('3'), perSecond('5000/s'), perSecond('10')], [2, 3, 5_000, 10])
  assert.deepEqual([lagBound('5 seconds'), lagBound('500 milliseconds'), lagBound('off')], [5, 0.5, undefined])
  for (const wrong of [() => generationOf('v0'), () => perSecond('fast'), () => lagBound('soon')])
    assert.throws(wrong, /It is n/)
})
