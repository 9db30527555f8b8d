import { randomUUID } from 'node:crypto'
import { type Clock, systemClock } from '#engine/time'
import { type Circumstances, judge, type Rejection, type SpooledRow } from './accept.ts'
import type { Batch } from './batch.ts'
import { type Recent, recent } from './recent.ts'
import { openSpool, type Spool, type SpoolOptions } from './spool/index.ts'

export interface CollectorOptions extends Omit<SpoolOptions, 'keepMs'> {
  /** For how long an event that is sent again is known. Milliseconds. @defaultValue 10 minutes */
  readonly horizonMs?: number
  /** Events known at once. @defaultValue 1000000 */
  readonly mostKnown?: number
}

export interface Taken {
  readonly requestId: string
  /** Events that are on disk now. */
  readonly accepted: number
  /** Events that were taken before: an event of the same type and `eventId`, within the horizon. */
  readonly duplicates: number
  readonly rejected: readonly Rejection[]
}

/** Takes batches to disk: what was answered is not lost, and what is sent again within the horizon is there once. */
export interface Collector {
  readonly spool: Spool
  /** Events remembered. */
  readonly known: number
  /** Throws retriable BLOCKED when the spool is full, retriable STORE where the disk refuses: nothing of the batch is kept then. */
  take(batch: Batch, about: Omit<Circumstances, 'receivedAt'>): Promise<Taken>
  close(): Promise<void>
}

/** One record of the spool: the rows of one request. */
export interface SpooledBatch {
  readonly requestId: string
  readonly receivedAt: number
  readonly rows: readonly SpooledRow[]
  /** Of the rows that fit: by which they are known again. */
  readonly ids: readonly string[]
}

const TEN_MINUTES_MS = 600_000

export async function openCollector(options: CollectorOptions): Promise<Collector> {
  const { clock = systemClock, horizonMs = TEN_MINUTES_MS, mostKnown = 1_000_000 } = options
  const known = recent(clock, horizonMs, mostKnown)
  const spool = await openSpool({ ...options, keepMs: horizonMs }, (payload) => {
    const { ids, receivedAt } = JSON.parse(payload.toString()) as SpooledBatch
    for (const id of ids) known.restore(id, receivedAt)
  })
  return {
    spool,
    get known() {
      return known.size
    },
    take: (batch, about) => take(spool, known, clock, batch, about),
    close: () => spool.close(),
  }
}

async function take(
  spool: Spool,
  known: Recent,
  clock: Clock,
  batch: Batch,
  about: Omit<Circumstances, 'receivedAt'>,
): Promise<Taken> {
  const receivedAt = clock.now()
  const requestId = randomUUID()
  const judged = judge(batch, { ...about, receivedAt })
  const rows: SpooledRow[] = []
  const ids = new Set<string>()
  const before: Promise<void>[] = []
  let duplicates = 0
  for (const [i, row] of judged.rows.entries()) {
    const id = judged.ids[i]
    const earlier = id === undefined ? undefined : known.find(id)
    if (id !== undefined && (earlier !== undefined || ids.has(id))) {
      duplicates++
      if (earlier) before.push(earlier)
      continue
    }
    if (id !== undefined) ids.add(id)
    rows.push(row)
  }
  if (rows.length > 0) {
    const spooled: SpooledBatch = { requestId, receivedAt, rows, ids: [...ids] }
    const safe = spool.append(Buffer.from(JSON.stringify(spooled)))
    known.add([...ids], safe)
    await safe
  }
  // An event that another request is bringing just now is not answered before it is safe.
  await Promise.all(before)
  return { requestId, accepted: ids.size, duplicates, rejected: judged.rejected }
}
