import type { KafkaRecord } from '#engine/broker'
import { compile, type OutputRecord, type Stage } from '#engine/compile'
import { memoryRegistry } from '#engine/schema'
import { asserted, type Case, type CaseInput, type CasePair, Mismatch, same, Unsupported } from './cases.ts'
import { isJoinCase, type JoinPlan, pairs, planOf } from './join-plans.ts'

/** Joins of two streams, and of a stream with a versioned table, through the compiled stage, record by record. */
export { isJoinCase }

interface Emitted extends CasePair {
  readonly afterInput: number
}

const WRITTEN = 40_000_000_000_000

/** Runs the case; throws Unsupported, or Mismatch with what differs. */
export async function runJoinCase(test: Case): Promise<void> {
  const join = planOf(test)
  const clock = test.input.some(({ watermark }) => watermark !== undefined)
    ? ('external' as const)
    : ('events' as const)
  const registry = memoryRegistry()
  const schemaIds = new Map<string, number>()
  for (const one of [...join.inputs, pairs]) schemaIds.set(one.name, await registry.register(one))
  const [spec] = compile(join.plan)
  if (!spec) throw new Unsupported('a plan without stages')
  const open = (): Stage => spec.open({ partition: 0, partitions: 1, generation: 1, schemaIds, registry, clock })
  let stage = open()
  const emitted: Emitted[] = []
  const late: OutputRecord[] = []
  const drain = (afterInput: number): void => {
    for (const record of stage.drain()) {
      if (record.channel === 'late') late.push(record)
      if (record.channel === 'result') emitted.push(pairOf(record, afterInput))
    }
  }
  const watermarks = new Watermarks()
  let latest = Number.NEGATIVE_INFINITY
  for (const [index, step] of test.input.entries()) {
    if (step.snapshotRestore) {
      const blocks = [...stage.snapshot()]
      stage = open()
      for (const block of blocks) stage.restore(block)
    } else if (step.watermark !== undefined) {
      // "No more events with ts <= W" is stream time W + 1.
      const least = watermarks.least(step)
      if (least !== undefined) stage.advance({ input: 0, afterOffset: index, time: least + 1, reason: 'idle' })
    } else if (typeof step.ts === 'number') {
      if (isSkipped(test, step)) continue
      latest = Math.max(latest, step.ts)
      const slice = sliceOf(step, index, join, schemaIds)
      await stage.prepare(slice)
      stage.accept(slice)
    } else throw new Unsupported(`an input ${JSON.stringify(step)}`)
    drain(index)
  }
  if (test.flushAtEnd) {
    stage.advance({ input: 0, afterOffset: test.input.length, time: latest, reason: 'import' })
    drain(test.input.length)
  }
  compare(test, emitted, late)
}

/** Watermarks of two inputs: the lesser holds. One that names no side is of both. */
class Watermarks {
  readonly #sides = new Map<string, number>()

  least({ side, watermark = 0 }: CaseInput): number | undefined {
    for (const one of side === undefined
      ? ['left', 'right']
      : [side === 'stream' ? 'left' : side === 'table' ? 'right' : side])
      this.#sides.set(one, watermark)
    return this.#sides.size < 2 ? undefined : Math.min(...this.#sides.values())
  }
}

/** Records without a key meet nobody, and an event without a value is none: Kafka Streams skips both. */
const isSkipped = ({ dialect }: Case, { side, key, value }: CaseInput): boolean =>
  dialect === 'kstreams' && (key === null || (side !== 'table' && value === null))

/** One record on its side's input. A value null is a record without a value: in a table it deletes. */
function sliceOf(step: CaseInput, index: number, join: JoinPlan, schemaIds: ReadonlyMap<string, number>) {
  const topic = join.topics[step.side ?? '']
  if (!topic) throw new Unsupported(`a join whose input has the side ${step.side}`)
  const at = step.ts as number
  const key = String(step.key)
  const gone = step.value === null || step.value === undefined
  const record: KafkaRecord = {
    topic: topic.name,
    partition: 0,
    offset: index,
    timestamp: gone ? at : WRITTEN,
    key: Buffer.from(key),
    value: gone ? null : topic.frame(schemaIds.get(topic.name) ?? 0, { key, text: JSON.stringify(step.value), at }),
    headers: undefined,
  }
  return join.inputs.map((one) => (one === topic ? [record] : []))
}

function pairOf({ value }: OutputRecord, afterInput: number): Emitted {
  const { key, leftText, rightText, at } = pairs.decode((value ?? Buffer.alloc(5)).subarray(5))
  const shown = (text: string | null): unknown => (text === null ? null : JSON.parse(text))
  return { key, ts: at, value: [shown(leftText), shown(rightText)], afterInput }
}

/** Rows in the order of emission per key: between keys the order is free. */
function compare(test: Case, emitted: readonly Emitted[], late: readonly OutputRecord[]): void {
  if (test.expectAsserted !== false && test.emit !== 'drops-only')
    compareRows(test.expect as readonly CasePair[], emitted)
  // A peer counts a look-up past the history as one that found nothing; ours says so by name.
  const dropped = late
    .filter(({ headers }) => {
      const reason = headers?.reason?.toString()
      return reason === 'late' || (reason === 'history' && headers?.topic?.toString() !== 'conformance.left.v1')
    })
    .map(({ headers }) => Number(headers?.offset?.toString()))
  const { lateDropped: expected } = test
  if (expected === undefined) return
  // Peers whose sides have a clock each keep events that are behind the clock of the task: only where drops are all that
  // is asserted must there be no other.
  const missed = expected.filter((index) => !dropped.includes(index))
  const exact =
    test.expectAsserted !== false && test.emit !== 'drops-only'
      ? missed.length === 0
      : same(ascending(expected), ascending(dropped))
  if (!exact) throw new Mismatch('dropped as late', expected, dropped)
}

const ascending = (indexes: readonly number[]): number[] => [...indexes].sort((a, b) => a - b)

function compareRows(expected: readonly CasePair[], emitted: readonly Emitted[]): void {
  for (const key of new Set([...expected, ...emitted].map((row) => String(row.key)))) {
    const wanted = expected.filter((row) => String(row.key) === key)
    const got = emitted.filter((row) => row.key === key)
    const plain = (rows: readonly CasePair[]) => rows.map(({ ts, value }) => ({ ts, value }))
    const [told, shown] = [plain(wanted), asserted(wanted, plain(got))]
    if (!same(told, shown)) throw new Mismatch(`key ${key}`, told, shown)
    wanted.forEach(({ afterInput, byInput }, n) => {
      const after = got[n]?.afterInput ?? -1
      if (afterInput !== undefined && afterInput !== after)
        throw new Mismatch(`key ${key} after input`, afterInput, after)
      if (byInput !== undefined && byInput < after) throw new Mismatch(`key ${key} by input`, byInput, after)
    })
  }
}
