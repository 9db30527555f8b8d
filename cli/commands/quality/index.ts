import { type Command, Option } from 'commander'
import { KappaError } from '#engine/errors'
import { openPlatform } from '../../platform.ts'
import { withWarehouse } from '../marts/session.ts'
import { timeOf } from '../replay/flags.ts'
import { shortfalls } from './expected.ts'
import {
  type Asked,
  type Figures,
  figuresOf,
  measuredTopics,
  onlyRejected,
  type Sums,
  sumsOf,
  unreferredOf,
} from './figures.ts'
import { rejectedOf } from './rejected.ts'
import { figuresText } from './text.ts'

const help = `
What each source delivered, as the silver rules judge it (schemas/silver/*.rules.ts). The processor 'quality' keeps the
figures of every hour of event time in operations.quality.v1 and its table; here they are summed up.

  complete   wanted cells that are filled            unique  records that do not repeat one of the same source
  valid      records that are neither rejected at ingest nor flagged: outliers, references to nothing known
  mean age   freshness: from event time to the record's writing
  elsewhere  records whose facts another source had told before; they are merged, and no fault

Customers without orders are no fault of a record: lines below the table count them.

Nothing is dropped by a rule: flagged rows are in silver.*, rejected ones in the dead letters of their topic. Rejected
records have no event time: they are counted over the topic's life, and only where no --from, --to or --by is given.

Exit codes: 0 · with --check 1 where a figure is below what its source's rules expect.

Examples:
  kappa quality
  kappa quality --source crm --source ventes --check
  kappa quality --source staging --from 2025-01-01 --to 2025-02-01 --by day
  kappa quality --json | jq '.figures[] | select(.uniqueness < 1)'`

interface QualityFlags {
  readonly source?: readonly string[]
  readonly from?: string
  readonly to?: string
  readonly by: Asked['by']
  readonly check?: boolean
  readonly json?: boolean
}

/** `kappa quality`: completeness, uniqueness, validity and freshness of every source. */
export function register(program: Command): void {
  program
    .command('quality')
    .description('completeness, uniqueness, validity and freshness of every source')
    .option('--source <name>', 'only this source; repeatable', (text: string, all: string[] = []) => [...all, text])
    .option('--from <time>', 'event time, a day or an instant, included')
    .option('--to <time>', 'event time, not included')
    .addOption(new Option('--by <window>', 'figures of each').choices(['hour', 'day', 'all']).default('all'))
    .option('--check', 'compare with what the rules expect')
    .option('--json', 'for programs')
    .addHelpText('after', help)
    .action(quality)
}

/** Throws CONFIG_INVALID naming the flag. */
export function askedOf({ source, from, to, by }: Omit<QualityFlags, 'json' | 'check'>): Asked {
  const known = new Set(measuredTopics.map((one) => one.source))
  for (const name of source ?? [])
    if (!known.has(name))
      throw new KappaError('CONFIG_INVALID', `reading --source ${name}: rules are for ${[...known].join(', ')}`)
  const range = {
    from: from === undefined ? undefined : timeOf('--from', from, 'UTC'),
    to: to === undefined ? undefined : timeOf('--to', to, 'UTC'),
  }
  if (range.from !== undefined && range.to !== undefined && range.from >= range.to)
    throw new KappaError('CONFIG_INVALID', `reading --from ${from} --to ${to}: the range is empty`)
  return { sources: source, ...range, by }
}

async function quality(flags: QualityFlags): Promise<void> {
  const asked = askedOf(flags)
  const { sums, unreferred } = await withWarehouse(async (warehouse) => {
    return { sums: await sumsOf(warehouse, asked), unreferred: await unreferredOf(warehouse, asked) }
  })
  const whole = asked.by === 'all' && asked.from === undefined && asked.to === undefined
  const figures = whole ? await withRejected(asked, sums) : sums.map((one) => figuresOf(one, undefined))
  const short = shortfalls(figures, measuredTopics)
  if (flags.json === true)
    console.log(JSON.stringify({ asExpected: short.length === 0, figures, short, unreferred }, null, 2))
  else console.log(figuresText(figures, short, flags.check === true, unreferred))
  if (flags.check === true && short.length > 0)
    throw new KappaError('STATE_MISMATCH', `checking quality: ${short.length} figures are below what is expected`)
}

async function withRejected({ sources }: Asked, sums: readonly Sums[]): Promise<readonly Figures[]> {
  const wanted = measuredTopics.filter(({ source }) => sources === undefined || sources.includes(source))
  const platform = openPlatform()
  try {
    const rejected = await rejectedOf(
      platform.broker,
      wanted.map(({ rawTopic }) => rawTopic),
    )
    return wanted.flatMap((one): Figures[] => {
      const count = rejected.get(one.rawTopic) ?? 0
      const found = sums.find(({ source, topic }) => source === one.source && topic === one.topic)
      if (found !== undefined) return [figuresOf(found, count)]
      return count > 0 ? [onlyRejected(one, count)] : []
    })
  } finally {
    await platform.close()
  }
}
