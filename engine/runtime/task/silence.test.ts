import assert from 'node:assert/strict'
import { test } from 'node:test'
import { type Driven, drive, tallyRecord } from '#engine/testing'
import { names } from '../deployment.ts'
import { tally, tallyDeployment } from '../deployment-fixture.ts'
import { importsTopic } from './imports.ts'
import { type Recorded, readRecordedTime } from './time-records.ts'

const START = 1_700_000_040_000 // a full minute

const tallies = (driven: Driven) =>
  driven
    .read('test.tallies.v1')
    .map(({ value }) => JSON.parse(String(value)) as { key: string; start: number; count: number })

async function recorded(driven: Driven, stage = 'tally.source'): Promise<readonly Recorded[]> {
  const all = await readRecordedTime(driven.broker, names.time(driven.deployment))
  return [...(all.get(stage)?.values() ?? [])].flat()
}

test('an idle input moves time by what has passed since its last event was written, and records it', async () => {
  const driven = await drive(tallyDeployment(tally({ idleAfterMs: 5_000 })), { partitions: 1 })
  driven.write(tallyRecord('test.events.v1', { key: 'ann', at: START, count: 2 }))
  await driven.run()
  driven.clock.advance(4_999)
  await driven.run()
  assert.deepEqual(await recorded(driven), [], 'it was not idle for long enough')
  driven.clock.advance(55_001)
  await driven.run()
  // One minute after the event's own time the window is closed, its ten seconds of grace are not over.
  assert.deepEqual(tallies(driven), [])
  assert.deepEqual(await recorded(driven), [
    { kind: 'advance', input: 0, afterOffset: 1, time: START + 60_000, reason: 'idle' },
  ])
  driven.clock.advance(10_000)
  await driven.run()
  assert.deepEqual(tallies(driven), [{ key: 'ann', start: START, count: 2 }])
  const [, second] = await recorded(driven)
  assert.deepEqual(second, { kind: 'advance', input: 0, afterOffset: 1, time: START + 70_000, reason: 'idle' })
  driven.clock.advance(3_600_000)
  await driven.run()
  assert.equal((await recorded(driven)).length, 2, 'nothing is open, so nothing moves')
  await driven.close()
})

test('advances survive a crash: time never goes back, and is not recorded twice', async () => {
  const driven = await drive(tallyDeployment(tally({ idleAfterMs: 5_000 })), { partitions: 1 })
  driven.write(tallyRecord('test.events.v1', { key: 'ann', at: START, count: 2 }))
  await driven.run()
  driven.clock.advance(30_000)
  driven.crashAt('commit', 4)
  await driven.run()
  driven.clock.advance(6_000)
  await driven.run()
  const times = (await recorded(driven)).map((one) => (one.kind === 'advance' ? one.time - START : 0))
  assert.deepEqual(
    times,
    [...times].sort((a, b) => a - b),
  )
  assert.equal(driven.crashes, 1)
  await driven.close()
})

test('an input without idleAfter never moves by itself', async () => {
  const driven = await drive(tallyDeployment(tally()), { partitions: 1 })
  driven.write(tallyRecord('test.events.v1', { key: 'ann', at: START, count: 2 }))
  await driven.run()
  driven.clock.advance(86_400_000)
  await driven.run()
  assert.deepEqual(tallies(driven), [])
  await driven.close()
})

test('an input that may still deliver is not idle: an open transaction holds time', async () => {
  const driven = await drive(tallyDeployment(tally({ idleAfterMs: 1_000 })), { partitions: 1 })
  driven.write(tallyRecord('test.events.v1', { key: 'ann', at: START, count: 2 }))
  await driven.run()
  const writer = await driven.broker.transactional('writer')
  await writer.begin()
  await writer.send({ ...tallyRecord('test.events.v1', { key: 'ann', at: START + 1_000, count: 1 }), partition: 0 })
  driven.clock.advance(20_000)
  await writer.commit()
  await driven.run()
  driven.clock.advance(70_000)
  await driven.run()
  assert.deepEqual(tallies(driven), [{ key: 'ann', start: START, count: 3 }])
  await driven.close()
})

const complete = (driven: Driven, partition: number, endOffset: number, throughTime: number | null) =>
  driven.write({
    topic: importsTopic.name,
    partition: 0,
    key: null,
    value: Buffer.from(
      JSON.stringify({ importId: 'i', topic: 'test.events.v1', partition, endOffset, throughTime, completedAt: 0 }),
    ),
  })

test('a completed import closes the last windows once its end is reached, also where a partition had no event', async () => {
  for (const rekey of [false, true]) {
    const driven = await drive(tallyDeployment(tally({ rekey })))
    for (let i = 0; i < 6; i++)
      driven.write({ ...tallyRecord('test.events.v1', { key: 'ann', at: START + i * 30_000, count: 1 }), partition: 0 })
    await driven.run()
    const before = tallies(driven).length
    complete(driven, 0, 7, START + 150_000)
    complete(driven, 1, 0, START + 150_000)
    await driven.run()
    // The second stage goes by the slowest source: partition 1, which is complete, holds it up no longer.
    assert.equal(tallies(driven).length, rekey ? 2 : before, 'the end of partition 0 is not reached yet')
    driven.write({ ...tallyRecord('test.events.v1', { key: 'ann', at: START + 151_000, count: 1 }), partition: 0 })
    driven.crashAt('commit', 5)
    await driven.run()
    const counts = tallies(driven).reduce((sum, { count }) => sum + count, 0)
    assert.equal(counts, 7, `${rekey ? 'two stages' : 'one stage'}: every event is in a window that closed`)
    const advances = (await recorded(driven)).filter((one) => one.kind === 'advance' && one.reason === 'import')
    assert.equal(advances.length, 2, 'one per partition, however often the process dies')
    driven.crash()
    await driven.run()
    const after = (await recorded(driven)).filter((one) => one.kind === 'advance' && one.reason === 'import')
    assert.equal(after.length, 2)
    await driven.close()
  }
})

test('a completion that is broken or of another topic changes nothing', async () => {
  const driven = await drive(tallyDeployment(tally()), { partitions: 1 })
  driven.write(tallyRecord('test.events.v1', { key: 'ann', at: START, count: 2 }))
  driven.write({ topic: importsTopic.name, partition: 0, key: null, value: Buffer.from('{') })
  driven.write({
    topic: importsTopic.name,
    partition: 0,
    key: null,
    value: Buffer.from('{"topic":"other","partition":0,"endOffset":0,"throughTime":9}'),
  })
  complete(driven, 0, 1, null)
  await driven.run()
  assert.deepEqual(await recorded(driven), [])
  await driven.close()
})
