import { type Command, InvalidArgumentError } from 'commander'
import { KappaError } from '#engine/errors'
import { type Explanation, explainRow, postedCorrections, type RowAsked, settleable } from '#engine/replay'
import type { Deployment } from '#engine/runtime'
import { routes } from '../../../sinks/index.ts'
import { deploymentOf } from '../../deployments.ts'
import { type Processor, processors } from '../../processors.ts'
import { routeNamed, Sight } from '../complete/completeness.ts'
import { stopSignal } from '../produce/stop.ts'
import { rejectedOf } from '../quality/rejected.ts'
import { type Session, withSession } from '../replay/session.ts'
import { stageBars } from './bars.ts'
import { explainedOf } from './explained.ts'
import { figureOf } from './figure.ts'
import { askedFor, rowOf } from './row.ts'
import { type Settled, settledOf } from './settled.ts'
import { explainedText } from './text.ts'

const help = `
The row is named by the columns of its identity; the start of a window also as day=, hour= or minute= in the processor's
time zone, or as any time within it. The processor's own code runs again over what it took, in memory alone, and takes down
which events went into the row; they are added up apart from it. What was left out is named with the reason: late, not
matched by a step (where, filter, join, deduplicate), rejected, or pending: in the topics and not taken yet. Corrections that
kappa settle posted for the row are named, and figure and corrections compared with its events and the late ones.

Exit codes: 0 it adds up, or is not published yet · 1 failure · 2 no such table or column · 3 it does not add up · 4 interrupted.

Examples:
  kappa explain retail.revenue_per_day department=GROCERY day=2017-06-03
  kappa explain shop.revenue_per_minute country=FR currency=EUR minute=2026-01-01T12:00:00Z --limit 5
  kappa explain retail.revenue_per_day department=GROCERY day=2017-06-03 --json | jq '.leftOut[] | .reason'`

interface ExplainFlags {
  readonly limit: number
  readonly json?: boolean
}

/** `kappa explain TABLE ROW`: from a figure to the events that made it. */
export function register(program: Command): void {
  program
    .command('explain')
    .description('from a figure to the events that made it, and what was left out and why')
    .argument('<table>', 'table or topic of results')
    .argument('<key=value...>', "the columns of the row's identity")
    .option('--limit <n>', 'at most so many events of each list', whole, 20)
    .option('--json', 'for programs: everything')
    .addHelpText('after', help)
    .action(explain)
}

async function explain(name: string, words: readonly string[], flags: ExplainFlags): Promise<void> {
  const route = routeNamed(name)
  const processor = processors.find(({ plan }) => plan.destination.name === route.topic.name)
  if (processor === undefined)
    throw new KappaError(
      'CONFIG_INVALID',
      `explaining ${name}: its rows are the events themselves, from outside; kappa trace file tells of a file's, and _topic, _partition and _offset where each stands`,
    )
  const named = rowOf(processor.plan, words)
  await withSession(processor.plan.name, async (session) => {
    const { platform, sources } = session
    const { plan } = processor
    const stop = stopSignal()
    const bars = stageBars(flags.json === true)
    try {
      const figure = await figureOf(platform, plan.destination, named.values)
      const asked = askedFor(plan, named, figure)
      const deployment = await deploymentOf(processor, platform, figure?.generation)
      const found = await explainRow({
        ...sources,
        ...{ plan, deployment, asked, signal: stop.signal, onProgress: bars.show },
      }).finally(bars.stop)
      const settled = await settledBy(session, processor, deployment, asked, found)
      const explained = explainedOf(plan, asked.values, found, figure, await rejectedBefore(session), settled)
      if (figure === undefined && found.events.length + found.leftOut.length + found.pending.length === 0)
        throw new KappaError(
          'CONFIG_INVALID',
          `explaining ${explained.row}: ${name} has no such row, and no event is of it`,
        )
      console.log(flags.json === true ? JSON.stringify(explained, null, 2) : explainedText(explained, flags.limit))
      if (explained.state === 'differs' || explained.state === 'missing')
        throw new KappaError('VERIFICATION_MISMATCH', `explaining ${explained.row} of ${name}: ${explained.standing}`)
      if (settled?.state === 'differs')
        throw new KappaError('VERIFICATION_MISMATCH', `explaining ${explained.row} of ${name}: ${settled.standing}`)
    } finally {
      stop.release()
    }
  })
}

/** What was posted to correct the row; null where its late events are not settled by corrections. */
async function settledBy(
  { platform }: Session,
  { plan, corrections }: Processor,
  deployment: Deployment,
  { values, time }: RowAsked,
  found: Explanation,
): Promise<Settled | null> {
  if (corrections === undefined) return null
  const { columns, replaced } = settleable(plan, corrections)
  const options = { broker: platform.broker, plan, deployment, corrections, values, windowStart: time }
  return settledOf(plan.destination, columns, found, await postedCorrections(options), replaced)
}

/** What never became an event, or was late or rejected on its way to the processor's topics: of no row in particular. */
async function rejectedBefore({ platform, processor }: Session): Promise<readonly string[]> {
  const topics = processor.plan.inputs.map(({ topic }) => topic.name)
  const lines: string[] = []
  for (const [topic, rejected] of await rejectedOf(platform.broker, topics))
    if (rejected > 0) lines.push(`${rejected} rows were no events of ${topic} (kappa quality)`)
  const sight = new Sight(platform)
  try {
    for (const topic of topics) {
      const maker = processors.find(({ plan }) => plan.destination.name === topic)
      if (maker === undefined || !routes.some((one) => one.clickhouse && one.topic.name === topic)) continue
      const { table, late, rejected } = await sight.of(routeNamed(topic))
      if (late + rejected > 0)
        lines.push(`${maker.plan.name} left ${late} late and ${rejected} rejected out of ${table}`)
    }
  } finally {
    await sight.close()
  }
  return lines
}

function whole(text: string): number {
  if (!/^\d{1,9}$/.test(text)) throw new InvalidArgumentError('It is not a whole number.')
  return Number(text)
}
