import assert from 'node:assert/strict'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, test } from 'node:test'
import fc from 'fast-check'
import { partitionOf } from '#engine/broker'
import { compile } from '#engine/compile'
import { memoryRegistry } from '#engine/schema'
import { type Driven, type DriveOptions, drive, testClock } from '#engine/testing'
import { processor } from '#engine/topology'
import { field, made, NEW_YEAR } from '../../compile/trade-fixture.ts'
import { type Deployment, names } from '../deployment.ts'

const PARTITIONS = 2
const root = mkdtempSync(join(tmpdir(), 'kappa-state-'))
after(() => rmSync(root, { recursive: true, force: true }))
let folders = 0

interface Tick {
  readonly user: string
  readonly number: number
  readonly at: number
}
const shape = [field.text('user'), field.long('number'), field.time('at')]
const ticks = made<Tick>('trade.ticks.v1', { key: 'user', time: 'at' }, shape)
const sums = made<Tick>('trade.sums.v1', { key: 'user', time: 'at' }, shape)

/** Adds numbers up by user, says the sum a moment after the last one, and forgets users that were silent for long. */
const summing = processor('summing', ({ from }) =>
  from(ticks)
    .keyBy('user')
    .process({
      name: 'sum',
      reads: ['number'],
      ttl: '40 milliseconds',
      state: { initial: () => ({ sum: 0, due: 0 }), keptOn: 'disk' },
      onEvent({ eventTime, setTimer, clearTimer, remove }, { number }, state) {
        state.sum += number
        if (number === 7) throw new Error('seven')
        clearTimer(state.due)
        if (number === 9) remove()
        state.due = eventTime + 10
        setTimer(state.due)
        return []
      },
      onTimer: ({ key, eventTime }, { sum }) => ({ user: key.user, number: sum, at: eventTime }),
    })
    .to(sums),
)

async function driven(options: DriveOptions): Promise<{ driven: Driven; write(tick: Tick, partition?: number): void }> {
  const registry = memoryRegistry()
  const schemaIds = new Map<string, number>()
  for (const topic of [ticks, sums]) schemaIds.set(topic.name, await registry.register(topic))
  const deployment: Deployment = {
    app: 'test',
    processor: 'summing',
    generation: 1,
    stages: compile(summing),
    results: [sums.name],
    schemaIds,
    registry,
  }
  const made = await drive(deployment, { ...options, partitions: PARTITIONS, clock: testClock(NEW_YEAR) })
  const write = (tick: Tick, partition?: number) => {
    const key = Buffer.from(ticks.keyOf(tick))
    const value = ticks.frame(schemaIds.get(ticks.name) ?? 0, tick)
    made.write({ topic: ticks.name, partition: partition ?? partitionOf(key, PARTITIONS), key, value })
  }
  return { driven: made, write }
}

const aTick = fc.record({
  user: fc.constantFrom('a', 'b', 'c', 'd', 'e'),
  number: fc.integer({ min: 1, max: 9 }),
  at: fc.integer({ min: 0, max: 150 }).map((after) => NEW_YEAR + after),
})
const aBlow = fc.record({
  what: fc.constantFrom('commit' as const, 'take-over' as const),
  step: fc.integer({ min: 1, max: 5 }),
  nth: fc.integer({ min: 1, max: 4 }),
})

test('state on disk gives what state in memory gives, whatever step its process dies at', async () => {
  let crashes = 0
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.tuple(fc.array(aTick, { maxLength: 20 }), fc.option(aBlow, { nil: undefined })), { maxLength: 8 }),
      fc.integer({ min: 1, max: 1_000 }),
      async (steps, seed) => {
        const outcome = async (options: DriveOptions, rough: boolean): Promise<unknown> => {
          const { driven: run, write } = await driven(options)
          for (const [events, blow] of steps) {
            for (const tick of events) write(tick)
            if (rough && blow) run.crashAt(blow.what, blow.step, blow.nth)
            if (rough && blow?.what === 'take-over') run.crash()
            await run.run()
          }
          for (let partition = 0; partition < PARTITIONS; partition++)
            write({ user: 'last', number: 1, at: NEW_YEAR + 10_000 }, partition)
          await run.run()
          const results: Record<string, string[]> = {}
          for (const { partition, key, value } of run.read(sums.name)) {
            const place = `${partition}/${String(key)}`
            results[place] = [...(results[place] ?? []), String(value?.toString('latin1'))]
          }
          const dead = run.read(names.deadLetter(run.deployment)).map(({ value }) => value?.toString('latin1'))
          if (rough) crashes += run.crashes
          await run.close()
          return { results, dead: dead.sort() }
        }
        const small = { snapshotBytes: 200, snapshotCommits: 3, maxRecordBytes: 64 }
        const stateFolder = join(root, String(folders++))
        assert.deepEqual(
          await outcome({ seed, settings: { ...small, stateFolder } }, true),
          await outcome({ seed: 1 }, false),
        )
      },
    ),
    { numRuns: 25 },
  )
  assert.ok(crashes > 10, `only ${crashes} crashes were tried`)
})

test('after a crash the file is taken up, and the changelog is read from there alone; without the file from the beginning', async () => {
  const stateFolder = join(root, String(folders++))
  const settings = { stateFolder, snapshotBytes: 10_000_000 }
  const { driven: run, write } = await driven({ settings })
  const changelog = names.changelog(run.deployment, 'summing.source')
  for (let n = 0; n < 300; n++) {
    write({ user: `u${n}`, number: 1, at: NEW_YEAR + 5 })
    if (n % 10 === 0) await run.run()
  }
  await run.run()
  const held = () => [0, 1].map((partition) => run.stage('summing.source', partition).stateEntries)
  const before = held()
  assert.equal(before[0] && before[1] && before[0] + before[1], 300)
  run.crash()
  // Whoever reads from the beginning now fails: only the file, and what follows it, can be read.
  for (const [partition, end] of (await run.broker.admin.committedEnds(changelog)).entries())
    await run.broker.admin.truncate([{ topic: changelog, partition, offset: end - 2 }])
  await run.run()
  assert.deepEqual(held(), before)
  write({ user: 'u0', number: 1, at: NEW_YEAR + 6 })
  await run.run()
  assert.deepEqual(held(), before)
  await run.close()
})

test('a changelog of state on disk stays bounded by snapshots that are spread over commits', async () => {
  const stateFolder = join(root, String(folders++))
  const { driven: run, write } = await driven({
    settings: { stateFolder, snapshotBytes: 4_000, snapshotCommits: 1_000 },
  })
  const changelog = names.changelog(run.deployment, 'summing.source')
  for (let round = 0; round < 150; round++) {
    for (let n = 0; n < 6; n++) write({ user: `u${n}`, number: 1, at: NEW_YEAR + round })
    await run.run()
  }
  const [beginning = 0] = await run.broker.admin.beginnings(changelog)
  assert.ok(beginning > 100, `the log begins at ${beginning}`)
  const held = () => [0, 1].map((partition) => run.stage('summing.source', partition).stateEntries)
  const before = held()
  rmSync(stateFolder, { recursive: true })
  run.crash()
  await run.run()
  assert.deepEqual(held(), before, 'what is left of the log holds the whole state')
  await run.close()
})
