import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { KafkaRecord, Position, Reader } from '#engine/broker'
import { KappaError } from '#engine/errors'
import { type Driven, drive, type FakeBroker, fakeBroker, tallyRecord, testClock } from '#engine/testing'
import { runBounded } from './bounded.ts'
import { type Deployment, generationTopic, names } from './deployment.ts'
import { tally, tallyDeployment } from './deployment-fixture.ts'
import { importsTopic } from './task/imports.ts'
import { readRecordedTime } from './task/time-records.ts'

const START = 1_700_000_040_000
const SOURCE = 'test.events.v1'

const sequences = (records: readonly KafkaRecord[]): string[] => {
  const byKey = new Map<string, string[]>()
  for (const { partition, key, value } of records) {
    const place = `${partition}/${String(key)}`
    byKey.set(place, [...(byKey.get(place) ?? []), String(value)])
  }
  return [...byKey].map(([place, values]) => `${place}: ${values.join(' ')}`).sort()
}

const secondGeneration = (rekey: boolean): Deployment => ({
  ...tallyDeployment(tally({ rekey, idleAfterMs: 5_000 }), 2),
  topicOf: (contract) => generationTopic(contract, 2),
})

/** A live generation with traffic, silence, an import that completes, and late events. */
async function live(rekey: boolean, seed: number): Promise<Driven> {
  const clock = testClock(START)
  const broker = fakeBroker({ clock, seed })
  const driven = await drive(tallyDeployment(tally({ rekey, idleAfterMs: 5_000 })), { clock, broker, seed })
  let at = START
  for (let round = 0; round < 12; round++) {
    for (let i = 0; i < 20; i++) {
      at += ((i * 7 + round * 13) % 40) * 100
      const late = i % 9 === 8 ? 100_000 : 0
      driven.write(tallyRecord(SOURCE, { key: `${'abcde'[i % 5]}${round % 3}`, at: at - late, count: 1 + (i % 4) }))
    }
    await driven.run()
    clock.advance(round % 3 === 0 ? 45_000 : 500)
    await driven.run()
  }
  const ends = await broker.admin.committedEnds(SOURCE)
  for (const [partition, endOffset] of ends.entries()) {
    const completion = { importId: 'i', topic: SOURCE, partition, endOffset, throughTime: at, completedAt: 0 }
    driven.write({ topic: importsTopic.name, partition: 0, key: null, value: Buffer.from(JSON.stringify(completion)) })
  }
  await driven.run()
  return driven
}

const boundsOf = async (broker: FakeBroker, topic = SOURCE) =>
  new Map([[topic, (await broker.admin.committedEnds(topic)).map((end) => ({ start: 0, end }))]])

for (const rekey of [false, true]) {
  test(`${rekey ? 'two stages' : 'one stage'}: a bounded run of the same code over the same range gives the same results`, async () => {
    for (const seed of [1, 2, 3]) {
      const driven = await live(rekey, seed)
      const { broker } = driven
      const recorded = await readRecordedTime(broker, names.time(driven.deployment))
      const told: number[] = []
      const deployment = secondGeneration(rekey)
      const bounds = await boundsOf(broker)
      const onProgress = ({ done, total }: { done: number; total: number }) => told.push(done / total)
      await runBounded({ broker, deployment, bounds, recorded, onProgress })
      const replayed = broker.committed(generationTopic('test.tallies.v1', 2))
      assert.ok(replayed.length > 5, `only ${replayed.length} results`)
      assert.deepEqual(sequences(replayed), sequences(driven.read('test.tallies.v1')))
      assert.equal(broker.committed(names.late(deployment)).length, driven.read(names.late(driven.deployment)).length)
      assert.ok(driven.read(names.late(driven.deployment)).length > 0, 'late events were part of it')
      assert.equal(told.at(-1), 1)
      // Run again it finds everything done and writes nothing.
      await runBounded({ broker, deployment, bounds, recorded })
      assert.equal(broker.committed(generationTopic('test.tallies.v1', 2)).length, replayed.length)
      await driven.close()
    }
  })
}

test('without what was recorded, windows that silence closed stay open: the record is what makes a replay the same', async () => {
  const driven = await live(false, 1)
  const deployment = secondGeneration(false)
  await runBounded({ broker: driven.broker, deployment, bounds: await boundsOf(driven.broker), recorded: new Map() })
  const replayed = driven.broker.committed(generationTopic('test.tallies.v1', 2))
  assert.notDeepEqual(sequences(replayed), sequences(driven.read('test.tallies.v1')))
  await driven.close()
})

test('a bounded run that dies again and again, or is interrupted, goes on where it was', async () => {
  const driven = await live(true, 5)
  const { broker } = driven
  const recorded = await readRecordedTime(broker, names.time(driven.deployment))
  const deployment = secondGeneration(true)
  const options = {
    broker,
    deployment,
    bounds: await boundsOf(broker),
    recorded,
    settings: { sliceLimit: 9, commitIntervalMs: 0 },
  }
  for (let countdown = 3; countdown < 30; countdown += 4) {
    let left = countdown
    const dies = runBounded({
      ...options,
      atStep: () => {
        if (--left < 0) throw new Error('dies')
      },
    })
    await dies.then(
      () => {},
      (thrown) => assert.equal(String(thrown), 'Error: dies'),
    )
  }
  const stop = AbortSignal.abort()
  await assert.rejects(
    runBounded({ ...options, signal: stop }),
    (thrown) => thrown instanceof KappaError && thrown.code === 'INTERRUPTED',
  )
  await runBounded(options)
  const replayed = broker.committed(generationTopic('test.tallies.v1', 2))
  assert.deepEqual(sequences(replayed), sequences(driven.read('test.tallies.v1')))
  await driven.close()
})

test('a range is cut at its offsets, and whoever follows goes on behind it, also where it was empty', async () => {
  const driven = await live(false, 4)
  const { broker } = driven
  const deployment = secondGeneration(false)
  const [end = 0] = await broker.admin.committedEnds(SOURCE)
  const bounds = new Map([
    [
      SOURCE,
      [
        { start: 10, end: end - 5 },
        { start: 7, end: 7 },
      ],
    ],
  ])
  const tasks = await runBounded({ broker, deployment, bounds, recorded: new Map() })
  assert.equal(
    tasks.reduce((sum, { taken }) => sum + taken, 0),
    end - 15,
  )
  const follower = await drive(deployment, { broker, clock: driven.clock })
  await follower.run()
  const [, other = 0] = await broker.admin.committedEnds(SOURCE)
  const taken = [0, 1].map((partition) => follower.stage('tally.source', partition).counts.taken)
  assert.deepEqual(taken, [5, other - 7])
  await follower.close()
  await driven.close()
})

test('bounds that are missing are refused before anything runs', async () => {
  const driven = await live(false, 6)
  await assert.rejects(
    runBounded({ broker: driven.broker, deployment: secondGeneration(false), bounds: new Map(), recorded: new Map() }),
    (thrown) =>
      thrown instanceof KappaError && thrown.code === 'CONFIG_INVALID' && /test\.events\.v1/.test(thrown.message),
  )
  await driven.close()
})

test('what is read while an assignment is still being answered reaches its task', async () => {
  const driven = await live(false, 3)
  const { broker } = driven
  const recorded = await readRecordedTime(broker, names.time(driven.deployment))
  const reader = async (): Promise<Reader> => {
    const inner = await broker.reader()
    const assign = async (positions: readonly Position[]): Promise<void> => {
      await inner.assign(positions)
      await new Promise((resolve) => setTimeout(resolve, 50))
    }
    return new Proxy(inner, {
      get: (of, name) => {
        const known: unknown = name === 'assign' ? assign : Reflect.get(of, name)
        return typeof known === 'function' ? known.bind(of) : known
      },
    })
  }
  await runBounded({ broker, deployment: secondGeneration(false), bounds: await boundsOf(broker), recorded, reader })
  const replayed = broker.committed(generationTopic('test.tallies.v1', 2))
  assert.deepEqual(sequences(replayed), sequences(driven.read('test.tallies.v1')))
  await driven.close()
})
