import assert from 'node:assert/strict'
import { test } from 'node:test'
import { type FakeBroker, fakeBroker, testClock } from '#engine/testing'
import { cron } from '#engine/time'
import { type Alert, alertsTopic, type CatchUp, type Entry, type ScheduleEvent, schedulesTopic } from './contract.ts'
import { claimNow, type Execute } from './execute.ts'
import { ScheduleHistory } from './history.ts'
import { runsOf } from './runs.ts'
import { runScheduler } from './scheduler.ts'

const MINUTE = 60_000
const START = Date.UTC(2026, 0, 1)

const entry = (name: string, catchUp: CatchUp, expression = '*/10 * * * *', timeoutMs = 60 * MINUTE): Entry => ({
  ...{ name, catchUp, cron: expression, timeZone: 'UTC', moments: cron(expression, 'UTC'), timeoutMs },
})

/** A world with one broker and a clock that runs while `during` waits. */
function world() {
  const clock = testClock(START)
  const broker = fakeBroker({ clock })
  const stops: AbortController[] = []
  const runs: Promise<unknown>[] = []
  const histories: ScheduleHistory[] = []
  const history = async (): Promise<ScheduleHistory> => {
    const one = new ScheduleHistory({ broker, app: 'test', clock })
    await one.ensure()
    histories.push(one)
    return one
  }
  return {
    clock,
    broker,
    history,
    async scheduler(entries: readonly Entry[], execute: Execute, parallel = 4): Promise<AbortController> {
      const stop = new AbortController()
      stops.push(stop)
      runs.push(runScheduler({ history: await history(), clock, execute, entries, parallel, signal: stop.signal }))
      return stop
    },
    async pass(milliseconds: number): Promise<void> {
      for (let passed = 0; passed < milliseconds; passed += 1_000) {
        for (let turn = 0; turn < 12; turn++) await new Promise(setImmediate)
        clock.advance(1_000)
      }
    },
    async [Symbol.asyncDispose]() {
      for (const stop of stops) stop.abort()
      const ended = Promise.all(runs)
      let over = false
      ended.finally(() => (over = true)).catch(() => {})
      while (!over) await this.pass(5_000)
      await ended
      for (const one of histories) await one.close()
      assert.equal(broker.openClients(), 0)
    },
  }
}

const valuesOf = <T>(broker: FakeBroker, topic: string): readonly T[] =>
  broker.committed(topic).map(({ value }) => JSON.parse(String(value)) as T)
const events = (broker: FakeBroker) => valuesOf<ScheduleEvent>(broker, schedulesTopic.name)
const minutes = (moment: number): number => (moment - START) / MINUTE

test('every moment is run once, however many schedulers there are', async () => {
  await using at = world()
  const ran: number[] = []
  const execute: Execute = async (_, { scheduledAt }) => {
    ran.push(minutes(scheduledAt))
    return { exitCode: 0 }
  }
  for (let n = 0; n < 3; n++) await at.scheduler([entry('verify', 'each')], execute)
  await at.pass(35 * MINUTE)
  assert.deepEqual(ran, [10, 20, 30])
})

test('a run that takes long is not run beside itself; moments it missed come after, as the entry says', async () => {
  await using at = world()
  const ran: string[] = []
  let atOnce = 0
  const execute: Execute = async ({ name }, { scheduledAt }, signal) => {
    ran.push(`${name} ${minutes(scheduledAt)}`)
    atOnce = Math.max(atOnce, ran.length)
    if (scheduledAt === START + 10 * MINUTE) await at.clock.sleep(25 * MINUTE, signal)
    return { exitCode: 0 }
  }
  await at.scheduler([entry('a', 'each'), entry('b', 'last'), entry('c', 'none')], execute)
  await at.pass(41 * MINUTE)
  assert.deepEqual([...ran].sort(), ['a 10', 'a 20', 'a 30', 'a 40', 'b 10', 'b 30', 'b 40', 'c 10', 'c 40'])
  const passedOver = events(at.broker).filter(({ kind, passedOver = 0 }) => kind === 'started' && passedOver > 0)
  assert.deepEqual(
    passedOver.map((event) => [event.entry, event.passedOver]),
    [
      ['b', 1],
      ['c', 2],
    ].sort(),
  )
})

test('what was stopped is taken up again, and what was missed meanwhile is caught up with its own times', async () => {
  await using at = world()
  const ran: string[] = []
  const execute: Execute = async (_, { scheduledAt, attempt }, signal) => {
    ran.push(`${minutes(scheduledAt)} try ${attempt}`)
    await at.clock.sleep(MINUTE, signal)
    return signal.aborted ? { exitCode: 4 } : { exitCode: 0 }
  }
  const first = await at.scheduler([entry('import', 'each')], execute)
  await at.pass(10 * MINUTE + 20_000)
  first.abort()
  await at.pass(25 * MINUTE)
  assert.deepEqual(ran, ['10 try 1'])
  await at.scheduler([entry('import', 'each')], execute)
  await at.pass(4 * MINUTE)
  assert.deepEqual(ran, ['10 try 1', '10 try 2', '20 try 1', '30 try 1'])
  const states = runsOf(events(at.broker), at.clock.now()).map(({ state }) => state)
  assert.deepEqual(states, ['interrupted', 'succeeded', 'succeeded', 'succeeded'])
})

test('a failure is told once it happens, and told to be over; a run that takes too long has failed', async () => {
  await using at = world()
  const execute: Execute = async (_, { scheduledAt }, signal) => {
    if (scheduledAt === START + 10 * MINUTE) return { exitCode: 3, reason: '2 differences' }
    if (scheduledAt === START + 20 * MINUTE) await at.clock.sleep(60 * MINUTE, signal)
    return { exitCode: signal.aborted ? 4 : 0 }
  }
  await at.scheduler([entry('verify', 'last', '*/10 * * * *', 2 * MINUTE)], execute)
  await at.pass(45 * MINUTE)
  const told = valuesOf<Alert>(at.broker, alertsTopic.name).map(({ state, text }) => `${state} ${text}`)
  assert.deepEqual(told, [
    'firing verify failed: 2 differences',
    'firing verify failed: it took longer than 120 s',
    'resolved verify succeeds again',
  ])
})

test('a run that is asked for waits for nothing, but not beside itself', async () => {
  await using at = world()
  const history = await at.history()
  await claimNow(history, entry('verify', 'last'))
  await assert.rejects(claimNow(history, entry('verify', 'last')), { code: 'BLOCKED', message: /it runs since/ })
  at.clock.advance(2 * MINUTE)
  await claimNow(history, entry('verify', 'last'))
})

test('runs of different entries wait for each other where only so many may be at once', async () => {
  await using at = world()
  let [now, most] = [0, 0]
  const execute: Execute = async (_, __, signal) => {
    most = Math.max(most, ++now)
    await at.clock.sleep(10_000, signal)
    now--
    return { exitCode: 0 }
  }
  await at.scheduler(
    ['a', 'b', 'c'].map((name) => entry(name, 'last')),
    execute,
    2,
  )
  await at.pass(12 * MINUTE)
  assert.equal(most, 2)
  assert.equal(events(at.broker).filter(({ kind }) => kind === 'started').length, 3)
})
