import assert from 'node:assert/strict'
import { test } from 'node:test'
import { topic } from '#engine/schema'
import { layoutDifferences, layoutDigest, layoutOf, processor, sum, table, tumbling } from './index.ts'

const field = (name: string, type: unknown = 'string') => ({ name, type, doc: 'For tests.' })
const time = (name: string) => field(name, { type: 'long', logicalType: 'timestamp-millis' })
const made = <V>(name: string, fields: readonly object[], terms = {}) =>
  topic<V>({
    type: 'record',
    name: 'Thing',
    namespace: 'test',
    doc: 'For tests.',
    topic: {
      name,
      kind: 'facts',
      key: 'user',
      time: 'at',
      id: [],
      partitions: 4,
      retention: 'forever',
      owner: 'tests',
      ...terms,
    },
    fields,
  })
const money = { type: 'bytes', logicalType: 'decimal', precision: 18, scale: 2 }
const paid = made<{ user: string; amount: bigint; at: number }>('test.paid.v1', [
  field('user'),
  field('amount', money),
  time('at'),
])
const plans = made<{ user: string; tier: string; at: number }>('test.plans.v1', [
  field('user'),
  field('tier'),
  time('at'),
])
const perTier = made<{ user: string; tier: string; windowStart: number; windowEnd: number; paid: bigint }>(
  'test.per-tier.v1',
  [field('user'), field('tier'), time('windowStart'), time('windowEnd'), field('paid', money)],
  { kind: 'results', time: 'windowStart', id: ['user', 'tier', 'windowStart'] },
)
const changes = made<{ user: string; at: number }>('test.changes.v1', [field('user'), time('at')])

const windowed = processor('windowed', ({ from }) =>
  from(paid)
    .join(table(plans, { history: '1 day' }), { on: ['user'], select: { tier: 'tier' }, kind: 'inner' })
    .keyBy('user', 'tier')
    .window(tumbling({ size: '1 minute', grace: '0 seconds' }))
    .aggregate({ paid: sum('amount') })
    .emit('on-close')
    .to(perTier),
)

/** State with a shape of the author's. */
const stateful = <S extends object>(initial: () => S) =>
  processor('stateful', ({ from }) =>
    from(paid)
      .keyBy('user')
      .process({
        name: 'seen',
        reads: ['amount'],
        state: { initial },
        onEvent: ({ key, eventTime }) => ({ user: key.user, at: eventTime }),
      })
      .to(changes),
  )

test('the layout that is kept beside the state: whoever changes it here refuses all state there is', () => {
  assert.deepEqual(JSON.parse(JSON.stringify(layoutOf(windowed))), {
    'table test.plans.v1': { key: [['user', 'string']], fields: [['tier', 'string']] },
    key: [
      ['user', 'string'],
      ['tier', 'string'],
    ],
    stages: 1,
    window: { kind: 'tumbling', sizeMs: 60_000, advanceMs: 60_000, graceMs: 0 },
    aggregates: ['paid'],
    'aggregate paid': { kind: 'sum', field: 'amount', type: 'decimal(18, 2)' },
  })
  assert.deepEqual(layoutOf(stateful(() => ({ at: 0, last: new Map(), first: null, cart: { pieces: 1n } }))), {
    key: [['user', 'string']],
    stages: 1,
    operator: 'seen',
    state: { at: 'number', last: 'Map', first: 'null', cart: { pieces: 'bigint' } },
  })
})

test('the order in which options were written does not matter, any value does', () => {
  const layout = layoutOf(windowed)
  const reversed = Object.fromEntries(Object.entries(layout).reverse())
  assert.equal(layoutDigest(reversed), layoutDigest(layout))
  assert.deepEqual(layoutDifferences(reversed, layout), [])
  assert.notEqual(layoutDigest({ ...layout, stages: 2 }), layoutDigest(layout))
})

test('differences are told in words, also those of parts that came or went', () => {
  const layout = layoutOf(windowed)
  const { window: _, ...without } = layout
  assert.deepEqual(layoutDifferences(without, layout), [
    'its window was nothing, and is tumbling windows of 1 minute, grace 0 seconds now',
  ])
  assert.deepEqual(layoutDifferences(layoutOf(stateful(() => ({ n: 0 }))), layoutOf(stateful(() => ({ n: '' })))), [
    'its state was {"n":"number"}, and is {"n":"string"} now',
  ])
  assert.deepEqual(layoutDifferences({ window: { kind: 'spiral', turnMs: 1_000 } }, {}), [
    'its window was spiral windows: turn 1 second, and is nothing now',
  ])
})

test('what duplicates are dropped by is state: another time within which is told', () => {
  const without = (within: '1 hour' | '2 hours') =>
    processor('unique', ({ from }) =>
      from(paid)
        .deduplicate({ by: ['amount'], within })
        .map(['user', 'at'], (row) => row)
        .to(changes),
    )
  const [hour, hours] = [layoutOf(without('1 hour')), layoutOf(without('2 hours'))]
  assert.deepEqual(layoutDifferences(hour, hour), [])
  assert.match(layoutDifferences(hour, hours).join(), /deduplication by amount was .*3600000.* is .*7200000/)
})
