import { type Topic, topic } from '#engine/schema'
import {
  collect,
  count,
  type EmitMode,
  hopping,
  max,
  min,
  type Plan,
  processor,
  session,
  sliding,
  sum,
  tumbling,
} from '#engine/topology'
import { type Case, type CaseWindow, Unsupported } from '../cases.ts'

/** A case as a processor over one topic of events. */
export interface Event {
  readonly key: string
  readonly number: number
  /** Index in the case's input, event time and value, as JSON: what lists are made of. */
  readonly text: string
  readonly at: number
}
interface Bounded {
  readonly key: string
  readonly windowStart: number
  readonly windowEnd: number
}

const contract = (name: string, fields: readonly object[], terms: object) => ({
  type: 'record',
  name: 'Event',
  namespace: 'conformance',
  doc: 'A conformance case.',
  topic: {
    name,
    kind: 'facts',
    key: 'key',
    time: 'at',
    id: [],
    partitions: 1,
    retention: 'forever',
    owner: 'tests',
    ...terms,
  },
  fields: fields.map((field) => ({ doc: 'Of the case.', ...field })),
})
const timestamp = { type: 'long', logicalType: 'timestamp-millis' }

export const events: Topic<Event> = topic(
  contract(
    'conformance.events.v1',
    [
      { name: 'key', type: 'string' },
      { name: 'number', type: 'double' },
      { name: 'text', type: 'string' },
      { name: 'at', type: timestamp },
    ],
    {},
  ),
)

const rows = <V>(name: string, type: unknown): Topic<Bounded & { value: V }> =>
  topic(
    contract(
      name,
      [
        { name: 'key', type: 'string' },
        { name: 'windowStart', type: timestamp },
        { name: 'windowEnd', type: timestamp },
        { name: 'value', type },
      ],
      { time: 'windowStart', key: ['key', 'windowStart', 'windowEnd'] },
    ),
  )
const counts = rows<number>('conformance.counts.v1', 'long')
const numbers = rows<number>('conformance.numbers.v1', 'double')
const lists = rows<string[]>('conformance.lists.v1', { type: 'array', items: 'string' })

/** A window that only the end of input closes. */
export const FOREVER = 40_000_000_000_000

function windowOf(window: CaseWindow, graceMs: number) {
  const { type, sizeMs = 0, advanceMs = sizeMs, gapMs = 0 } = window
  const grace = `${graceMs} milliseconds` as const
  const size = `${sizeMs} milliseconds` as const
  switch (type) {
    case 'tumbling':
      return tumbling({ size, grace })
    case 'hopping':
      return hopping({ size, advance: `${advanceMs} milliseconds`, grace })
    case 'sliding':
      return sliding({ size, grace })
    case 'session':
      return session({ gap: `${gapMs} milliseconds`, grace })
    default:
      throw new Unsupported(`${type} windows are not built`)
  }
}

/** @param graceMs the peer's grace in this engine's terms */
export function planOf(test: Case, emit: EmitMode, graceMs: number): Plan {
  if (!test.window) throw new Unsupported(`a case of kind ${test.kind ?? test.emit} without a window`)
  const window = windowOf(test.window, graceMs)
  const { aggregate = 'count' } = test
  return processor('conformance', ({ from }) => {
    const windowed = from(events).keyBy('key').window(window)
    const listed = windowed.aggregate({ value: collect('text') })
    if (aggregate.startsWith('collect')) return listed.emit(emit).to(lists)
    switch (aggregate) {
      case 'none':
      case 'count':
        return windowed.aggregate({ value: count() }).emit(emit).to(counts)
      case 'sum':
        return windowed
          .aggregate({ value: sum('number') })
          .emit(emit)
          .to(numbers)
      case 'max':
        return windowed
          .aggregate({ value: max('number') })
          .emit(emit)
          .to(numbers)
      case 'min':
        return windowed
          .aggregate({ value: min('number') })
          .emit(emit)
          .to(numbers)
      default:
        throw new Unsupported(`the aggregate ${aggregate} is not built`)
    }
  })
}
