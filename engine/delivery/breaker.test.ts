import assert from 'node:assert/strict'
import { test } from 'node:test'
import { type TestClock, testClock } from '#engine/testing'
import { Breaker, jittered, type StoreHealth } from './breaker.ts'

const never = new AbortController().signal

function opened(clock: TestClock): { breaker: Breaker; told: StoreHealth[] } {
  const told: StoreHealth[] = []
  const breaker = new Breaker({ clock, random: () => 0.5, onChange: (health) => told.push(health) })
  for (let n = 0; n < 3; n++) breaker.failed('no connection')
  return { breaker, told }
}

test('three failures in a row open it, with one message; nobody asks until its pause is over', async () => {
  const clock = testClock()
  const { breaker, told } = opened(clock)
  assert.deepEqual(
    told.map(({ state, reason }) => [state, reason]),
    [['open', 'no connection']],
  )
  breaker.failed('still none')
  assert.equal(told.length, 1)
  let turns = 0
  const lanes = [1, 2, 3].map(() => breaker.turn(never).then(() => turns++))
  for (let n = 0; n < 3; n++) await pass(clock, 100)
  assert.equal(turns, 0)
  for (let n = 0; n < 12; n++) await pass(clock, 250)
  assert.equal(turns, 1, 'one lane tries, the others wait')
  breaker.succeeded()
  await pass(clock, 250)
  await Promise.all(lanes)
  assert.deepEqual(
    told.map(({ state }) => state),
    ['open', 'closed'],
  )
  assert.equal(breaker.health.failures, 0)
})

test('its pause grows to a quarter of a minute, and a turn that was not used is the next one’s', async () => {
  const clock = testClock()
  const { breaker } = opened(clock)
  for (let n = 0; n < 10; n++) breaker.failed('no connection')
  const waiting = breaker.turn(never)
  for (let n = 0; n < 70; n++) await pass(clock, 250)
  assert.equal(await waiting, true)
  breaker.released()
  assert.equal(await breaker.turn(never), true)
})

test('a success in between keeps it closed, and a stop ends the wait', async () => {
  const clock = testClock()
  const breaker = new Breaker({ clock })
  for (let n = 0; n < 9; n++) {
    breaker.failed('one table')
    breaker.failed('one table')
    breaker.succeeded()
  }
  assert.equal(breaker.health.state, 'closed')
  const stop = new AbortController()
  const { breaker: open } = opened(clock)
  const waiting = open.turn(stop.signal)
  stop.abort()
  assert.equal(await waiting, false)
})

test('pauses differ from one process to another by up to half', () => {
  assert.deepEqual([jittered(1_000, () => 0), jittered(1_000, () => 0.999)].map(Math.round), [500, 1_000])
})

async function pass(clock: TestClock, milliseconds: number): Promise<void> {
  clock.advance(milliseconds)
  for (let n = 0; n < 5; n++) await Promise.resolve()
}
