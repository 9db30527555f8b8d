import { type Command, InvalidArgumentError, Option } from 'commander'
import { KappaError } from '#engine/errors'
import { loadAddresses } from '../../../deploy/config.ts'
import { routeNamed } from '../complete/completeness.ts'
import { table } from '../stack/table.ts'
import { type Answer, answerOf, type StoreChoice, storeChoices } from './answer.ts'
import { askedOf } from './asked.ts'

const help = `
Rows are named by the columns of their identity or their key; docs/catalogue.md has those of every table. All of the identity:
one row, from the serving view in Redis where the topic has one, else from ClickHouse. Less of it: the rows of that key,
oldest first, from ClickHouse; --from and --to take a stretch of event time out of them. Instants are written as
2013-07-04T12:00:00Z, a day is its midnight in UTC.

Exit codes: 0 found · 1 no such row, or a store is away · 2 no such table or column.

Examples:
  kappa lookup silver.hourly_weather airport=JFK observedAt=2013-07-04T12:00:00Z
  kappa lookup silver.departures origin=JFK --from 2013-07-04T12:00:00Z --to 2013-07-04T13:00:00Z
  kappa lookup silver.ordered_products customerId=c-1 --json | jq '.rows[].orderId'
  kappa lookup weather.reports.v1 airport=CDG --from 2026-01-01 --limit 500`

interface LookupFlags {
  readonly from?: string
  readonly to?: string
  readonly limit: number
  readonly store: StoreChoice
  readonly json?: boolean
}

/** `kappa lookup TABLE KEY`: one row by its identity, or the rows of a key over a stretch of time. */
export function register(program: Command): void {
  program
    .command('lookup')
    .description('look up one row by its identity, or the rows of a key over a stretch of time')
    .argument('<table>', 'table or topic')
    .argument('<key=value...>', 'columns of the identity or the key')
    .option('--from <time>', 'event time, included')
    .option('--to <time>', 'event time, not included')
    .option('--limit <n>', 'at most so many rows', whole, 100)
    .addOption(new Option('--store <store>', 'who is asked').choices(storeChoices).default('auto'))
    .option('--json', 'for programs')
    .addHelpText('after', help)
    .action(lookup)
}

async function lookup(name: string, words: readonly string[], flags: LookupFlags): Promise<void> {
  const { topic } = routeNamed(name)
  const { from, to } = flags
  const asked = askedOf(topic, words, {
    ...(from === undefined ? {} : { from }),
    ...(to === undefined ? {} : { to }),
  })
  const answer = await answerOf(loadAddresses(), asked, flags.store, flags.limit)
  if (flags.json === true) console.log(JSON.stringify(answer, null, 2))
  else if (answer.rows.length > 0) console.log(answerText(answer))
  if (answer.rows.length === 0)
    throw new KappaError('STATE_MISMATCH', `looking up ${words.join(' ')}: ${answer.table} has no such row`)
}

const shown = (value: unknown): string =>
  value === null ? 'null' : typeof value === 'object' ? JSON.stringify(value) : String(value)

const STORES = { redis: 'Redis', clickhouse: 'ClickHouse' } as const

/** One row by its columns, one below the other; several as a table. */
export function answerText({ table: from, store, rows, more }: Answer): string {
  const [first = {}] = rows
  const text =
    rows.length === 1
      ? table(
          ['column', 'value'],
          Object.entries(first).map(([column, value]) => [column, shown(value)]),
        )
      : table(
          Object.keys(first),
          rows.map((row) => Object.values(row).map(shown)),
        )
  const count = more ? `the first ${rows.length} rows (--limit)` : rows.length === 1 ? '1 row' : `${rows.length} rows`
  return `${text}\n\n${count} of ${from}, from ${STORES[store]}`
}

function whole(text: string): number {
  if (!/^[1-9]\d{0,5}$/.test(text)) throw new InvalidArgumentError('It is not a whole number from 1 to 999999.')
  return Number(text)
}
