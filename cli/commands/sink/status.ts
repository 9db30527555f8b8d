import { Argument, type Command } from 'commander'
import { CutLog, type LaneRecord } from '#engine/delivery'
import { systemClock } from '#engine/time'
import { type SinkName, sinkNames } from '../../../sinks/index.ts'
import { openPlatform, type Platform } from '../../platform.ts'
import { table } from '../stack/table.ts'

const help = `
Reads the cut log: what is told is what is committed, whether the sink runs or not.

Examples:
  kappa sink status clickhouse
  kappa sink status s3 --json`

/** `kappa sink status NAME`: the last cut of every lane. */
export function registerStatus(sink: Command): void {
  sink
    .command('status')
    .description('show the last cut of every lane')
    .addArgument(new Argument('<sink>', 'which').choices([...sinkNames]))
    .option('--json', 'for programs')
    .addHelpText('after', help)
    .action(async (name: SinkName, flags: { json?: boolean }) => {
      const platform = openPlatform()
      const log = new CutLog({ sink: name, broker: platform.broker, clock: systemClock })
      try {
        const lanes = await Promise.all((await log.all()).map((record) => laneOf(record, platform)))
        if (flags.json === true) console.log(JSON.stringify(lanes, null, 2))
        else console.log(text(lanes))
      } finally {
        await log.close()
        await platform.close()
      }
    })
}

async function laneOf({ state, cut, positions, totals, heldBy }: LaneRecord, { broker }: Platform) {
  const ends = await broker.admin.committedEnds(cut.topic)
  const behind = Object.entries(positions).reduce(
    (sum, [partition, offset]) => sum + Math.max(0, (ends[Number(partition)] ?? 0) - offset),
    0,
  )
  const { topic, lane, generation, number, decidedAt } = cut
  return { topic, lane, generation, state, cut: number, decidedAt, behind, ...totals, heldBy }
}

type LaneLine = Awaited<ReturnType<typeof laneOf>>

function text(lanes: readonly LaneLine[]): string {
  if (lanes.length === 0) return 'No cut yet: kappa sink run'
  const rows = [...lanes]
    .sort((a, b) => a.topic.localeCompare(b.topic))
    .map(({ topic, lane, generation, state, cut, decidedAt, behind, count, refused }) => [
      topic,
      `${lane}`,
      `${generation}`,
      state,
      `${cut}`,
      new Date(decidedAt).toISOString(),
      `${count}`,
      `${refused}`,
      `${behind}`,
    ])
  return table(['topic', 'lane', 'gen', 'state', 'cut', 'decided at', 'records', 'refused', 'offsets behind'], rows)
}
