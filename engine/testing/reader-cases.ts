import assert from 'node:assert/strict'
import { it } from 'node:test'
import { type Broker, headerOf, type KafkaRecord, type OutgoingRecord } from '#engine/broker'

export const compressions = ['uncompressed', 'gzip', 'snappy', 'lz4', 'zstd'] as const
export type Compression = (typeof compressions)[number]

export interface ReaderCases {
  broker(): Broker
  topic(partitions?: number, settings?: Readonly<Record<string, string>>): Promise<string>
  /** Kinds of compression that the client cannot read, as built here. */
  readonly unreadable?: readonly Compression[]
}

/** What every reader must do whatever moves and whatever the broker stores; part of the broker contract. */
export function readerCases({ broker, topic, unreadable = [] }: ReaderCases): void {
  it('loses and repeats nothing when partitions are moved while a read is under way', async () => {
    const name = await topic(2)
    const producer = await broker().producer()
    const reader = await broker().reader()
    let written = 0
    // The next offset of each partition that is ours, by what was awaited: a task that is not told of its assignment yet
    // would drop what is read for it.
    const next = new Map<number, number>()
    let done = false
    const wrong: string[] = []
    const reading = (async () => {
      while (!done)
        for (const { partition, offset } of await reader.read(7, 50)) {
          if (next.get(partition) !== offset) wrong.push(`[${partition}]@${offset}, not ${next.get(partition)}`)
          next.set(partition, offset + 1)
        }
    })()
    const write = async () => {
      for (let i = 0; i < 20; i++)
        for (const partition of [0, 1])
          await producer.send({ topic: name, partition, key: null, value: Buffer.from(String(written + i)) })
      written += 20
      await producer.flush()
    }
    for (let move = 0; move < 24 && wrong.length === 0; move++) {
      const at = { topic: name, partition: move % 3 === 0 ? 0 : 1 }
      if (move % 4 === 0) await write()
      await new Promise((resolve) => setTimeout(resolve, (move * 7) % 30))
      if (move % 5 === 3) {
        await reader.unassign([at])
        next.delete(at.partition)
      } else {
        const offset = (move * 13) % (written + 1)
        await reader.assign([{ ...at, offset }])
        next.set(at.partition, offset)
      }
    }
    const [zero, one] = [0, 1].map((partition) => ({ topic: name, partition, offset: 0 }))
    if (zero && one) await reader.assign([zero, one])
    for (const partition of [0, 1]) next.set(partition, 0)
    for (let tries = 0; [0, 1].some((partition) => next.get(partition) !== written) && tries < 200; tries++)
      await new Promise((resolve) => setTimeout(resolve, 25))
    done = true
    await reading
    assert.deepEqual(wrong, [])
    assert.deepEqual([...next].sort(), [
      [0, written],
      [1, written],
    ])
    await Promise.all([producer, reader].map((client) => client.close()))
  })

  it('a read under way ends before an assignment does, and is of the positions before', async () => {
    const name = await topic(2)
    const [one, other] = [
      { topic: name, partition: 0 },
      { topic: name, partition: 1 },
    ]
    const producer = await broker().producer()
    const write = async (partition: number, from: number, to: number) => {
      for (let i = from; i < to; i++)
        await producer.send({ topic: name, partition, key: null, value: Buffer.from(String(i)) })
      await producer.flush()
    }
    await write(1, 0, 10)
    const reader = await broker().reader()
    await reader.assign([{ ...one, offset: 0 }])
    let ended = false
    const waiting = reader.read(100, 600).finally(() => {
      ended = true
    })
    await new Promise((resolve) => setTimeout(resolve, 30))
    await reader.assign([{ ...other, offset: 4 }])
    assert.ok(ended, 'the read has ended')
    assert.deepEqual(await waiting, [], 'it was of the first partition, which is empty')
    assert.equal(reader.position(other), 4)
    const readTo = async (end: number): Promise<string[]> => {
      const values: string[] = []
      for (let tries = 0; (reader.position(other) ?? 0) < end && tries < 100; tries++)
        values.push(...(await reader.read(3, 100)).map(({ offset }) => String(offset)))
      return values
    }
    assert.deepEqual(await readTo(10), ['4', '5', '6', '7', '8', '9'])
    // The same partition moved back while records of it come: all of them are read from the new position on.
    for (let round = 0; round < 5; round++) {
      const under = reader.read(100, 300)
      await write(1, 10 + round, 11 + round)
      const back = reader.assign([{ ...other, offset: 8 }])
      const before = (await under).map(({ offset }) => offset)
      assert.ok(
        before.every((offset) => offset === 10 + round),
        `what was under way is of the position before: ${before}`,
      )
      await back
      const expected = Array.from({ length: 3 + round }, (_, i) => String(8 + i))
      assert.deepEqual(await readTo(11 + round), expected)
    }
    const last = reader.read(100, 600)
    await reader.unassign([other])
    assert.deepEqual(await last, [])
    assert.equal(reader.position(other), undefined)
    await Promise.all([producer, reader].map((client) => client.close()))
  })

  it('what is empty arrives empty, what is null arrives null, headers arrive with all their bytes', async () => {
    const name = await topic(1)
    const producer = await broker().producer()
    const bytes = [Buffer.alloc(0), null, Buffer.from([0]), Buffer.from('a\0b'), Buffer.from([0, 255, 128, 0])]
    const texts = ['', 'früh', 'a\0b', '\0', ...['\xff\0', '\xff'].map((text) => Buffer.from(text, 'latin1'))]
    const values = texts.map((text) => Buffer.from(text))
    const headers = Object.fromEntries(values.map((value, i) => [`h${i}`, value]))
    const sent = bytes.flatMap((key) => bytes.map((value) => ({ key, value })))
    for (const { key, value } of sent) await producer.send({ topic: name, partition: 0, key, value, headers })
    await producer.flush()
    const reader = await broker().reader()
    await reader.assign([{ topic: name, partition: 0, offset: 0 }])
    const records: KafkaRecord[] = []
    for (let tries = 0; records.length < sent.length && tries < 100; tries++)
      records.push(...(await reader.read(100, 100)))
    const plain = ({ key, value }: { key: Buffer | null; value: Buffer | null }) =>
      [key, value].map((part) => part?.toString('hex') ?? null)
    assert.deepEqual(records.map(plain), sent.map(plain))
    for (const record of records)
      assert.deepEqual(
        values.map((_, i) => headerOf(record.headers, `h${i}`)?.toString('hex')),
        values.map((value) => value.toString('hex')),
      )
    await Promise.all([producer, reader].map((client) => client.close()))
  })

  for (const kind of compressions.filter((one) => !unreadable.includes(one)))
    it(`reads what the broker stores ${kind}`, async () => {
      const name = await topic(1, { 'compression.type': kind })
      const producer = await broker().producer()
      const sent = Array.from({ length: 2_000 }, (_, i): OutgoingRecord => {
        const value = Buffer.from(`${i} `.repeat(i % 90))
        return {
          topic: name,
          partition: 0,
          key: Buffer.from(`key ${i}`),
          value,
          headers: { number: Buffer.from([1 + (i % 127)]) },
        }
      })
      for (const record of sent) await producer.send(record)
      await producer.flush()
      const reader = await broker().reader()
      await reader.assign([{ topic: name, partition: 0, offset: 5 }])
      const records: KafkaRecord[] = []
      for (let tries = 0; records.length < sent.length - 5 && tries < 100; tries++)
        records.push(...(await reader.read(333, 100)))
      const told = ({ key, value }: { key: Buffer | null; value: Buffer | null }) => `${key}: ${value}`
      const differ = sent.slice(5).findIndex((record, i) => {
        const read = records[i]
        return (
          read?.offset !== i + 5 || told(read) !== told(record) || read.headers?.number?.[0] !== 1 + ((i + 5) % 127)
        )
      })
      assert.equal(differ, -1, `the record at ${differ + 5}, of ${records.length} read`)
      assert.equal(records.length, sent.length - 5)
      await Promise.all([producer, reader].map((client) => client.close()))
    })
}
