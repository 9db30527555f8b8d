import { CutLog } from '#engine/delivery'
import { KappaError } from '#engine/errors'
import {
  boundsUpTo,
  type Generation,
  GenerationLog,
  type GenerationRecord,
  generationsOf,
  inForceOf,
  inputTopics,
  phaseOf,
  planReplay,
  progressOf,
  type ReplayPlan,
  type ReplayRun,
  type ReplaySources,
  type RunReport,
  runReplay,
  type SwitchOptions,
  type SwitchPositions,
  sourcePositions,
} from '#engine/replay'
import type { Deployment } from '#engine/runtime'
import { systemClock } from '#engine/time'
import { ClickHouseDestination } from '../../../sinks/clickhouse/index.ts'
import { routes } from '../../../sinks/index.ts'
import { BronzeArchive, ObjectStore } from '../../../sinks/s3/index.ts'
import { deploymentOf, processorNamed } from '../../deployments.ts'
import { openPlatform, type Platform } from '../../platform.ts'
import type { Processor } from '../../processors.ts'

/** What every replay command works with; closed by `withSession`. */
export interface Session {
  readonly platform: Platform
  readonly processor: Processor
  readonly log: GenerationLog
  readonly sources: ReplaySources
  readonly destination: ClickHouseDestination
  readonly cuts: CutLog
}

export async function withSession<T>(name: string, work: (session: Session) => Promise<T>): Promise<T> {
  const processor = replayable(name)
  const platform = openPlatform()
  const { app, broker, addresses } = platform
  const objects = new ObjectStore(addresses.s3)
  const destination = new ClickHouseDestination({ address: addresses.clickhouse, registry: platform.registry })
  const cuts = new CutLog({ sink: destination.name, broker, clock: systemClock })
  const archiveLog = new CutLog({ sink: 's3', broker, clock: systemClock })
  const log = new GenerationLog({ broker, app, clock: systemClock })
  try {
    const sources: ReplaySources = { broker, archive: new BronzeArchive(objects), archiveLog }
    return await work({ platform, processor, log, sources, destination, cuts })
  } finally {
    await archiveLog.close()
    await cuts.close()
    await destination.close()
    objects.close()
    await platform.close()
  }
}

/** The processor of this name. Throws CONFIG_INVALID where there is none, or its results have no table. */
export function replayable(name: string): Processor {
  const processor = processorNamed(name)
  const { destination: result } = processor.plan
  if (routes.some(({ topic, clickhouse }) => clickhouse && topic.name === result.name)) return processor
  throw new KappaError('CONFIG_INVALID', `replaying ${name}: ${result.name} has no table in ClickHouse`)
}

/** The generation that was named, or the last that is not cancelled. Throws CONFIG_INVALID where there is none. */
export async function generationFor({ log, processor }: Session, wanted: number | undefined): Promise<Generation> {
  const all = generationsOf(await log.all(), processor.plan.name)
  const found =
    wanted === undefined
      ? all.findLast((one) => phaseOf(one) !== 'cancelled')
      : all.find(({ started }) => started.generation === wanted)
  if (found !== undefined) return found
  const known = all.map(({ started }) => `v${started.generation}`).join(', ') || 'none'
  const what = wanted === undefined ? 'a replay' : `v${wanted}`
  throw new KappaError('CONFIG_INVALID', `looking for ${what} of ${processor.plan.name}: there are ${known}`)
}

/** The processor's code under the names of the generation that is in force. */
export async function inForceNow({ log, processor, platform }: Session): Promise<Deployment> {
  return await deploymentOf(processor, platform, inForceOf(await log.all(), processor.plan.name).generation)
}

/** Where the generation in force stands in its sources; empty where it never ran. */
export async function livePositions(session: Session): Promise<SwitchPositions> {
  const { broker } = session.platform
  return await sourcePositions(broker, await progressOf(broker, await inForceNow(session)))
}

/** Runs the generation over its plan; again where it was interrupted. */
export const runSession = async (
  session: Session,
  started: GenerationRecord,
  plan: ReplayPlan,
  more: Pick<ReplayRun, 'rate' | 'yields' | 'signal' | 'onProgress'> = {},
): Promise<RunReport> => {
  const { processor, sources, destination, cuts } = session
  const live = await inForceNow(session)
  const { generation } = started
  const topic = processor.plan.destination
  const inputs = inputTopics(processor.plan)
  return await runReplay({
    ...sources,
    plan,
    live,
    inputs,
    generation,
    topic,
    destination,
    cuts,
    clock: systemClock,
    ...more,
  })
}

/** Runs a finished generation on, to where another one stands. Throws STATE_MISMATCH where the code changed since it began. */
export async function catchUp(session: Session, started: GenerationRecord, positions: SwitchPositions): Promise<void> {
  const { processor, sources } = session
  const { generation, bounds = {} } = started
  const { name, version } = processor.plan
  if (started.version !== version)
    throw new KappaError(
      'STATE_MISMATCH',
      `running ${name} v${generation} on: its code changed since it began; deploy the version that began it, or kappa replay cancel ${name} v${generation} and begin anew`,
    )
  await runSession(session, started, await planReplay(processor.plan, started, sources, boundsUpTo(bounds, positions)))
}

export const switchOptions = (session: Session): SwitchOptions => {
  const { platform, log, destination, cuts, processor } = session
  return {
    app: platform.app,
    broker: platform.broker,
    registry: platform.registry,
    log,
    destination,
    cuts,
    tables: destination.generations,
    topic: processor.plan.destination,
    clock: systemClock,
    catchUp: (started, positions) => catchUp(session, started, positions),
  }
}
