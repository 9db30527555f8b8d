import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { KappaError } from '#engine/errors'
import { fakeBroker } from '#engine/testing'
import { systemClock } from '#engine/time'
import { chooseGeneration } from './choose.ts'
import {
  type Decision,
  GenerationLog,
  type GenerationRecord,
  generationsOf,
  nextGeneration,
  phaseOf,
  type ReplayRequest,
} from './generations.ts'

const request = (over: Partial<ReplayRequest> = {}): ReplayRequest => ({
  processor: 'sums',
  topic: 'test.sums.v1',
  from: 100,
  to: 200,
  source: 'auto',
  version: 'a',
  ...over,
})
const record = (generation: number, decision: Decision, over: Partial<GenerationRecord> = {}): GenerationRecord => ({
  ...request(),
  generation,
  decision,
  at: 0,
  ...over,
})
const blocked = (about: RegExp) => (thrown: unknown) =>
  thrown instanceof KappaError && thrown.code === 'BLOCKED' && about.test(thrown.message)

test('decisions come back in their order, and each sees all before it, also when processes decide at once', async () => {
  const broker = fakeBroker({ lateMarkers: true })
  const logs = [1, 2, 3].map(() => new GenerationLog({ broker, app: 'test', clock: systemClock }))
  assert.deepEqual(await logs[0]?.all(), [])
  const decide = (log: GenerationLog) =>
    log.decide((all, at) => ({ ...request(), generation: nextGeneration(all, 'sums'), decision: 'started', at }))
  for (let round = 0; round < 4; round++) await Promise.all(logs.map(decide))
  const numbers = (await logs[0]?.all())?.map(({ generation }) => generation)
  assert.deepEqual(
    numbers,
    Array.from({ length: 12 }, (_, i) => i + 2),
  )
  assert.equal(broker.openClients(), 0)
})

test('an unfinished replay of the same request is resumed, a finished one refused with the ways out', () => {
  const started = [record(2, 'started')]
  const resumed = chooseGeneration(started, request({ source: 's3' }), undefined)
  assert.equal(resumed.kind === 'resume' && resumed.generation.started.generation, 2)
  assert.equal(chooseGeneration(started, request(), 2).kind, 'resume')
  const finished = [...started, record(2, 'finished')]
  assert.throws(
    () => chooseGeneration(finished, request(), undefined),
    blocked(/v2 of this range is finished.*--into v3/),
  )
  assert.throws(() => chooseGeneration(finished, request(), 2), { code: 'CONFIG_INVALID', message: /--into v3/ })
  assert.deepEqual(chooseGeneration(finished, request(), 3), { kind: 'new', generation: 3 })
  assert.throws(
    () => chooseGeneration(started, request({ version: 'b' }), undefined),
    (thrown) => thrown instanceof KappaError && thrown.code === 'STATE_MISMATCH',
  )
})

test('a replay of one key is another than that of all, or of another key', () => {
  const key = { field: 'shop', value: 'a' }
  const started = [record(2, 'started', { key })]
  assert.equal(chooseGeneration(started, request({ key: { ...key } }), undefined).kind, 'resume')
  for (const other of [request(), request({ key: { field: 'shop', value: 'b' } })]) {
    assert.throws(() => chooseGeneration(started, other, 2), {
      code: 'CONFIG_INVALID',
      message: /another range or key/,
    })
    assert.throws(() => chooseGeneration(started, other, undefined), blocked(/v2 is unfinished/))
  }
})

test('an unfinished replay holds its range, and its number', () => {
  const started = [record(2, 'started')]
  assert.throws(
    () => chooseGeneration(started, request({ from: 199, to: 300 }), undefined),
    blocked(/v2 is unfinished/),
  )
  assert.deepEqual(chooseGeneration(started, request({ from: 200, to: 300 }), undefined), {
    kind: 'new',
    generation: 3,
  })
  assert.throws(() => chooseGeneration(started, request({ from: 200, to: 300 }), 2), {
    code: 'CONFIG_INVALID',
    message: /another range or key; name another one \(--into v3\)/,
  })
  const other = request({ processor: 'other', topic: 'test.others.v1' })
  assert.deepEqual(chooseGeneration(started, other, undefined), { kind: 'new', generation: 2 })
  const sameTable = request({ processor: 'other' })
  assert.deepEqual(chooseGeneration(started, sameTable, undefined), { kind: 'new', generation: 3 })
  const cancelled = [...started, record(2, 'cancelled')]
  assert.deepEqual(chooseGeneration(cancelled, request(), undefined), { kind: 'new', generation: 3 })
  assert.throws(
    () => chooseGeneration(cancelled, request({ from: 0, to: 1 }), 1),
    (thrown) => thrown instanceof KappaError && thrown.code === 'CONFIG_INVALID',
  )
})

test('a switch is under way from its decision until it is settled', () => {
  const phases = (...decisions: readonly Decision[]) =>
    generationsOf(
      decisions.map((decision) => record(2, decision)),
      'sums',
    ).map(phaseOf)
  assert.deepEqual(phases('started', 'refused'), ['unfinished'])
  assert.deepEqual(phases('started', 'finished', 'differing'), ['finished'])
  assert.deepEqual(phases('started', 'finished', 'verified', 'promoted'), ['promoting'])
  assert.deepEqual(phases('started', 'finished', 'verified', 'promoted', 'settled'), ['promoted'])
  assert.deepEqual(phases('started', 'finished', 'promoted', 'settled', 'rolled-back'), ['rolling-back'])
  assert.deepEqual(phases('started', 'finished', 'promoted', 'settled', 'rolled-back', 'settled'), ['rolled-back'])
})

test('a number is never given twice, whatever was decided', () => {
  const decisions = fc.constantFrom<Decision>('started', 'finished', 'cancelled', 'settled')
  const any = fc.array(fc.tuple(fc.integer({ min: 2, max: 9 }), decisions, fc.option(fc.integer({ min: 2, max: 20 }))))
  fc.assert(
    fc.property(any, (steps) => {
      const records = steps.map(([generation, decision, to]) =>
        record(generation, decision, to === null ? {} : { lanes: { held: [], to } }),
      )
      const next = nextGeneration(records, 'sums')
      assert.ok(next > 1)
      for (const { generation, lanes } of records) assert.ok(next > generation && next > (lanes?.to ?? 0))
    }),
  )
})
