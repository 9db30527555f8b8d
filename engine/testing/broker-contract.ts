import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'
import { type Broker, type KafkaRecord, partitionOf, type Reader, type TransactionalProducer } from '#engine/broker'
import { KappaError } from '#engine/errors'
import { type Compression, readerCases } from './reader-cases.ts'

const bytes = (text: string): Buffer => Buffer.from(text)
const textOf = (record: KafkaRecord): string => String(record.value)

/** What every broker must do. `open` gives a broker; topics are named by `prefix`, which must be new. */
export function brokerContract(
  name: string,
  open: () => Promise<Broker>,
  prefix: string,
  options: { readonly unreadable?: readonly Compression[] } = {},
): void {
  describe(`broker contract: ${name}`, () => {
    let broker: Broker
    let count = 0
    const made: string[] = []
    const topic = async (partitions = 1, settings: Readonly<Record<string, string>> = {}): Promise<string> => {
      const named = `${prefix}-${++count}`
      await broker.admin.ensure([{ name: named, partitions, settings }])
      made.push(named)
      return named
    }
    const owner = (): Promise<TransactionalProducer> => broker.transactional(`${prefix}-owner-${++count}`)
    before(async () => {
      broker = await open()
    })
    after(async () => {
      await broker.admin.remove(made)
      await broker.close()
    })

    it('hides three overlapping transactions aborted in another order than begun, from every offset', async () => {
      const at = { topic: await topic(), partition: 0 }
      const [x, y, z] = await Promise.all([owner(), owner(), owner()])
      const send = (producer: TransactionalProducer, text: string) =>
        producer.send({ ...at, key: bytes('k'), value: bytes(text) })
      for (const producer of [x, y, z]) await producer.begin()
      for (const [producer, text] of [
        [x, 'x1'],
        [y, 'y1'],
        [z, 'z1'],
        [y, 'y2'],
        [x, 'x2'],
      ] as const) {
        await send(producer, text)
        await settled()
      }
      await y.abort()
      await z.abort()
      await send(x, 'x3')
      await settled()
      await x.abort()
      // Markers may be written after the abort is acknowledged: all of them stand before what follows.
      await broker.admin.settledEnds(at.topic)
      await y.begin()
      await send(y, 'seen')
      await y.commit()
      const end = 6 + 3 + 2 // records and markers of the aborted ones, then the committed one
      await until(async () => (await broker.admin.committedEnds(at.topic))[0] === end)
      const reader = await broker.reader()
      for (let offset = 0; offset <= end; offset++) {
        await reader.assign([{ ...at, offset }])
        const records = await readTo(reader, at.topic, end)
        const seen = records.map((record) => record.offset)
        assert.ok(
          records.every((record) => textOf(record) === 'seen'),
          `from ${offset}: ${records.map(textOf)}`,
        )
        assert.equal(seen.length, offset <= end - 2 ? 1 : 0, `from ${offset} to ${end}`)
      }
      await Promise.all([x, y, z, reader].map((client) => client.close()))
    })

    it('ends reading where an open transaction begins, and calls that the committed end', async () => {
      const at = { topic: await topic(), partition: 0 }
      const [early, late] = await Promise.all([owner(), owner()])
      await early.begin()
      await early.send({ ...at, key: null, value: bytes('early') })
      await settled()
      await late.begin()
      await late.send({ ...at, key: null, value: bytes('late') })
      await late.commit()
      await settled()
      assert.deepEqual(await broker.admin.committedEnds(at.topic), [0])
      const reader = await broker.reader()
      await reader.assign([{ ...at, offset: 0 }])
      assert.deepEqual(await reader.read(10, 200), [])
      assert.equal(reader.position(at), 0)
      await early.commit()
      assert.deepEqual((await readTo(reader, at.topic, 4)).map(textOf), ['early', 'late'])
      await until(async () => (await broker.admin.committedEnds(at.topic))[0] === 4)
      await Promise.all([early, late, reader].map((client) => client.close()))
    })

    it('settled ends wait for what is under way', async () => {
      const at = { topic: await topic(), partition: 0 }
      const producer = await owner()
      await producer.begin()
      await producer.send({ ...at, key: null, value: bytes('under way') })
      await settled()
      const ends = broker.admin.settledEnds(at.topic)
      await settled()
      await producer.commit()
      assert.deepEqual(await ends, [2])
      for (let commits = 1; commits <= 20; commits++) {
        await producer.begin()
        await producer.send({ ...at, key: null, value: bytes('committed') })
        await producer.commit()
        assert.deepEqual(await broker.admin.settledEnds(at.topic), [2 + 2 * commits])
      }
      await producer.close()
    })

    it('passes markers at the end: position reaches the committed end', async () => {
      const at = { topic: await topic(), partition: 0 }
      const producer = await owner()
      await producer.begin()
      await producer.send({ ...at, key: null, value: bytes('kept') })
      await producer.commit()
      await producer.begin()
      await producer.send({ ...at, key: null, value: bytes('dropped') })
      await settled()
      await producer.abort()
      const end = 4
      await until(async () => (await broker.admin.committedEnds(at.topic))[0] === end)
      const reader = await broker.reader()
      await reader.assign([{ ...at, offset: 0 }])
      assert.deepEqual((await readTo(reader, at.topic, end)).map(textOf), ['kept'])
      assert.equal(reader.position(at), end)
      await Promise.all([producer, reader].map((client) => client.close()))
    })

    it('fences an earlier owner of a transactional id and aborts what it left open', async () => {
      const at = { topic: await topic(), partition: 0 }
      const id = `${prefix}-fenced`
      const first = await broker.transactional(id)
      await first.begin()
      await first.send({ ...at, key: null, value: bytes('left open') })
      await settled()
      const second = await broker.transactional(id)
      const [end = 0] = await broker.admin.committedEnds(at.topic)
      assert.ok(end >= 2, 'the earlier transaction is completed when the second owner is initialised')
      const fenced = async () => {
        await first.send({ ...at, key: null, value: bytes('zombie') })
        await first.commit()
      }
      await assert.rejects(fenced, (thrown) => thrown instanceof KappaError && thrown.code === 'FENCED')
      await second.begin()
      await second.send({ ...at, key: null, value: bytes('owner') })
      await second.commit()
      const reader = await broker.reader()
      await reader.assign([{ ...at, offset: 0 }])
      assert.deepEqual((await readTo(reader, at.topic, end + 2)).map(textOf), ['owner'])
      await Promise.all([first, second, reader].map((client) => client.close()))
    })

    it('commits to several topics at once, or to none', async () => {
      const [a, b] = [await topic(), await topic()]
      const producer = await owner()
      for (const end of ['abort', 'commit'] as const) {
        await producer.begin()
        for (const name of [a, b]) await producer.send({ topic: name, partition: 0, key: null, value: bytes(end) })
        await producer[end]()
      }
      const reader = await broker.reader()
      for (const name of [a, b]) {
        await reader.assign([{ topic: name, partition: 0, offset: 0 }])
        let end = 0
        await until(async () => {
          const [now = 0] = await broker.admin.committedEnds(name)
          const stable = now > 0 && now === end
          end = now
          return stable
        })
        assert.deepEqual((await readTo(reader, name, end)).map(textOf), ['commit'])
        await reader.unassign([{ topic: name, partition: 0 }])
      }
      await Promise.all([producer, reader].map((client) => client.close()))
    })

    it('places keys by murmur2, keeps bytes, null values and headers', async () => {
      const name = await topic(5)
      const producer = await broker.producer()
      const keys = Array.from({ length: 40 }, (_, i) => `key-${i}-é`)
      for (const key of keys)
        await producer.send({
          topic: name,
          key: bytes(key),
          value: key.endsWith('7-é') ? null : Buffer.from([0, 255, 128]),
          headers: { reason: bytes('früh') },
        })
      await producer.flush()
      const reader = await broker.reader()
      await reader.assign([0, 1, 2, 3, 4].map((partition) => ({ topic: name, partition, offset: 0 })))
      const records: KafkaRecord[] = []
      for (let tries = 0; records.length < keys.length && tries < 50; tries++)
        records.push(...(await reader.read(100, 100)))
      assert.equal(records.length, keys.length)
      for (const { key, value, partition, headers } of records) {
        assert.ok(key)
        assert.equal(partition, partitionOf(key, 5))
        if (String(key).endsWith('7-é')) assert.equal(value, null)
        else assert.deepEqual(value, Buffer.from([0, 255, 128]))
        assert.equal(String(headers?.reason), 'früh')
      }
      await Promise.all([producer, reader].map((client) => client.close()))
    })

    it('moves, pauses and resumes partitions', async () => {
      const name = await topic(2)
      const producer = await broker.producer()
      for (let i = 0; i < 20; i++)
        await producer.send({ topic: name, partition: i % 2, key: null, value: bytes(String(i)) })
      await producer.flush()
      const reader = await broker.reader()
      const [even, odd] = [
        { topic: name, partition: 0 },
        { topic: name, partition: 1 },
      ]
      await reader.assign([
        { ...even, offset: 8 },
        { ...odd, offset: 0 },
      ])
      reader.pause([odd])
      assert.deepEqual((await readTo(reader, name, 10)).map(textOf), ['16', '18'])
      reader.resume([odd])
      await reader.unassign([even])
      assert.equal(reader.position(even), undefined)
      const odds: KafkaRecord[] = []
      while ((reader.position(odd) ?? 0) < 10) odds.push(...(await reader.read(3, 200)))
      assert.deepEqual(
        odds.map((record) => record.offset),
        [0, 1, 2, 3, 4, 5, 6, 7, 8, 9],
      )
      await reader.assign([{ ...odd, offset: 9 }])
      await until(async () => (await reader.read(5, 200)).some((record) => textOf(record) === '19'))
      await Promise.all([producer, reader].map((client) => client.close()))
    })

    it('says POSITION_LOST with both offsets where a position is outside the log', async () => {
      const at = { topic: await topic(), partition: 0 }
      const producer = await broker.producer()
      for (let i = 0; i < 5; i++) await producer.send({ ...at, key: null, value: bytes(String(i)) })
      await producer.flush()
      await broker.admin.truncate([{ ...at, offset: 3 }])
      assert.deepEqual(await broker.admin.beginnings(at.topic), [3])
      const reader = await broker.reader()
      for (const offset of [1, 9]) {
        await reader.assign([{ ...at, offset }])
        const lost = async () => {
          for (let tries = 0; tries < 20; tries++) await reader.read(5, 200)
        }
        await assert.rejects(lost, (thrown) => {
          assert.ok(thrown instanceof KappaError)
          assert.equal(thrown.code, 'POSITION_LOST')
          assert.match(thrown.message, new RegExp(`@${offset}.*3 to 5`))
          return true
        })
      }
      await Promise.all([producer, reader].map((client) => client.close()))
    })

    readerCases({ broker: () => broker, topic, ...options })

    it('refuses a topic that exists with another partition count', async () => {
      const name = await topic(2)
      await assert.rejects(
        broker.admin.ensure([{ name, partitions: 3, settings: {} }]),
        (thrown) => thrown instanceof KappaError && thrown.code === 'STATE_MISMATCH',
      )
      assert.equal((await broker.admin.topics()).get(name), 2)
    })

    it('deals equal partition numbers of all topics to one member, and tells of every change', async () => {
      const topics = [await topic(4), await topic(4)]
      const group = `${prefix}-group`
      const revoked: number[] = []
      const first = await broker.member({ group, topics, sessionTimeoutMs: 2_000 })
      first.onRevoked(async (partitions) => void revoked.push(partitions.length))
      await until(async () => first.assignment().partitions.length === 8)
      const { generation } = first.assignment()
      const second = await broker.member({ group, topics, sessionTimeoutMs: 2_000 })
      await until(async () => [first, second].every((member) => member.assignment().partitions.length === 4))
      assert.ok(first.assignment().generation > generation)
      assert.deepEqual(revoked, [8])
      const numbers = (name: string) =>
        first
          .assignment()
          .partitions.filter((at) => at.topic === name)
          .map((at) => at.partition)
          .sort()
      assert.deepEqual(numbers(topics[0] ?? ''), numbers(topics[1] ?? ''))
      await second.close()
      await until(async () => first.assignment().partitions.length === 8)
      await first.report([{ topic: topics[0] ?? '', partition: 2, offset: 7 }])
      assert.deepEqual(await broker.admin.groupPositions(group, topics[0] ?? ''), [-1, -1, 7, -1])
      await first.close()
    })
  })
}

/** Lets a client send what it has queued, so that transactions overlap in the log in the order written. */
const settled = (): Promise<void> => new Promise((resolve) => setTimeout(resolve, 40))

/** Reads partition 0 until the position is `end`; fails after a few seconds. */
async function readTo(reader: Reader, topic: string, end: number): Promise<KafkaRecord[]> {
  const records: KafkaRecord[] = []
  await until(async () => {
    records.push(...(await reader.read(100, 100)))
    return (reader.position({ topic, partition: 0 }) ?? 0) >= end
  })
  return records
}

async function until(holds: () => Promise<boolean>): Promise<void> {
  for (let tries = 0; tries < 200; tries++) {
    if (await holds()) return
    await new Promise((resolve) => setTimeout(resolve, 25))
  }
  assert.fail('it did not come true within five seconds')
}
