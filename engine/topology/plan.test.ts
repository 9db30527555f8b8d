import assert from 'node:assert/strict'
import { test } from 'node:test'
import { KappaError } from '#engine/errors'
import { topic } from '#engine/schema'
import {
  count,
  describe,
  fieldsRead,
  lineageOf,
  needsRekey,
  type Plan,
  processor,
  sum,
  table,
  tumbling,
} from './index.ts'

interface Order {
  readonly orderId: string
  readonly customer: string
  readonly email: string
  readonly city: string
  readonly total: number
  readonly at: number
}
const text = (name: string, more = {}) => ({ name, type: 'string', doc: 'Text.', ...more })
const time = (name: string) => ({ name, type: { type: 'long', logicalType: 'timestamp-millis' }, doc: 'When.' })
const long = (name: string) => ({ name, type: 'long', doc: 'A number.' })
const pii = (strategy: string) => ({
  'confluent:tags': ['PII'],
  pii: { subject: 'customer', strategy, sealed: true, ...(strategy === 'generalise' ? { keep: 'city' } : {}) },
})
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
const orders = made<Order>('test.orders.v1', 'customer', [
  text('orderId'),
  text('customer'),
  text('email', pii('pseudonym')),
  text('city', pii('generalise')),
  long('total'),
  time('at'),
])
const customers = made<{ customer: string; tier: string; at: number }>('test.customers.v1', 'customer', [
  text('customer'),
  text('tier'),
  time('at'),
])
const out = <V>(...fields: object[]) =>
  made<V & { at: number }>('test.out.v1', 'customer', [text('customer'), ...fields, time('at')])

const refused = (because: RegExp, build: () => unknown) =>
  assert.throws(
    build,
    (thrown) => thrown instanceof KappaError && thrown.code === 'PLAN_INVALID' && because.test(thrown.message),
  )

test('a personal field that reaches an untagged column fails the build, by name, by map and through windows', () => {
  const plain = out<{ customer: string; contact: string }>(text('contact'))
  const named = out<{ customer: string; email: string }>(text('email'))
  refused(/'test\.orders\.v1\.email' reaches the untagged column 'email'/, () =>
    processor('leak', ({ from }) => from(orders).to(named)),
  )
  const mapped = (reason?: string) =>
    processor('leak', ({ from }) => {
      const contacts = from(orders).map(['email'], ({ email }) => ({ contact: email.slice(0, 1) }), {
        keep: ['customer', 'at'],
      })
      return (reason === undefined ? contacts : contacts.declassify(['contact'], reason)).to(plain)
    })
  refused(/reaches the untagged column 'contact'/, () => mapped())
  refused(/declassify needs a reason/, () => mapped(' '))
  assert.ok(mapped('one letter identifies nobody'))
  const tagged = out<{ customer: string; contact: string }>(text('contact', pii('pseudonym')))
  assert.ok(
    processor('kept', ({ from }) =>
      from(orders)
        .map(['email'], ({ email }) => ({ contact: email }), { keep: ['customer', 'at'] })
        .to(tagged),
    ),
  )
})

test('mask names every personal field; a pseudonym stays personal, what is generalised does not', () => {
  const masked = out<{ customer: string; who: string; where: string }>(text('who', pii('pseudonym')), text('where'))
  const untagged = out<{ customer: string; who: string; where: string }>(text('who'), text('where'))
  const masking = (columns: { email: string; city: string }, to: typeof masked) =>
    processor('masked', ({ from }) =>
      from(orders)
        .mask(columns as { email: 'who'; city: 'where' })
        .to(to),
    )
  assert.ok(masking({ email: 'who', city: 'where' }, masked))
  refused(/untagged column 'who'/, () => masking({ email: 'who', city: 'where' }, untagged))
  const who = out<{ customer: string; who: string }>(text('who', pii('pseudonym')))
  refused(/mask leaves the personal field 'city'/, () =>
    processor('masked', ({ from }) => from(orders).mask({ email: 'who' }).to(who)),
  )
})

const windowed = (name: string, key: 'customer' | 'orderId' | 'city', total = 100) =>
  processor(name, ({ from }) =>
    from(orders)
      .filter(['total'], (order) => order.total > total)
      .declassify(['city'], 'a city is no person')
      .map(['total'], (order) => ({ worth: order.total }), { keep: ['customer', 'orderId', 'city'] })
      .keyBy(key)
      .window(tumbling({ size: '1 minute', grace: '0 seconds' }))
      .aggregate({ orders: count(), worth: sum('worth') })
      .emit('on-close')
      .map(['worth', 'windowStart'], (row) => ({ contact: String(row.worth), customer: 'x', at: row.windowStart }))
      .to(out<{ customer: string; contact: string }>(text('contact'))),
  )

test('a re-key is needed where keyBy does not contain the input’s own key, kept by every map', () => {
  assert.deepEqual([windowed('a', 'customer'), windowed('b', 'orderId')].map(needsRekey), [false, true])
})

test('only the fields that something reads are decoded; lineage names them', () => {
  const plan = windowed('a', 'customer')
  const [input] = plan.inputs
  assert.ok(input)
  assert.deepEqual([...fieldsRead(plan, input)].sort(), ['customer', 'total'])
  assert.deepEqual(
    lineageOf(plan)
      .get('contact')
      ?.map(({ field }) => field),
    ['total', 'at'],
  )
})

test('the version follows the code and the options, and nothing else', () => {
  assert.equal(windowed('a', 'customer').version, windowed('a', 'customer').version)
  assert.notEqual(windowed('a', 'customer').version, windowed('a', 'orderId').version)
  assert.match(windowed('a', 'customer').version, /^[0-9a-f]{12}$/)
})

test('a join of topics that are keyed differently is refused', () => {
  const shape = out<{ customer: string; tier: string | null }>({
    name: 'tier',
    type: ['null', 'string'],
    default: null,
    doc: 'x',
  })
  const joining = (on: 'customer' | 'orderId', after = false): Plan =>
    processor('joined', ({ from }) =>
      (after
        ? from(orders).map(['customer'], (row) => ({ customer: row.customer }), { keep: ['orderId', 'at'] })
        : from(orders)
      )
        .join(table(customers, { history: '1 day' }), { on: [on], select: { tier: 'tier' }, kind: 'left' })
        .to(shape as never),
    )
  assert.ok(joining('customer'))
  refused(/keyed by customer, the join by orderId/, () => joining('orderId'))
  refused(/keyed by customer, the join by customer/, () => joining('customer', true))
})

test('a description holds every step, the re-key and where each column comes from', () => {
  const { text: shown, mermaid } = describe(windowed('b', 'city'))
  for (const part of [
    '  test.orders.v1\n    keyed by customer, time at',
    'filter by total',
    're-key',
    'worth = sum of worth',
    'Writes\n  test.out.v1',
    'contact  ← test.orders.v1: total, at',
    'map, then sum',
  ])
    assert.ok(shown.includes(part), part)
  assert.match(mermaid, /^flowchart LR\n/)
})
