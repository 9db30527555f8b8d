import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import type { KafkaRecord } from '#engine/broker'
import { type Driven, type DriveOptions, drive, type TallyEvent, tallyRecord } from '#engine/testing'
import { names } from '../deployment.ts'
import { tally, tallyDeployment } from '../deployment-fixture.ts'

const START = 1_700_000_000_000 - (1_700_000_000_000 % 60_000)

/** Per output partition and key, the sequence of values: what "equal results" means. */
function sequences(records: readonly KafkaRecord[]): Record<string, string[]> {
  const found: Record<string, string[]> = {}
  for (const { partition, key, value } of records) {
    const place = `${partition}/${String(key)}`
    found[place] ??= []
    found[place].push(String(value))
  }
  return found
}

const sorted = (records: readonly KafkaRecord[]): string[] => records.map(({ key, value }) => `${key} ${value}`).sort()

function outcome(driven: Driven): unknown {
  const { deployment } = driven
  return {
    results: sequences(driven.read('test.tallies.v1')),
    late: sorted(driven.read(names.late(deployment))),
    dead: sorted(driven.read(names.deadLetter(deployment))),
  }
}

const event = fc.record({
  key: fc.constantFrom('ann', 'bob', 'cy', 'dee', 'eve', 'broken'),
  at: fc.integer({ min: 0, max: 600 }).map((second) => START + second * 1_000),
  count: fc.integer({ min: 1, max: 9 }),
})

const blow = fc.oneof(
  fc.record({
    kind: fc.constant('commit' as const),
    step: fc.integer({ min: 1, max: 5 }),
    nth: fc.integer({ min: 1, max: 6 }),
  }),
  fc.record({
    kind: fc.constant('take-over' as const),
    step: fc.integer({ min: 1, max: 5 }),
    nth: fc.integer({ min: 1, max: 3 }),
  }),
  fc.record({
    kind: fc.constantFrom('aborted' as const, 'unknown' as const),
    step: fc.constant(0),
    nth: fc.constant(0),
  }),
)
type Blow = { kind: 'commit' | 'take-over' | 'aborted' | 'unknown'; step: number; nth: number }

async function play(
  rekey: boolean,
  batches: readonly (readonly TallyEvent[])[],
  blows: readonly (Blow | undefined)[],
  options: DriveOptions,
): Promise<{ outcome: unknown; crashes: number }> {
  const driven = await drive(tallyDeployment(tally({ rekey })), options)
  for (const [index, batch] of batches.entries()) {
    for (const one of batch) {
      const record = tallyRecord('test.events.v1', one)
      driven.write(one.key === 'broken' ? { ...record, value: Buffer.from('{') } : record)
    }
    const hit = blows[index]
    if (hit?.kind === 'commit' || hit?.kind === 'take-over') driven.crashAt(hit.kind, hit.step, hit.nth)
    else if (hit) driven.broker.failNextCommits([hit.kind])
    if (hit?.kind === 'take-over') driven.crash()
    await driven.run()
  }
  // A last event far ahead on every partition closes every window.
  for (const partition of [0, 1])
    driven.write({ ...tallyRecord('test.events.v1', { key: 'last', at: START + 9_000_000, count: 1 }), partition })
  await driven.run()
  const result = { outcome: outcome(driven), crashes: driven.crashes }
  await driven.close()
  return result
}

for (const rekey of [false, true]) {
  const shape = rekey ? 'two stages' : 'one stage'
  test(`${shape}: whatever step it dies at and however transactions end, results are those of an undisturbed run`, async () => {
    let crashes = 0
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.tuple(fc.array(event, { maxLength: 25 }), fc.option(blow, { nil: undefined })), {
          minLength: 1,
          maxLength: 8,
        }),
        fc.integer({ min: 1, max: 1_000 }),
        async (steps, seed) => {
          const batches = steps.map(([events]) => events)
          const small = {
            settings: { snapshotBytes: 400, snapshotCommits: 4, maxRecordBytes: 64, repartitionRecords: 3 },
          }
          const calm = await play(rekey, batches, [], { seed: 1 })
          const rough = await play(
            rekey,
            batches,
            steps.map(([, hit]) => hit),
            { seed, ...small },
          )
          crashes += rough.crashes
          assert.deepEqual(rough.outcome, calm.outcome)
        },
      ),
      { numRuns: 60 },
    )
    assert.ok(crashes > 20, `only ${crashes} crashes were tried`)
  })
}

test('every numbered step was struck, and after each the task went on where it was', async () => {
  for (const what of ['commit', 'take-over'] as const) {
    for (const step of [1, 2, 3, 4, 5]) {
      const driven = await drive(tallyDeployment(tally()))
      for (let i = 0; i < 30; i++)
        driven.write(tallyRecord('test.events.v1', { key: `k${i % 5}`, at: START + i * 20_000, count: 1 }))
      driven.crashAt(what, step, 2)
      await driven.run()
      assert.equal(driven.crashes, 1, `${what} ${step}`)
      const counted = driven
        .read('test.tallies.v1')
        .reduce((sum, { value }) => sum + JSON.parse(String(value)).count, 0)
      const open = [0, 1].reduce((sum, partition) => sum + driven.stage('tally.source', partition).stateEntries, 0)
      const late = driven.read(names.late(driven.deployment)).length
      assert.ok(counted > 15)
      assert.equal(
        new Set(driven.read('test.tallies.v1').map(({ key, value }) => `${key}${value}`)).size,
        driven.read('test.tallies.v1').length,
      )
      assert.ok(counted + open + late >= 30, `${what} ${step}: ${counted} + ${open} + ${late}`)
      await driven.close()
      assert.equal(driven.broker.openClients() > 0, true)
    }
  }
})

test('a changelog stays bounded: snapshots replace deltas, and what they replace is truncated', async () => {
  const settings = { snapshotBytes: 2_000, snapshotCommits: 50, maxRecordBytes: 100 }
  const driven = await drive(tallyDeployment(tally()), { partitions: 1, settings })
  const changelog = names.changelog(driven.deployment, 'tally.source')
  let longest = 0
  for (let round = 0; round < 200; round++) {
    for (let i = 0; i < 3; i++)
      driven.write(tallyRecord('test.events.v1', { key: `k${i}`, at: START + round * 9_000, count: 1 }))
    await driven.run()
    longest = Math.max(longest, driven.read(changelog).length)
  }
  const [beginning = 0] = await driven.broker.admin.beginnings(changelog)
  assert.ok(beginning > 200, `the log begins at ${beginning}`)
  assert.ok(longest < 250, `it held ${longest} records`)
  const before = driven.stage('tally.source', 0).stateEntries
  driven.crash()
  await driven.run()
  assert.equal(driven.stage('tally.source', 0).stateEntries, before)
  await driven.close()
})
