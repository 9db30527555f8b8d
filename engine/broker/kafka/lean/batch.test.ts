import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import type { KafkaRecord } from '../../contract.ts'
import { BrokenBatch, batchesOf } from './batch.ts'
import { encodeBatch, encodeMarker, type WrittenBatch, type WrittenRecord } from './encode-fixture.ts'
import { BatchWalk } from './records.ts'

const CODECS = ['none', 'gzip', 'snappy', 'xerial', 'lz4', 'zstd'] as const
const bytes = fc.uint8Array({ maxLength: 300 }).map((array) => Buffer.from(array))
const nullable = fc.option(bytes)
const headers = fc.array(fc.tuple(fc.string({ maxLength: 12 }), bytes), { maxLength: 3 })

/** Batches one after the other, with gaps between records and after them, as compaction leaves. */
const log: fc.Arbitrary<WrittenBatch[]> = fc
  .array(
    fc.record({
      codec: fc.constantFrom(...CODECS),
      appendTime: fc.option(fc.nat(), { nil: undefined }),
      after: fc.nat(3),
      records: fc.array(
        fc.record({ gap: fc.nat(2), late: fc.nat(10 ** 12), key: nullable, value: nullable, headers }),
        {
          minLength: 1,
          maxLength: 12,
        },
      ),
    }),
    { maxLength: 5 },
  )
  .map((drafts) => {
    let offset = 5_000_000_000
    return drafts.map(({ codec, appendTime, records, after }): WrittenBatch => {
      const baseOffset = offset
      const written = records.map(({ gap, late, ...rest }): WrittenRecord => {
        offset += gap
        return { ...rest, offset: offset++, timestamp: 1_700_000_000_000 + late }
      })
      offset += after
      return {
        baseOffset,
        records: written,
        lastOffset: offset - 1,
        codec,
        ...(appendTime === undefined ? {} : { appendTime }),
      }
    })
  })

function walked(log: Buffer, from = 0, step = Number.POSITIVE_INFINITY): KafkaRecord[] {
  const records: KafkaRecord[] = []
  for (const batch of batchesOf(log).batches) {
    const walk = new BatchWalk('t', 3, batch)
    while (!walk.ended) walk.take(records, records.length + step, from)
  }
  return records
}

const plain = ({ offset, timestamp, key, value, headers }: KafkaRecord) => ({ offset, timestamp, key, value, headers })

const expected = (batches: readonly WrittenBatch[]) =>
  batches.flatMap(({ records, appendTime }) =>
    records.map(({ offset, timestamp, key, value, headers = [] }) => ({
      offset,
      timestamp: appendTime ?? timestamp,
      key,
      value,
      headers: headers.length === 0 ? undefined : Object.fromEntries(headers),
    })),
  )

test('records come out as they were written, whatever the compression, the gaps and the step', () => {
  fc.assert(
    fc.property(log, fc.nat(60), fc.integer({ min: 1, max: 5 }), (batches, skip, step) => {
      const whole = Buffer.concat(batches.map(encodeBatch))
      const all = expected(batches)
      assert.deepEqual(walked(whole).map(plain), all)
      const from = 5_000_000_000 + skip
      assert.deepEqual(
        walked(whole, from, step).map(plain),
        all.filter(({ offset }) => offset >= from),
      )
    }),
  )
})

test('a log cut anywhere gives its whole batches, and the size of the one that was cut', () => {
  fc.assert(
    fc.property(log, fc.nat(), (batches, at) => {
      const encoded = batches.map(encodeBatch)
      const whole = Buffer.concat(encoded)
      const cut = whole.length === 0 ? 0 : at % whole.length
      const ends = encoded.map((_, i) => encoded.slice(0, i + 1).reduce((sum, batch) => sum + batch.length, 0))
      const complete = encoded.filter((_, i) => (ends[i] ?? 0) <= cut)
      const found = batchesOf(whole.subarray(0, cut))
      assert.equal(found.batches.length, complete.length)
      const rest = cut - (ends[complete.length - 1] ?? 0)
      assert.equal(found.cutOff, rest >= 12 ? (encoded[complete.length]?.length ?? 0) : 0)
    }),
  )
})

test('any single damaged byte behind the length is found', () => {
  const batch = encodeBatch({ records: [{ offset: 7, timestamp: 1, key: Buffer.from('k'), value: Buffer.from('v') }] })
  for (let at = 16; at < batch.length; at++) {
    const damaged = Buffer.from(batch)
    damaged[at] = (damaged[at] ?? 0) ^ 0x10
    assert.throws(() => batchesOf(damaged), BrokenBatch, `byte ${at}`)
  }
})

test('an old format, an unknown codec and lengths that contradict one another are broken batches', () => {
  const written = { records: [{ offset: 1, timestamp: 0, key: null, value: Buffer.from('value') }] }
  const old = encodeBatch(written)
  old[16] = 1
  assert.throws(() => batchesOf(old), /format 1: only 2/)
  const tiny = encodeBatch(written)
  tiny.writeInt32BE(5, 8)
  assert.throws(() => batchesOf(tiny), BrokenBatch)
  const [batch] = batchesOf(encodeBatch(written)).batches
  assert.ok(batch)
  assert.throws(() => new BatchWalk('t', 0, { ...batch, count: 2 }).take([], 10, 0), BrokenBatch)
  assert.throws(() => new BatchWalk('t', 0, { ...batch, codec: 'lz4' }), /does not decompress \(lz4\)/)
})

test('a kept record keeps its batch in memory, not what was fetched with it', () => {
  const value = Buffer.alloc(100)
  const records = [0, 1, 2].map((offset) => ({ offset, timestamp: 0, key: null, value }))
  const fetched = Buffer.concat([encodeBatch({ records }), encodeMarker(3, 1, 'commit'), Buffer.alloc(10_000)])
  for (const codec of CODECS) {
    const whole = Buffer.concat([encodeBatch({ records, codec }), fetched])
    const [first] = walked(whole.subarray(0, encodeBatch({ records, codec }).length))
    const memory = first?.value?.buffer.byteLength ?? 0
    // Small results of a decompressor may share a slab of Node's pool with others.
    assert.ok(memory >= 300 && memory <= Math.max(8_192, 16_384), `${codec}: ${memory}`)
    assert.notEqual(first?.value?.buffer, whole.buffer)
    assert.equal(first?.value, first?.value, 'the same view each time')
  }
})
