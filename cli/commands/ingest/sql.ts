import type { Command } from 'commander'
import { KappaError } from '#engine/errors'
import { inputDeadLetterTopic } from '#engine/ingest'
import { sqlPassword } from '../../../deploy/config.ts'
import { ingestSql, type Round, type TableRound, topicsOf } from '../../../producers/connectors/sql/index.ts'
import { openPlatform } from '../../platform.ts'
import { sqlSourceNamed } from '../../sources.ts'
import { stopSignal } from '../produce/stop.ts'
import { prepared } from './prepared.ts'

const ONCE_PATIENCE_MS = 120_000

const help = `
Databases are declared in deploy/sources/sql.yml (KAPPA_SQL, --config): MariaDB, MySQL, PostgreSQL; which tables become events
of which contract, by which column new and changed rows are known, how often keys are compared so that deletions are noticed.
The password of source NAME is in KAPPA_SQL_PASSWORD_NAME.

Every row that is new or changed is there once, however often this is killed: how far a table is read stands in Kafka in the
same transaction. Rows are read up to a moment before which every transaction has ended, so none that commits late is missed.
A row that is no event goes to <topic>.dead-letter with its key and the reason, and the run goes on. A deleted row becomes an
event of operations.row-deletions.v1; \`kappa verify --source sql-NAME\` counts all of them. A row that changes twice between two looks is seen once, as it is then.

Exit codes: 0 done · 1 the database is away · 2 usage, or a table that does not fit its contract · 4 interrupted.

Examples:
  KAPPA_SQL_PASSWORD_BOUTIQUE=… kappa ingest sql --source boutique           until Ctrl-C
  KAPPA_SQL_PASSWORD_BOUTIQUE=… kappa ingest sql --source boutique --once    what is there now
  kappa ingest sql --source boutique --once --sweep --json | jq '.tables[] | {table, rows, deleted}'`

interface SqlFlags {
  readonly source: string
  readonly config?: string
  readonly once?: boolean
  readonly sweep?: boolean
  readonly json?: boolean
}

/** `kappa ingest sql --source NAME` */
export function register(ingest: Command): void {
  ingest
    .command('sql')
    .description('take in tables of a database: new, changed and deleted rows')
    .requiredOption('--source <name>', 'a source of the config')
    .option('--config <file>', 'the config, in place of deploy/sources/sql.yml')
    .option('--once', 'one round, then end')
    .option('--sweep', 'look for deleted rows in the first round, whether it is time or not')
    .option('--json', 'print a line of JSON a round')
    .addHelpText('after', help)
    .action(ingestOne)
}

async function ingestOne(flags: SqlFlags): Promise<void> {
  const source = sqlSourceNamed(flags.source, flags.config)
  const { once = false, json = false } = flags
  // A daemon outlives any outage; a single round says that there is one.
  const patienceMs = once ? ONCE_PATIENCE_MS : Number.POSITIVE_INFINITY
  const platform = openPlatform()
  const stop = stopSignal()
  const told = (message: string): void => void process.stderr.write(`${message}\n`)
  let shownAt = performance.now()
  try {
    const { app, broker, registry, vault } = platform
    await prepared(platform, topicsOf(source), { patienceMs, signal: stop.signal, told })
    if (stop.signal.aborted) return
    await ingestSql({
      ...{ source, app, broker, registry, vault, once, password: sqlPassword(source.name) },
      sweepNow: flags.sweep === true,
      patienceMs,
      signal: stop.signal,
      onWaiting: told,
      onWarning: told,
      onRows(table, rows) {
        if (json || performance.now() - shownAt < 2_000) return
        shownAt = performance.now()
        told(`  ${table}: ${rows} rows so far`)
      },
      onRound(round) {
        const quiet = !once && round.tables.every(({ rows, deleted }) => rows === 0 && (deleted ?? 0) === 0)
        if (!quiet) console.log(json ? JSON.stringify(round) : roundText(round))
      },
    })
    if (once && stop.signal.aborted) throw new KappaError('INTERRUPTED', `taking in ${source.name}`)
  } finally {
    stop.release()
    await platform.close()
  }
}

const roundText = ({ source, tables }: Round): string =>
  tables.map((one) => `${source}/${one.table}: ${tableText(one)}`).join('\n')

function tableText({ topic, rows, written, deadLettered, deleted }: TableRound): string {
  const dead = deadLettered === 0 ? '' : `, ${deadLettered} on ${inputDeadLetterTopic(topic)}`
  const gone = deleted === undefined ? '' : `, ${deleted} deleted`
  return `${rows} rows, ${written} on ${topic}${dead}${gone}`
}
