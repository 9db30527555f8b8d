import assert from 'node:assert/strict'
import { test } from 'node:test'
import { REMEMBERED } from './history.ts'
import { type MetricVerdict, newMetricWatch, watchMetric } from './index.ts'

const STEP = 300_000
const PER_DAY = 288

/** Noise that is the same in every run: a linear congruential generator's numbers, from -1 to 1. */
function noise(): () => number {
  let state = 7
  return () => {
    state = (state * 1_664_525 + 1_013_904_223) % 4_294_967_296
    return state / 2_147_483_648 - 1
  }
}

/** A day's wave with noise, `days` long, changed by `change`. */
function wave(days: number, change: (value: number, row: number) => number = (value) => value): number[] {
  const next = noise()
  return Array.from({ length: days * PER_DAY }, (_, row) =>
    change(100 + 40 * Math.sin((2 * Math.PI * row) / PER_DAY) + 4 * next(), row),
  )
}

function verdictsOf(values: readonly number[], watch = newMetricWatch(), first = 0): MetricVerdict[] {
  return values.map((value, n) => watchMetric(watch, (first + n) * STEP, value))
}

const alarmsOf = (verdicts: readonly MetricVerdict[]): number[] =>
  verdicts.flatMap(({ alarm }, row) => (alarm ? [row] : []))

test('ordinary days bring no alarm, whatever their shape', () => {
  assert.deepEqual(alarmsOf(verdictsOf(wave(14))), [])
  assert.deepEqual(alarmsOf(verdictsOf(new Array<number>(2_000).fill(45))), [])
  assert.deepEqual(alarmsOf(verdictsOf(Array.from({ length: 3_000 }, (_, n) => (n % 48 < 24 ? 20 : 80)))), [])
})

test('a spike is told at its row, once, with what was expected', () => {
  const verdicts = verdictsOf(wave(6, (value, row) => (row >= 1_500 && row < 1_510 ? 300 : value)))
  assert.deepEqual(alarmsOf(verdicts), [1_500])
  const verdict = verdicts[1_500]
  assert.ok(verdict)
  assert.equal(verdict.evidence[0], 'never-seen')
  assert.ok(verdict.lower > 40 && verdict.upper < 160 && verdict.expected > verdict.lower, JSON.stringify(verdict))
})

test('a peak that stays away is told, though no value is new', () => {
  const flat = verdictsOf(wave(8, (value, row) => (row >= 1_728 && row < 1_872 ? 70 : value)))
  const [first] = alarmsOf(flat)
  assert.ok(first !== undefined && first >= 1_728 && first < 1_800, String(first))
})

test('its memory is plain, bounded data: written down and read back it goes on alike', () => {
  const values = wave(30, (value, row) => (row === 8_000 ? 400 : value))
  const whole = verdictsOf(values)
  const watch = newMetricWatch()
  verdictsOf(values.slice(0, 7_000), watch)
  assert.ok(watch.history.values.length <= REMEMBERED + 1_000)
  const restored = JSON.parse(JSON.stringify(watch)) as typeof watch
  assert.deepEqual(verdictsOf(values.slice(7_000), restored, 7_000), whole.slice(7_000))
  assert.deepEqual(alarmsOf(whole), [8_000])
})

test('a value that is no number is left out', () => {
  const watch = newMetricWatch()
  assert.equal(watchMetric(watch, 0, Number.NaN).alarm, false)
  assert.equal(watch.history.rows, 0)
})
