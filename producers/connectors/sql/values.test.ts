import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { FieldType } from '#engine/schema'
import type { Column, ColumnKind } from './contract.ts'
import { instantIn, sinceMidnight, wallOf } from './moments.ts'
import { misfit, reads, Unreadable } from './values.ts'

const column = (kind: ColumnKind, fraction = 0): Column => ({ name: 'c', kind, type: kind, nullable: true, fraction })
const value = (type: FieldType, kind: ColumnKind, cell: string, zone = 'UTC'): unknown =>
  reads(type, column(kind), zone)(cell)
const refuses = (type: FieldType, kind: ColumnKind, cell: string, why: RegExp, zone = 'UTC'): void =>
  assert.throws(
    () => value(type, kind, cell, zone),
    (thrown) => thrown instanceof Unreadable && why.test(thrown.message),
  )

test('numbers arrive exactly, or not at all', () => {
  const money: FieldType = { kind: 'decimal', precision: 30, scale: 2 }
  assert.equal(value(money, 'decimal', '-12345678901234567890.12'), -1234567890123456789012n)
  assert.equal(value(money, 'decimal', '1.100'), 110n)
  refuses(money, 'decimal', '1.105', /no number of 2 decimals/)
  refuses(money, 'decimal', 'NaN', /no number/)
  assert.equal(value({ kind: 'int' }, 'integer', '-2147483648'), -(2 ** 31))
  refuses({ kind: 'int' }, 'integer', '2147483648', /32 bits/)
  assert.equal(value({ kind: 'long' }, 'decimal', '42.000'), 42)
  refuses({ kind: 'long' }, 'decimal', '42.5', /whole number/)
  refuses({ kind: 'long' }, 'integer', '4503599627370496', /2\^52/)
  assert.equal(value({ kind: 'double' }, 'double', '1e-300'), 1e-300)
  refuses({ kind: 'double' }, 'integer', '9007199254740993', /double/)
  refuses({ kind: 'double' }, 'double', 'Infinity', /double/)
  assert.deepEqual(
    ['t', '0', '1', 'f'].map((cell) => value({ kind: 'boolean' }, 'boolean', cell)),
    [true, false, true, false],
  )
  refuses({ kind: 'boolean' }, 'integer', '2', /neither true nor false/)
})

test('moments: instants as they are, others by the clocks of their zone', () => {
  const at: FieldType = { kind: 'timestamp' }
  assert.equal(value(at, 'instant', '2025-01-02 03:04:05.678+00'), Date.UTC(2025, 0, 2, 3, 4, 5, 678))
  assert.equal(value(at, 'local-timestamp', '2025-07-01 12:00:00', 'Europe/Paris'), Date.UTC(2025, 6, 1, 10))
  assert.equal(value(at, 'date', '2025-07-01', 'Europe/Paris'), Date.UTC(2025, 5, 30, 22))
  assert.equal(value(at, 'local-timestamp', '1969-12-31 23:59:59.999'), -1)
  refuses(at, 'local-timestamp', '2025-03-30 02:30:00', /do not show/, 'Europe/Paris')
  for (const none of ['0000-00-00 00:00:00', 'infinity', '2025-02-30 00:00:00', '2025-01-01 00:00:00 BC'])
    refuses(at, 'local-timestamp', none, /no moment/)
  const micros: FieldType = { kind: 'fine-timestamp', unit: 'micros' }
  assert.equal(value(micros, 'instant', '1969-12-31 23:59:59.999999+00'), -1n)
  assert.equal(
    value({ kind: 'fine-timestamp', unit: 'nanos' }, 'instant', '1970-01-01 00:00:01.000002'),
    1_000_002_000n,
  )
  assert.equal(value({ kind: 'local-timestamp', unit: 'micros' }, 'local-timestamp', '1970-01-01 00:00:00.5'), 500_000n)
  assert.equal(value({ kind: 'date' }, 'date', '1969-12-31'), -1)
  assert.equal(value({ kind: 'time', unit: 'micros' }, 'time', '23:59:59.000001'), 86_399_000_001)
})

test('clocks that are set back show an hour twice: the first one is meant; those set forward leave one out', () => {
  const wall = (text: string): number => wallOf(text)?.ms ?? Number.NaN
  assert.equal(instantIn(wall('2025-10-26 02:30:00'), 'Europe/Paris'), Date.UTC(2025, 9, 26, 0, 30))
  assert.equal(instantIn(wall('2025-10-26 03:00:00'), 'Europe/Paris'), Date.UTC(2025, 9, 26, 2))
  assert.equal(instantIn(wall('2025-03-30 02:00:00'), 'Europe/Paris'), undefined)
  assert.equal(instantIn(wall('2025-03-30 03:00:00'), 'Europe/Paris'), Date.UTC(2025, 2, 30, 1))
  for (const text of ['-01:00:00', '24:00:00', '838:59:59', '12:60:00'])
    assert.equal(sinceMidnight(text), undefined, text)
})

test('what would lose something is refused before a row is read', () => {
  const at: FieldType = { kind: 'timestamp' }
  assert.match(misfit(at, column('instant', 6), false) ?? '', /6 digits of the second, and the field 3.*'truncate'/)
  assert.equal(misfit(at, column('instant', 6), true), undefined)
  assert.equal(misfit(at, column('instant', 3), false), undefined)
  assert.match(misfit({ kind: 'double' }, column('decimal'), false) ?? '', /is decimal, which is no double/)
  assert.match(misfit({ kind: 'float' }, column('double'), false) ?? '', /no float/)
  assert.match(misfit({ kind: 'date' }, column('instant'), false) ?? '', /no date/)
  assert.match(misfit({ kind: 'string' }, column('bytes'), false) ?? '', /no string/)
  assert.match(misfit({ kind: 'array', items: { kind: 'string' } }, column('text'), false) ?? '', /no array/)
})
