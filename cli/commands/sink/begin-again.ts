import { Argument, type Command } from 'commander'
import { beginAgain, CutLog } from '#engine/delivery'
import { KappaError } from '#engine/errors'
import { systemClock } from '#engine/time'
import { type SinkName, sinkNames, sinkOf } from '../../../sinks/index.ts'
import { openPlatform } from '../../platform.ts'

const help = `
A sink whose topic was deleted and made anew stops, because its positions mean other records now. This begins its lanes as
the next generation, at the topic's first offsets; what was brought before stays in the store. Where the topic is the one
that the lanes read, nothing is changed: asking twice begins once. The running sink goes on within a second or is started.

Examples:
  kappa sink begin-again clickhouse --topic retail.purchase-lines.v1
  kappa sink begin-again s3 --topic shop.purchases.v1 --json`

interface Flags {
  readonly topic: string
  readonly json?: boolean
}

/** `kappa sink begin-again NAME --topic T`: the way out of a topic made anew. */
export function registerBeginAgain(sink: Command): void {
  sink
    .command('begin-again')
    .description('begin a topic anew that was deleted and made again')
    .addArgument(new Argument('<sink>', 'which').choices([...sinkNames]))
    .requiredOption('--topic <name>', 'which topic')
    .option('--json', 'for programs')
    .addHelpText('after', help)
    .action(run)
}

async function run(name: SinkName, flags: Flags): Promise<void> {
  const platform = openPlatform()
  const { app, broker, registry } = platform
  const { destination, topics, limits } = sinkOf(name, platform)
  const log = new CutLog({ sink: name, broker, clock: systemClock })
  try {
    const topic = topics.find((one) => one.name === flags.topic)
    if (topic === undefined)
      throw new KappaError('CONFIG_INVALID', `reading --topic ${flags.topic}: no topic of this sink has that name`)
    const records = (await log.all()).filter(({ cut }) => cut.topic === topic.name)
    const numbers = [...new Set(records.map(({ cut }) => cut.lane))].sort((a, b) => a - b)
    const lanes = []
    for (const lane of numbers) {
      const options = { app, topic, source: topic.name, lane, lanes: numbers.length, generation: 1, limits }
      const begun = await beginAgain({ ...options, broker, registry, destination, log, clock: systemClock })
      lanes.push({ lane, begun: begun !== undefined, ...begun })
    }
    if (flags.json === true) console.log(JSON.stringify({ sink: name, topic: topic.name, lanes }, null, 2))
    else for (const one of lanes) console.log(line(topic.name, one))
    if (lanes.length === 0) console.log(`${topic.name}: ${name} never decided a cut of it; nothing to begin again`)
  } finally {
    await log.close()
    await destination.close()
    await platform.close()
  }
}

interface LaneBegun {
  readonly lane: number
  readonly begun: boolean
  readonly from?: number
  readonly generation?: number
  readonly undone?: number
}

function line(topic: string, { lane, begun, from, generation, undone = 0 }: LaneBegun): string {
  if (!begun) return `${topic} lane ${lane}: the topic is the one it read; nothing to begin again`
  const lost = undone === 0 ? '' : `; ${undone} records of an undone cut may be in the store or not`
  return `${topic} lane ${lane}: generation ${from} ended, generation ${generation} begins at the first offsets${lost}`
}
