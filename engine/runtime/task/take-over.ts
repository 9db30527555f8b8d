import { join } from 'node:path'
import { type Broker, type Position, placeOf, type Reader, type TransactionalProducer } from '#engine/broker'
import type { Stage, StageSpec } from '#engine/compile'
import { KappaError } from '#engine/errors'
import { type ChangelogPlace, type InputProgress, type Progress, Restorer } from '../changelog/changelog.ts'
import { expectLayout } from '../changelog/layout.ts'
import { fromDisk, type RestoreProgress, restoredTo } from '../changelog/restore.ts'
import { type Deployment, names } from '../deployment.ts'
import type { AtStep } from '../faults.ts'
import type { TaskSettings } from '../settings.ts'
import { InputBuffer } from './input-buffer.ts'

/** Where a bounded run starts and ends on one input, by its index. */
export interface Bound {
  readonly start: number
  readonly end: number
}

export interface TaskPlace {
  readonly deployment: Deployment
  readonly spec: StageSpec
  readonly partition: number
  readonly partitions: number
}

export interface TakeOverOptions extends TaskPlace {
  readonly broker: Broker
  /** Reads the inputs; the task's partitions are assigned to it in step 5. */
  readonly reader: Pick<Reader, 'assign'>
  readonly settings: TaskSettings
  /** Set for a bounded run: one per input. Its reader may know records that Kafka no longer has. */
  readonly bounds: readonly Bound[] | undefined
  /** Step 4: FENCED where the group has moved on since this task was assigned. */
  confirm(committed: readonly Position[]): Promise<void>
  readonly atStep: AtStep | undefined
  /** What this process knows of the task's state already, if it does; handed out once. */
  memory?: (() => Restorer<Stage> | undefined) | undefined
  readonly onRestore?: ((progress: RestoreProgress) => void) | undefined
}

/** Told of what was taken over before its inputs are assigned: from then on records may come. */
export type Ready = (taken: TakenOver) => void

export interface TakenOver {
  readonly producer: TransactionalProducer
  readonly stage: Stage
  readonly inputs: readonly InputBuffer[]
  readonly progress: Progress | undefined
  readonly sizes: { readonly delta: number; readonly commits: number; readonly snapshot: number }
  readonly place: ChangelogPlace
}

export const taskName = ({ deployment, spec, partition }: TaskPlace): string =>
  names.transaction(deployment, spec.name, partition)

/**
 * Makes this process the owner of a task: state and positions are exactly those of the last commit. Throws STATE_MISMATCH
 * where what is stored contradicts itself, POSITION_LOST where the log no longer holds the position; the way out is named.
 */
export async function takeOver(options: TakeOverOptions, ready: Ready): Promise<void> {
  const { deployment, spec, partition, broker, reader, settings, atStep } = options
  const task = taskName(options)
  // 1 initialise the producer: returns only when the earlier owner's transaction is completed
  await atStep?.('take-over', 1, task)
  const producer = await broker.transactional(task, { timeoutMs: settings.transactionTimeoutMs })
  const changelog = { topic: names.changelog(deployment, spec.name), partition }
  let restored: Stage | undefined
  let seen = Number.POSITIVE_INFINITY
  try {
    await deployment.mayRun?.(spec)
    // 2 then read the changelog's read-committed end
    // 3 restore to it
    await atStep?.('take-over', 2, task)
    const open = () => spec.open(contextOf(options, settings.stateFolder))
    const empty = () => {
      const made = open()
      made.disk?.forget()
      return new Restorer(open, { stage: made })
    }
    await atStep?.('take-over', 3, task)
    const memory = () => options.memory?.() ?? (spec.onDisk ? fromDisk(open) : undefined)
    const onRestore = (progress: RestoreProgress): void => {
      seen = progress.end
      options.onRestore?.(progress)
    }
    const { restorer, end } = await restoredTo({ broker, changelog, empty, memory, onRestore })
    restored = restorer.stage
    const { progress } = restorer
    if (progress) expectSame(options, progress)
    const stage = restorer.result()
    if (!progress && !options.bounds) await expectUntouched(options, changelog.topic)
    const inputs = await inputsOf(options, progress)
    const starts = options.bounds ? inputs.map((input) => input.position) : await firstReads(broker, inputs)

    // 4 confirm the group's generation
    await atStep?.('take-over', 4, task)
    await options.confirm(groupPositions(options, progress?.inputs ?? []))

    // 5 seek, resume: from the last record taken, where it is still there, to see that the log is the same
    await atStep?.('take-over', 5, task)
    const reads = inputs.map((input, index) => ({
      topic: input.topic,
      partition: input.partition,
      offset: starts[index] ?? 0,
    }))
    ready({ producer, stage, inputs, progress, sizes: restorer.sizes, place: { ...restorer.place, next: end } })
    await reader.assign(reads.filter((_, index) => !inputs[index]?.ended))
  } catch (thrown) {
    restored?.disk?.close()
    await producer.close().catch(() => {})
    if (isVerdict(thrown)) await expectOwn(options, seen, thrown)
    throw thrown
  }
}

/** Positions that the group is told: of the partitions that it deals out, not of those that every task reads. */
export const groupPositions = ({ spec, partition }: TaskPlace, inputs: readonly InputProgress[]): Position[] =>
  inputs
    .filter((_, index) => spec.inputs[index]?.role !== 'broadcast')
    .map(({ topic, position }) => ({ topic, partition, offset: position }))

/** Says that what is stored cannot be gone on with. */
const isVerdict = (thrown: unknown): boolean =>
  thrown instanceof KappaError && (thrown.code === 'STATE_MISMATCH' || thrown.code === 'POSITION_LOST')

/**
 * FENCED where somebody committed since the changelog was looked at, up to `seen`: a newer owner, beside whose positions and
 * truncations what was read is old. So it decides nothing.
 */
async function expectOwn(
  { broker, deployment, spec, partition }: TakeOverOptions,
  seen: number,
  cause: unknown,
): Promise<void> {
  const changelog = names.changelog(deployment, spec.name)
  const end = (await broker.admin.settledEnds(changelog))[partition] ?? 0
  if (end <= seen) return
  const meanwhile = `${changelog}[${partition}] has grown from ${seen} to ${end} meanwhile`
  throw new KappaError('FENCED', `resuming ${deployment.processor}: ${meanwhile}`, { cause })
}

/** What a task's stage is opened with. */
export const contextOf = ({ deployment, spec, partition, partitions }: TaskPlace, folder?: string) => ({
  ...(folder === undefined
    ? {}
    : { stateFolder: join(folder, names.changelog(deployment, spec.name), String(partition)) }),
  partition,
  partitions,
  generation: deployment.generation,
  schemaIds: deployment.schemaIds,
  registry: deployment.registry,
  ...(deployment.vault ? { vault: deployment.vault } : {}),
})

async function inputsOf(options: TakeOverOptions, progress: Progress | undefined): Promise<InputBuffer[]> {
  const { deployment, spec, partition, broker, bounds } = options
  return await Promise.all(
    spec.inputs.map(async (input, index) => {
      const topic = names.input(deployment, input)
      const known = progress?.inputs[index]
      const bound = bounds?.[index]
      const at = { topic, partition: input.partition ?? partition }
      const start = known?.position ?? bound?.start ?? (await broker.admin.beginnings(topic))[at.partition] ?? 0
      return new InputBuffer(at, start, known?.last ?? null, bound?.end)
    }),
  )
}

function expectSame(options: TakeOverOptions, progress: Progress): void {
  const { deployment, spec, partitions } = options
  const wayOut = 'start a new generation: kappa replay run'
  const refuse = (what: string): never => {
    throw new KappaError('STATE_MISMATCH', `resuming ${deployment.processor} (${spec.name}): ${what}; ${wayOut}`)
  }
  if (progress.partitions !== partitions)
    refuse(`its state was made with ${progress.partitions} partitions, its inputs have ${partitions}`)
  const placed = (topic: string, of: number | undefined) =>
    of === undefined ? topic : placeOf({ topic, partition: of })
  const topics = spec.inputs.map((input) => placed(names.input(deployment, input), input.partition))
  const known = progress.inputs.map((input) => placed(input.topic, input.partition))
  if (topics.join() !== known.join()) refuse(`its state was made from ${known.join(', ')}, not ${topics.join(', ')}`)
  expectLayout(deployment, spec, progress.layout)
}

/** An empty changelog beside positions that were committed means that the changelog was lost. */
async function expectUntouched(options: TakeOverOptions, changelog: string): Promise<void> {
  const { deployment, spec, partition, broker } = options
  const group = names.group(deployment, spec.name)
  for (const input of spec.inputs) {
    if (input.role === 'broadcast') continue
    const topic = names.input(deployment, input)
    const position = (await broker.admin.groupPositions(group, topic))[partition] ?? -1
    if (position <= 0) continue
    const found = `${changelog}[${partition}] is empty, but group ${group} stands at ${placeOf({ topic, partition })}@${position}`
    throw new KappaError(
      'STATE_MISMATCH',
      `resuming ${deployment.processor}: ${found}; start a new generation: kappa replay run`,
    )
  }
}

/** Where to read on: from the last record taken, if the log still has it. POSITION_LOST where the position is outside. */
async function firstReads(broker: Broker, inputs: readonly InputBuffer[]): Promise<number[]> {
  return await Promise.all(
    inputs.map(async (input) => {
      const [beginnings, ends] = await Promise.all([
        broker.admin.beginnings(input.topic),
        broker.admin.committedEnds(input.topic),
      ])
      const beginning = beginnings[input.partition] ?? 0
      const end = ends[input.partition] ?? 0
      if (input.position < beginning || input.position > end) {
        const held = `the log holds ${beginning} to ${end}`
        const wayOut = 'start a new generation, from the archive where it has what is missing: kappa replay run'
        throw new KappaError('POSITION_LOST', `resuming ${placeOf(input)}@${input.position}: ${held}; ${wayOut}`)
      }
      return input.last !== null && input.last.offset >= beginning ? input.last.offset : input.position
    }),
  )
}
