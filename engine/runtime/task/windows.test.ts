import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { type Plan, session, sliding } from '#engine'
import { partitionOf } from '#engine/broker'
import { compile } from '#engine/compile'
import { memoryRegistry } from '#engine/schema'
import { type DriveOptions, drive, testClock } from '#engine/testing'
import type { EmitMode } from '#engine/topology'
import { NEW_YEAR } from '../../compile/trade-fixture.ts'
import { pageVisits, type Visit, visits, visitsIn, visitWindows } from '../../compile/windows/visit-fixture.ts'
import { type Deployment, names } from '../deployment.ts'

// Windows that events move, through the real task code: dying at any numbered step changes no result.

const PARTITIONS = 2
const windows = {
  session: session({ gap: '10 milliseconds', grace: '5 milliseconds' }),
  sliding: sliding({ size: '10 milliseconds', grace: '5 milliseconds' }),
}

const aVisit = fc.record({
  user: fc.constantFrom('a', 'b', 'c'),
  page: fc.constantFrom('p', 'q', 'r', 's'),
  number: fc.nat(9),
  at: fc.integer({ min: 0, max: 200 }).map((after) => NEW_YEAR + after),
})
const aBlow = fc.record({
  what: fc.constantFrom('commit' as const, 'take-over' as const),
  step: fc.integer({ min: 1, max: 5 }),
  nth: fc.integer({ min: 1, max: 4 }),
})
type Blow = { readonly what: 'commit' | 'take-over'; readonly step: number; readonly nth: number }
interface Step {
  readonly events: readonly Visit[]
  readonly blow: Blow | undefined
}

async function play(plan: Plan, steps: readonly Step[], options: DriveOptions): Promise<unknown> {
  const source = plan.inputs[0]?.topic === visits ? visits : pageVisits
  const registry = memoryRegistry()
  const schemaIds = new Map<string, number>()
  for (const topic of [source, visitWindows]) schemaIds.set(topic.name, await registry.register(topic))
  const deployment: Deployment = {
    app: 'test',
    processor: plan.name,
    generation: 1,
    stages: compile(plan),
    results: [visitWindows.name],
    schemaIds,
    registry,
  }
  const driven = await drive(deployment, { ...options, partitions: PARTITIONS, clock: testClock(NEW_YEAR) })
  const write = (event: Visit, partition?: number): void => {
    const key = Buffer.from(source.keyOf(event))
    const value = source.frame(schemaIds.get(source.name) ?? 0, event)
    driven.write({ topic: source.name, partition: partition ?? partitionOf(key, PARTITIONS), key, value })
  }
  for (const { events, blow } of steps) {
    for (const event of events) write(event)
    if (blow) driven.crashAt(blow.what, blow.step, blow.nth)
    if (blow?.what === 'take-over') driven.crash()
    await driven.run()
  }
  // A last event far ahead on every partition closes every window.
  for (let partition = 0; partition < PARTITIONS; partition++)
    write({ user: 'last', page: 'last', number: 0, at: NEW_YEAR + 1_000_000 }, partition)
  await driven.run()
  const results: Record<string, string[]> = {}
  for (const { partition, key, value } of driven.read(visitWindows.name)) {
    const place = `${partition}/${String(key).split('|')[0]}`
    results[place] = [...(results[place] ?? []), `${key} ${value?.toString('latin1')}`]
  }
  const late = driven.read(names.late(deployment)).map(({ value }) => value?.toString('latin1') ?? '')
  const { crashes } = driven
  await driven.close()
  return { results, late: late.sort(), crashes }
}

for (const [kind, window] of Object.entries(windows))
  for (const [emit, source] of [
    ['on-close', visits],
    ['on-update', visits],
    ['on-close', pageVisits],
  ] satisfies [EmitMode, typeof visits][]) {
    const stages = source === visits ? 'one stage' : 'behind a re-key'
    test(`${kind} windows ${emit}, ${stages}: results are those of an undisturbed run`, async () => {
      const plan = visitsIn(window, emit, source)
      let crashes = 0
      const step = fc.record({
        events: fc.array(aVisit, { maxLength: 15 }),
        blow: fc.option(aBlow, { nil: undefined }),
      })
      await fc.assert(
        fc.asyncProperty(
          fc.array(step, { minLength: 1, maxLength: 6 }),
          fc.integer({ min: 1, max: 1_000 }),
          async (steps, seed) => {
            const small = { snapshotBytes: 400, snapshotCommits: 4, maxRecordBytes: 64 }
            const quiet = steps.map(({ events }) => ({ events, blow: undefined }))
            const calm = (await play(plan, quiet, { seed: 1 })) as { readonly crashes: number }
            const rough = (await play(plan, steps, { seed, settings: small })) as { readonly crashes: number }
            crashes += rough.crashes
            assert.deepEqual({ ...rough, crashes: 0 }, { ...calm, crashes: 0 })
          },
        ),
        { numRuns: 30 },
      )
      assert.ok(crashes > 0, 'nothing died')
    })
  }
