import { createHash } from 'node:crypto'
import { KappaError } from '#engine/errors'
import { row, type SourceRow } from '#engine/ingest'
import { type RowDeletion, rowDeletions } from '#schemas'
import { hourCheckpoint } from '../hours.ts'
import { originText } from '../origin.ts'
import { checkpointName, TableProgress } from './progress.ts'
import type { Reading } from './read-new.ts'
import type { OpenTable } from './rows.ts'

/** Keys are kept in so many checkpoints, dealt by hash: each of a table of a million rows then has about a thousand. */
const BUCKETS = 1_024
/** Keys read at once. */
const PAGE = 20_000
/** Brokers refuse records above a megabyte. */
const MOST_BYTES = 900_000

export interface Swept {
  readonly rows: number
  readonly deleted: number
}

/**
 * Compares the keys that a table has with those of the rows that were read: what is gone was deleted. One transaction: an
 * event for each, and the keys that are known from now on. Undefined where the signal came first.
 *
 * A row that was read is known at once (`seen`), so one that lives between two comparisons is noticed too; one that was never
 * read is not told of.
 */
export async function sweep(
  { source, database, checkpoints, clock, signal }: Reading,
  open: OpenTable,
): Promise<Swept | undefined> {
  const { table, key } = open
  const progress = new TableProgress(checkpoints, table.name)
  const seen = progress.seen()
  const present = new Set<string>()
  for (let after: readonly string[] | undefined; ; ) {
    if (signal?.aborted) return undefined
    const query = { table: table.name, select: key, orderBy: key, limit: PAGE }
    const page = await database.page({
      ...query,
      after: after === undefined ? undefined : { columns: key, values: after },
    })
    for (const cells of page) present.add(JSON.stringify(cells.map(String)))
    const last = page.at(-1)
    if (last === undefined || page.length < PAGE) break
    after = last.map(String)
  }
  const fresh = new Map<number, Set<string>>()
  for (const keys of seen.values())
    for (const one of keys) {
      const bucket = bucketOf(one)
      const own = fresh.get(bucket)
      if (own) own.add(one)
      else fresh.set(bucket, new Set([one]))
    }
  const noticedAt = clock.now()
  const changes = new Map<string, unknown>()
  const gone: string[] = []
  for (let bucket = 0; bucket < BUCKETS; bucket++) {
    const before = progress.bucket(bucket)
    const known = new Set([...before, ...(fresh.get(bucket) ?? [])])
    const kept: string[] = []
    for (const one of known) (present.has(one) ? kept : gone).push(one)
    if (kept.length === before.length && known.size === before.length) continue
    const bytes = kept.reduce((sum, one) => sum + Buffer.byteLength(JSON.stringify(one)) + 1, 0)
    if (bytes > MOST_BYTES)
      throw new KappaError(
        'CONFIG_INVALID',
        `taking in ${source.name}: table ${table.name} has more keys than can be compared (${present.size}); leave sweepEvery out`,
      )
    changes.set(progress.bucketKey(bucket), kept.length === 0 ? null : kept)
  }
  for (const name of seen.keys()) changes.set(name, null)
  const swept = progress.swept()
  changes.set(progress.sweptKey(), { at: noticedAt, rows: present.size, deleted: (swept?.deleted ?? 0) + gone.length })
  const lastSeenAt = swept?.at ?? null
  const rows = gone.map((rowKey, i): SourceRow => {
    const about: RowDeletion = {
      eventId: `${source.name}|${table.name}|${rowKey}|${noticedAt}`,
      ...{ source: source.name, table: table.name, topic: table.topic.name, rowKey, lastSeenAt, noticedAt },
    }
    const origin = originText({
      source: checkpointName(source),
      unit: `${table.name} deletions`,
      line: i + 1,
      takenAt: noticedAt,
    })
    return row(rowDeletions, about, { file: `${source.name}/${table.name}`, line: i + 1, origin })
  })
  await checkpoints.commit(rows, (own) =>
    own.size === 0 ? changes : new Map([...changes, hourCheckpoint(checkpoints.known, noticedAt, own)]),
  )
  return { rows: present.size, deleted: gone.length }
}

const bucketOf = (key: string): number => createHash('sha1').update(key).digest().readUInt16BE(0) % BUCKETS
