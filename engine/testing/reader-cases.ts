import assert from 'node:assert/strict'
import { it } from 'node:test'
import type { Broker, KafkaRecord, OutgoingRecord } from '#engine/broker'

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

  for (const kind of compressions.filter((one) => !unreadable.includes(one)))
    it(`reads what the broker stores ${kind}`, async () => {
      const name = await topic(1, { 'compression.type': kind })
      const producer = await broker().producer()
      const sent = Array.from({ length: 2_000 }, (_, i): OutgoingRecord => {
        // Not empty: node-rdkafka's producer makes null of an empty value.
        const value = Buffer.from(`${i} `.repeat(1 + (i % 90)))
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
