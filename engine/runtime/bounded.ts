import type { Broker, Reader } from '#engine/broker'
import type { StageSpec } from '#engine/compile'
import { KappaError } from '#engine/errors'
import { type Clock, systemClock } from '#engine/time'
import { type Deployment, names } from './deployment.ts'
import type { AtStep } from './faults.ts'
import { defaultSettings, type TaskSettings } from './settings.ts'
import { withBroadcasts } from './stage/broadcasts.ts'
import { StageLoop } from './stage/stage-loop.ts'
import type { Bound } from './task/take-over.ts'
import type { RecordedTime } from './task/time-records.ts'
import type { TaskStatus } from './telemetry/status.ts'
import { ensureInternal, partitionsOf } from './topics.ts'

/** How far a bounded run has come, in offsets of its source topics (gaps count as passed). */
export interface BoundedProgress {
  readonly stage: string
  readonly done: number
  readonly total: number
  readonly tasks: readonly TaskStatus[]
}

export interface BoundedOptions {
  readonly broker: Broker
  /** Its generation must not be the live one: `topicOf` leads results to that generation's topics. */
  readonly deployment: Deployment
  /** Start and end per partition of every source topic: `[start, end)`. A run that is resumed goes on where it stopped. */
  readonly bounds: ReadonlyMap<string, readonly Bound[]>
  /** Reads the source topics; Kafka where absent. Opened once, closed at the end. */
  readonly reader?: () => Promise<Reader>
  /** What the generation that is replayed decided: `readRecordedTime`. Wall time decides nothing in a bounded run. */
  readonly recorded: RecordedTime
  readonly signal?: AbortSignal
  readonly onProgress?: (progress: BoundedProgress) => void
  readonly clock?: Clock
  readonly settings?: Partial<TaskSettings>
  readonly atStep?: AtStep
}

const PROGRESS_MS = 500

/**
 * Runs a processor over a range of its sources and returns when every input reached its end; then a worker of the same
 * generation follows on. Stages run one after the other. Throws INTERRUPTED after the signal (resumable: positions are in
 * the generation's changelog), FENCED where another process runs the same generation, or the error that stopped a task.
 */
export async function runBounded(options: BoundedOptions): Promise<readonly TaskStatus[]> {
  const { broker } = options
  const deployment = await withBroadcasts(broker, options.deployment)
  await ensureResults(options)
  const partitions = await partitionsOf(broker, deployment)
  await ensureInternal(broker, deployment, partitions)
  const finished: TaskStatus[] = []
  for (const spec of deployment.stages) finished.push(...(await runStage({ ...options, deployment }, spec, partitions)))
  return finished
}

async function runStage(options: BoundedOptions, spec: StageSpec, partitions: number): Promise<TaskStatus[]> {
  const { broker, deployment, clock = systemClock, signal } = options
  const ofRepartition = spec.inputs.some(({ role }) => role === 'repartition')
  const bounds = await boundsOf(options, spec, partitions)
  const reader = await (ofRepartition ? broker.reader() : (options.reader?.() ?? broker.reader()))
  const loop = new StageLoop({
    deployment,
    spec,
    partitions,
    broker,
    reader,
    ownReader: () => options.reader?.() ?? broker.reader(),
    clock,
    settings: { ...defaultSettings, ...options.settings },
    ends: (topic) => broker.admin.committedEnds(topic),
    report: async () => {},
    completions: undefined,
    atStep: options.atStep,
    onFenced: 'stop',
    onChange: () => {},
  })
  try {
    for (let partition = 0; partition < partitions; partition++) {
      const own = bounds.map((ofInput) => ofInput[partition] ?? { start: 0, end: 0 })
      const recorded = options.recorded.get(spec.name)?.get(partition) ?? []
      loop.start(partition, { confirm: async () => {}, bounds: own, recorded })
    }
    const ended = Promise.all(loop.slots.map((slot) => slot.ended))
    let over = false
    void ended.then(() => {
      over = true
    })
    while (!over && !signal?.aborted) {
      const pause = new AbortController()
      await Promise.race([
        ended,
        clock.sleep(PROGRESS_MS, AbortSignal.any([pause.signal, ...(signal ? [signal] : [])])),
      ])
      pause.abort()
      options.onProgress?.(progressOf(spec.name, loop.status(), bounds))
      const failed = loop.slots.find((slot) => slot.state === 'stopped')
      if (failed) throw failed.error
    }
    if (!over)
      throw new KappaError('INTERRUPTED', `running ${deployment.processor} generation ${deployment.generation}`)
    return loop.status()
  } finally {
    await loop.stop()
    await reader.close()
  }
}

/** Per input of the stage, per partition. A repartition topic ends where the stage before it left off. */
async function boundsOf(options: BoundedOptions, spec: StageSpec, partitions: number): Promise<Bound[][]> {
  const { broker, deployment, bounds } = options
  const ofInputs: Bound[][] = []
  for (const input of spec.inputs) {
    if (input.role === 'repartition') {
      const writer = deployment.stages.find((stage) => stage.next === spec.name)
      // An initialised producer means that the last transaction's markers are written: only then is the end the end.
      for (let partition = 0; writer && partition < partitions; partition++)
        await (await broker.transactional(names.transaction(deployment, writer.name, partition))).close()
      const ends = await broker.admin.committedEnds(names.input(deployment, input))
      ofInputs.push(ends.map((end) => ({ start: 0, end })))
      continue
    }
    const own = bounds.get(input.topic)
    if (own && input.partition !== undefined) {
      ofInputs.push(new Array(partitions).fill(own[input.partition] ?? { start: 0, end: 0 }))
      continue
    }
    if (own?.length !== partitions)
      throw new KappaError(
        'CONFIG_INVALID',
        `running ${deployment.processor}: no bounds for all partitions of ${input.topic}`,
      )
    ofInputs.push([...own])
  }
  return ofInputs
}

/** A generation's result topics are made like the live ones they stand beside. */
async function ensureResults({ broker, deployment }: BoundedOptions): Promise<void> {
  const there = await broker.admin.topics()
  const missing = deployment.results
    .map((contract) => ({ contract, name: names.result(deployment, contract) }))
    .filter(({ contract, name }) => there.has(contract) && !there.has(name))
  await broker.admin.ensure(
    missing.map(({ contract, name }) => ({
      name,
      partitions: there.get(contract) ?? 1,
      settings: { 'cleanup.policy': 'delete', 'retention.ms': '-1' },
    })),
  )
}

function progressOf(stage: string, tasks: readonly TaskStatus[], bounds: readonly Bound[][]): BoundedProgress {
  let done = 0
  let total = 0
  for (const [index, ofInput] of bounds.entries()) {
    for (const [partition, { start, end }] of ofInput.entries()) {
      const task = tasks.find((one) => one.partition === partition)
      const position = task?.inputs[index]?.position ?? (task?.state === 'done' ? end : start)
      total += end - start
      done += Math.max(0, Math.min(position, end) - start)
    }
  }
  return { stage, done, total, tasks }
}
