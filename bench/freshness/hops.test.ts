import assert from 'node:assert/strict'
import { test } from 'node:test'
import { closesAt, type Mark, measured } from './hops.ts'

const mark = (code: string, counts = true): Mark => ({
  ...{ code, counts, revenue: '1.00', eventTime: 60_500, due: 1_000, accepted: 1_010 },
})
const seen = (...codes: readonly [string, number][]) => new Map(codes)
const everywhere = (...codes: readonly string[]) => {
  const at = (time: number) => seen(...codes.map((code): [string, number] => [code, time]))
  return { topic: at(2_200), stream: at(2_230), clickhouse: at(2_700), api: at(3_700) }
}

test('a minute is over when event time comes to its end and the grace', () => {
  assert.equal(closesAt(60_000), 150_000)
  assert.equal(closesAt(119_999), 150_000)
  assert.equal(closesAt(120_000), 210_000)
})

test('hops follow one another and add up to the whole', () => {
  const { hops, marks, missing } = measured([mark('AAA'), mark('AAB', false)], everywhere('AAA', 'AAB'), (time) =>
    time === 150_000 ? 2_000 : undefined,
  )
  assert.deepEqual([marks, missing], [1, []])
  assert.deepEqual(
    hops.map(({ p50 }) => p50),
    [10, 990, 200, 500, 1_000, 2_700, 1_710, 30, 240],
  )
})

test('a mark that was not seen everywhere is named, and in no figure', () => {
  const places = { ...everywhere('AAA', 'AAB'), api: seen(['AAA', 3_700]) }
  const { hops, marks, missing } = measured([mark('AAA'), mark('AAB')], places, () => 2_000)
  assert.deepEqual([marks, missing, hops[0]?.marks], [2, ['AAB'], 1])
  assert.deepEqual(measured([mark('AAA')], everywhere('AAA'), () => undefined).missing, ['AAA'])
})
