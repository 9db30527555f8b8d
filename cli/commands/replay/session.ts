import { CutLog } from '#engine/delivery'
import { KappaError } from '#engine/errors'
import {
  type Generation,
  GenerationLog,
  generationsOf,
  phaseOf,
  type ReplaySources,
  type SwitchOptions,
} from '#engine/replay'
import { systemClock } from '#engine/time'
import type { Processor } from '../../../processors/index.ts'
import { ClickHouseDestination } from '../../../sinks/clickhouse/index.ts'
import { routes } from '../../../sinks/index.ts'
import { BronzeArchive, ObjectStore } from '../../../sinks/s3/index.ts'
import { processorNamed } from '../../deployments.ts'
import { openPlatform, type Platform } from '../../platform.ts'

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
  const processor = processorNamed(name)
  const { destination: result } = processor.plan
  if (!routes.some(({ topic, clickhouse }) => clickhouse && topic.name === result.name))
    throw new KappaError('CONFIG_INVALID', `replaying ${name}: ${result.name} has no table in ClickHouse`)
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

export const switchOptions = ({ platform, log, destination, cuts, processor }: Session): SwitchOptions => ({
  app: platform.app,
  broker: platform.broker,
  registry: platform.registry,
  log,
  destination,
  cuts,
  tables: destination.generations,
  topic: processor.plan.destination,
  clock: systemClock,
})
