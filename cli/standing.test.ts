import assert from 'node:assert/strict'
import { test } from 'node:test'
import { KappaError } from '#engine/errors'
import { type Decision, FOREVER, GenerationLog } from '#engine/replay'
import { fakeBroker } from '#engine/testing'
import { systemClock } from '#engine/time'
import { Standing } from './standing.ts'

const spec = (role: 'stream' | 'repartition') => ({
  name: 'sums.source',
  inputs: [{ topic: 'a', role, idleAfterMs: undefined }],
  next: undefined,
  open: () => assert.fail('it is not opened'),
})
const v = (generation: number) => ({ app: 'test', processor: 'sums', generation })
const blocked = (retriable: boolean) => (thrown: unknown) =>
  thrown instanceof KappaError && thrown.code === 'BLOCKED' && thrown.retriable === retriable

function decisions() {
  const broker = fakeBroker({ lateMarkers: true })
  const log = new GenerationLog({ broker, app: 'test', clock: systemClock })
  const base = {
    processor: 'sums',
    topic: 't',
    from: 0,
    to: FOREVER,
    source: 'auto' as const,
    version: 'a',
    live: true,
  }
  const decide = (decision: Decision, more: object = {}) =>
    log.decide((_, at) => ({ ...base, generation: 2, decision, at, ...more }))
  return { standing: new Standing({ broker, app: 'test' }), decide }
}

test('who may run follows the decisions, each of them from the moment it is written', async () => {
  const { standing, decide } = decisions()
  const may = (generation: number, role: 'stream' | 'repartition') => standing.expectMayRun(v(generation), spec(role))
  await may(1, 'stream')
  await assert.rejects(may(2, 'stream'), blocked(false))
  await decide('started')
  await may(1, 'stream')
  await decide('holding', { draining: true })
  await assert.rejects(may(1, 'stream'), blocked(true))
  await may(1, 'repartition')
  await decide('holding', { draining: false })
  await assert.rejects(may(1, 'repartition'), blocked(true))
  await decide('released')
  await may(1, 'stream')
  await decide('holding', { draining: false })
  await decide('promoted', { replaces: 1 })
  await assert.rejects(may(2, 'stream'), blocked(true))
  await decide('settled', { replaces: 1, report: { after: 'promoted' } })
  await may(2, 'stream')
  await assert.rejects(may(1, 'repartition'), blocked(false))
  await decide('rolled-back', { replaces: 1 })
  await decide('settled', { replaces: 1, report: { after: 'rolled-back' } })
  await may(1, 'stream')
})

test('a question that comes while the log is read is answered by a later reading', async () => {
  const { standing, decide } = decisions()
  await decide('started')
  const early = standing.records()
  const holding = decide('holding', { draining: false })
  await holding
  const [late, other] = [standing.records(), standing.records()]
  assert.equal((await late).at(-1)?.decision, 'holding')
  assert.equal((await other).at(-1)?.decision, 'holding')
  await early
})

test('news is told when another generation is in force, not before', async () => {
  const { standing, decide } = decisions()
  const stop = new AbortController()
  let told = false
  const changed = standing.changed(new Map([['sums', 1]]), stop.signal).then(() => {
    told = true
  })
  await decide('started')
  await decide('promoted', { replaces: 1 })
  await systemClock.sleep(1_200)
  assert.equal(told, false)
  await decide('settled', { replaces: 1, report: { after: 'promoted' } })
  await changed
  stop.abort()
})
