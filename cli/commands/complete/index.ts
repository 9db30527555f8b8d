import type { Command } from 'commander'
import { KappaError } from '#engine/errors'
import { milliseconds, systemClock } from '#engine/time'
import { routes } from '../../../sinks/index.ts'
import { openPlatform } from '../../platform.ts'
import { timeOf } from '../replay/flags.ts'
import { table } from '../stack/table.ts'
import { type Completeness, routeNamed, Sight } from './completeness.ts'
import type { Amounts, Money } from './money.ts'
import { waitFor } from './wait.ts'

const completeHelp = `
Reads what is committed, whether processors and sinks run or not. Of results: rows of windows that end by then are in
ClickHouse and change no more. Of facts that come from outside: every partition has come so far in event time.

Examples:
  kappa complete
  kappa complete shop.revenue_per_minute retail.revenue_per_day
  kappa complete retail.revenue_per_day --money
  kappa complete --json | jq '.[] | select(.completeUntil == null) | .table'`

const waitHelp = `
Ends with 0 when the table is complete up to that time: what a report waits for before it reads.

Exit codes: 0 complete · 1 not so in time · 2 no such table · 4 interrupted.

Examples:
  kappa wait retail.revenue_per_day --until 2017-07-01
  kappa wait shop.revenue_per_minute --until 2026-01-01T12:00:00Z --timeout '2 minutes' --json`

/** `kappa complete` and `kappa wait`: is this number final? */
export function register(program: Command): void {
  program
    .command('complete')
    .description('show up to when each table is complete, and what is late, rejected or on its way')
    .argument('[table...]', 'only these, by table or topic')
    .option('--money', 'sum what is late, rejected, pending and corrected, too: reads all of it')
    .option('--json', 'for programs')
    .addHelpText('after', completeHelp)
    .action(complete)
  program
    .command('wait')
    .description('wait until a table is complete up to a time')
    .argument('<table>', 'table or topic')
    .requiredOption('--until <time>', 'event time: a day (its midnight, UTC) or a time with its offset')
    .option('--timeout <duration>', 'for how long', '10 minutes')
    .option('--json', 'for programs')
    .addHelpText('after', waitHelp)
    .action(wait)
}

async function complete(
  names: readonly string[],
  flags: { readonly json?: boolean; readonly money?: boolean },
): Promise<void> {
  const chosen = names.length > 0 ? names.map(routeNamed) : routes.filter(({ clickhouse }) => clickhouse)
  const platform = openPlatform()
  const sight = new Sight(platform)
  try {
    const known = await platform.broker.admin.topics()
    const found: (Completeness & { readonly money?: Money })[] = []
    for (const route of chosen) {
      if (!known.has(route.topic.name)) continue
      const one = await sight.of(route)
      const money = flags.money === true ? await sight.moneyOf(route) : undefined
      found.push(money === undefined ? one : { ...one, money })
    }
    console.log(flags.json === true ? JSON.stringify(found, null, 2) : [text(found), ...moneyText(found)].join('\n\n'))
  } finally {
    await sight.close()
    await platform.close()
  }
}

async function wait(
  name: string,
  flags: { readonly until: string; readonly timeout: string; readonly json?: boolean },
) {
  const route = routeNamed(name)
  const until = timeOf('--until', flags.until, 'UTC')
  const timeoutMs = milliseconds(flags.timeout)
  const stop = new AbortController()
  process.once('SIGINT', () => stop.abort())
  const platform = openPlatform()
  const sight = new Sight(platform)
  try {
    const tell = (line: string) => process.stderr.write(`${line}\n`)
    const found = await waitFor(() => sight.of(route), {
      until,
      timeoutMs,
      clock: systemClock,
      signal: stop.signal,
      tell,
    })
    console.log(flags.json === true ? JSON.stringify(found, null, 2) : text([found]))
  } finally {
    await sight.close()
    await platform.close()
  }
}

const moment = (time: number | null): string => (time === null ? '-' : new Date(time).toISOString())

function text(found: readonly Completeness[]): string {
  if (found.length === 0) throw new KappaError('STATE_MISMATCH', 'looking at tables: no topic is there yet; kappa up')
  const head = ['table', 'complete until', 'from', 'behind', 'on the way', 'late', 'rejected']
  const rows = found.map(({ table: name, completeUntil, processor, behind, onTheWay, late, rejected }) => [
    name,
    moment(completeUntil),
    processor ?? 'outside',
    `${behind}`,
    `${onTheWay}`,
    `${late}`,
    `${rejected}`,
  ])
  return table(head, rows)
}

/** What is not in the figures, where anything is. */
function moneyText(found: readonly (Completeness & { readonly money?: Money })[]): readonly string[] {
  const rows = found.flatMap(({ table: name, money }) =>
    money === undefined
      ? []
      : Object.entries(money).flatMap(([what, amounts]: [string, Amounts | null]) =>
          amounts === null || amounts.events === 0 ? [] : [[name, what, `${amounts.events}`, amountsText(amounts)]],
        ),
  )
  return rows.length === 0
    ? []
    : [table(['table', 'what', 'events', 'which would add, or (corrected) have added'], rows)]
}

const amountsText = ({ unread, amounts }: Amounts): string =>
  [
    ...Object.entries(amounts).map(([column, amount]) => `${column} ${amount}`),
    ...(unread === 0 ? [] : [`${unread} do not decode`]),
  ].join(', ')
