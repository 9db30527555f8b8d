import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { varint } from './encode-fixture.ts'
import { VarintReader } from './varint.ts'

test('32-bit numbers read as written, one after the other', () => {
  const numbers = fc.array(fc.oneof(fc.integer(), fc.constantFrom(0, -1, 63, 64, -64, -65, 2 ** 31 - 1, -(2 ** 31))))
  fc.assert(
    fc.property(numbers, (values) => {
      const reader = new VarintReader(Buffer.concat(values.map(varint)))
      for (const value of values) assert.equal(reader.varint(), value)
      assert.throws(() => reader.varint(), RangeError)
    }),
  )
})

test('64-bit numbers read as written, as far as a double is exact', () => {
  const long = fc.oneof(fc.maxSafeInteger(), fc.integer(), fc.constantFrom(-(2 ** 53) + 1, 2 ** 53 - 1, 2 ** 49, -1))
  fc.assert(
    fc.property(fc.array(long), (values) => {
      const reader = new VarintReader(Buffer.concat(values.map(varint)))
      for (const value of values) assert.equal(reader.varlong(), value)
      assert.throws(() => reader.varlong(), RangeError)
    }),
  )
})

test('a number that does not end is refused', () => {
  const endless = Buffer.alloc(12, 0xff)
  assert.throws(() => new VarintReader(endless).varint(), /more than 32 bits/)
  assert.throws(() => new VarintReader(endless).varlong(), /more than 64 bits/)
})
