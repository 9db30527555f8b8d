import { type CheckpointOptions, checkpointed, type SourceRow } from '#engine/ingest'
import type { AnyTopic } from '#engine/schema'
import { hourCheckpoint } from '../hours.ts'
import { hourOf, originText } from '../origin.ts'
import { type SpooledRow, spooledValue } from './accept.ts'
import type { SpooledBatch } from './collector.ts'
import { collectedTopics } from './kinds.ts'
import { SPOOL_START, type Spool, type SpoolPosition, type SpoolRead } from './spool/index.ts'

export interface ForwardOptions extends Omit<CheckpointOptions, 'name' | 'topics'> {
  readonly spool: Spool
  /** Told after each transaction: rows and when it ended. */
  readonly onForwarded?: (rows: { readonly written: number; readonly deadLettered: number }) => void
}

/** Bytes of the spool that go into one transaction, about; and how often an empty spool looks for files that may go. */
const TRANSACTION_BYTES = 1_000_000
const LOOK_MS = 5_000

/** As it stands in the origin of every event, and begins the names of its checkpoints: one a spool. */
export const COLLECT = 'collect'

/** The checkpoints of a spool. */
export const collectName = (spoolId: string): string => `${COLLECT}-${spoolId}`

/**
 * Brings the spool to Kafka until the signal: how far it came is a checkpoint in the transaction that holds the events, so
 * each is there once. A broker, registry or vault that is away is waited for; the spool holds what comes meanwhile.
 */
export async function forward(options: ForwardOptions): Promise<void> {
  const { spool, signal, onForwarded } = options
  const topics = [...collectedTopics.values()]
  const byName = new Map(topics.map((topic) => [topic.name, topic]))
  const settings = { patienceMs: Number.POSITIVE_INFINITY, ...options, name: collectName(spool.id), topics }
  await checkpointed(settings, async ({ known, commit }) => {
    let at = (known.get('position') ?? SPOOL_START) as SpoolPosition
    await spool.release(at)
    while (!signal?.aborted) {
      const batch = ofOneHour(await spool.read(at, TRANSACTION_BYTES))
      if (batch === undefined) {
        await spool.more(at, LOOK_MS, signal)
      } else {
        const { batches, takenAt, next } = batch
        const rows = batches.flatMap((one) => rowsOf(one, byName, topics))
        const tallies = await commit(
          rows,
          (sums) => new Map<string, unknown>([['position', next], hourCheckpoint(known, takenAt, sums)]),
        )
        const sums = { written: 0, deadLettered: 0 }
        for (const { written, deadLettered } of tallies.values()) {
          sums.written += written
          sums.deadLettered += deadLettered
        }
        onForwarded?.(sums)
        at = next
      }
      await spool.release(at)
    }
  })
}

/** The first batches of a read that were taken in the same hour: what is counted by the hour stands in one transaction. */
function ofOneHour({ payloads, ends }: SpoolRead) {
  const batches: SpooledBatch[] = []
  let next: SpoolPosition | undefined
  for (const [i, payload] of payloads.entries()) {
    const batch = JSON.parse(payload.toString()) as SpooledBatch
    if (hourOf(batch.receivedAt) !== hourOf(batches[0]?.receivedAt ?? batch.receivedAt)) break
    batches.push(batch)
    next = ends[i]
  }
  const [first] = batches
  return first === undefined || next === undefined ? undefined : { batches, takenAt: first.receivedAt, next }
}

function rowsOf(
  { requestId, receivedAt, rows }: SpooledBatch,
  byName: ReadonlyMap<string, AnyTopic>,
  topics: readonly AnyTopic[],
): SourceRow[] {
  return rows.map((row) => {
    const origin = originText({ source: COLLECT, unit: requestId, line: row.line, takenAt: receivedAt })
    const place = { file: `${COLLECT}/${requestId}`, line: row.line, origin }
    const topic = byName.get(row.topic)
    if (topic !== undefined) return { ...judged(topic, row), topic, place }
    const [other] = topics
    if (other === undefined) throw new Error('nothing is collected')
    // An older release collected it, this one does not.
    return { topic: other, found: null, reason: `${row.topic} is not collected any more`, place }
  })
}

function judged(topic: AnyTopic, row: SpooledRow): { value: unknown } | { found: unknown; reason: string } {
  if ('reason' in row) return { found: row.found, reason: row.reason }
  const fit = spooledValue(topic, row.json)
  return 'value' in fit ? { value: fit.value } : { found: row.json, reason: `${fit.field} ${fit.reason}` }
}
