import assert from 'node:assert/strict'
import { test } from 'node:test'
import { topic } from '#engine/schema'
import { count, describe, processor, table, tumbling } from './index.ts'
import { durationText } from './words.ts'

const field = (name: string, type: unknown = 'string', more = {}) => ({ name, type, doc: 'For tests.', ...more })
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
const pii = { 'confluent:tags': ['PII'], pii: { subject: 'user', strategy: 'generalise', keep: 'city', sealed: true } }

const visits = made<{ user: string; address: string; page: string; at: number }>('test.visits.v1', [
  field('user'),
  field('address', 'string', pii),
  field('page'),
  time('at'),
])
const plans = made<{ user: string; tier: string; at: number }>('test.plans.v1', [
  field('user'),
  field('tier'),
  time('at'),
])
const perTier = made<{ tier: string; city: string; windowStart: number; windowEnd: number; visits: number }>(
  'test.per-tier.v1',
  [field('tier'), field('city'), time('windowStart'), time('windowEnd'), field('visits', 'long')],
  { kind: 'results', key: ['tier', 'city'], time: 'windowStart', id: ['tier', 'city', 'windowStart'] },
)

const plan = processor('visits-per-tier', ({ from }) =>
  from(visits, { maxAhead: '1 hour' })
    .filter(['page'], ({ page }) => page !== '<"end">')
    .join(table(plans, { history: '2 days' }), { on: ['user'], select: { tier: 'tier' }, kind: 'inner' })
    .declassify(['address'], 'the "city" of a test is nobody’s')
    .map(['address'], ({ address }) => ({ city: address }), { keep: ['tier'] })
    .keyBy('tier', 'city')
    .window(tumbling({ size: '90 seconds', grace: '0 seconds' }))
    .aggregate({ visits: count() })
    .emit('on-update')
    .to(perTier),
)

test('every output column says where it comes from, by what, and why it is not personal any more', () => {
  const { lineage } = describe(plan).topology
  assert.deepEqual(Object.fromEntries(lineage.map(({ column, by }) => [column, by])), {
    tier: ['inner join'],
    city: ['map'],
    windowStart: ['start of the window'],
    windowEnd: ['end of the window'],
    visits: ['count'],
  })
  assert.deepEqual(lineage.find(({ column }) => column === 'city')?.from, [
    { topic: 'test.visits.v1', field: 'address', personal: false, declassified: 'the "city" of a test is nobody’s' },
  ])
  assert.deepEqual(lineage.find(({ column }) => column === 'tier')?.from, [
    { topic: 'test.plans.v1', field: 'tier', personal: false },
  ])
})

test('the text is plain words', () => {
  const { text } = describe(plan)
  for (const line of [
    '    keyed by user, time at, waited for when silent, at most 1 hour ahead',
    '    inner join test.plans.v1 on user as of the event’s time',
    '    table by user, versions by at, history 2 days',
    '  tumbling windows of 90 seconds, grace 0 seconds',
    '  emit on-update: a row whenever it changes',
    'declassified: the "city" of a test is nobody’s',
  ])
    assert.ok(text.includes(line), `${line}\nin\n${text}`)
})

test('a diagram escapes what Mermaid would read as its own', () => {
  const { mermaid } = describe(plan)
  assert.ok(mermaid.includes('the #quot;city#quot; of a test'))
  for (const line of mermaid.split('\n')) assert.ok((line.match(/"/g)?.length ?? 0) % 2 === 0, line)
  assert.match(mermaid, /in1\[\("test\.plans\.v1"\)\]:::topic/)
  assert.match(mermaid, /in1 -\.-> s0_1/)
})

test('durations are told in the largest unit that divides them', () => {
  assert.deepEqual([0, 1, 1_500, 90_000, 3_600_000, 172_800_000, 604_800_000].map(durationText), [
    '0 seconds',
    '1 millisecond',
    '1500 milliseconds',
    '90 seconds',
    '1 hour',
    '2 days',
    '1 week',
  ])
})
