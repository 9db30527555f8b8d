import assert from 'node:assert/strict'
import { test } from 'node:test'
import { KappaError } from '#engine/errors'
import { topic } from '#engine/schema'
import { count, describe, fieldsRead, lineageOf, needsRekey, processor, tumbling } from './index.ts'

const field = (name: string, type: unknown = 'string', more = {}) => ({ name, type, doc: 'For tests.', ...more })
const time = (name: string) => field(name, { type: 'long', logicalType: 'timestamp-millis' })
const made = <V>(name: string, key: string, fields: readonly object[], terms = {}) =>
  topic<V>({
    type: 'record',
    name: 'Thing',
    namespace: 'test',
    doc: 'For tests.',
    topic: {
      name,
      kind: 'facts',
      key,
      time: 'at',
      id: [],
      partitions: 4,
      retention: 'forever',
      owner: 'tests',
      ...terms,
    },
    fields,
  })
const pii = { 'confluent:tags': ['PII'], pii: { subject: 'guest', strategy: 'pseudonym', sealed: true } }

interface View {
  readonly viewId: string
  readonly visitor: string
  readonly page: string
  readonly at: number
}
interface Call {
  readonly guest: string
  readonly phone: string
  readonly minutes: number
  readonly at: number
}
const views = made<View>('test.views.v1', 'visitor', [field('viewId'), field('visitor'), field('page'), time('at')], {
  id: ['viewId'],
})
const calls = made<Call>('test.calls.v1', 'guest', [
  field('guest'),
  field('phone', 'string', pii),
  field('minutes', 'long'),
  time('at'),
])
const near = { on: ['visitor'], before: '1 minute', after: '5 minutes', grace: '10 seconds' } as const
const called = (columns: readonly object[]) =>
  made<{ visitor: string; page: string; spoken: number; id: string; at: number }>('test.called.v1', 'visitor', [
    field('visitor'),
    ...columns,
    time('at'),
  ])

const plan = processor('called', ({ from }) =>
  from(views)
    .joinWithin(from(calls), { ...near, select: { spoken: 'minutes', phone: 'phone' }, kind: 'inner', identity: 'id' })
    .to(called([field('page'), field('spoken', 'long'), field('id')])),
)

test('each side decodes what is read of it, its key and, for an identity, its id', () => {
  const [left, right] = plan.inputs.map((input) => fieldsRead(plan, input).toSorted())
  assert.deepEqual(left, ['at', 'page', 'viewId', 'visitor'])
  assert.deepEqual(right, ['guest', 'minutes'])
})

test('columns of a pair come from both topics, and personal ones stay personal', () => {
  const lineage = lineageOf(plan)
  const from = (column: string) => lineage.get(column)?.map(({ topic: name, field: of }) => `${name}.${of}`)
  assert.deepEqual(from('spoken'), ['test.calls.v1.minutes'])
  assert.deepEqual(from('page'), ['test.views.v1.page'])
  assert.deepEqual(from('id'), ['test.views.v1.viewId'])
  assert.throws(
    () =>
      processor('leak', ({ from: reading }) =>
        reading(views)
          .joinWithin(reading(calls), { ...near, select: { spoken: 'minutes', page2: 'phone' }, kind: 'left' })
          .map(['page2', 'spoken'], ({ page2 }) => ({ page: page2 ?? '', spoken: 0, id: '' }), {
            keep: ['visitor', 'at'],
          })
          .to(called([field('page'), field('spoken', 'long'), field('id')])),
      ),
    (thrown) => thrown instanceof KappaError && /'test\.calls\.v1\.phone' reaches the untagged/.test(thrown.message),
  )
})

test('grouping by what was joined on needs no re-key, by something else it does', () => {
  const perVisitor = made<{ visitor: string; page: string; windowStart: number; windowEnd: number; calls: number }>(
    'test.per-visitor.v1',
    'visitor',
    [field('visitor'), field('page'), time('windowStart'), time('windowEnd'), field('calls', 'long')],
    { time: 'windowStart' },
  )
  const grouped = (...keyBy: readonly ('visitor' | 'page')[]) =>
    processor('grouped', ({ from }) =>
      from(views)
        .joinWithin(from(calls), { ...near, select: { spoken: 'minutes' }, kind: 'inner' })
        .keyBy(...keyBy)
        .window(tumbling({ size: '1 hour', grace: '1 minute' }))
        .aggregate({ calls: count() })
        .emit('on-close')
        .map([], () => ({ visitor: '', page: '' }), { keep: ['windowStart', 'windowEnd', 'calls'] })
        .to(perVisitor),
    )
  assert.equal(needsRekey(grouped('visitor', 'page')), false)
  assert.equal(needsRekey(grouped('page')), true)
})

test('the description says how far the sides may be apart', () => {
  assert.match(
    describe(plan).text,
    /left side of an inner join of streams on visitor: from 1 minute before to 5 minutes/,
  )
  assert.match(describe(plan).text, /events of test\.calls\.v1 by guest while a partner may come/)
})
