import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import type { FieldType } from '#engine/schema'
import {
  type AggregateColumn,
  collect,
  distinct,
  fold,
  quantile,
  quantiles,
  standardDeviation,
  topK,
  variance,
} from '#engine/topology'
import { accumulatorOf } from './index.ts'
import { cellOf, resultOf } from './law-fixture.ts'

const LONG: FieldType = { kind: 'long' }
const DOUBLE: FieldType = { kind: 'double' }
const MONEY: FieldType = { kind: 'decimal', precision: 18, scale: 2 }
const TEXT: FieldType = { kind: 'string' }

/** The result over values that come one millisecond after the other. */
function over(column: object, type: FieldType, values: readonly unknown[]): unknown {
  const accumulator = accumulatorOf(column as AggregateColumn, type, undefined)
  const list = values.map((value, offset) => ({ value, time: offset, source: 0, offset }))
  return resultOf(accumulator, cellOf(accumulator, list))
}

test('variance and standard deviation of a sample and of a population; null where values are too few', () => {
  const values = [2, 4, 4, null, 4, 5, 5, 7, 9]
  for (const type of [LONG, DOUBLE]) {
    assert.equal(over(variance('x', { of: 'population' }), type, values), 4)
    assert.equal(over(standardDeviation('x', { of: 'population' }), type, values), 2)
    assert.equal(over(variance('x'), type, values), 32 / 7)
    assert.equal(over(variance('x'), type, [5]), null)
    assert.equal(over(variance('x', { of: 'population' }), type, [5, null]), 0)
    assert.equal(over(standardDeviation('x', { of: 'population' }), type, [null]), null)
  }
  // In units: 1.00, 3.00 and 5.00.
  assert.equal(over(variance('x'), MONEY, [100n, 300n, 500n]), 4)
})

test('a variance keeps its digits where the mean is large beside the spread', () => {
  fc.assert(
    fc.property(fc.array(fc.integer({ min: 0, max: 100 }), { minLength: 2, maxLength: 60 }), (small) => {
      const near = over(variance('x'), LONG, small) as number
      for (const type of [LONG, DOUBLE]) {
        const far = over(
          variance('x'),
          type,
          small.map((value) => value + 1e9),
        ) as number
        assert.ok(Math.abs(far - near) <= 1e-6 * Math.max(1, near), `${far}, not ${near}`)
      }
    }),
  )
})

test('quantiles are in units; of nothing there is none', () => {
  const cents = Array.from({ length: 101 }, (_none, n) => BigInt(n * 1000))
  const near = (found: unknown, exact: number) => assert.ok(Math.abs((found as number) / exact - 1) <= 0.01, `${found}`)
  near(over(quantile('x', { at: 0.95 }), MONEY, cents), 950)
  const [low, high] = over(quantiles('x', { at: [0.1, 0.9] }), MONEY, cents) as number[]
  near(low, 100)
  near(high, 900)
  assert.equal(over(quantile('x', { at: 0.5 }), LONG, [null]), null)
  assert.deepEqual(over(quantiles('x', { at: [0.5] }), LONG, []), [])
})

test('top k by count and then by value; distinct counts values once, -0 as 0, bytes by content', () => {
  const words = ['b', 'a', null, 'c', 'b', 'c', 'd']
  assert.deepEqual(over(topK('x', { k: 3 }), TEXT, words), ['b', 'c', 'a'])
  assert.deepEqual(over(topK('x', { k: 3, yields: 'counts' }), TEXT, words), [2, 2, 1])
  assert.equal(over(distinct('x'), TEXT, words), 4)
  assert.equal(over(distinct('x'), DOUBLE, [0, -0, 1]), 2)
  assert.equal(over(distinct('x'), { kind: 'bytes' }, [Buffer.from([1, 255]), Buffer.from([1, 255])]), 1)
  const lists = accumulatorOf(distinct('x') as AggregateColumn, { kind: 'array', items: TEXT }, undefined)
  assert.match(lists.misfit(['a']) ?? '', /list/)
})

test('collect keeps the first or the last by event time, however many come', () => {
  const values = Array.from({ length: 100 }, (_none, n) => n)
  assert.deepEqual(over(collect('x', { limit: 3 }), LONG, values), [0, 1, 2])
  assert.deepEqual(over(collect('x', { limit: 3, keep: 'last' }), LONG, values), [97, 98, 99])
})

const longest = fold({
  reads: ['name', 'size'],
  initial: () => ({ names: [] as string[], size: 0 }),
  add: (state, row: { name: string; size: number }) => {
    if (row.size < 0) throw new Error('no size')
    return { names: [...state.names, row.name], size: state.size + row.size }
  },
  merge: (state, other) => {
    state.names.push(...other.names)
    state.size += other.size
    return state
  },
  result: ({ names, size }) => `${names.join('')}:${size}`,
})

test('a fold’s states are its own: merging changes neither the other state nor one written earlier', () => {
  const accumulator = accumulatorOf(longest as AggregateColumn, undefined, undefined)
  const cell = (...rows: [string, number][]): unknown[] => {
    const slots: unknown[] = []
    accumulator.start(slots, 0)
    for (const [name, size] of rows)
      accumulator.add(slots, 0, accumulator.prepare?.({ name, size, more: 1 }), { time: 0, source: 0, offset: 0 })
    return slots
  }
  const [a, b] = [cell(['a', 1], ['b', 2]), cell(['c', 3])]
  const empty = cell()
  accumulator.merge(empty, 0, b)
  accumulator.merge(empty, 0, a)
  accumulator.merge(a, 0, b)
  assert.deepEqual(
    [a, b, empty].map((slots) => accumulator.result(slots, 0)),
    ['abc:6', 'c:3', 'cab:6'],
  )
  assert.throws(() => accumulator.prepare?.({ name: 'x', size: -1 }), /no size/)
})

test('one event goes into several cells that share nothing', () => {
  const accumulator = accumulatorOf(longest as AggregateColumn, undefined, undefined)
  const cells: unknown[][] = [[], []]
  for (const slots of cells) accumulator.start(slots, 0)
  const place = { time: 0, source: 0, offset: 0 }
  for (const name of ['a', 'b']) {
    const event = accumulator.prepare?.({ name, size: 1 })
    for (const slots of cells) accumulator.add(slots, 0, event, place)
  }
  accumulator.add(cells[0] as unknown[], 0, accumulator.prepare?.({ name: 'c', size: 1 }), place)
  assert.deepEqual(
    cells.map((slots) => accumulator.result(slots, 0)),
    ['abc:3', 'ab:2'],
  )
})
