import { KappaError } from '#engine/errors'
import { type CheckpointOptions, type Checkpoints, checkpointed } from '#engine/ingest'
import type { AnyTopic } from '#engine/schema'
import { systemClock } from '#engine/time'
import { rowDeletions } from '#schemas'
import type { Database, SqlSource } from './contract.ts'
import { connectMariadb } from './mariadb.ts'
import { connectPostgresql } from './postgresql.ts'
import { checkpointName, TableProgress } from './progress.ts'
import { type Reading, readNew, type Seen } from './read-new.ts'
import { type OpenTable, openTable } from './rows.ts'
import { sweep } from './sweep.ts'

/** What one round brought of a table. */
export interface TableRound {
  readonly table: string
  readonly topic: string
  readonly rows: number
  readonly written: number
  readonly deadLettered: number
  /** Rows that were found to be gone; undefined where keys were not compared. */
  readonly deleted: number | undefined
}

export interface Round {
  readonly source: string
  readonly tables: readonly TableRound[]
}

export interface SqlIngestOptions
  extends Pick<
    CheckpointOptions,
    'app' | 'broker' | 'registry' | 'vault' | 'signal' | 'onWaiting' | 'patienceMs' | 'clock'
  > {
  readonly source: SqlSource
  readonly password: string | undefined
  /** Opens a connection; by the kind of the source where it is not given. */
  readonly connect?: (source: SqlSource, password: string | undefined) => Promise<Database>
  /** One round: what is settled when it begins. Keys are compared where it is time. */
  readonly once?: boolean
  /** Compares keys in the first round, whether it is time or not. */
  readonly sweepNow?: boolean
  readonly onRound?: (round: Round) => void
  readonly onRows?: (table: string, rows: number) => void
  /** Something that an operator should know: rows that cannot be read by their mark. */
  readonly onWarning?: (message: string) => void
}

/** Every topic that a source writes. */
export const topicsOf = ({ tables }: SqlSource): readonly AnyTopic[] => {
  const own = tables.map(({ topic }) => topic as AnyTopic)
  const deletions = tables.some(({ sweepEveryMs }) => sweepEveryMs !== undefined) ? [rowDeletions as AnyTopic] : []
  return [...new Set([...own, ...deletions])]
}

/**
 * Takes in the tables of a database, until the signal or for one round: every row that is new or changed becomes an event,
 * every row that is gone a deletion, each exactly once however often this is killed. Returns the last round.
 *
 * A row that changes twice between two looks is seen once, as it is then. A database that is away is asked again.
 */
export async function ingestSql(options: SqlIngestOptions): Promise<Round> {
  const { source, password, once = false, clock = systemClock, signal, onWarning = () => {} } = options
  const connect = options.connect ?? (source.kind === 'postgresql' ? connectPostgresql : connectMariadb)
  const warned = new Set<string>()
  const work = async (checkpoints: Checkpoints): Promise<Round> => {
    const database = await connect(source, password)
    try {
      const reading: Reading = {
        ...{ source, database, checkpoints, clock, signal },
        ...(options.onRows === undefined ? {} : { onRows: options.onRows }),
      }
      const tables: [OpenTable, Seen[]][] = []
      for (const table of source.tables) {
        const open = openTable(source, table, await database.columns(table.name))
        tables.push([open, []])
        await warnOfNull(database, open, (message) => {
          if (!warned.has(message)) onWarning(message)
          warned.add(message)
        })
      }
      for (let first = true; ; first = false) {
        const rounds: TableRound[] = []
        for (const [open, seen] of tables) {
          if (signal?.aborted) break
          rounds.push(await roundOf(reading, open, seen, once, options.sweepNow === true && first))
        }
        const round: Round = { source: source.name, tables: rounds }
        if (once && signal?.aborted)
          throw new KappaError('INTERRUPTED', `taking in ${source.name}: stopped; the same command goes on from there`)
        options.onRound?.(round)
        if (once || signal?.aborted) return round
        await clock.sleep(source.pollEveryMs, signal)
        if (signal?.aborted) return round
      }
    } finally {
      await database.close()
    }
  }
  return checkpointed({ ...options, name: checkpointName(source), topics: topicsOf(source), clock }, work)
}

async function roundOf(
  reading: Reading,
  open: OpenTable,
  seen: Seen[],
  once: boolean,
  sweepNow: boolean,
): Promise<TableRound> {
  const { source, checkpoints, clock, signal } = reading
  const { table } = open
  let read = await readNew(reading, open, seen)
  if (once && table.mark.kind === 'id') {
    // An id is settled once the transactions of its time have ended: a single round waits for those of its beginning.
    const until = clock.now() + source.lagMs + source.longestTransactionMs
    const [wanted] = seen.slice(-1)
    while (wanted?.settled === false && clock.now() < until && !signal?.aborted) {
      await clock.sleep(Math.min(200, source.lagMs), signal)
      const more = await readNew(reading, open, seen)
      read = {
        rows: read.rows + more.rows,
        written: read.written + more.written,
        deadLettered: read.deadLettered + more.deadLettered,
      }
    }
  }
  const base = { table: table.name, topic: table.topic.name, ...read }
  if (table.sweepEveryMs === undefined) return { ...base, deleted: undefined }
  const swept = new TableProgress(checkpoints, table.name).swept()
  const due = sweepNow || swept === undefined || clock.now() - swept.at >= table.sweepEveryMs
  if (!due || signal?.aborted) return { ...base, deleted: undefined }
  return { ...base, deleted: (await sweep(reading, open))?.deleted }
}

async function warnOfNull(
  database: Database,
  { table, mark }: OpenTable,
  warn: (message: string) => void,
): Promise<void> {
  if (!mark.nullable) return
  const count = await database.without(table.name, mark)
  if (count > 0)
    warn(
      `table ${table.name}: ${count === 1_000 ? 'a thousand or more' : count} rows have no ${mark.name}, and are not read`,
    )
}
