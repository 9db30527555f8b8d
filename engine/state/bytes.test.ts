import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { KappaError } from '#engine/errors'
import { ByteReader, ByteWriter } from './bytes.ts'

const plain: fc.Arbitrary<unknown> = fc.letrec((tie) => ({
  value: fc.oneof(
    { maxDepth: 3 },
    fc.constantFrom(null, undefined, true, false, -0, Number.POSITIVE_INFINITY, Number.MAX_SAFE_INTEGER, -(2 ** 53)),
    fc.maxSafeInteger(),
    fc.double(),
    fc.bigInt(),
    fc.string({ unit: 'binary' }),
    fc.uint8Array().map((bytes) => Buffer.from(bytes)),
    fc.array(tie('value')),
  ),
})).value

test('every plain value reads back as it was written', () => {
  fc.assert(
    fc.property(fc.array(plain), (values) => {
      const writer = new ByteWriter()
      writer.values(values)
      const reader = new ByteReader(writer.take())
      assert.deepStrictEqual(reader.values(), values)
      assert.equal(reader.done, true)
    }),
  )
})

test('parts are read on their own, and bytes that end early are refused', () => {
  const writer = new ByteWriter()
  const reserved = writer.reserve()
  writer.text('inside')
  writer.patch(reserved)
  writer.varint(2 ** 40)
  const bytes = writer.take()
  const reader = new ByteReader(bytes)
  const part = reader.part()
  assert.equal(part.text(), 'inside')
  assert.equal(part.done, true)
  assert.equal(reader.varint(), 2 ** 40)
  const short = new ByteReader(bytes.subarray(0, 6))
  assert.throws(
    () => short.part(),
    (thrown) => thrown instanceof KappaError && thrown.code === 'STATE_MISMATCH',
  )
  assert.equal(writer.length, 0)
})
