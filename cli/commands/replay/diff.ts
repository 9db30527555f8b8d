import { type Command, InvalidArgumentError } from 'commander'
import { KappaError } from '#engine/errors'
import { phaseOf } from '#engine/replay'
import { milliseconds } from '#engine/time'
import type { WindowDiff } from '../../../sinks/clickhouse/index.ts'
import { table } from '../stack/table.ts'
import { generationOf } from './flags.ts'
import { generationFor, withSession } from './session.ts'

const help = `
Every window of the replayed range, in the live table and in the generation's: rows that one side alone has, rows that
changed, and what each number adds up to before and after. Nothing is decided by it: that is kappa replay verify.

Examples:
  kappa replay diff retail-revenue-per-day
  kappa replay diff revenue-per-minute v3 --every '1 day' --limit 400
  kappa replay diff revenue-per-minute --json | jq '.windows[] | select(.changed > 10)'`

interface DiffFlags {
  readonly every?: number
  readonly limit: number
  readonly json?: boolean
}

/** `kappa replay diff` */
export function registerDiff(replay: Command): void {
  replay
    .command('diff')
    .description('show window by window what a replay by changed code would change')
    .argument('<processor>')
    .argument('[generation]', 'e.g. v2 (default: the last)', generationOf)
    .option('--every <duration>', "put windows together, e.g. '1 day'", span)
    .option('--limit <n>', 'at most so many windows that differ', whole, 50)
    .option('--json', 'for programs')
    .addHelpText('after', help)
    .action((name: string, wanted: number | undefined, { every, limit, json }: DiffFlags) =>
      withSession(name, async (session) => {
        const generation = await generationFor(session, wanted)
        const { started } = generation
        const phase = phaseOf(generation)
        if (phase !== 'finished')
          throw new KappaError('BLOCKED', `comparing windows of ${name} v${started.generation}: it is ${phase}`)
        const topic = session.processor.plan.destination
        const { from, to, key } = started
        const scope = { from, to, ...(key === undefined ? {} : { key }) }
        const options = { ...scope, limit, ...(every === undefined ? {} : { everyMs: every }) }
        const found = await session.destination.generations.diff(topic, started.generation, options)
        const about = { processor: started.processor, generation: started.generation }
        console.log(json === true ? JSON.stringify({ ...about, ...found }, null, 2) : diffText(found))
      }),
    )
}

export function diffText({ compared, differing, totals, windows }: WindowDiff): string {
  const sums = Object.entries(totals).map(([name, { live, replayed }]) => [
    name,
    live,
    replayed,
    change(live, replayed),
  ])
  const head = `${compared} windows compared, ${differing} differ`
  const all = sums.length === 0 ? '' : `\n\n${table(['sum over all', 'live', 'replayed', 'change'], sums)}`
  if (windows.length === 0) return `${head}${all}`
  const names = Object.keys(totals)
  const rows = windows.map(({ at, live, replayed, onlyLive, onlyReplayed, changed, sums: own }) => [
    new Date(at).toISOString().replace(/:00\.000Z$/, 'Z'),
    `${live}`,
    `${replayed}`,
    `${onlyLive}`,
    `${onlyReplayed}`,
    `${changed}`,
    ...names.map((name) => {
      const { live: before = '0', replayed: after = '0' } = own[name] ?? {}
      return before === after ? before : `${before} → ${after}`
    }),
  ])
  const columns = ['window', 'live', 'replayed', 'only live', 'only replayed', 'changed', ...names]
  const more = differing > windows.length ? `\n… and ${differing - windows.length} more (--limit)` : ''
  return `${head}${all}\n\n${table(columns, rows)}${more}`
}

/** In per cent of what is live. */
function change(live: string, replayed: string): string {
  if (live === replayed) return 'none'
  const [before, after] = [Number(live), Number(replayed)]
  if (before === 0) return 'from nothing'
  const percent = ((after - before) / Math.abs(before)) * 100
  return `${percent >= 0 ? '+' : ''}${percent.toFixed(2)} %`
}

function whole(text: string): number {
  if (!/^[1-9]\d*$/.test(text)) throw new InvalidArgumentError('It is not a whole number above 0.')
  return Number(text)
}

function span(text: string): number {
  try {
    return milliseconds(text)
  } catch {
    throw new InvalidArgumentError("It is not a duration, e.g. '1 day'.")
  }
}
