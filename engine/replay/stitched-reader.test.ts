import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import type { KafkaRecord } from '#engine/broker'
import type { Archive, ArchivedRange } from '#engine/delivery'
import { KappaError } from '#engine/errors'
import { type FakeBroker, fakeBroker } from '#engine/testing'
import { planBounds } from './plan.ts'
import { stitchedReader } from './stitched-reader.ts'

const TOPIC = 'test.facts.v1'
const PARTITIONS = [0, 1]

/** Records, some aborted: these leave gaps, as the markers do. */
async function written(seed: number, count: number): Promise<FakeBroker> {
  const broker = fakeBroker({ seed })
  await broker.admin.ensure([{ name: TOPIC, partitions: PARTITIONS.length, settings: {} }])
  const producer = await broker.transactional('test')
  for (let n = 0; n < count; ) {
    await producer.begin()
    for (let i = 0; i <= (n + seed) % 7; i++, n++)
      await producer.send({ topic: TOPIC, partition: (n * 7 + seed) % 2, key: null, value: Buffer.from(`${n}`) })
    if (n % 5 === 0) await producer.abort()
    else await producer.commit()
  }
  await producer.close()
  return broker
}

/** The committed records in objects of `size`, as cuts would have made them. */
function archiveOf(records: readonly KafkaRecord[], size: number): Archive & { opened: number } {
  const objects = new Map<string, readonly KafkaRecord[]>()
  const ranges: ArchivedRange[] = []
  for (const partition of PARTITIONS) {
    const own = records.filter((record) => record.partition === partition)
    for (let at = 0; at < own.length; at += size) {
      const part = own.slice(at, at + size)
      const [first, last] = [part[0]?.offset ?? 0, part.at(-1)?.offset ?? 0]
      const object = `${partition}/${first}`
      objects.set(object, part)
      ranges.push({ partition, first, last, count: part.length, minEventTime: 0, maxEventTime: 0, object, bytes: 1 })
    }
  }
  return {
    opened: 0,
    ranges: async () => ranges,
    async read(_, { object }) {
      this.opened++
      return objects.get(object) ?? []
    },
  }
}

async function plansOf(broker: FakeBroker, archive: Archive, choice: 'auto' | 's3') {
  const [beginnings, ends] = [await broker.admin.beginnings(TOPIC), await broker.admin.committedEnds(TOPIC)]
  const ranges = await archive.ranges(TOPIC)
  return PARTITIONS.map((partition) => {
    const committedEnd = ends[partition] ?? 0
    const archived = ranges.filter((range) => range.partition === partition)
    const start = archived[0]?.first ?? 0
    const facts = {
      topic: TOPIC,
      partition,
      beginning: beginnings[partition] ?? 0,
      committedEnd,
      archived,
      whole: false,
    }
    return planBounds(facts, { start, end: Math.max(start, committedEnd - 3) }, choice)
  })
}

const numbers = (records: readonly KafkaRecord[], partition: number): string[] =>
  records.filter((record) => record.partition === partition).map(({ offset, value }) => `${offset}:${value}`)

test('every record of the plan once, in order, whatever was truncated, archived, paused or moved', async () => {
  const world = fc.record({
    seed: fc.nat({ max: 50 }),
    size: fc.integer({ min: 1, max: 20 }),
    gone: fc.integer({ min: 0, max: 100 }),
    archived: fc.integer({ min: 0, max: 100 }),
    choice: fc.constantFrom<'auto' | 's3'>('auto', 's3'),
    max: fc.integer({ min: 1, max: 30 }),
    moveAt: fc.nat({ max: 10 }),
  })
  await fc.assert(
    fc.asyncProperty(world, async ({ seed, size, gone, archived, choice, max, moveAt }) => {
      const broker = await written(seed, 120)
      const all = broker.committed(TOPIC)
      const reach = Math.max(gone, archived)
      const archive = archiveOf(
        all.filter((_, n) => n * 100 <= reach * all.length),
        size,
      )
      const ends = await broker.admin.committedEnds(TOPIC)
      const lasts = (await archive.ranges(TOPIC)).reduce(
        (at, { partition, last }) => at.set(partition, last),
        new Map(),
      )
      await broker.admin.truncate(
        PARTITIONS.map((partition) => ({
          topic: TOPIC,
          partition,
          offset: Math.min(Math.floor(((ends[partition] ?? 0) * gone) / 100), (lasts.get(partition) ?? -1) + 1),
        })),
      )
      const plans = await plansOf(broker, archive, choice)
      const reader = await stitchedReader({ broker, archive, plans })
      await reader.assign(plans.map(({ partition, start }) => ({ topic: TOPIC, partition, offset: start })))
      const seen: KafkaRecord[] = []
      const done = () => plans.every(({ partition, end }) => (reader.position({ topic: TOPIC, partition }) ?? 0) >= end)
      for (let n = 0; !done(); n++) {
        assert.ok(n < 2_000, 'never ends')
        const at = { topic: TOPIC, partition: n % 2 }
        if (n % 3 === 0) reader.pause([at])
        if (n === moveAt) {
          // As after a failure: the task is taken over anew, from what it has committed.
          await reader.unassign([at])
          const last = seen.findLast(({ partition }) => partition === at.partition)
          await reader.assign([
            { ...at, offset: last === undefined ? (plans[at.partition]?.start ?? 0) : last.offset + 1 },
          ])
        }
        seen.push(...(await reader.read(max, 0)))
        reader.resume([at])
      }
      for (const { partition, start, end } of plans) {
        const expected = all.filter(({ offset }) => offset >= start && offset < end)
        assert.deepEqual(numbers(seen, partition), numbers(expected, partition))
      }
      await reader.close()
      assert.equal(broker.openClients(), 0)
    }),
    { numRuns: 60 },
  )
})

test('an archive that was altered gives nothing of the object', async () => {
  const broker = await written(1, 60)
  const archive = archiveOf(broker.committed(TOPIC), 10)
  archive.read = async () => {
    throw new KappaError('CUT_MISMATCH', 'reading an altered object')
  }
  const plans = await plansOf(broker, archive, 's3')
  const reader = await stitchedReader({ broker, archive, plans })
  await reader.assign([{ topic: TOPIC, partition: 0, offset: plans[0]?.start ?? 0 }])
  await assert.rejects(reader.read(10, 0), /altered/)
  await reader.close()
})

test('a rate is kept', async () => {
  const broker = await written(1, 120)
  const plans = await plansOf(broker, archiveOf([], 1), 'auto')
  let now = 0
  const clock = {
    now: () => now,
    sleep: async (milliseconds: number) => {
      now += milliseconds
    },
  }
  const reader = await stitchedReader({ broker, archive: undefined, plans, rate: 20, clock })
  await reader.assign(plans.map(({ partition, start }) => ({ topic: TOPIC, partition, offset: start })))
  let seen = 0
  while (now < 2_000) seen += (await reader.read(1_000, 100)).length
  assert.ok(seen > 20 && seen <= 40, `${seen} records in two seconds`)
  await reader.close()
})
