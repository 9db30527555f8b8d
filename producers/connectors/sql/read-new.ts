import { KappaError } from '#engine/errors'
import type { Checkpoints, Tally } from '#engine/ingest'
import type { Clock } from '#engine/time'
import { hourCheckpoint } from '../hours.ts'
import type { After, Database, PageQuery, SqlSource } from './contract.ts'
import { type MarkAt, TableProgress } from './progress.ts'
import type { OpenTable } from './rows.ts'

/** What one look at a table brought. */
export interface ReadNew {
  readonly rows: number
  readonly written: number
  readonly deadLettered: number
}

/** A moment of the server's clock and the largest id that was there then. */
export interface Seen {
  readonly at: string
  readonly id: string
  /** True once every transaction of that moment has ended. */
  settled: boolean
}

export interface Reading {
  readonly source: SqlSource
  readonly database: Database
  readonly checkpoints: Checkpoints
  readonly clock: Clock
  readonly signal: AbortSignal | undefined
  readonly onRows?: (table: string, rows: number) => void
}

/** Bytes of keys in one checkpoint: brokers refuse records above a megabyte. */
const MOST_BYTES = 400_000

/**
 * Reads the rows of a table that are new since its checkpoint and will not be joined by earlier ones any more: below the
 * moment before which every transaction has ended. One transaction a page: events, dead letters, and how far it is read.
 * @param seen ids that were there earlier, oldest first; for a mark that is an id
 */
export async function readNew(reading: Reading, open: OpenTable, seen: Seen[]): Promise<ReadNew> {
  const { source, database, checkpoints, clock, signal } = reading
  const { table, key, mark, select } = open
  const progress = new TableProgress(checkpoints, table.name)
  const orderBy = [mark, ...key.filter(({ name }) => name !== mark.name)]
  const by = orderBy.map(({ name }) => name)
  let last = progress.mark()
  if (last !== undefined && last.by.join() !== by.join())
    throw new KappaError(
      'CONFIG_INVALID',
      `taking in ${source.name}: table ${table.name} was read by ${last.by.join(', ')} so far, and by ${by.join(', ')} now: rows would be missed or doubled; name the source anew to begin again`,
    )
  const bound = await boundOf(reading, open, seen)
  if (bound === undefined) return NOTHING
  let [rows, written, deadLettered] = [0, 0, 0]
  while (!signal?.aborted) {
    const after: After | undefined = last === undefined ? undefined : { columns: orderBy, values: last.at }
    const page = await database.page({ table: table.name, select, orderBy, after, bound, limit: source.batch })
    const final = page.at(-1)
    if (final === undefined) break
    const takenAt = clock.now()
    const before: MarkAt = last ?? { by, at: [], rows: 0, written: 0, deadLettered: 0 }
    const keys = page.map((row) => JSON.stringify(open.cells(row, key)))
    const tallies = await checkpoints.commit(
      page.map((row, i) => open.rowOf(row, before.rows + i + 1, takenAt)),
      (own) => {
        const next = { ...before, at: [...open.cells(final, orderBy)], rows: before.rows + page.length }
        const tally = tallyOf(own, table.topic.name)
        next.written += tally.written
        next.deadLettered += tally.deadLettered
        last = next
        const seenNow: [string, unknown][] =
          table.sweepEveryMs === undefined
            ? []
            : inPieces(keys).map((piece, i) => [progress.seenKey(before.rows * 1_000 + i), piece])
        const hour = hourCheckpoint(checkpoints.known, takenAt, own)
        return new Map<string, unknown>([[progress.markKey(), next], ...seenNow, hour])
      },
    )
    const tally = tallyOf(tallies, table.topic.name)
    rows += page.length
    written += tally.written
    deadLettered += tally.deadLettered
    reading.onRows?.(table.name, rows)
    if (page.length < source.batch) break
  }
  return { rows, written, deadLettered }
}

const NOTHING: ReadNew = { rows: 0, written: 0, deadLettered: 0 }

const tallyOf = (tallies: ReadonlyMap<string, Tally>, topic: string): Tally =>
  tallies.get(topic) ?? { written: 0, deadLettered: 0, throughTime: null }

/**
 * Where reading ends. Of ids: the largest one of a moment before which every transaction has ended, since later ones take
 * larger ids; undefined until there is such a moment.
 */
async function boundOf(
  { source, database }: Reading,
  { table, mark }: OpenTable,
  seen: Seen[],
): Promise<PageQuery['bound']> {
  if (table.mark.kind === 'updated-at') {
    const value = await database.settledAt(source.lagMs, source.longestTransactionMs)
    return { column: mark, kind: 'below', value }
  }
  const at = await database.now()
  const id = await database.largest(table.name, mark)
  if (id !== null) seen.push({ at, id, settled: false })
  const settled = await database.settledAt(source.lagMs, source.longestTransactionMs)
  const index = seen.findLastIndex((one) => one.at < settled)
  const found = seen[index]
  if (found === undefined) return undefined
  for (const one of seen.splice(0, index)) one.settled = true
  found.settled = true
  return { column: mark, kind: 'through', value: found.id }
}

function inPieces(keys: readonly string[]): readonly (readonly string[])[] {
  const pieces: string[][] = [[]]
  let bytes = 0
  for (const key of keys) {
    bytes += Buffer.byteLength(key) + 8
    if (bytes > MOST_BYTES) {
      pieces.push([])
      bytes = Buffer.byteLength(key) + 8
    }
    pieces.at(-1)?.push(key)
  }
  return pieces
}
