import { Argument, type Command } from 'commander'
import { CutLog, expectationOf, type RefusedRow, recordsBetween } from '#engine/delivery'
import { KappaError } from '#engine/errors'
import type { AnyTopic } from '#engine/schema'
import { systemClock } from '#engine/time'
import { servedTopics } from '../../../sinks/index.ts'
import { RedisDestination } from '../../../sinks/redis/index.ts'
import { openPlatform, type Platform } from '../../platform.ts'
import { stopSignal } from '../produce/stop.ts'
import { table } from '../stack/table.ts'
import { repeatable } from './upkeep.ts'

const help = `
Fills the serving view again from its topics: after Redis lost its data, or a replay was promoted. The sink may run
meanwhile: a row is written only over an older one. With --clear the view is emptied first; readers find it empty until
it is filled.

Examples:
  kappa sink rebuild redis
  kappa sink rebuild redis --topic shop.revenue-per-minute.v1 --clear`

interface RebuildFlags {
  readonly topic?: readonly string[]
  readonly clear?: boolean
  readonly json?: boolean
}

interface Rebuilt {
  readonly topic: string
  readonly records: number
  readonly refused: number
}

/** `kappa sink rebuild redis`: one run, then it ends. */
export function registerRebuild(sink: Command): void {
  sink
    .command('rebuild')
    .description('fill the serving view again from its topics')
    .addArgument(new Argument('<sink>', 'which').choices(['redis']))
    .option('--topic <name>', 'only this topic; repeatable', repeatable)
    .option('--clear', 'empty it first')
    .option('--json', 'for programs')
    .addHelpText('after', help)
    .action(rebuild)
}

async function rebuild(_: string, flags: RebuildFlags): Promise<void> {
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
