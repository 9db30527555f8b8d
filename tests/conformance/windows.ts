import type { KafkaRecord } from '#engine/broker'
import { compile, type OutputRecord, type Stage } from '#engine/compile'
import { memoryRegistry, type Topic, topic } from '#engine/schema'
import { collect, count, hopping, max, min, processor, sum, tumbling } from '#engine/topology'
import { type Case, type CaseRow, type CaseWindow, Mismatch, same, Unsupported } from './cases.ts'

/** Tumbling and hopping cases through the compiled stage, record by record. */
interface Event {
  readonly key: string
  readonly number: number
  /** The value as JSON. */
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
const events: Topic<Event> = topic(
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
const bounds = [
  { name: 'key', type: 'string' },
  { name: 'windowStart', type: timestamp },
  { name: 'windowEnd', type: timestamp },
]
const numbers: Topic<Bounded & { value: number }> = topic(
  contract('conformance.numbers.v1', [...bounds, { name: 'value', type: 'double' }], { time: 'windowStart' }),
)
const lists: Topic<Bounded & { value: string[] }> = topic(
  contract('conformance.lists.v1', [...bounds, { name: 'value', type: { type: 'array', items: 'string' } }], {
    time: 'windowStart',
  }),
)

/** A window that only the end of input closes. */
const FOREVER = 40_000_000_000_000

function windowOf(window: CaseWindow) {
  const { type, sizeMs = 0, advanceMs = sizeMs } = window
  const grace = `${window.graceMs ?? FOREVER} milliseconds` as const
  if (type === 'tumbling') return tumbling({ size: `${sizeMs} milliseconds`, grace })
  if (type === 'hopping')
    return hopping({ size: `${sizeMs} milliseconds`, advance: `${advanceMs} milliseconds`, grace })
  throw new Unsupported(`${type} windows are not built`)
}

function planOf(test: Case) {
  if (!test.window) throw new Unsupported(`a case of kind ${test.kind ?? test.emit} without a window`)
  const window = windowOf(test.window)
  const mode = { final: 'on-close', update: 'on-update', 'drops-only': 'on-close' }[test.emit]
  if (mode !== 'on-close' && mode !== 'on-update') throw new Unsupported(`emit ${test.emit} is not built`)
  const { aggregate = 'count' } = test
  return processor('conformance', ({ from }) => {
    const windowed = from(events).keyBy('key').window(window)
    if (aggregate.startsWith('collect'))
      return windowed
        .aggregate({ value: collect('text') })
        .emit(mode)
        .to(lists)
    if (aggregate === 'count') return windowed.aggregate({ value: count() }).emit(mode).to(numbers)
    if (aggregate === 'sum')
      return windowed
        .aggregate({ value: sum('number') })
        .emit(mode)
        .to(numbers)
    if (aggregate === 'max')
      return windowed
        .aggregate({ value: max('number') })
        .emit(mode)
        .to(numbers)
    if (aggregate === 'min')
      return windowed
        .aggregate({ value: min('number') })
        .emit(mode)
        .to(numbers)
    throw new Unsupported(`the aggregate ${aggregate} is not built`)
  })
}

interface Emitted extends CaseRow {
  readonly afterInput: number
}

/** Runs the case; throws Unsupported, or Mismatch with what differs. */
export async function runWindowCase(test: Case): Promise<void> {
  const external = test.input.some(({ watermark }) => watermark !== undefined)
  if (external && (test.window?.graceMs ?? 0) > 0)
    throw new Unsupported('firing again during allowed lateness is not built')
  const plan = planOf(test)
  const registry = memoryRegistry()
  const schemaId = await registry.register(events)
  const results = plan.destination as Topic<Bounded & { value: unknown }>
  const schemaIds = new Map([[results.name, await registry.register(results)]])
  const [spec] = compile(plan)
  if (!spec) throw new Unsupported('a plan without stages')
  const clock = external ? ('external' as const) : ('events' as const)
  const open = () => spec.open({ partition: 0, partitions: 1, generation: 1, schemaIds, registry, clock })
  let stage: Stage = open()
  const emitted: Emitted[] = []
  const late: OutputRecord[] = []
  const drain = (afterInput: number) => {
    for (const record of stage.drain()) {
      if (record.channel === 'late') late.push(record)
      if (record.channel !== 'result' || !record.value) continue
      const { key, windowStart, windowEnd, value } = results.decode(record.value.subarray(5))
      emitted.push({ key, start: windowStart, end: windowEnd, value: shownOf(test, value), afterInput })
    }
  }
  let latest = Number.NEGATIVE_INFINITY
  for (const [index, step] of test.input.entries()) {
    if (step.snapshotRestore) {
      const blocks = [...stage.snapshot()]
      stage = open()
      for (const block of blocks) stage.restore(block)
    } else if (step.watermark !== undefined) {
      // "No more events with ts <= W" is stream time W + 1 for windows whose end is excluded.
      stage.advance({ input: 0, afterOffset: index, time: step.watermark + 1, reason: 'idle' })
    } else if (typeof step.ts === 'number') {
      const number = typeof step.value === 'number' ? step.value : 0
      const value = { key: String(step.key), number, text: JSON.stringify(step.value), at: step.ts }
      const record: KafkaRecord = {
        topic: events.name,
        partition: 0,
        offset: index,
        timestamp: FOREVER,
        key: Buffer.from(value.key),
        value: events.frame(schemaId, value),
        headers: undefined,
      }
      latest = Math.max(latest, step.ts)
      await stage.prepare([[record]])
      stage.accept([[record]])
    } else throw new Unsupported(`an input ${JSON.stringify(step)}`)
    drain(index)
  }
  if (test.flushAtEnd) {
    stage.advance({ input: 0, afterOffset: test.input.length, time: latest, reason: 'import' })
    drain(test.input.length)
  }
  compare(test, emitted, late)
}

function shownOf(test: Case, value: unknown): unknown {
  if (!Array.isArray(value)) return value
  const values = value.map((text) => JSON.parse(text as string) as unknown)
  if (test.aggregate !== 'collect-sorted-by-ts') return values
  // The peer hands a window's values over in event-time order: ours keeps the order taken, and the case's times say how they sort.
  const timeOf = (one: unknown): number => Number(test.input.find((step) => same(step.value, one))?.ts ?? 0)
  return values.sort((a, b) => timeOf(a) - timeOf(b))
}

const groupOf = ({ key, start }: CaseRow): string => `${String(key)} from ${start}`

function compare(test: Case, emitted: readonly Emitted[], late: readonly OutputRecord[]): void {
  if (test.expectAsserted !== false) {
    const rows = test.expect as readonly CaseRow[]
    for (const group of new Set([...rows, ...emitted].map(groupOf))) {
      const expected = rows.filter((row) => groupOf(row) === group)
      const got = emitted.filter((row) => groupOf(row) === group)
      const plain = (list: readonly CaseRow[]) => list.map(({ end, value }) => ({ end, value }))
      if (!same(plain(expected), plain(got))) throw new Mismatch(group, plain(expected), plain(got))
      expected.forEach((row, n) => {
        const after = got[n]?.afterInput ?? -1
        if (row.afterInput !== undefined && row.afterInput !== after)
          throw new Mismatch(`${group} after input`, row.afterInput, after)
        if (row.byInput !== undefined && row.byInput < after)
          throw new Mismatch(`${group} by input`, row.byInput, after)
      })
    }
  }
  const offsetOf = (record: OutputRecord): number => Number(record.headers?.offset?.toString())
  const dropped = late.filter(({ headers }) => headers?.reason?.toString() === 'late').map(offsetOf)
  if (test.lateDropped && !same(test.lateDropped, dropped))
    throw new Mismatch('dropped as late', test.lateDropped, dropped)
  if (!test.lateWindowDrops) return
  const windows = late.flatMap((record) =>
    (record.headers?.windows?.toString() ?? '')
      .split(',')
      .map((window) => ({ inputIndex: offsetOf(record), window: window.split('/').map(Number) })),
  )
  if (!same(test.lateWindowDrops, windows)) throw new Mismatch('windows missed', test.lateWindowDrops, windows)
}
