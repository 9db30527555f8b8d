import { Argument, type Command, Option } from 'commander'
import { CutLog, expectationOf, type RefusedRow, recordsBetween } from '#engine/delivery'
import { KappaError } from '#engine/errors'
import type { AnyTopic } from '#engine/schema'
import { systemClock } from '#engine/time'
import { servedTopics } from '../../../sinks/index.ts'
import { RedisDestination } from '../../../sinks/redis/index.ts'
import { openPlatform, type Platform } from '../../platform.ts'
import { stopSignal } from '../produce/stop.ts'
import { table } from '../stack/table.ts'
import { rebuildClickHouse, type TableFlags } from './rebuild-table.ts'
import { repeatable } from './upkeep.ts'

const help = `
redis: fills the serving view again from its topics: after Redis lost its data, or a replay was promoted. The sink may run
meanwhile: a row is written only over an older one. With --clear the view is emptied first; readers find it empty until
it is filled.

clickhouse: makes the table of one topic anew from what the sink read, beside the live one (<table>__v2), from Kafka and,
where Kafka's retention took it, from the archive in S3; compares it with the cut log, row for row by count and hash; then
holds the sink for a moment, brings what came meanwhile, and exchanges the two by one recorded decision. Rows keep their
times of writing. A reader sees the old table or the new one, the old one is kept. Killed or stopped (4) at any moment, the
same command goes on. A source that is not as it was read, or a new table that is not whole: 3, and nothing is exchanged.
Another process rebuilding the same table: 5.

Examples:
  kappa sink rebuild redis
  kappa sink rebuild redis --topic shop.revenue-per-minute.v1 --clear
  kappa sink rebuild clickhouse --topic retail.purchase-lines.v1 --dry-run
  kappa sink rebuild clickhouse --topic retail.purchase-lines.v1 --source s3 --json
  kappa sink rebuild clickhouse --topic retail.purchase-lines.v1 --rollback`

interface Rebuilt {
  readonly topic: string
  readonly records: number
  readonly refused: number
}

/** `kappa sink rebuild redis | clickhouse`: one run, then it ends. */
export function registerRebuild(sink: Command): void {
  sink
    .command('rebuild')
    .description('make what a sink holds anew: the serving view, or the table of a topic')
    .addArgument(new Argument('<sink>', 'which').choices(['redis', 'clickhouse']))
    .option('--topic <name>', 'only this topic; repeatable for redis, needed for clickhouse', repeatable)
    .option('--clear', 'redis: empty it first')
    .addOption(
      new Option('--source <where>', 'clickhouse: where records come from')
        .choices(['auto', 'kafka', 's3'])
        .default('auto'),
    )
    .option('--dry-run', 'clickhouse: plan only')
    .option('--force', 'clickhouse: exchange although the new table is not what the sink read; it is recorded')
    .option('--rollback', 'clickhouse: the table before the exchange takes its place again')
    .option('--cancel', 'clickhouse: give up what is not live yet')
    .option('--json', 'for programs')
    .addHelpText('after', help)
    .action(rebuild)
}

async function rebuild(sink: 'redis' | 'clickhouse', flags: TableFlags): Promise<void> {
  if (sink === 'clickhouse') return await rebuildClickHouse(flags)
  const other = [flags.dryRun, flags.force, flags.rollback, flags.cancel].some((flag) => flag === true)
  if (other || flags.source !== 'auto')
    throw new KappaError('CONFIG_INVALID', 'rebuilding redis: it takes --topic, --clear and --json alone')
  const topics = chosen(flags.topic)
  const platform = openPlatform()
  const stop = stopSignal()
  const view = new RedisDestination({ url: platform.addresses.redis.url, registry: platform.registry })
  const done: Rebuilt[] = []
  try {
    for (const topic of topics) {
      if (flags.clear === true) await view.clear(topic)
      done.push(await fill(platform, view, topic, stop.signal))
    }
  } finally {
    stop.release()
    await view.close()
    await platform.close()
  }
  const rows = done.map(({ topic, records, refused }) => [topic, String(records), String(refused)])
  console.log(flags.json === true ? JSON.stringify(done, null, 2) : table(['topic', 'records read', 'refused'], rows))
}

async function fill(
  { broker }: Platform,
  view: RedisDestination,
  topic: AnyTopic,
  signal: AbortSignal,
): Promise<Rebuilt> {
  const log = new CutLog({ sink: 'redis', broker, clock: systemClock })
  const generation = (await expectationOf(log, topic.name).finally(() => log.close()))?.generation ?? 1
  const numbered = (offsets: readonly number[]) => new Map(offsets.map((offset, partition) => [partition, offset]))
  const from = numbered(await broker.admin.beginnings(topic.name))
  const until = numbered(await broker.admin.committedEnds(topic.name))
  const refused: RefusedRow[] = []
  let records = 0
  for await (const some of recordsBetween(broker, topic.name, from, until)) {
    if (signal.aborted) throw new KappaError('INTERRUPTED', `rebuilding ${topic.name}: run it again to end it`)
    refused.push(...(await view.apply(topic, generation, some)))
    records += some.length
  }
  return { topic: topic.name, records, refused: refused.length }
}

/** Throws CONFIG_INVALID naming a topic that has no view. */
function chosen(names: readonly string[] | undefined): readonly AnyTopic[] {
  if (names === undefined) return servedTopics
  return names.map((name) => {
    const topic = servedTopics.find((one) => one.name === name)
    if (topic === undefined)
      throw new KappaError('CONFIG_INVALID', `reading --topic ${name}: its contract asks for no serving view`)
    return topic
  })
}
