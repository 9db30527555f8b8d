import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { bytesOfDecimal, decimalOfBytes, decimalOfText, decimalText, fitsPrecision } from './decimal.ts'

test('bytes are the shortest two’s complement, as other writers make them', () => {
  const cases: readonly [bigint, string][] = [
    [0n, '00'],
    [1n, '01'],
    [-1n, 'ff'],
    [127n, '7f'],
    [128n, '0080'],
    [-128n, '80'],
    [-129n, 'ff7f'],
    [123_456n, '01e240'],
    [140_737_488_355_327n, '7fffffffffff'],
    [140_737_488_355_328n, '00800000000000'],
    [-140_737_488_355_329n, 'ff7fffffffffff'],
    [9_223_372_036_854_775_807n, '7fffffffffffffff'],
    [9_223_372_036_854_775_808n, '008000000000000000'],
  ]
  for (const [value, hex] of cases) assert.equal(bytesOfDecimal(value).toString('hex'), hex, String(value))
})

test('any value survives bytes and text, and no byte is too many', () => {
  fc.assert(
    fc.property(fc.bigInt({ min: -(10n ** 38n), max: 10n ** 38n }), fc.integer({ min: 0, max: 12 }), (value, scale) => {
      const bytes = bytesOfDecimal(value)
      assert.equal(decimalOfBytes(bytes), value)
      assert.equal(decimalOfText(decimalText(value, scale), scale), value)
      if (bytes.length > 1) assert.notEqual(decimalOfBytes(bytes.subarray(1)), value)
    }),
  )
})

test('padded bytes of other writers read as the same value; none is zero', () => {
  assert.equal(decimalOfBytes(Buffer.from('0000000000000000007b', 'hex')), 123n)
  assert.equal(decimalOfBytes(Buffer.from('ffffffffffffffffff85', 'hex')), -123n)
  assert.equal(decimalOfBytes(Buffer.alloc(0)), 0n)
})

test('text that would lose a digit is no decimal', () => {
  assert.equal(decimalOfText('12.345', 2), undefined)
  assert.equal(decimalOfText('12.340', 2), 1234n)
  assert.equal(decimalOfText('-0.5', 2), -50n)
  assert.equal(decimalText(-50n, 2), '-0.50')
  for (const wrong of ['', '1e3', '.5', '1,5', 'NaN', '--1']) assert.equal(decimalOfText(wrong, 2), undefined, wrong)
})

test('precision counts digits', () => {
  assert.equal(fitsPrecision(999n, 3), true)
  assert.equal(fitsPrecision(1_000n, 3), false)
  assert.equal(fitsPrecision(-1_000n, 3), false)
})
