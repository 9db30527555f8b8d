import type { Command } from 'commander'
import { KappaError } from '#engine/errors'
import { type Settlement, settle, settleable } from '#engine/replay'
import { readable, tableOf } from '#engine/schema'
import { openPlatform } from '../../platform.ts'
import { type Processor, processors } from '../../processors.ts'
import { stageBars } from '../explain/bars.ts'
import { stopSignal } from '../produce/stop.ts'
import { inForceNow, withSession } from '../replay/session.ts'
import { table } from '../stack/table.ts'

const help = `
Windows that late events missed are made anew, by the processor's own code without a limit to lateness and in memory alone;
what is missing in the published rows and in earlier corrections is posted as signed rows to the topic of corrections.
<table>_settled shows both together: what a recomputation of everything would give, to the cent. Run again it posts
nothing; killed and run again it posts once. Windows that are not final yet wait for a later run.

Counts and sums are added to; means, extremes, first and last are put in place of what was published. Without a name: every
processor that has a topic of corrections. Sketches, doubles added up and windows that move with their events cannot be
corrected: kappa replay run makes them anew.

Exit codes: 0 settled · 1 failure · 2 cannot be settled so · 4 interrupted.

Examples:
  kappa settle
  kappa settle retail.revenue_per_day --dry-run
  kappa settle revenue-per-minute --json | jq '.[].corrections[] | .revenue'`

interface SettleFlags {
  readonly dryRun?: boolean
  readonly json?: boolean
}

/** `kappa settle`: late money settles itself. */
export function register(program: Command): void {
  program
    .command('settle')
    .description('post what late events add to rows that are final, as signed corrections')
    .argument('[name...]', 'tables or processors (default: all that have corrections)')
    .option('--dry-run', 'show what would be posted')
    .option('--json', 'for programs')
    .addHelpText('after', help)
    .action(run)
}

async function run(names: readonly string[], flags: SettleFlags): Promise<void> {
  const stop = stopSignal()
  try {
    const chosen = names.length > 0 ? names.map(named) : await correctable()
    const found: Settlement[] = []
    for (const processor of chosen) found.push(await settled(processor, flags, stop.signal))
    console.log(flags.json === true ? JSON.stringify(found.map(plain), null, 2) : text(found, flags))
  } finally {
    stop.release()
  }
}

function named(text: string): Processor {
  const found = processors.find(({ plan }) => {
    const { database, name } = tableOf(plan.destination)
    return [plan.name, plan.destination.name, `${database}.${name}`].includes(text)
  })
  if (found !== undefined) return found
  const known = processors.filter(({ corrections }) => corrections).map(({ plan }) => plan.name)
  throw new KappaError('CONFIG_INVALID', `looking for '${text}': ${known.join(', ')} can be settled`)
}

/** Those that have corrections and results. */
async function correctable(): Promise<readonly Processor[]> {
  const platform = openPlatform()
  try {
    const there = await platform.broker.admin.topics()
    return processors.filter(({ plan, corrections }) => corrections && there.has(plan.destination.name))
  } finally {
    await platform.close()
  }
}

async function settled(processor: Processor, flags: SettleFlags, signal: AbortSignal): Promise<Settlement> {
  const { plan, corrections } = processor
  const { columns, replaced, corrections: topic } = settleable(plan, corrections)
  return await withSession(plan.name, async (session) => {
    const { platform, sources, destination } = session
    const bars = stageBars(flags.json === true)
    if (!(await platform.broker.admin.topics()).has(plan.destination.name))
      throw new KappaError('STATE_MISMATCH', `settling ${plan.name}: ${plan.destination.name} is not there; kappa up`)
    if (flags.dryRun !== true) await destination.prepareSettled(plan.destination, topic, columns, replaced)
    return await settle({
      ...sources,
      ...{ plan, corrections: topic, deployment: await inForceNow(session), signal, onProgress: bars.show },
      ...(flags.dryRun === undefined ? {} : { dryRun: flags.dryRun }),
    }).finally(bars.stop)
  })
}

/** Corrections as their topic's readers see them: exact text. */
function plain(settlement: Settlement) {
  const topic = processors.find(({ plan }) => plan.name === settlement.processor)?.corrections
  const rows = topic === undefined ? settlement.corrections : settlement.corrections.map(readable(topic))
  return { ...settlement, corrections: rows }
}

function text(found: readonly Settlement[], { dryRun }: SettleFlags): string {
  const head = ['processor', 'late events', 'windows', dryRun === true ? 'to post' : 'posted', 'waiting', 'events read']
  const rows = found.map(({ processor, late, windows, corrections, waiting, read }) => [
    processor,
    ...[late, windows, corrections.length, waiting, read].map(String),
  ])
  const lost = found.flatMap(({ processor, unknown }) =>
    unknown.length === 0
      ? []
      : [`${processor}: ${unknown.length} rows may be past the retention of their topic and were left as they are`],
  )
  return [table(head, rows), ...lost].join('\n')
}
