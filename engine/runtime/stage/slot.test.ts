import assert from 'node:assert/strict'
import { test } from 'node:test'
import { fakeBroker, tallyRecord } from '#engine/testing'
import { systemClock } from '#engine/time'
import { tally, tallyDeployment } from '../deployment-fixture.ts'
import { defaultSettings } from '../settings.ts'
import { ensureInternal } from '../topics.ts'
import { Slot } from './slot.ts'

const START = 1_700_000_040_000
const pause = (milliseconds: number) => new Promise((resolve) => setTimeout(resolve, milliseconds))

test('a task that is asked to rest while it is being discarded holds nobody up, and goes on when it may', async () => {
  const broker = fakeBroker()
  const deployment = tallyDeployment(tally())
  const [spec] = deployment.stages
  assert.ok(spec)
  await broker.admin.ensure(
    ['test.events.v1', 'test.tallies.v1'].map((name) => ({ name, partitions: 1, settings: {} })),
  )
  await ensureInternal(broker, deployment, 1)
  const record = tallyRecord('test.events.v1', { key: 'a', at: START, count: 1 })
  broker.write(record)
  broker.failNextCommits(['aborted'])
  let [releasing, released] = [() => {}, () => {}]
  const atRelease = new Promise<void>((resolve) => {
    releasing = resolve
  })
  const slot = new Slot({
    deployment,
    spec,
    partition: 0,
    partitions: 1,
    broker,
    reader: await broker.reader(),
    settings: { ...defaultSettings, commitIntervalMs: 1 },
    clock: systemClock,
    completions: undefined,
    recorded: [],
    bounds: undefined,
    atStep: undefined,
    onFenced: 'retake',
    ends: (topic) => broker.admin.committedEnds(topic),
    report: async () => {},
    confirm: async () => {},
    onChange: () => {},
    release: () => {
      releasing()
      return new Promise((resolve) => {
        released = resolve
      })
    },
  })
  while (!slot.task) await pause(1)
  slot.task.offer(0, [{ ...record, offset: 0, partition: 0, timestamp: 0, headers: undefined }], 1)
  slot.wake()
  await atRelease
  const rested = slot.park().then(() => 'rested')
  released()
  assert.equal(await Promise.race([rested, pause(500)]), 'rested')
  assert.equal(slot.counters.takeOvers, 1)
  slot.unpark()
  await pause(200)
  assert.deepEqual([slot.counters.takeOvers, slot.state], [2, 'running'])
  const closing = slot.close()
  await pause(20)
  released()
  await closing
})
