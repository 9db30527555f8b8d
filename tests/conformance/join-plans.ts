import { type AnyTopic, type Topic, topic } from '#engine/schema'
import { type Plan, processor, table } from '#engine/topology'
import { type Case, Unsupported } from './cases.ts'

/** A value of a case travels as JSON. */
export interface Event {
  readonly key: string
  readonly text: string
  readonly at: number
}
/** A row of a join: JSON of both values, null where there is none, and the time of each. */
export interface Pair {
  readonly key: string
  readonly leftText: string | null
  readonly rightText: string | null
  readonly at: number
}

const timestamp = { type: 'long', logicalType: 'timestamp-millis' }
const made = <V>(name: string, fields: readonly object[], kind = 'facts'): Topic<V> =>
  topic({
    type: 'record',
    name: 'Event',
    namespace: 'conformance',
    doc: 'A conformance case.',
    topic: {
      name,
      kind,
      key: 'key',
      time: 'at',
      id: kind === 'table' ? ['key'] : [],
      partitions: 1,
      retention: 'forever',
      owner: 'tests',
    },
    fields: fields.map((field) => ({ doc: 'Of the case.', ...field })),
  })
const fields = [
  { name: 'key', type: 'string' },
  { name: 'text', type: 'string' },
  { name: 'at', type: timestamp },
]
const nullable = (name: string) => ({ name, type: ['null', 'string'], default: null })

const left: Topic<Event> = made('conformance.left.v1', fields)
const right: Topic<Event> = made('conformance.right.v1', fields)
const rows: Topic<Event> = made('conformance.rows.v1', fields, 'table')
export const pairs: Topic<Pair> = made('conformance.pairs.v1', [
  { name: 'key', type: 'string' },
  nullable('leftText'),
  nullable('rightText'),
  { name: 'at', type: timestamp },
])

/** A case's plan, and which topic each side of its input is. */
export interface JoinPlan {
  readonly plan: Plan
  readonly topics: Readonly<Record<string, Topic<Event>>>
  /** In the order of the stage's inputs. */
  readonly inputs: readonly AnyTopic[]
}

const TYPES = ['join', 'interval-join', 'asof-join', 'stream-table-join']
export const isJoinCase = (test: Case): boolean => TYPES.includes(test.window?.type ?? '')

/** A join whose sides are kept as long as a case may last. */
const FOREVER = 40_000_000_000_000
const ms = (length: number) => `${length} milliseconds` as const

export function planOf(test: Case): JoinPlan {
  const { type, beforeMs = 0, afterMs = 0, tableHistoryMs } = test.window ?? { type: '' }
  const graceMs = test.window?.graceMs ?? undefined
  const { join = 'inner' } = test
  if (type === 'join' || type === 'interval-join') return streams(join, beforeMs, afterMs, graceMs ?? FOREVER)
  if (join !== 'inner' && join !== 'left') throw new Unsupported(`a ${join} join with a table is not built`)
  // An as-of join of two streams: what the right one's grace keeps is how far back a look-up is answered, at once.
  if (type === 'asof-join') return withTable(join, right, { history: graceMs ?? FOREVER, clock: 'shared', grace: 0 })
  return withTable(join, rows, { history: tableHistoryMs ?? FOREVER, clock: 'streams', grace: graceMs ?? 0 })
}

function streams(join: string, beforeMs: number, afterMs: number, graceMs: number): JoinPlan {
  if (join !== 'inner' && join !== 'left' && join !== 'outer' && join !== 'right')
    throw new Unsupported(`a ${join} join of streams is not built`)
  const turned = join === 'right'
  const [one, two] = turned ? [right, left] : [left, right]
  const plan = processor('conformance', ({ from }) =>
    from(one)
      .joinWithin(from(two), {
        on: ['key'],
        before: ms(turned ? afterMs : beforeMs),
        after: ms(turned ? beforeMs : afterMs),
        grace: ms(graceMs),
        select: { otherText: 'text', otherAt: 'at' },
        kind: turned ? 'left' : join,
      })
      .map(
        ['text', 'at', 'otherText', 'otherAt'],
        ({ text, at, otherText, otherAt }): Omit<Pair, 'key'> => ({
          at: Math.max(at ?? 0, otherAt ?? 0),
          leftText: turned ? otherText : text,
          rightText: turned ? text : otherText,
        }),
        { keep: ['key'] },
      )
      .to(pairs),
  )
  return { plan, topics: { left, right }, inputs: [one, two] }
}

function withTable(
  join: 'inner' | 'left',
  versions: Topic<Event>,
  options: { readonly history: number; readonly clock: 'streams' | 'shared'; readonly grace: number },
): JoinPlan {
  const { clock, grace } = options
  const history = ms(Math.max(options.history, grace))
  const plan = processor('conformance', ({ from }) =>
    from(left)
      .join(table(versions, { history, clock }), {
        on: ['key'],
        select: { rightText: 'text' },
        kind: join,
        grace: ms(grace),
      })
      .map(
        ['text', 'rightText'],
        ({ text, rightText }): { leftText: string; rightText: string | null } => ({ leftText: text, rightText }),
        {
          keep: ['key', 'at'],
        },
      )
      .to(pairs),
  )
  return { plan, topics: { left, stream: left, right: versions, table: versions }, inputs: [left, versions] }
}
