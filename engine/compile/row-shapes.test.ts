import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { elementsOf, fieldsOf, shapeOf } from './row-shapes.ts'
import { mapping } from './steps.ts'

const name = fc.oneof(fc.string(), fc.constantFrom('__proto__', 'constructor', 'toString', '"]; throw 1; //', '\u2028'))

test('a shape has its columns in order, whatever they are called', () => {
  fc.assert(
    fc.property(fc.uniqueArray(name), fc.uniqueArray(name), (own, made) => {
      const columns = new Map([...fieldsOf(own), ...elementsOf(made, 1)])
      const row: Record<string, unknown> = Object.fromEntries(own.map((column) => [column, `own ${column}`]))
      const shaped = shapeOf(columns)(
        row,
        made.map((column) => `made ${column}`),
      )
      const expected = [...columns.keys()].map((column) => [
        column,
        `${made.includes(column) ? 'made' : 'own'} ${column}`,
      ])
      assert.deepEqual(Object.entries(shaped), Object.entries(Object.fromEntries(expected)))
      assert.equal(Object.getPrototypeOf(shaped), Object.prototype)
    }),
  )
})

test('a map keeps what it does not make, and only what is read behind it', () => {
  const kept = { toString: 'kept', b: 'kept', c: 'kept', d: 'kept' }
  const map = mapping(
    { kind: 'map', fields: [], make: () => ({ b: null, e: 1, f: 2 }), keep: ['toString', 'b', 'c', 'd'] },
    new Set(['toString', 'b', 'c', 'e']),
  )
  assert.deepEqual(map(kept), { toString: 'kept', b: null, c: 'kept', e: 1 })
})

test('rows of one shape have the same columns in one order, whatever their sources have', () => {
  const shape = shapeOf([...fieldsOf(['a', 'b']), ['c', null]])
  assert.deepEqual(shape({ a: 1, b: 2, z: 9 }), { a: 1, b: 2, c: null })
  assert.deepEqual(Object.keys(shape({ b: 2, a: 1 })), ['a', 'b', 'c'])
})
