import assert from 'node:assert/strict'
import { afterEach, test } from 'node:test'
import { crc32c } from '@node-rs/crc32'
import { KappaError } from '#engine/errors'
import type { KafkaRecord } from '../../contract.ts'
import { encodeBatch, encodeMarker } from './encode-fixture.ts'
import { LeanReader } from './reader.ts'
import { type AskedPart, type Script, type ScriptedPart, WireNode } from './wire-fixture.ts'

const at = { topic: 't', partition: 0 }
let script: Script
const readers: LeanReader[] = []
const nodes: WireNode[] = []

afterEach(async () => {
  await Promise.all(readers.splice(0).map((reader) => reader.close()))
  await Promise.all(nodes.splice(0).map((node) => node.stop()))
})

/** `count` records a batch, values telling their offsets. */
const batchAt = (offset: number, count = 5): Buffer =>
  encodeBatch({
    records: Array.from({ length: count }, (_, i) => ({
      offset: offset + i,
      timestamp: 1_000,
      key: null,
      value: Buffer.from(String(offset + i)),
    })),
  })

/** A log of batches of five up to `end`, served in answers of two batches. */
const served =
  (end: number) =>
  ({ offset }: AskedPart): ScriptedPart => {
    const first = offset - (offset % 5)
    const batches = [first, first + 5].filter((base) => base < end).map((base) => batchAt(base))
    return { records: Buffer.concat(batches) }
  }

async function cluster(over: Partial<Script>, count = 1): Promise<Script> {
  script = {
    nodes: [],
    partitions: 2,
    log: { beginning: 0, end: 100 },
    leader: () => ({ node: 0, epoch: 4 }),
    fetch: (_, part) => served(20)(part),
    ...over,
  }
  for (let i = 0; i < count; i++) {
    const node = new WireNode(script)
    nodes.push(node)
    await node.start()
  }
  return script
}

async function opened(offset = 0): Promise<LeanReader> {
  const brokers = script.nodes.map(({ port }) => `127.0.0.1:${port}`)
  const reader = await LeanReader.open({ brokers, clientId: 'test' })
  readers.push(reader)
  await reader.assign([{ ...at, offset }])
  return reader
}

/** Reads until the position is `end`; fails after some seconds. */
async function readTo(reader: LeanReader, end: number, max = 7): Promise<KafkaRecord[]> {
  const records: KafkaRecord[] = []
  for (let tries = 0; (reader.position(at) ?? 0) < end; tries++) {
    assert.ok(tries < 100, `stands at ${reader.position(at)}`)
    records.push(...(await reader.read(max, 100)))
  }
  return records
}
const offsetsOf = (records: readonly KafkaRecord[]): number[] => records.map(({ offset }) => offset)
const range = (from: number, to: number): number[] => Array.from({ length: to - from }, (_, i) => from + i)

test('reads on where it was told to, within a batch too', async () => {
  await cluster({})
  const records = await readTo(await opened(8), 20)
  assert.deepEqual(offsetsOf(records), range(8, 20))
  assert.deepEqual(
    records.map(({ value }) => String(value)),
    range(8, 20).map(String),
  )
})

test('follows the leader to another node and tells it the epoch it knows', async () => {
  let leader = { node: 0, epoch: 4 }
  await cluster(
    {
      leader: () => leader,
      fetch(node, part) {
        if (node === 0 && part.offset >= 10) leader = { node: 1, epoch: 5 }
        return node === leader.node ? served(20)(part) : { error: 6 }
      },
    },
    2,
  )
  assert.deepEqual(offsetsOf(await readTo(await opened(), 20)), range(0, 20))
  assert.ok(script.nodes[1]?.fetches.flat().every(({ leaderEpoch }) => leaderEpoch === 5))
  assert.ok((script.nodes[1]?.fetches.length ?? 0) > 0)
})

test('goes on with another node when the leader dies, and with the same one when it comes back', async () => {
  let alive = 0
  await cluster({ leader: () => ({ node: alive, epoch: 4 + alive }) }, 2)
  const [first, second] = script.nodes
  assert.ok(first && second)
  const reader = await opened()
  const before = await readTo(reader, 5, 5)
  await first.stop()
  alive = 1
  const then = await readTo(reader, 14)
  await second.stop()
  assert.deepEqual(offsetsOf(before.concat(then)), range(0, 14).concat(offsetsOf(then).filter((o) => o >= 14)))
  // Everything is away: reads are empty, not errors, once what was fetched ahead is read.
  const ahead = await readTo(reader, 20)
  assert.deepEqual(await reader.read(10, 30), [])
  assert.deepEqual(offsetsOf(then.concat(ahead)), range(5, 20))
  script.fetch = (_, part) => served(30)(part)
  await second.start()
  assert.deepEqual(offsetsOf(await readTo(reader, 30)), range(20, 30))
})

test('a partition without a leader waits for one; a topic that nobody knows is told', async () => {
  let tries = 0
  await cluster({ leader: () => (++tries < 6 ? 5 : { node: 0, epoch: 1 }) })
  assert.equal((await readTo(await opened(), 20)).length, 20)

  await cluster({ leader: () => 29 })
  const refused = await opened()
  await assert.rejects(refused.read(1, 2_000), /reading t\[0\]: Kafka error 29 TOPIC_AUTHORIZATION_FAILED/)
  // A partition beyond those the topic has is asked for at a measured pace.
  await cluster({ partitions: 0 })
  const missing = await opened()
  assert.deepEqual(await missing.read(1, 350), [])
  const times = script.nodes[0]?.calls.get(3) ?? 0
  assert.ok(times > 1 && times <= 6, `${times} times`)
})

test('fetches a damaged batch again, and says so where it stays damaged', async () => {
  const damaged = (part: AskedPart): ScriptedPart => {
    const { records = Buffer.alloc(0) } = served(20)(part)
    const copy = Buffer.from(records)
    // In the second batch of an answer: the first is handed over.
    copy[copy.length - 1] = 0x55
    return { records: copy }
  }
  let spoilt = 0
  await cluster({ fetch: (_, part) => (part.offset < 20 && ++spoilt <= 2 ? damaged(part) : served(20)(part)) })
  assert.deepEqual(offsetsOf(await readTo(await opened(), 20)), range(0, 20))
  assert.ok(spoilt > 2)
  // While batches of an earlier answer still wait.
  spoilt = 0
  await cluster({ fetch: (_, part) => (part.offset === 10 && ++spoilt <= 2 ? damaged(part) : served(20)(part)) })
  const slow = await opened()
  const some = await slow.read(7, 1_000)
  await new Promise((resolve) => setTimeout(resolve, 50))
  assert.deepEqual(offsetsOf(some.concat(await readTo(slow, 20))), range(0, 20))
  assert.ok(spoilt > 2)

  await cluster({ fetch: (_, part) => (part.offset < 5 ? served(5)(part) : damaged(part)) })
  const reader = await opened()
  assert.deepEqual(offsetsOf(await readTo(reader, 5)), range(0, 5))
  await assert.rejects(
    async () => {
      for (let tries = 0; tries < 50; tries++) await reader.read(10, 50)
    },
    (thrown) => thrown instanceof KappaError && thrown.code === 'BROKER' && /checksum/.test(thrown.message),
  )
  assert.equal(reader.position(at), 5)
})

test('an answer that was under way when a batch turned out broken is not taken up', async () => {
  // A checksum that is right over records that are not.
  const miscounted = batchAt(10)
  miscounted.writeInt32BE(6, 57)
  miscounted.writeUInt32BE(crc32c(miscounted.subarray(21)), 17)
  let first = true
  await cluster({
    fetch: (_, part) => {
      if (part.offset < 10) return { records: batchAt(part.offset) }
      if (part.offset === 10 && first) return { records: Buffer.concat([miscounted, batchAt(15)]) }
      if (part.offset !== 20 || !first) return served(40)(part)
      first = false
      return { ...served(40)(part), holdMs: 150 }
    },
  })
  const reader = await opened()
  await new Promise((resolve) => setTimeout(resolve, 50))
  assert.deepEqual(offsetsOf(await readTo(reader, 40, 12)), range(0, 40))
})

test('stands behind what compaction took from a batch and after it', async () => {
  const compacted = encodeBatch({
    baseOffset: 0,
    records: [3, 6].map((offset) => ({ offset, timestamp: 0, key: null, value: null })),
    lastOffset: 9,
  })
  await cluster({ fetch: (_, { offset }) => (offset < 10 ? { records: compacted } : {}) })
  const reader = await opened(1)
  assert.deepEqual(offsetsOf(await readTo(reader, 10)), [3, 6])
  assert.equal(reader.position(at), 10)
})

test('POSITION_LOST names both offsets, after what came before it; other partitions are read on', async () => {
  await cluster({
    log: { beginning: 40, end: 90 },
    fetch: (_, part) => (part.partition === 0 ? { error: 1 } : served(1_000)(part)),
  })
  const reader = await opened(7)
  await reader.assign([{ topic: 't', partition: 1, offset: 0 }])
  let lost: unknown
  const others: KafkaRecord[] = []
  for (let tries = 0; tries < 60; tries++)
    try {
      others.push(...(await reader.read(10, 50)))
    } catch (thrown) {
      lost = thrown
    }
  assert.ok(lost instanceof KappaError && lost.code === 'POSITION_LOST')
  assert.match(lost.message, /t\[0\]@7: the log holds 40 to 90/)
  assert.deepEqual(offsetsOf(others), range(0, others.length))
  assert.ok(others.length > 100)
  await reader.assign([{ ...at, offset: 50 }])
  script.fetch = (_, part) => served(60)(part)
  assert.deepEqual(offsetsOf((await readTo(reader, 60)).filter(({ partition }) => partition === 0)), range(50, 60))
})

test('passes aborted records, markers and empty batches, and stands behind them without a record', async () => {
  const log = Buffer.concat([
    encodeBatch({
      records: [{ offset: 0, timestamp: 0, key: null, value: Buffer.from('aborted') }],
      producerId: 9,
      transactional: true,
    }),
    encodeMarker(1, 9, 'abort'),
    encodeBatch({ records: [], baseOffset: 2, lastOffset: 6 }),
    encodeMarker(7, 9, 'commit'),
  ])
  const aborted = [{ producerId: 9, firstOffset: 0 }]
  await cluster({ fetch: (_, { offset }) => (offset < 8 ? { records: log, aborted } : {}) })
  const reader = await opened()
  assert.deepEqual(await readTo(reader, 8), [])
  assert.equal(reader.position(at), 8)
})

test('a batch larger than a fetch is asked for with room for it; a cut one is fetched again', async () => {
  const large = encodeBatch({
    records: [{ offset: 0, timestamp: 0, key: null, value: Buffer.alloc(1_500_000, 1) }],
  })
  await cluster({
    // As brokers before 2.x answer, that cut also the first batch.
    fetch: (_, { offset, maxBytes }) =>
      offset === 0 ? { records: large.subarray(0, maxBytes) } : { records: batchAt(1, 3).subarray(0, 80) },
  })
  const reader = await opened()
  assert.deepEqual(offsetsOf(await readTo(reader, 1)), [0])
  assert.deepEqual(await reader.read(10, 50), [])
  assert.equal(reader.position(at), 1)
  script.fetch = () => ({ records: batchAt(1, 3) })
  assert.deepEqual(offsetsOf(await readTo(reader, 4)), [1, 2, 3])
})

test('fetches ahead so much and no more, and nothing while paused', async () => {
  const value = Buffer.alloc(100_000, 7)
  await cluster({
    fetch: (_, { offset, maxBytes }) => {
      const batches = Array.from({ length: Math.floor(maxBytes / 100_100) }, (_, i) =>
        encodeBatch({ records: [{ offset: offset + i, timestamp: 0, key: null, value }] }),
      )
      return { records: Buffer.concat(batches) }
    },
  })
  const reader = await opened()
  await reader.read(1, 1_000)
  await new Promise((resolve) => setTimeout(resolve, 100))
  const ahead = Math.max(...(script.nodes[0]?.fetches.flat().map(({ offset }) => offset) ?? [])) + 10
  assert.ok(ahead <= 24, `${ahead} batches of 100 kB`)
  reader.pause([at])
  assert.deepEqual(await reader.read(10, 20), [])
  const asked = script.nodes[0]?.fetches.length
  assert.deepEqual(await reader.read(10, 50), [])
  assert.equal(script.nodes[0]?.fetches.length, asked)
  reader.resume([at])
  assert.deepEqual(offsetsOf(await readTo(reader, 30, 4)).slice(0, 29), range(1, 30))
})

test('a broker that speaks other versions, or no Kafka at all, is told at opening', async () => {
  await cluster({})
  await script.nodes[0]?.stop()
  const brokers = [`127.0.0.1:${script.nodes[0]?.port}`]
  await assert.rejects(
    LeanReader.open({ brokers, clientId: 'test' }),
    (thrown) => thrown instanceof KappaError && thrown.code === 'SERVICE_UNAVAILABLE' && thrown.retriable,
  )
})
