import assert from 'node:assert/strict'
import { test } from 'node:test'
import { type ErrorCode, KappaError } from '#engine/errors'
import { type Driven, drive, fakeBroker, tallyRecord, testClock } from '#engine/testing'
import { names } from './deployment.ts'
import { tally, tallyDeployment } from './deployment-fixture.ts'

const START = 1_700_000_040_000
const event = (i: number) => tallyRecord('test.events.v1', { key: `k${i % 3}`, at: START + i * 1_000, count: 1 })

async function ran(): Promise<Driven> {
  const clock = testClock()
  const driven = await drive(tallyDeployment(tally()), { partitions: 1, clock, broker: fakeBroker({ clock }) })
  for (let i = 0; i < 10; i++) driven.write(event(i))
  await driven.run()
  driven.crash()
  return driven
}

const refused = async (driven: Driven, code: ErrorCode, ...says: RegExp[]) =>
  await assert.rejects(driven.run(), (thrown) => {
    assert.ok(thrown instanceof KappaError, String(thrown))
    assert.equal(thrown.code, code, thrown.message)
    for (const text of says) assert.match(thrown.message, text)
    assert.equal(thrown.retriable, false)
    return true
  })

test('an empty changelog beside committed positions is refused, naming both and the way out', async () => {
  const driven = await ran()
  const changelog = names.changelog(driven.deployment, 'tally.source')
  await driven.broker.admin.remove([changelog])
  await driven.broker.admin.ensure([{ name: changelog, partitions: 1, settings: {} }])
  await refused(
    driven,
    'STATE_MISMATCH',
    /tally-g1\.source\.changelog\[0\] is empty/,
    /test\.events\.v1\[0\]@10/,
    /new generation/,
  )
})

test('a position before the log, or behind it, stops the task and names both offsets', async () => {
  const early = await ran()
  await early.broker.admin.truncate([{ topic: 'test.events.v1', partition: 0, offset: 10 }])
  for (let i = 10; i < 15; i++) early.write(event(i))
  await early.broker.admin.truncate([{ topic: 'test.events.v1', partition: 0, offset: 12 }])
  await refused(early, 'POSITION_LOST', /@10: the log holds 12 to 15/, /kappa replay run/)

  const late = await ran()
  await late.broker.admin.remove(['test.events.v1'])
  await late.broker.admin.ensure([{ name: 'test.events.v1', partitions: 1, settings: {} }])
  late.write(event(0))
  await refused(late, 'POSITION_LOST', /@10: the log holds 0 to 1/)
})

test('a source topic that was made anew is noticed by its records', async () => {
  const driven = await ran()
  await driven.broker.admin.remove(['test.events.v1'])
  await driven.broker.admin.ensure([{ name: 'test.events.v1', partitions: 1, settings: {} }])
  for (let i = 50; i < 65; i++) driven.write(event(i))
  await refused(driven, 'STATE_MISMATCH', /the record at 9 is not the one taken before/, /made anew/)
})

test('a source topic that only lost its oldest records is read on', async () => {
  const driven = await ran()
  await driven.broker.admin.truncate([{ topic: 'test.events.v1', partition: 0, offset: 10 }])
  for (let i = 10; i < 12; i++) driven.write(event(i))
  await driven.run()
  assert.equal(driven.stage('tally.source', 0).counts.taken, 2)
})

test('another partition count than the state was made with is refused', async () => {
  const driven = await ran()
  const { broker, deployment, clock } = driven
  const changelog = names.changelog(deployment, 'tally.source')
  const kept = broker.committed(changelog)
  const others = [names.time(deployment), names.late(deployment), names.deadLetter(deployment)]
  await broker.admin.remove([changelog, 'test.events.v1', 'test.tallies.v1', ...others])
  await assert.rejects(
    (async () => {
      await broker.admin.ensure([{ name: changelog, partitions: 2, settings: {} }])
      for (const record of kept) broker.write({ ...record, headers: {} })
      const again = await drive(deployment, { partitions: 2, broker, clock })
      await again.run()
    })(),
    (thrown) =>
      thrown instanceof KappaError && thrown.code === 'STATE_MISMATCH' && /1 partitions.*have 2/.test(thrown.message),
  )
})
