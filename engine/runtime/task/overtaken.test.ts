import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Broker } from '#engine/broker'
import { KappaError } from '#engine/errors'
import { type Driven, drive, type FakeBroker, fakeBroker, tallyRecord, testClock } from '#engine/testing'
import { names } from '../deployment.ts'
import { tally, tallyDeployment } from '../deployment-fixture.ts'
import { defaultSettings } from '../settings.ts'
import { Completions } from './imports.ts'
import { Task } from './task.ts'

const START = 1_700_000_040_000
const deployment = tallyDeployment(tally())
const changelog = names.changelog(deployment, 'tally.source')

const write = (driven: Driven, from: number, to: number) => {
  for (let i = from; i < to; i++)
    driven.write(tallyRecord('test.events.v1', { key: `k${i % 3}`, at: START + i * 1_000, count: 1 }))
}

/** The broker, where `meanwhile` happens before the first answer about the changelog's end arrives. */
function overtaking(broker: FakeBroker, meanwhile: () => Promise<void>): Broker {
  let asked = 0
  const admin: Broker['admin'] = {
    ...broker.admin,
    async committedEnds(topic) {
      const ends = await broker.admin.committedEnds(topic)
      if (topic === changelog && ++asked === 1) await meanwhile()
      return ends
    },
  }
  return { ...broker, admin }
}

async function takenOver(driven: Driven, meanwhile: () => Promise<void>): Promise<unknown> {
  const [spec] = deployment.stages
  assert.ok(spec)
  const { clock } = driven
  const broker = overtaking(driven.broker, meanwhile)
  const taking = Task.takeOver({
    deployment,
    spec,
    partition: 0,
    partitions: 1,
    broker,
    reader: await broker.reader(),
    settings: defaultSettings,
    clock,
    completions: new Completions(),
    atStep: undefined,
    bounds: undefined,
    recorded: [],
    confirm: async () => {},
    ends: (topic) => broker.admin.committedEnds(topic),
    report: async () => {},
  })
  return taking.catch((thrown) => thrown)
}

async function driving(settings = {}): Promise<Driven> {
  const clock = testClock()
  return await drive(deployment, { partitions: 1, clock, broker: fakeBroker({ clock }), settings })
}

test('a task that was overtaken while it was taken over is fenced: what it saw is old, and no reason to stop', async () => {
  const driven = await driving()
  const thrown = await takenOver(driven, async () => {
    write(driven, 0, 10)
    await driven.run()
  })
  assert.ok(thrown instanceof KappaError, String(thrown))
  assert.equal(thrown.code, 'FENCED', thrown.message)
})

test('the same where the newer owner truncated the changelog that was about to be read', async () => {
  const driven = await driving({ snapshotCommits: 2 })
  write(driven, 0, 10)
  await driven.run()
  driven.crash()
  const thrown = await takenOver(driven, async () => {
    for (let n = 1; n < 8; n++) {
      write(driven, n * 10, n * 10 + 10)
      await driven.run()
    }
    const [beginning = 0] = await driven.broker.admin.beginnings(changelog)
    assert.ok(beginning > 0, 'the changelog was truncated')
  })
  assert.ok(thrown instanceof KappaError, String(thrown))
  assert.equal(thrown.code, 'FENCED', thrown.message)
})
