import type { Broker, OutgoingRecord, TopicSpec } from '#engine/broker'
import { KappaError } from '#engine/errors'
import type { Tally } from './outgoing.ts'

/** One record a transaction: how far an import has come. Compacted by import id. */
export const progressTopic: TopicSpec = {
  name: 'kappa.import-progress.v1',
  partitions: 1,
  settings: { 'cleanup.policy': 'compact', 'retention.ms': '-1' },
}

/** One record per partition of each topic that an import completed; processors close their last windows by it. */
export const completionsTopic: TopicSpec = {
  name: 'kappa.imports.v1',
  partitions: 1,
  settings: { 'cleanup.policy': 'delete', 'retention.ms': '-1' },
}

/** How far an import has come: written in the transaction that holds the rows it speaks of. */
export interface ImportProgress {
  readonly importId: string
  readonly source: ImportSource
  /** Names of the topics that the import writes. */
  readonly topics: readonly string[]
  /** Rows of this transaction, first and last, counted from 1; null where it has none. */
  readonly range: readonly [number, number] | null
  /** Rows committed so far: the import goes on at the one after. */
  readonly rows: number
  /** So far, by topic name. */
  readonly tallies: Readonly<Record<string, Readonly<Tally>>>
  readonly complete: boolean
}

/** What is imported: the name and the sha256 (hex) of the file that all rows come from. */
export interface ImportSource {
  readonly name: string
  readonly sha256: string
}

/** The value of a record on `kappa.imports.v1`, as JSON. */
export interface ImportCompletion {
  readonly importId: string
  readonly topic: string
  readonly partition: number
  /** Read-committed end of the partition when every row was in: the import has nothing at or after it. */
  readonly endOffset: number
  /** Largest event time of the topic over the whole import, milliseconds; null where it has no event. */
  readonly throughTime: number | null
  /** Wall clock, milliseconds. */
  readonly completedAt: number
}

const json = (value: unknown): Buffer => Buffer.from(JSON.stringify(value))

export const progressRecord = (progress: ImportProgress): OutgoingRecord => ({
  topic: progressTopic.name,
  partition: 0,
  key: Buffer.from(progress.importId),
  value: json(progress),
})

export const completionRecord = (completion: ImportCompletion): OutgoingRecord => ({
  topic: completionsTopic.name,
  partition: 0,
  key: Buffer.from(`${completion.importId}|${completion.topic}|${completion.partition}`),
  value: json(completion),
})

/** A read gives up waiting soon: past the last record only a marker may be left, which no read returns. */
const READ_MS = 50
/** Reads without a record after which a log that should have one is given up: 30 seconds. */
const PATIENCE = 600

/**
 * The latest progress of every import, by import id. Ask after the import's own producer is initialised: then no
 * transaction of an earlier owner is open any more. Throws retriable SERVICE_UNAVAILABLE where the log does not come.
 */
export async function readProgress(broker: Broker): Promise<ReadonlyMap<string, ImportProgress>> {
  const at = { topic: progressTopic.name, partition: 0 }
  const [first = 0] = await broker.admin.beginnings(at.topic)
  const [end = 0] = await broker.admin.committedEnds(at.topic)
  const latest = new Map<string, ImportProgress>()
  if (first >= end) return latest
  const reader = await broker.reader()
  try {
    await reader.assign([{ ...at, offset: first }])
    for (let silent = 0; (reader.position(at) ?? first) < end; ) {
      const records = await reader.read(1_000, READ_MS)
      silent = records.length === 0 ? silent + 1 : 0
      if (silent > PATIENCE)
        throw new KappaError('SERVICE_UNAVAILABLE', `reading ${at.topic} to offset ${end}`, { retriable: true })
      for (const { value } of records) {
        if (value === null) continue
        const progress = JSON.parse(value.toString()) as ImportProgress
        latest.set(progress.importId, progress)
      }
    }
  } finally {
    await reader.close()
  }
  return latest
}
