import assert from 'node:assert/strict'
import { test } from 'node:test'
import { KappaError } from '#engine/errors'
import { topic } from '#engine/schema'
import {
  type AggregateColumn,
  collect,
  columnsWanted,
  count,
  distinct,
  fold,
  lineageOf,
  max,
  mean,
  processor,
  quantile,
  quantiles,
  sum,
  topK,
  tumbling,
  variance,
} from './index.ts'

const time = (name: string) => ({ name, type: { type: 'long', logicalType: 'timestamp-millis' }, doc: 'When.' })
const money = (scale: number) => ({ type: 'bytes', logicalType: 'decimal', precision: 18, scale })
const colour = (...symbols: string[]) => ({ type: 'enum', name: 'Colour', symbols })
const made = <V>(name: string, fields: readonly object[]) =>
  topic<V>({
    type: 'record',
    name: 'Thing',
    namespace: 'test',
    doc: 'For tests.',
    topic: { name, kind: 'facts', key: 'k', time: 'at', id: [], partitions: 4, retention: 'forever', owner: 'tests' },
    fields: [
      { name: 'k', type: 'string', doc: 'Key.' },
      time('at'),
      ...fields.map((one) => ({ doc: 'Of the test.', ...one })),
    ],
  })
interface Thing {
  readonly k: string
  readonly at: number
  readonly amount: bigint
  readonly items: number
  readonly weight: number
  readonly colour: 'RED' | 'BLUE'
}
const things = made<Thing>('test.things.v1', [
  { name: 'amount', type: money(2) },
  { name: 'items', type: 'long' },
  { name: 'weight', type: 'double' },
  { name: 'colour', type: colour('RED', 'BLUE') },
])

/** Builds a processor whose column `x` is the aggregate and has the type. */
const built = (aggregate: { readonly kind: AggregateColumn['kind'] }, type: unknown, more: object = {}) => {
  const target = made<{ k: string; windowStart: number; windowEnd: number; x: number; at: number }>('test.results.v1', [
    time('windowStart'),
    time('windowEnd'),
    { name: 'x', type, ...more },
  ])
  return processor('results', ({ from }) =>
    from(things)
      .keyBy('k')
      .window(tumbling({ size: '1 minute', grace: '0 seconds' }))
      .aggregate({ x: aggregate as ReturnType<typeof count>, at: max('at') as never })
      .emit('on-close')
      .to(target),
  )
}
const array = (items: unknown) => ({ type: 'array', items })

test('an aggregate goes into a column that holds every value it yields', () => {
  built(count(), 'long')
  built(count(), 'double')
  built(distinct('colour'), 'long')
  built(sum('amount'), money(2))
  built(sum('items'), 'double')
  built(max('colour' as never), colour('RED', 'BLUE', 'GREEN'))
  built(collect('colour'), array('string'))
  built(topK('items', { k: 1 }), array('long'))
  built(quantiles('amount', { at: [0.5] }), array('double'))
  built(variance('items'), ['null', 'double'], { default: null })
})

test('one that does not is refused when the processor is built, with both types', () => {
  const refused = (build: () => unknown, why: RegExp) =>
    assert.throws(
      build,
      (thrown) => thrown instanceof KappaError && thrown.code === 'PLAN_INVALID' && why.test(thrown.message),
    )
  refused(() => built(count(), 'string'), /column 'x' \(count\) would write long into string/)
  refused(() => built(sum('weight'), 'long'), /double into long/)
  refused(() => built(mean('items'), 'long'), /double into long/)
  refused(() => built(sum('amount'), money(4)), /decimal\(18, 2\) into decimal\(18, 4\)/)
  refused(() => built(sum('amount'), 'double'), /decimal\(18, 2\) into double/)
  refused(() => built(max('colour' as never), colour('RED')), /enum into enum/)
  refused(() => built(collect('items'), array('string')), /a list of long into a list of string/)
  refused(() => built(quantile('items', { at: 0.5 }), array('double')), /double into a list of double/)
  refused(() => built(variance('items'), 'double'), /null \(too few values\)/)
})

test('options that mean nothing are refused', () => {
  for (const build of [
    () => collect('x', { limit: 0 }),
    () => quantile('x', { at: 1.01 }),
    () => quantiles('x', { at: [0.5, Number.NaN] }),
    () => quantile('x', { at: 0.5, accuracy: 0 }),
    () => topK('x', { k: 1.5 }),
    () => topK('x', { k: 10, capacity: 5 }),
    () => fold({ reads: [], initial: () => 0, add: (n: number) => n, merge: (n) => n, encode: (n) => n }),
  ])
    assert.throws(build, (thrown) => thrown instanceof KappaError && thrown.code === 'PLAN_INVALID')
})

test('a fold reads every field that it names, for decoding and for lineage', () => {
  const plan = built(
    fold({
      reads: ['items', 'weight'],
      initial: () => 0,
      add: (state, row: { items: number; weight: number }) => state + row.items * row.weight,
      merge: (state, other) => state + other,
    }),
    'double',
  )
  assert.deepEqual([...columnsWanted(plan)].sort(), ['at', 'items', 'k', 'weight'])
  assert.deepEqual(
    lineageOf(plan)
      .get('x')
      ?.map(({ field }) => field),
    ['items', 'weight'],
  )
})
