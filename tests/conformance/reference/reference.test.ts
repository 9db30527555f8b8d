import { test } from 'node:test'
import fc from 'fast-check'
import type { Case, CaseInput } from '../cases.ts'
import { runCase } from '../run-case.ts'
import { Ambiguous } from './aggregates.ts'
import { flinkSessions, streamsSessions } from './sessions.ts'
import { flinkFrames, streamsFrames, streamsSliding } from './windows.ts'

/*
 * Random cases of every kind of window, answered by a reference that shares nothing with the engine, then run as any case is.
 */
type Answered = Pick<Case, 'expect' | 'lateDropped' | 'lateWindowDrops'>

const aggregates = fc.constantFrom('count', 'sum', 'max', 'collect')
const keys = fc.constantFrom('a', 'b')
/** Steps of time: mostly small, at times equal, back, or a jump. */
const steps = fc.oneof(
  { weight: 6, arbitrary: fc.integer({ min: 0, max: 8 }) },
  { weight: 3, arbitrary: fc.integer({ min: -12, max: 0 }) },
  { weight: 1, arbitrary: fc.constantFrom(40, 5_000, 100_000) },
)
const happenings = fc.array(
  fc.oneof(
    { weight: 8, arbitrary: fc.record({ key: keys, step: steps, value: fc.integer({ min: -5, max: 9 }) }) },
    { weight: 1, arbitrary: fc.constant('restore' as const) },
  ),
  { maxLength: 25 },
)
type Happenings = typeof happenings extends fc.Arbitrary<infer H> ? H : never

/** Events whose times wander about; none before `from`. */
function inputOf(happened: Happenings, from: number): CaseInput[] {
  let ts = from
  return happened.map((one) => {
    if (one === 'restore') return { snapshotRestore: true }
    ts = Math.max(from, ts + one.step)
    return { key: one.key, ts, value: one.value }
  })
}

/** Now and then a watermark, behind what has come or ahead of it; it never goes back. */
const watermarked = (input: readonly CaseInput[], every: number, lag: number): CaseInput[] => {
  let [latest, reached] = [0, 0]
  return input.flatMap((step, n): CaseInput[] => {
    latest = Math.max(latest, typeof step.ts === 'number' ? step.ts : 0)
    if (n % every !== 0) return [step]
    reached = Math.max(reached, latest - lag)
    return [step, { watermark: reached }]
  })
}

async function agrees(one: Omit<Case, 'name' | 'expect'>, answer: (test: Case) => Answered): Promise<void> {
  const asked: Case = { name: 'random', expect: [], ...one }
  let answered: Answered
  try {
    answered = answer(asked)
  } catch (thrown) {
    if (thrown instanceof Ambiguous || thrown instanceof RangeError) fc.pre(false)
    throw thrown
  }
  await runCase({ ...asked, ...answered })
}

const runs = { numRuns: 60 }
const graces = fc.constantFrom(0, 1, 3, 10, 1_000)
const sizes = fc.constantFrom([2, 2], [10, 10], [10, 5], [10, 3], [7, 2]) as fc.Arbitrary<[number, number]>

test('tumbling and hopping windows, as Kafka Streams has them', () =>
  fc.assert(
    fc.asyncProperty(
      happenings,
      sizes,
      graces,
      aggregates,
      fc.constantFrom('update', 'final'),
      async (happened, [sizeMs, advanceMs], graceMs, aggregate, emit) => {
        const type = sizeMs === advanceMs ? 'tumbling' : 'hopping'
        const window = { type, sizeMs, advanceMs, graceMs }
        const input = inputOf(happened, 0)
        await agrees({ window, emit, aggregate, dialect: 'kstreams', input }, streamsFrames)
      },
    ),
    runs,
  ))

test('tumbling and hopping windows, as Flink has them', () =>
  fc.assert(
    fc.asyncProperty(
      happenings,
      sizes,
      fc.constantFrom(0, 0, 5, 20),
      aggregates,
      fc.integer({ min: 1, max: 5 }),
      fc.integer({ min: -3, max: 12 }),
      async (happened, [sizeMs, advanceMs], graceMs, aggregate, every, lag) => {
        const type = sizeMs === advanceMs ? 'tumbling' : 'hopping'
        const window = { type, sizeMs, advanceMs, graceMs }
        const input = watermarked(inputOf(happened, 20), every, lag)
        await agrees({ window, emit: 'final', aggregate, dialect: 'flink', input }, flinkFrames)
      },
    ),
    runs,
  ))

test('sliding windows, as Kafka Streams has them', () =>
  fc.assert(
    fc.asyncProperty(
      happenings,
      fc.constantFrom(1, 5, 10),
      fc.constantFrom(0, 12, 30),
      aggregates,
      fc.constantFrom('update', 'final'),
      async (happened, sizeMs, graceMs, aggregate, emit) => {
        const input = inputOf(happened, 20)
        await agrees(
          { window: { type: 'sliding', sizeMs, graceMs }, emit, aggregate, dialect: 'kstreams', input },
          streamsSliding,
        )
      },
    ),
    runs,
  ))

test('sessions, as Kafka Streams has them', () =>
  fc.assert(
    fc.asyncProperty(
      happenings,
      fc.constantFrom(1, 4, 10),
      graces,
      aggregates,
      fc.constantFrom('update', 'final'),
      async (happened, gapMs, graceMs, aggregate, emit) => {
        const input = inputOf(happened, 0)
        await agrees(
          { window: { type: 'session', gapMs, graceMs }, emit, aggregate, dialect: 'kstreams', input },
          streamsSessions,
        )
      },
    ),
    runs,
  ))

test('sessions, as Flink has them', () =>
  fc.assert(
    fc.asyncProperty(
      happenings,
      fc.constantFrom(1, 4, 10),
      fc.constantFrom(0, 0, 5, 20),
      aggregates,
      fc.integer({ min: 1, max: 5 }),
      fc.integer({ min: -3, max: 12 }),
      async (happened, gapMs, graceMs, aggregate, every, lag) => {
        const window = { type: 'session', gapMs, graceMs }
        const input = watermarked(inputOf(happened, 0), every, lag)
        const one = { window, emit: 'final', aggregate, dialect: 'flink', sessionEnd: 'lastEvent+gap', input } as const
        await agrees(one, flinkSessions)
      },
    ),
    runs,
  ))

test('windows that begin at an offset are those of events told that much earlier', async () => {
  const input = [5, 14, 15, 24, 40].map((ts, n) => ({ key: 'a', ts, value: n }))
  const window = { type: 'tumbling', sizeMs: 10, advanceMs: 10, offsetMs: 5, graceMs: 0 }
  const expect = [
    { key: 'a', start: 5, end: 15, value: 2, afterInput: 2 },
    { key: 'a', start: 15, end: 25, value: 2, afterInput: 4 },
  ]
  await runCase({ name: 'offset', window, emit: 'final', aggregate: 'count', dialect: 'quix', input, expect })
})
