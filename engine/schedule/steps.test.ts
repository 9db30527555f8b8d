import assert from 'node:assert/strict'
import { test } from 'node:test'
import { testClock } from '#engine/testing'
import type { Ended } from './execute.ts'
import { type FlowStep, runSteps, type StepEvent } from './steps.ts'

const step = (name: string, after: readonly string[] = [], more: Partial<FlowStep> = {}): FlowStep => ({
  ...{ name, after, retries: 0, backOffMs: 1_000, longestBackOffMs: 4_000, timeoutMs: 60_000 },
  ...more,
})

/** Runs steps on a clock that goes as fast as they let it; what was run when, what was noted, and how it ended. */
async function run(
  steps: readonly FlowStep[],
  execute: (name: string, attempt: number, signal: AbortSignal, sleep: (ms: number) => Promise<void>) => Promise<Ended>,
  options: { finished?: readonly string[]; parallel?: number; signal?: AbortSignal } = {},
) {
  const clock = testClock(0)
  const [ran, notes, states]: [string[], StepEvent[], string[]] = [[], [], []]
  const tries = new Map<string, number>()
  let over = false
  const running = runSteps({
    ...{ steps, clock, parallel: options.parallel ?? 4, finished: new Set(options.finished ?? []) },
    signal: options.signal ?? new AbortController().signal,
    execute: (one, signal) => {
      const attempt = (tries.get(one.name) ?? 0) + 1
      tries.set(one.name, attempt)
      ran.push(`${one.name}@${clock.now() / 1_000}`)
      return execute(one.name, attempt, signal, (ms) => clock.sleep(ms, signal))
    },
    note: async (event) => {
      notes.push(event)
    },
    onState: (one, state) => states.push(`${one.name} ${state}`),
  }).finally(() => (over = true))
  while (!over) {
    for (let turn = 0; turn < 12; turn++) await new Promise(setImmediate)
    if (!over) clock.advance(500)
  }
  return { ran, notes, states, ended: await running }
}

const well = async (): Promise<Ended> => ({ exitCode: 0 })

test('each step once, behind those that it waits for; what does not wait runs beside', async () => {
  const steps = [step('a'), step('b', ['a']), step('c', ['a']), step('d', ['b', 'c'])]
  const { ran, ended } = await run(steps, async (_, __, ___, sleep) => {
    await sleep(1_000)
    return { exitCode: 0 }
  })
  assert.deepEqual([ran, ended.exitCode], [['a@0', 'b@1', 'c@1', 'd@2'], 0])
})

test('no more steps at once than is said', async () => {
  const { ran } = await run(
    [step('a'), step('b'), step('c')],
    async (_, __, ___, sleep) => {
      await sleep(1_000)
      return { exitCode: 0 }
    },
    { parallel: 2 },
  )
  assert.deepEqual(ran, ['a@0', 'b@0', 'c@1'])
})

test('a step that failed is tried again after pauses that double up to the longest', async () => {
  const { ran, notes, ended } = await run([step('a', [], { retries: 5 })], async (_, attempt) =>
    attempt < 6 ? { exitCode: 3, reason: 'no' } : { exitCode: 0 },
  )
  assert.deepEqual([ran, ended.exitCode], [['a@0', 'a@1', 'a@3', 'a@7', 'a@11', 'a@15'], 0])
  assert.deepEqual(notes.map(({ attempt, end }) => `${attempt} ${end?.outcome ?? 'began'}`).slice(-4), [
    '5 began',
    '5 failed',
    '6 began',
    '6 succeeded',
  ])
})

test('what waits for a failure is passed over, what does not goes on, and the end says which step and why', async () => {
  const steps = [step('a'), step('b', ['a'], { retries: 1 }), step('c', ['b']), step('d', ['c']), step('e', ['a'])]
  const { states, ended } = await run(steps, async (name) =>
    name === 'b' ? { exitCode: 7, reason: 'exit code 7: no such file' } : { exitCode: 0 },
  )
  assert.equal(ended.exitCode, 7)
  assert.equal(ended.reason, 'b: exit code 7: no such file')
  assert.deepEqual(Object.fromEntries(ended.states), {
    ...{ a: 'succeeded', b: 'failed', c: 'passed-over', d: 'passed-over', e: 'succeeded' },
  })
  assert.equal(states.filter((state) => state === 'b running').length, 2)
})

test('what is finished is not run again', async () => {
  const steps = [step('a'), step('b', ['a']), step('c', ['b'])]
  const { ran, notes, ended } = await run(steps, well, { finished: ['a', 'b'] })
  assert.deepEqual([ran, ended.exitCode], [['c@0'], 0])
  assert.deepEqual(new Set(notes.map((note) => note.step)), new Set(['c']))
})

test('a try that takes too long is ended and has failed', async () => {
  const { ended } = await run([step('a', [], { timeoutMs: 2_000 })], async (_, __, signal, sleep) => {
    await sleep(60_000)
    return signal.aborted ? { exitCode: 4 } : { exitCode: 0 }
  })
  assert.equal(ended.reason, 'a: it took longer than 2 s')
  assert.equal(ended.states.get('a'), 'failed')
})

test('after the signal no step begins, and the run has not succeeded', async () => {
  const stop = new AbortController()
  const steps = [step('a'), step('b', ['a'])]
  const { ran, ended } = await run(
    steps,
    async () => {
      stop.abort()
      return { exitCode: 0 }
    },
    { signal: stop.signal },
  )
  assert.deepEqual([ran, ended.exitCode, ended.states.get('b')], [['a@0'], undefined, 'waiting'])
})

test('a step whose end could not be recorded has not succeeded', async () => {
  const clock = testClock(0)
  const ended = await runSteps({
    ...{ steps: [step('a'), step('b', ['a'])], clock, parallel: 1, finished: new Set<string>() },
    signal: new AbortController().signal,
    execute: well,
    note: async ({ end }) => {
      if (end !== undefined) throw new Error('the broker is away')
    },
  })
  assert.equal(ended.states.get('a'), 'failed')
  assert.match(ended.reason ?? '', /a: recording its end: the broker is away/)
})
