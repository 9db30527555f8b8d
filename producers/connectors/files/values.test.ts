import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { FieldType } from '#engine/schema'
import { instantReader } from './dates.ts'
import { type Spelling, valueReader } from './values.ts'

const english: Spelling = { instant: instantReader(['iso'], 'UTC'), decimal: '.', listSeparator: '|', empty: ['NULL'] }
const french: Spelling = { ...english, decimal: ',' }
const money: FieldType = { kind: 'decimal', precision: 18, scale: 2 }

const read = (type: FieldType, cell: unknown, spelling = english, nullable = false): unknown =>
  valueReader({ type, nullable }, spelling)?.(cell)

test('numbers and amounts as people write them; what is none, or would lose digits, is not read', () => {
  for (const [cell, spelling, unscaled] of [
    ['12.34', english, 1234n],
    ['1,234.5', english, 123450n],
    ['-7', english, -700n],
    ['1.234,50', french, 123450n],
    ['1 234,50', french, 123450n],
    [12.34, english, 1234n],
    [12n, english, 1200n],
    ['12.345', english, undefined],
    ['12,34', english, undefined],
    ['', english, undefined],
    ['1.2.3', english, undefined],
    ['twelve', english, undefined],
    [0.1 + 0.2, english, undefined],
  ] as const)
    assert.equal(read(money, cell, spelling), unscaled, String(cell))
  assert.equal(read({ kind: 'int' }, '7'), 7)
  assert.equal(read({ kind: 'int' }, '7.5'), undefined)
  assert.equal(read({ kind: 'long' }, '9007199254740993'), undefined)
  assert.equal(read({ kind: 'double' }, '-1.5e3'), -1500)
})

test('empty cells are null where the field may be, and otherwise no value', () => {
  assert.equal(read(money, '', english, true), null)
  assert.equal(read(money, 'NULL', english, true), null)
  assert.equal(read(money, null), undefined)
  assert.equal(read({ kind: 'string' }, ''), '')
})

test('symbols, lists, booleans and nested records', () => {
  const symbols: FieldType = { kind: 'enum', name: 'Status', symbols: ['PAID', 'REFUSED'] }
  assert.equal(read(symbols, 'paid'), 'PAID')
  assert.equal(read(symbols, 'lost'), undefined)
  assert.deepEqual(read({ kind: 'array', items: { kind: 'int' } }, '1|2'), [1, 2])
  assert.deepEqual(read({ kind: 'array', items: { kind: 'int' } }, ''), [])
  assert.equal(read({ kind: 'array', items: { kind: 'int' } }, '1|x'), undefined)
  assert.equal(read({ kind: 'boolean' }, 'Yes'), true)
  assert.equal(read({ kind: 'boolean' }, 'maybe'), undefined)
  const card: FieldType = {
    kind: 'record',
    name: 'Card',
    fields: [{ name: 'digits', doc: '', type: { kind: 'string' }, nullable: true }],
  }
  assert.deepEqual(read(card, { digits: '1' }), { digits: '1' })
  assert.deepEqual(read({ kind: 'map', values: { kind: 'int' } }, { a: '1' }), { a: 1 })
  assert.equal(read({ kind: 'map', values: { kind: 'int' } }, { a: 'x' }), undefined)
})

test('instants in the formats given, the first that fits; no calendar, no instant', () => {
  const formats = ['iso', 'dd/MM/yyyy HH:mm', 'MMM d, yyyy HH:mm:ss', 'epoch-seconds']
  const instant = instantReader(formats, 'UTC')
  for (const [text, iso] of [
    ['2025-01-31T13:05:06.789Z', '2025-01-31T13:05:06.789Z'],
    ['2025-01-31T13:05:06.789123+02:00', '2025-01-31T11:05:06.789Z'],
    ['2025-01-31 13:05', '2025-01-31T13:05:00.000Z'],
    ['2025-01-31', '2025-01-31T00:00:00.000Z'],
    ['31/01/2025 13:05', '2025-01-31T13:05:00.000Z'],
    ['Jan 3, 2025 13:05:06', '2025-01-03T13:05:06.000Z'],
    ['1738328706', '2025-01-31T13:05:06.000Z'],
  ] as const)
    assert.equal(new Date(instant(text) ?? 0).toISOString(), iso)
  for (const text of [
    '2025-02-29',
    '31/02/2025 00:00',
    '2025-13-01',
    '2025-01-31T24:00:00Z',
    'Foo 3, 2025 13:05:06',
    'soon',
  ])
    assert.equal(instant(text), undefined, text)
  assert.equal(instantReader(['iso'], 'Europe/Paris')('2025-07-01 12:00'), Date.UTC(2025, 6, 1, 10))
  assert.equal(instantReader(['iso'], 'Europe/Paris')('2025-07-01T12:00:00Z'), Date.UTC(2025, 6, 1, 12))
  assert.throws(() => instantReader(['dd/QQ/yyyy'], 'UTC'), { code: 'CONFIG_INVALID', message: /QQ/ })
})
