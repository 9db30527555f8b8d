import assert from 'node:assert/strict'
import { Readable } from 'node:stream'
import { test } from 'node:test'
import avsc from 'avsc'
import fc from 'fast-check'
import type { KafkaRecord } from '#engine/broker'
import { bronzeFile, readBronzeFile } from './container.ts'

const about = { topic: 'test.things.v1', partition: 3 }
const bytes = fc.uint8Array({ maxLength: 80 }).map((part) => Buffer.from(part))
const framed = fc.tuple(fc.integer({ min: 0, max: 2 ** 31 - 1 }), bytes).map(([id, body]) => {
  const head = Buffer.alloc(5)
  head.writeUInt32BE(id, 1)
  return Buffer.concat([head, body])
})
const fields = {
  topic: fc.constant(about.topic),
  partition: fc.constant(about.partition),
  offset: fc.nat({ max: Number.MAX_SAFE_INTEGER }),
  timestamp: fc.integer({ min: -1, max: 4_102_444_800_000 }),
  key: fc.option(bytes),
  value: fc.option(fc.oneof(bytes, framed)),
  headers: fc.oneof(
    fc.constant(undefined),
    fc.dictionary(fc.string({ minLength: 1 }), bytes, { minKeys: 1, maxKeys: 3, noNullPrototype: true }),
  ),
}
const record: fc.Arbitrary<KafkaRecord> = fc.record(fields, { noNullPrototype: true })

const write = (records: readonly KafkaRecord[]) => bronzeFile(records, { ...about, sha256: 'x' })

test('records come back as they were read, byte for byte', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(record, { maxLength: 30 }), async (records) => {
      const rows = await readBronzeFile(await write(records), about)
      assert.deepEqual(
        rows.map((row) => row.record),
        records,
      )
      assert.ok(rows.every(({ intact }) => intact))
    }),
    { numRuns: 200 },
  )
})

test('avsc reads the file, block after block', async () => {
  const records: KafkaRecord[] = Array.from({ length: 10_000 }, (_, i) => ({
    ...about,
    offset: i * 3,
    timestamp: 1_700_000_000_000 + i,
    key: i % 7 === 0 ? null : Buffer.from(`key ${i}`),
    value: i % 5 === 0 ? null : Buffer.concat([Buffer.from([0, 0, 0, 0, 9]), Buffer.from(`value ${i}`)]),
    headers: i % 2 === 0 ? undefined : { b: Buffer.from('2'), a: Buffer.from([i & 255]) },
  }))
  const decoder = new avsc.streams.BlockDecoder()
  const seen: Record<string, unknown>[] = []
  for await (const row of Readable.from([await write(records)]).pipe(decoder)) seen.push(row)
  assert.equal(seen.length, records.length)
  for (const i of [0, 1, 4_095, 4_096, 9_999]) {
    const { key, value, headers, offset } = records[i] as KafkaRecord
    const row = seen[i] ?? {}
    assert.equal(row.offset, offset)
    assert.deepEqual(row.key, key)
    assert.deepEqual(row.value, value === null ? null : value.subarray(5))
    assert.equal(row.schemaId, value === null ? null : 9)
    assert.deepEqual({ ...(row.headers as object) }, headers ?? {})
  }
})

test('a row altered by whoever writes the format properly is told from the others', async () => {
  const records: KafkaRecord[] = [0, 1, 2].map((offset) => ({
    ...about,
    offset,
    timestamp: 0,
    key: null,
    value: Buffer.from(`v${offset}`),
    headers: undefined,
  }))
  const rows: { offset: number; value: Buffer }[] = []
  let type: avsc.Type | undefined
  const decoder = new avsc.streams.BlockDecoder().on('metadata', (own: avsc.Type) => {
    type = own
  })
  for await (const row of Readable.from([await write(records)]).pipe(decoder)) rows.push(row)
  for (const row of rows) if (row.offset === 1) row.value = Buffer.from('vX')
  assert.ok(type)
  const parts: Buffer[] = []
  for await (const part of Readable.from(rows).pipe(new avsc.streams.BlockEncoder(type))) parts.push(part)
  const read = await readBronzeFile(Buffer.concat(parts), about)
  assert.deepEqual(
    read.map(({ intact }) => intact),
    [true, false, true],
  )
})

test('bytes that are not whole are refused', async () => {
  const file = await write([
    { ...about, offset: 0, timestamp: 0, key: null, value: Buffer.from('v'), headers: undefined },
  ])
  await assert.rejects(readBronzeFile(file.subarray(0, file.length - 5), about), /the bytes end within/)
  await assert.rejects(readBronzeFile(Buffer.from('PAR1 not this'), about), /not an Avro object container/)
})
