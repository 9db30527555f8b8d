import { CutLog } from '#engine/delivery'
import { KappaError } from '#engine/errors'
import {
  cancelRebuild,
  GenerationLog,
  planRebuild,
  type RebuildOptions,
  type RebuildPlan,
  type Rebuilt,
  rebuildTable,
  rollbackRebuild,
  type SourceChoice,
} from '#engine/replay'
import type { AnyTopic } from '#engine/schema'
import { systemClock } from '#engine/time'
import { ClickHouseDestination } from '../../../sinks/clickhouse/index.ts'
import { routes } from '../../../sinks/index.ts'
import { BronzeArchive, ObjectStore } from '../../../sinks/s3/index.ts'
import { openPlatform } from '../../platform.ts'
import { progressBar } from '../produce/bar.ts'
import { stopSignal } from '../produce/stop.ts'
import { table } from '../stack/table.ts'

export interface TableFlags {
  readonly topic?: readonly string[]
  readonly clear?: boolean
  readonly source: SourceChoice
  readonly dryRun?: boolean
  readonly force?: boolean
  readonly rollback?: boolean
  readonly cancel?: boolean
  readonly json?: boolean
}

/** `kappa sink rebuild clickhouse --topic T`: the table of one topic made anew from what the sink read. */
export async function rebuildClickHouse(flags: TableFlags): Promise<void> {
  const topic = chosen(flags)
  const platform = openPlatform()
  const { app, broker, registry, addresses } = platform
  const objects = new ObjectStore(addresses.s3)
  const destination = new ClickHouseDestination({ address: addresses.clickhouse, registry })
  const cuts = new CutLog({ sink: destination.name, broker, clock: systemClock })
  const stop = stopSignal()
  const show = bar(flags)
  try {
    await run(flags, {
      ...{ app, broker, registry, topic, cuts, destination, clock: systemClock, signal: stop.signal },
      archive: flags.source === 'kafka' ? undefined : new BronzeArchive(objects),
      log: new GenerationLog({ broker, app, clock: systemClock }),
      tables: destination.generations,
      tallies: destination.tallies,
      choice: flags.source,
      onProgress: show.progress,
    })
  } finally {
    show.stop()
    stop.release()
    await cuts.close()
    await destination.close()
    objects.close()
    await platform.close()
  }
}

async function run(flags: TableFlags, options: RebuildOptions): Promise<void> {
  const say = (what: object, text: string): void =>
    console.log(flags.json === true ? JSON.stringify(what, null, 2) : text)
  const { topic } = options
  if (flags.rollback === true || flags.cancel === true) {
    const { generation, decision } = await (flags.rollback === true ? rollbackRebuild : cancelRebuild)(options)
    const text =
      flags.rollback === true
        ? `${topic.name}: the table before is live again; v${generation} is kept beside it`
        : `${topic.name}: v${generation} is given up; the live table was never touched`
    return say({ topic: topic.name, generation, decision }, text)
  }
  if (flags.dryRun === true || flags.json !== true) {
    const { plan } = await planRebuild(options)
    if (flags.dryRun === true) return say(shown(plan), planText(plan))
    console.log(planText(plan))
  }
  const rebuilt = await rebuildTable(options, flags.force === true)
  say(rebuilt, rebuiltText(rebuilt))
}

/** Throws CONFIG_INVALID naming what has no table, or what does not go together. */
function chosen(flags: TableFlags): AnyTopic {
  const doing = 'rebuilding a table of clickhouse'
  const [name, ...others] = flags.topic ?? []
  if (name === undefined || others.length > 0)
    throw new KappaError('CONFIG_INVALID', `${doing}: name one topic (--topic retail.purchase-lines.v1)`)
  if (flags.clear === true)
    throw new KappaError('CONFIG_INVALID', `${doing}: --clear is for redis; a table is exchanged whole`)
  if (flags.rollback === true && flags.cancel === true)
    throw new KappaError(
      'CONFIG_INVALID',
      `${doing}: --rollback takes a live one back, --cancel gives one up; not both`,
    )
  const route = routes.find(({ topic, clickhouse }) => clickhouse && topic.name === name)
  if (route === undefined)
    throw new KappaError(
      'CONFIG_INVALID',
      `reading --topic ${name}: it has no table in ClickHouse (kappa sink status clickhouse lists those it has)`,
    )
  return route.topic
}

const shown = ({ resumed, ...plan }: RebuildPlan) => ({ ...plan, resumes: resumed !== undefined })

function planText({
  topic,
  generation,
  resumed,
  cuts,
  rows,
  refused,
  expiredRows,
  fromKafka,
  fromArchive,
}: RebuildPlan) {
  const facts = [
    ['into', `v${generation}, beside the live table${resumed === undefined ? '' : ' (goes on where it stopped)'}`],
    ['rows', `${rows} of ${cuts} cuts${refused === 0 ? '' : `, ${refused} of them dead letters`}`],
    ['to read', `${fromKafka} offsets from Kafka, ${fromArchive} from the archive`],
    ...(expiredRows === 0 ? [] : [['left out', `${expiredRows} rows past the contract's retention`]]),
  ]
  return table([`rebuild ${topic}`, ''], facts)
}

function rebuiltText({ topic, generation, rows, refused, seconds, forced }: Rebuilt): string {
  const dead = refused === 0 ? '' : `; ${refused} are dead letters as before`
  const how = forced ? 'taken although it differs (--force)' : 'equal to what the sink read'
  return `${topic}: v${generation} is live, ${rows} rows, ${how}${dead}; ${seconds.toFixed(1)} s
the table before is kept beside it: kappa sink rebuild clickhouse --topic ${topic} --rollback`
}

function bar({ json, dryRun }: TableFlags) {
  let shown: ReturnType<typeof progressBar> | undefined
  return {
    progress(rows: number, of: number) {
      shown ??= progressBar('rebuilding', of, 'rows', json === true || dryRun === true)
      shown.update(rows)
    },
    stop() {
      shown?.stop()
    },
  }
}
