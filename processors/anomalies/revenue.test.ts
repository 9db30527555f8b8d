import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Contribution } from './parts/contribution.ts'
import type { Part } from './parts/split.ts'
import {
  ASLEEP_AFTER,
  addRevenue,
  closeRevenue,
  newRevenueState,
  REVENUE_WINDOW,
  type RevenueState,
  type RevenueVerdict,
  sleepUntil,
} from './revenue.ts'
import type { Verdict } from './watch.ts'

const START = Date.UTC(2025, 0, 6)
const DAY = 86_400_000
const WINDOWS = DAY / REVENUE_WINDOW

/** Numbers in [0, 1) that look like chance. */
function chanceOf(seed: number): () => number {
  let state = seed
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) | 0
    return (state >>> 0) / 4_294_967_296
  }
}

/** Orders of a window: Poisson about a daily curve with a quiet night. */
function ordersAt(window: number, random: () => number, factor = 1): number {
  const mean = factor * (12 + 11.5 * Math.sin((2 * Math.PI * window) / WINDOWS))
  let count = 0
  for (let product = random(); product > Math.exp(-mean); product *= random()) count++
  return count
}

function run(state: RevenueState, days: number, factorOf: (window: number) => number, seed = 1): Verdict[] {
  const random = chanceOf(seed)
  const verdicts: Verdict[] = []
  for (let window = 0; window < days * WINDOWS; window++) {
    const start = START + window * REVENUE_WINDOW
    const orders = ordersAt(window, random, factorOf(window))
    let revenue = 0
    for (let i = 0; i < orders; i++) revenue += 10 + 80 * random()
    if (orders > 0 || window === 0) addRevenue(state, start, orders, revenue)
    const verdict = closeRevenue(state)
    if (verdict) verdicts.push(verdict)
  }
  return verdicts
}

test('ordinary days, nights and an hour’s noise raise nothing, whatever the chance', () => {
  for (const seed of [1, 2, 3, 4, 5])
    assert.deepEqual(
      run(newRevenueState(), 10, () => 1, seed),
      [],
    )
})

test('two days of history are enough to see a failure within three windows', () => {
  const failsAt = 2.3 * WINDOWS
  const verdicts = run(newRevenueState(), 3, (window) => (window >= failsAt && window < failsAt + 4 ? 0 : 1))
  const [first] = verdicts
  assert.ok(first && first.end <= START + (Math.ceil(failsAt) + 3) * REVENUE_WINDOW)
  assert.ok(first.score < -5 && first.actual <= first.lower && first.lower < first.expected)
})

test('the baseline is frozen while the alarm lasts: the expectation of the last window is that of the first', () => {
  const failsAt = Math.floor(4.2 * WINDOWS)
  const verdicts = run(newRevenueState(), 5, (window) => (window >= failsAt && window < failsAt + 20 ? 0 : 1))
  const last = verdicts.at(-1)
  assert.ok(verdicts.length >= 17 && last)
  const usual = 12 + 11.5 * Math.sin((2 * Math.PI * (failsAt + 19)) / WINDOWS)
  assert.ok(Math.abs(last.expected / (usual * 50) - 1) < 0.3, `${last.expected} where about ${usual * 50} is usual`)
})

test('a level that stays is taken for the new normal after six hours, and its end is no alarm', () => {
  const from = Math.floor(4.05 * WINDOWS)
  const until = Math.floor(6.05 * WINDOWS)
  const verdicts = run(newRevenueState(), 8, (window) => (window >= from && window < until ? 5 : 1))
  assert.ok(verdicts.length > 10)
  for (const { start, score } of verdicts) {
    assert.ok(score > 0)
    assert.ok(start < START + (from + 2 * 72) * REVENUE_WINDOW, new Date(start).toISOString())
  }
})

test('a country without orders for six hours is left alone, and wakes without an alarm', () => {
  const state = newRevenueState()
  run(state, 4.1, () => 1)
  const silent: Verdict[] = []
  for (let window = 0; window < ASLEEP_AFTER; window++) {
    const verdict = closeRevenue(state)
    if (verdict) silent.push(verdict)
  }
  assert.ok(silent.length > 0 && state.silent >= ASLEEP_AFTER)
  const wakesAt = state.start + 30 * DAY
  sleepUntil(state, wakesAt)
  assert.equal(state.start, wakesAt)
  addRevenue(state, wakesAt, 20, 1_000)
  assert.equal(closeRevenue(state), undefined)
})

test('one enormous order is no surge', () => {
  const state = newRevenueState()
  run(state, 4, () => 1)
  addRevenue(state, state.start, 1, 50_000)
  assert.equal(closeRevenue(state), undefined)
})

test('state is plain data', () => {
  const state = newRevenueState()
  run(state, 3, () => 1)
  assert.deepEqual(JSON.parse(JSON.stringify(state)), state)
})

/** Four payment methods in turn, a quarter of the revenue each. */
function runParts(days: number, missing: (window: number) => readonly string[]): RevenueVerdict[] {
  const state = newRevenueState()
  const random = chanceOf(7)
  const verdicts: RevenueVerdict[] = []
  for (let window = 0; window < days * WINDOWS; window++) {
    const start = START + window * REVENUE_WINDOW
    const gone = missing(window)
    const parts: Part[] = []
    for (let order = 0, orders = ordersAt(window, random, 3); order < orders; order++) {
      const value = METHODS[order % METHODS.length] ?? ''
      if (!gone.includes(value))
        parts.push({ dimension: 'paymentMethod', value, amount: 1_000 + Math.floor(8_000 * random()) })
    }
    const revenue = parts.reduce((sum, { amount }) => sum + amount, 0)
    if (parts.length > 0 || window === 0) addRevenue(state, start, parts.length, revenue / 100, parts)
    const verdict = closeRevenue(state)
    if (verdict) verdicts.push(verdict)
  }
  return verdicts
}
const METHODS = ['CARD', 'INVOICE', 'PAYPAL', 'VOUCHER']

test('the methods that fail are told, in the first window as in those that follow, and parts add up to the deviation', () => {
  const from = Math.floor(3.3 * WINDOWS)
  const failing = ['CARD', 'INVOICE', 'PAYPAL']
  const verdicts = runParts(4, (window) => (window >= from && window < from + 12 ? failing : []))
  assert.ok(verdicts.length >= 10)
  for (const { contributions, actual, expected } of verdicts) {
    const sum = (of: (one: Contribution) => bigint): bigint => contributions.reduce((all, one) => all + of(one), 0n)
    assert.deepEqual(new Set(contributions.filter(({ cause }) => cause).map(({ value }) => value)), new Set(failing))
    assert.equal(
      sum((one) => one.actual),
      BigInt(Math.round(actual * 100)),
    )
    assert.equal(
      sum((one) => one.expected),
      BigInt(Math.round(expected * 100)),
    )
    // Nothing is learned while the alarm lasts: each method goes on being expected to bring a quarter.
    for (const one of contributions) assert.ok(Math.abs(Number(one.expected) / (expected * 25) - 1) < 0.2)
  }
})
