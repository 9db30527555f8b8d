import type { KafkaRecord } from '#engine/broker'
import { compile, type OutputRecord, type Stage, Watermarks } from '#engine/compile'
import { memoryRegistry } from '#engine/schema'
import type { EmitMode } from '#engine/topology'
import { type Case, type CaseInput, Unsupported } from '../cases.ts'
import { compare } from './compare.ts'
import { conventionsOf, isSkipped, watermarkAfter } from './conventions.ts'
import { events, FOREVER, planOf } from './plan.ts'
import { Rows } from './rows.ts'

const modes: Readonly<Record<string, EmitMode>> = {
  final: 'on-close',
  update: 'on-update',
  'drops-only': 'on-close',
  state: 'on-update',
}

/** Runs a case through the compiled stage, record by record; throws Unsupported, or Mismatch with what differs. */
export async function runWindowCase(test: Case): Promise<void> {
  const conventions = conventionsOf(test)
  const { shiftMs } = conventions
  const mode = conventions.firesAgain ? 'on-update' : modes[test.emit]
  if (!mode) throw new Unsupported(`emit ${test.emit} is not built`)
  const plan = planOf(test, mode, conventions.graceMs)
  const registry = memoryRegistry()
  const schemaId = await registry.register(events)
  const { destination } = plan
  const schemaIds = new Map([[destination.name, await registry.register(destination)]])
  const [spec] = compile(plan)
  if (!spec) throw new Unsupported('a plan without stages')
  const clock = conventions.external ? 'external' : 'events'
  const open = () => spec.open({ partition: 0, partitions: 1, generation: 1, schemaIds, registry, clock })
  let stage: Stage = open()
  const rows = new Rows(test, conventions, destination)
  const late: OutputRecord[] = []
  const drain = (afterInput: number): void => {
    for (const record of stage.drain()) {
      if (record.channel === 'late') late.push(record)
      if (record.channel === 'result') rows.take(record, afterInput)
    }
  }
  const moveTo = (watermark: number, afterInput: number): void => {
    const time = conventions.timeOf(watermark) + shiftMs
    stage.advance({ input: 0, afterOffset: afterInput, time, reason: 'idle' })
    drain(afterInput)
    rows.passed(watermark, afterInput)
  }
  const merged = mergedBy(test)
  let latest = Number.NEGATIVE_INFINITY
  for (const [index, step] of test.input.entries()) {
    if (step.snapshotRestore) {
      const blocks = [...stage.snapshot()]
      stage = open()
      for (const block of blocks) stage.restore(block)
    } else if (step.watermark !== undefined || step.status !== undefined) {
      const reached = merged(step)
      if (reached !== undefined) moveTo(reached, index)
    } else if (typeof step.ts === 'number') {
      if (isSkipped(test, step)) continue
      latest = Math.max(latest, step.ts)
      const record = recordOf(schemaId, index, step, step.ts + shiftMs)
      await stage.prepare([[record]])
      stage.accept([[record]])
      drain(index)
      const passed = conventions.batched ? watermarkAfter(test.input, index) : undefined
      if (passed !== undefined) moveTo(passed, index)
    } else if (step.batch === undefined) throw new Unsupported(`an input ${JSON.stringify(step)}`)
  }
  const end = test.input.length
  if (test.flushAtEnd && latest > Number.NEGATIVE_INFINITY) {
    stage.advance({ input: 0, afterOffset: end, time: latest + shiftMs, reason: 'import' })
    drain(end)
  }
  rows.ended(end)
  compare(test, rows.emitted, late)
}

/** What a watermark or a status makes of the time of all partitions; undefined where that stays as it was. */
function mergedBy({ input }: Case): (step: CaseInput) => number | undefined {
  const partitions = Math.max(0, ...input.map(({ partition = 0 }) => partition)) + 1
  const watermarks = new Watermarks(partitions)
  return ({ partition = 0, watermark, status }) => {
    const before = watermarks.reached
    if (watermark !== undefined) watermarks.advance(partition, watermark)
    else if (status === 'idle') watermarks.idle(partition)
    else watermarks.active(partition)
    return watermarks.reached > before ? watermarks.reached : undefined
  }
}

function recordOf(schemaId: number, offset: number, { key, ts, value }: CaseInput, at: number): KafkaRecord {
  const number = typeof value === 'number' ? value : 0
  const event = { key: String(key), number, text: JSON.stringify([offset, ts, value]), at }
  return {
    topic: events.name,
    partition: 0,
    offset,
    timestamp: FOREVER,
    key: Buffer.from(event.key),
    value: events.frame(schemaId, event),
    headers: undefined,
  }
}
