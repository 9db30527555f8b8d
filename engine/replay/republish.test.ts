import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { LaneRecord } from '#engine/delivery'
import { KappaError } from '#engine/errors'
import { generationTopic } from '#engine/runtime'
import { memoryRegistry, type Topic, topic } from '#engine/schema'
import { fakeBroker } from '#engine/testing'
import { systemClock } from '#engine/time'
import { sales } from '../delivery/delivery-fixture.ts'
import { type Decision, GenerationLog, generationsOf } from './generations.ts'
import { republish } from './republish.ts'

interface Sum {
  readonly shop: string
  readonly total: number
  readonly at: number
}

const sums: Topic<Sum> = topic<Sum>({
  type: 'record',
  name: 'Sum',
  namespace: 'test',
  doc: 'A sum.',
  topic: {
    name: 'test.sums.v1',
    kind: 'results',
    key: ['shop', 'at'],
    time: 'at',
    id: ['shop', 'at'],
    partitions: 1,
    retention: 'forever',
    owner: 'tests',
  },
  fields: [
    { name: 'shop', type: 'string', doc: 'Shop.' },
    { name: 'total', type: 'int', doc: 'Sum.' },
    { name: 'at', type: { type: 'long', logicalType: 'timestamp-millis' }, doc: 'Time.' },
  ],
} as never)
const REPLAYED = generationTopic(sums.name, 2)

async function promoted(...decisions: readonly Decision[]) {
  const broker = fakeBroker({ lateMarkers: true })
  const registry = memoryRegistry()
  const id = await registry.register(sums)
  await broker.admin.ensure([sums.name, REPLAYED].map((name) => ({ name, partitions: 1, settings: {} })))
  const log = new GenerationLog({ broker, app: 'test', clock: systemClock })
  const base = { processor: 'sums', topic: sums.name, from: 100, to: 200, source: 'auto' as const, version: 'a' }
  const live = [row('a', 1, 100), row('b', 2, 150), row('c', 3, 160), row('d', 4, 250), row('e', 5, 170)]
  const put = (name: string, sum: Sum) =>
    broker.write({
      topic: name,
      partition: 0,
      key: Buffer.from(sums.keyOf(sum)),
      value: Buffer.from(sums.frame(id, sum)),
    })
  for (const sum of live) put(sums.name, sum)
  const held = [{ positions: { 0: live.length } } as unknown as LaneRecord]
  for (const decision of decisions)
    await log.decide((_, at) => ({ ...base, generation: 2, decision, at, lanes: { held, to: 2 } }))
  const said = () =>
    broker
      .committed(sums.name)
      .slice(live.length)
      .map(({ key, value }) => {
        const sum = value === null ? undefined : sums.decode(value.subarray(5))
        return `${key?.toString().split('|')[0]?.slice(0, 1)} ${sum?.total ?? 'gone'}`
      })
  const options = { app: 'test', broker, registry, log, topic: sums, clock: systemClock }
  const again = async () => {
    const [generation] = generationsOf(await log.all(), 'sums')
    assert.ok(generation)
    return (await republish(options, generation)).report
  }
  return { put, said, again, options, log }
}

const row = (shop: string, total: number, at: number): Sum => ({ shop, total, at })

test('rows of the range that differ are appended, those that are no more are taken away; again, and nothing is', async () => {
  const { put, said, again } = await promoted('started', 'finished', 'verified', 'promoted', 'settled')
  // a is as it was, b another, c is no more, d lies behind the range, e came anew since the switch, f is new.
  for (const sum of [row('a', 1, 100), row('b', 20, 150), row('e', 50, 170), row('f', 6, 180)]) put(REPLAYED, sum)
  put(sums.name, row('e', 51, 170))
  assert.deepEqual(await again(), { upserts: 2, retractions: 1, left: 0 })
  assert.deepEqual(said().sort(), ['b 20', 'c gone', 'e 51', 'f 6'])
  assert.deepEqual(await again(), { upserts: 0, retractions: 0, left: 0 })
  assert.equal(said().length, 4)
})

test('what Kafka no longer has of the live topic is compared from the archive', async () => {
  const { put, said, options, log } = await promoted('started', 'finished', 'verified', 'promoted', 'settled')
  const { broker } = options
  const [first] = broker.committed(sums.name)
  assert.ok(first)
  await broker.admin.truncate([{ topic: sums.name, partition: 0, offset: 1 }])
  for (const sum of [row('a', 1, 100), row('b', 2, 150), row('c', 3, 160), row('e', 5, 170)]) put(REPLAYED, sum)
  const about = { partition: 0, first: 0, last: 0, count: 1, minEventTime: 100, maxEventTime: 100 }
  const archive = {
    ranges: async (name: string) => (name === sums.name ? [{ ...about, object: 'o', bytes: 1 }] : []),
    read: async () => [first],
  }
  const [generation] = generationsOf(await log.all(), 'sums')
  assert.ok(generation)
  const { report } = await republish({ ...options, archive }, generation)
  assert.deepEqual([report, said()], [{ upserts: 0, retractions: 0, left: 0 }, []])
})

test('what is not promoted is not republished, nor are facts', async () => {
  const { again, options, log } = await promoted('started', 'finished', 'verified')
  const refused = (code: string, about: RegExp) => (thrown: unknown) =>
    thrown instanceof KappaError && thrown.code === code && about.test(thrown.message)
  await assert.rejects(again(), refused('BLOCKED', /it is finished, not promoted/))
  const live = await promoted('started', 'finished', 'promoted', 'settled')
  const [generation] = generationsOf(await live.log.all(), 'sums')
  assert.ok(generation)
  await assert.rejects(republish({ ...live.options, topic: sales }, generation), refused('CONFIG_INVALID', /facts/))
  assert.equal((await log.all()).length, 3)
  assert.ok(options)
})
