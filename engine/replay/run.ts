import type { Reader } from '#engine/broker'
import { type CutLimits, type CutLog, type Destination, deliverUntil } from '#engine/delivery'
import { KappaError, reasonOf } from '#engine/errors'
import {
  type BoundedProgress,
  type Deployment,
  generationTopic,
  names,
  type Recorded,
  type RecordedTime,
  readRecordedTime,
  runBounded,
  withBroadcasts,
} from '#engine/runtime'
import type { AnyTopic } from '#engine/schema'
import type { Clock } from '#engine/time'
import { closingAt, readingFrom } from './chain.ts'
import type { ReplayPlan, ReplaySources } from './facts.ts'
import {
  type Generation,
  type GenerationLog,
  type GenerationRecord,
  lastOf,
  type ReplayRequest,
} from './generations.ts'
import { OrderedReader } from './ordered-reader.ts'
import { stitchedReader } from './stitched-reader.ts'
import { publishingWithin } from './within.ts'
import { LiveGate, type YieldOptions, yieldingReader } from './yielding.ts'

/** Bringing results to the generation's table: blocks as a sink of history has them. */
const LIMITS: CutLimits = { rows: 50_000, bytes: 32 * 1024 * 1024, ageMs: 500 }

export interface ReplayRun extends ReplaySources {
  readonly plan: ReplayPlan
  /** The live deployment: what it recorded is applied again. */
  readonly live: Deployment
  readonly generation: number
  /** The result topic. */
  readonly topic: AnyTopic
  /** Contracts of what it reads from other generations. */
  readonly inputs?: readonly AnyTopic[]
  readonly destination: Destination
  /** The cut log of `destination`. */
  readonly cuts: CutLog
  readonly clock: Clock
  /** Records a second at most. */
  readonly rate?: number
  /** Reading pauses while live groups are too far behind. */
  readonly yields?: Omit<YieldOptions, 'clock'>
  readonly signal?: AbortSignal
  readonly onProgress?: (progress: BoundedProgress) => void
}

/** What a run did, for the audit. Events, late and dead letters are those of the process that finished it. */
export interface RunReport {
  readonly events: number
  readonly late: number
  readonly deadLettered: number
  readonly results: number
  readonly seconds: number
  /** Of these, until the last stage was done; what follows brings results to their table. */
  readonly processingSeconds: number
  readonly fromKafka: number
  readonly fromArchive: number
  /** Of these seconds, reading was paused so many for live groups. */
  readonly yieldedSeconds: number
}

/**
 * Runs the generation over its plan and brings its results to its own table; everything of it has names of its own, and
 * the live generation is untouched. To be called again after INTERRUPTED or a crash: it goes on where it stopped.
 * Throws CUT_MISMATCH naming the row where the archive does not hold what was written, BLOCKED where another process runs
 * the same generation.
 */
export async function runReplay(run: ReplayRun): Promise<RunReport> {
  const { broker, plan, live, generation, topic, clock, signal } = run
  const began = clock.now()
  const { mayRun: _, ...named } = live
  const { sources, publishes, closesAt } = plan.request
  const deployment: Deployment = {
    ...named,
    generation,
    stages: publishingWithin(readingFrom(live.stages, sources), topic, publishes ?? plan.request),
    topicOf: (contract) => generationTopic(contract, generation),
  }
  const recorded =
    sources === undefined || Object.keys(sources).length === 0
      ? fitting(await readRecordedTime(broker, names.time(live)), await withBroadcasts(broker, deployment))
      : closingAt(deployment.stages, plan.bounds, sources, closesAt)
  const gate = run.yields === undefined ? undefined : new LiveGate({ ...run.yields, clock })
  const tasks = await runBounded({
    broker,
    deployment,
    bounds: new Map(Object.entries(plan.bounds)),
    recorded,
    reader: async () => {
      const { rate, archive } = run
      const plans = plan.partitions
      const reader = await stitchedReader({ broker, archive, plans, clock, ...(rate === undefined ? {} : { rate }) })
      const led = await ledBy(run, reader)
      return gate === undefined ? led : yieldingReader(led, gate, clock)
    },
    clock,
    ...(signal === undefined ? {} : { signal }),
    ...(run.onProgress === undefined ? {} : { onProgress: run.onProgress }),
  })
    .catch((thrown: unknown) => {
      throw fencedAsBlocked(thrown, live.processor, generation)
    })
    .finally(() => gate?.close())
  const processed = clock.now()
  const results = await deliver(run, generationTopic(topic.name, generation))
  const sum = (of: 'taken' | 'late' | 'deadLettered'): number => tasks.reduce((total, task) => total + task[of], 0)
  return {
    events: sum('taken'),
    late: sum('late'),
    deadLettered: sum('deadLettered'),
    results,
    seconds: (clock.now() - began) / 1_000,
    processingSeconds: (processed - began) / 1_000,
    fromKafka: plan.fromKafka,
    fromArchive: plan.fromArchive,
    yieldedSeconds: gate?.seconds ?? 0,
  }
}

/** Topics that generations made are read in order of time. */
async function ledBy({ broker, plan, inputs }: ReplayRun, others: Reader): Promise<Reader> {
  const topics = new Map<string, AnyTopic>()
  for (const [contract, topic] of Object.entries(plan.request.sources ?? {})) {
    const found = inputs?.find(({ name }) => name === contract)
    if (found === undefined)
      throw new KappaError('STATE_MISMATCH', `reading ${topic}: no contract of ${contract} is known`)
    topics.set(topic, found)
  }
  return topics.size === 0 ? others : new OrderedReader({ broker, others, topics, bounds: plan.bounds })
}

/** What the live generation decided that this one's inputs allow: a changed processor may have others. */
function fitting(recorded: RecordedTime, { stages }: Deployment): RecordedTime {
  const fits = new Map<string, ReadonlyMap<number, readonly Recorded[]>>()
  for (const { name, inputs } of stages) {
    const own = [...(recorded.get(name) ?? [])].map(([partition, all]) => {
      const fit = (one: Recorded) =>
        one.kind === 'slice' ? one.ends.length === inputs.length : one.input < inputs.length
      return [partition, all.filter(fit)] as const
    })
    fits.set(name, new Map(own))
  }
  return fits
}

async function deliver(run: ReplayRun, source: string): Promise<number> {
  const { broker, live, generation, topic, destination, cuts, clock } = run
  await cuts.ensure()
  const until = new Map((await broker.admin.settledEnds(source)).map((end, partition) => [partition, end]))
  const { rows, refused } = await deliverUntil(
    {
      ...{ app: live.app, topic, source, lane: 0, lanes: 1, generation, limits: LIMITS, until },
      ...{ broker, registry: live.registry, destination, log: cuts, clock },
    },
    run.signal ?? new AbortController().signal,
  )
  if (refused > 0)
    throw new KappaError('STORE', `bringing ${source} to ${destination.name}: ${refused} of ${rows} rows were refused`)
  return rows
}

const fencedAsBlocked = (thrown: unknown, processor: string, generation: number): unknown =>
  thrown instanceof KappaError && thrown.code === 'FENCED'
    ? new KappaError('BLOCKED', `replaying ${processor} v${generation}: another process runs it`, { cause: thrown })
    : thrown

/**
 * The deployment of a generation that is in force: it goes on from its state into the live topic, with the results that its
 * replay would have published. The first one is as it was given.
 */
export const inForceDeployment = (
  first: Deployment,
  started: GenerationRecord | undefined,
  topic: AnyTopic,
): Deployment =>
  started === undefined
    ? first
    : { ...first, generation: started.generation, stages: publishingWithin(first.stages, topic, started) }

/** Records that a replay begins, or finds the one to go on with; `plan` is asked for bounds where it is new. */
export const startedRecord = (
  request: ReplayRequest,
  generation: number,
  bounds: ReplayPlan['bounds'],
  at: number,
): GenerationRecord => ({ ...request, generation, decision: 'started', bounds, at })

/** Records how a run ended: finished with its figures, or refused with the row that is not as it was written. */
export async function recordEnd(
  log: GenerationLog,
  started: GenerationRecord,
  end: RunReport | unknown,
): Promise<void> {
  const { bounds: _, ...base } = started
  await log.decide((_all, at) =>
    end instanceof Error
      ? { ...base, decision: 'refused', at, report: { reason: reasonOf(end) } }
      : { ...base, decision: 'finished', at, report: { ...(end as RunReport) } },
  )
}

/** Why a generation may not be promoted; undefined where it was verified and nothing spoke against it since. */
export function objectionTo(generation: Generation): string | undefined {
  const last = lastOf(generation, 'verified', 'differing', 'refused')
  if (last === undefined) return 'it was not verified'
  if (last.decision === 'differing') return `its rows differ from the live ones (${last.report?.differing} do)`
  if (last.decision === 'refused') return `its input is not as it was written: ${last.report?.reason}`
  return undefined
}
