import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import type { FieldType } from '#engine/schema'
import {
  type AggregateColumn,
  approximateDistinct,
  collect,
  distinct,
  quantile,
  quantiles,
  standardDeviation,
  topK,
  variance,
} from '#engine/topology'
import { accumulatorOf } from './index.ts'
import { cellOf, checkGoingOn, checkMerging, resultOf } from './law-fixture.ts'

const LONG: FieldType = { kind: 'long' }
const DOUBLE: FieldType = { kind: 'double' }
const TEXT: FieldType = { kind: 'string' }
const BYTES: FieldType = { kind: 'bytes' }
const MONEY: FieldType = { kind: 'decimal', precision: 18, scale: 2 }

const integers = fc.integer({ min: -1000, max: 1000 })
const money = fc.bigInt({ min: -(10n ** 17n), max: 10n ** 17n })
const doubles = fc.double({ min: -1e6, max: 1e6, noNaN: true })

/** Doubles add up to nearly the same in every grouping; the engine fixes the grouping. */
const nearly = (a: unknown, b: unknown): void => {
  if (typeof a !== 'number' || typeof b !== 'number') assert.deepStrictEqual(a, b)
  else assert.ok(Math.abs(a - b) <= 1e-6 * Math.max(1, Math.abs(a), Math.abs(b)), `${a} is not near ${b}`)
}

interface Law {
  readonly column: AggregateColumn
  readonly type: FieldType
  readonly values: fc.Arbitrary<unknown>
  readonly same?: (a: unknown, b: unknown) => void
}
const of = (kind: 'count' | 'sum' | 'mean' | 'min' | 'max' | 'first' | 'last'): AggregateColumn =>
  kind === 'count' ? { kind, field: undefined } : { kind, field: 'x' }
/** What the builder's functions make, without the types that authors see. */
const built = (column: object): AggregateColumn => column as AggregateColumn
const words = fc.constantFrom('a', 'b', 'c', 'd', 'e', '')
const bytes = fc.uint8Array({ maxLength: 3 }).map((list) => Buffer.from(list))
const laws: readonly Law[] = [
  { column: of('count'), type: LONG, values: integers },
  { column: of('sum'), type: LONG, values: integers },
  { column: of('sum'), type: MONEY, values: money },
  { column: of('sum'), type: DOUBLE, values: doubles, same: nearly },
  { column: of('mean'), type: LONG, values: integers },
  { column: of('mean'), type: MONEY, values: money },
  { column: of('mean'), type: DOUBLE, values: doubles, same: nearly },
  { column: of('min'), type: MONEY, values: money },
  { column: of('max'), type: DOUBLE, values: doubles },
  { column: of('first'), type: TEXT, values: fc.string() },
  { column: of('last'), type: BYTES, values: bytes },
  { column: built(collect('x')), type: TEXT, values: fc.string() },
  { column: built(collect('x', { limit: 3, keep: 'last', order: 'time' })), type: LONG, values: integers },
  { column: built(collect('x', { limit: 5 })), type: BYTES, values: bytes },
  { column: built(variance('x')), type: LONG, values: integers },
  { column: built(standardDeviation('x', { of: 'population' })), type: MONEY, values: money },
  { column: built(variance('x')), type: DOUBLE, values: doubles, same: nearly },
  { column: built(distinct('x')), type: TEXT, values: words },
  { column: built(distinct('x')), type: BYTES, values: bytes },
  { column: built(approximateDistinct('x', { precision: 4 })), type: DOUBLE, values: doubles },
  { column: built(approximateDistinct('x')), type: TEXT, values: fc.string() },
  {
    column: built(quantiles('x', { at: [0, 0.5, 1] })),
    type: DOUBLE,
    values: fc.double({ noNaN: true, noDefaultInfinity: true }),
  },
  { column: built(quantile('x', { at: 0.9 })), type: MONEY, values: money },
  { column: built(topK('x', { k: 3 })), type: TEXT, values: words },
  { column: built(topK('x', { k: 2, yields: 'counts' })), type: LONG, values: fc.integer({ min: 0, max: 6 }) },
  { column: built(topK('x', { k: 3 })), type: BYTES, values: bytes },
]

for (const { column, type, values, same } of laws) {
  const name = `${column.kind} of ${type.kind}`
  test(`${name}: merging cells gives what one cell of all events gives, read back from bytes or not`, () => {
    checkMerging(accumulatorOf(column, type, undefined), values, same)
  })
  test(`${name}: a merged cell goes on as one that had all events, and leaves the other as it was`, () => {
    checkGoingOn(accumulatorOf(column, type, undefined), values, same)
  })
}

test('values of one source are collected in the order taken, of several in that of event time', () => {
  const list = accumulatorOf(built(collect('x')), TEXT, undefined)
  const at = (value: string, time: number, source: number, offset: number) => ({ value, time, source, offset })
  const one = cellOf(list, [at('b', 5, 1, 0), at('a', 3, 1, 1), at('c', 9, 1, 2)])
  assert.deepEqual(resultOf(list, one), ['b', 'a', 'c'])
  const two = cellOf(list, [at('b', 5, 1, 0), at('a', 3, 2, 1), at('c', 5, 0, 2)])
  assert.deepEqual(resultOf(list, two), ['a', 'c', 'b'])
})
