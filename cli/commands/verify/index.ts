import type { Command } from 'commander'
import { KappaError } from '#engine/errors'
import { routes, sinkNames } from '../../../sinks/index.ts'
import { openPlatform } from '../../platform.ts'
import { table } from '../stack/table.ts'
import { type Finding, verifyRoute } from './compare.ts'
import { verifyCuts } from './cuts.ts'
import { overdueCuts } from './overdue.ts'
import { verifySources } from './source.ts'
import { openStores } from './stores.ts'
import { verifyValues } from './values.ts'

const help = `
Compares what each sink read from Kafka and marked done with what its store holds: rows, and the sum of a hash of every
row; then the stores with each other, up to where both stand. Tables of upserts are compared by their latest rows. Refused
rows are dead letters, and counted apart. A running sink may be verified: what it is writing just now is left out; a cut
that is undone for half of its topic's retention is a difference.

--deep also reads every cut back from Kafka (where Kafka still has it), counts each cut in ClickHouse, and opens every
object in S3.

--values reads cuts back too, ten of each topic unless told otherwise, and compares every field with its column in
ClickHouse; columns that differ are named with the row's place, their values are not shown.

--source counts from the other end: lines that were read from the files of a source = events in Kafka + dead letters = rows
in ClickHouse and S3 where the sinks are through, per hour in which they were taken, and each line of each file once. With
--deep the originals in S3 are hashed and counted once more. For http-<source>, pages-<source> (kappa ingest) and collect: the events and
dead letters that were written down as taken.

Exit codes: 0 all equal · 3 a difference.

Examples:
  kappa verify
  kappa verify --topic retail.purchase-lines.v1 --deep
  kappa verify --topic retail.purchase-lines.v1 --values all
  kappa verify --source crm --source web
  kappa verify --source collect --source http-current-weather
  kappa verify --json | jq '.findings[] | select(.equal | not)'`

interface VerifyFlags {
  readonly topic?: readonly string[]
  readonly source?: readonly string[]
  readonly deep?: boolean
  readonly values?: number | true
  readonly json?: boolean
}

/** `kappa verify`: is everything that was read in the stores, once, as it was. */
export function register(program: Command): void {
  program
    .command('verify')
    .description('compare Kafka with ClickHouse, S3 and Redis: rows and hashes')
    .option('--topic <name>', 'only this topic; repeatable', (text: string, all: string[] = []) => [...all, text])
    .option('--source <name>', 'count what this source sent; repeatable', (text: string, all: string[] = []) => [
      ...all,
      text,
    ])
    .option('--deep', 'cut by cut, opening every object')
    .option('--values [cuts]', 'column by column, of so many cuts of each topic, or all (default: 10)', cutsOf)
    .option('--json', 'for programs')
    .addHelpText('after', help)
    .action(verify)
}

const DEFAULT_CUTS = 10

function cutsOf(text: string): number {
  const cuts = text === 'all' ? Number.POSITIVE_INFINITY : Number(text)
  if (cuts >= 1 && (Number.isInteger(cuts) || text === 'all')) return cuts
  throw new KappaError('CONFIG_INVALID', `reading --values ${text}: a number of cuts, or all`)
}

async function verify(flags: VerifyFlags): Promise<void> {
  if (flags.source !== undefined) return await verifySources(flags.source, flags.deep === true, flags.json === true)
  const chosen = flags.topic?.map((name) => {
    const route = routes.find(({ topic }) => topic.name === name)
    if (route === undefined) throw new KappaError('CONFIG_INVALID', `reading --topic ${name}: there is no such topic`)
    return route
  })
  const platform = openPlatform()
  const stores = openStores(platform)
  const findings: Finding[] = []
  try {
    for (const route of chosen ?? routes) findings.push(...(await verifyRoute(route, stores, flags.deep === true)))
    findings.push(
      ...(await overdueCuts(
        (chosen ?? routes).map(({ topic }) => topic),
        stores,
      )),
    )
    if (flags.values !== undefined)
      for (const { topic, clickhouse } of chosen ?? routes)
        if (clickhouse)
          findings.push(...(await verifyValues(topic, flags.values === true ? DEFAULT_CUTS : flags.values, stores)))
    if (flags.deep === true) {
      const topics = new Set((chosen ?? routes).map(({ topic }) => topic.name))
      for (const sink of sinkNames) findings.push(...(await verifyCuts(sink, topics, stores)))
    }
  } finally {
    await stores.close()
    await platform.close()
  }
  const different = findings.filter(({ equal }) => equal === false)
  if (flags.json === true) console.log(JSON.stringify({ equal: different.length === 0, findings }, null, 2))
  else console.log(text(findings))
  if (different.length > 0)
    throw new KappaError('VERIFICATION_MISMATCH', `comparing Kafka with its sinks: ${different.length} differences`)
}

function text(findings: readonly Finding[]): string {
  if (findings.length === 0) return 'No sink has read anything yet: kappa sink run'
  const rows = findings.map(({ topic, store, expected, found, refused, equal, note }) => [
    topic,
    store,
    String(expected.rows),
    String(found.rows),
    String(refused),
    equal === undefined ? 'not compared' : equal ? 'equal' : 'DIFFERENT',
    note ?? '',
  ])
  return table(['topic', 'store', 'read', 'found', 'refused', '', ''], rows)
}
