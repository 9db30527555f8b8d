import type { Broker, OutgoingRecord, TransactionalProducer } from '#engine/broker'
import { KappaError } from '#engine/errors'
import type { KeyVault } from '#engine/governance'
import type { AnyTopic, Registry } from '#engine/schema'
import { type Clock, systemClock } from '#engine/time'
import {
  completionRecord,
  completionsTopic,
  type ImportProgress,
  type ImportSource,
  progressRecord,
  progressTopic,
  readProgress,
} from './import-log.ts'
import { type Encoding, openEncoding, type Tally } from './outgoing.ts'
import { add, ensureDeadLetters } from './publisher.ts'
import type { SourceRow } from './row.ts'

export interface ImportOptions {
  /** Says which rows are imported: the data set and the part of it, e.g. `retail 2017-06-01..2017-07-01`. */
  readonly importId: string
  /** Names the producer, `<app>-import-<name>`: a second process importing under it fences the first. */
  readonly name: string
  readonly app: string
  readonly source: ImportSource
  readonly topics: readonly AnyTopic[]
  /**
   * The rows after the first `after`, in batches; each batch becomes one transaction (5,000 to 10,000 rows are good). The
   * same rows in the same order whenever it is called, and per topic in the order of event time.
   */
  rows(after: number): AsyncIterable<readonly SourceRow[]>
  readonly broker: Broker
  readonly registry: Registry
  /** Needed where a topic has sealed fields. */
  readonly vault?: KeyVault
  /** Accepts history for a topic that another import has written. */
  readonly lateOk?: boolean
  /** Stops after the running transaction: INTERRUPTED, to be resumed. */
  readonly signal?: AbortSignal
  readonly onProgress?: (progress: ImportProgress) => void
  /** Told once whenever a service is away. */
  readonly onWaiting?: (message: string) => void
  /** How long without a commit until a service that is away ends the import. Default 2 minutes. */
  readonly patienceMs?: number
  readonly clock?: Clock
}

export interface ImportSummary {
  readonly importId: string
  readonly source: ImportSource
  /** Rows of the source that were taken, dead letters included. */
  readonly rows: number
  readonly tallies: Readonly<Record<string, Readonly<Tally>>>
  /** Rows that an earlier run had committed. */
  readonly resumedAfter: number
  /** True where an earlier run had finished: nothing was written now. */
  readonly alreadyComplete: boolean
}

const PAUSE_MS = 500

/**
 * Imports a bounded source exactly once, however often it is killed and started again.
 *
 * 1 initialise the producer (an earlier owner is fenced, its transaction completed) · 2 read how far the import came ·
 * 3 per batch one transaction: the rows' events and dead letters, and the progress record · 4 initialise the producer once
 * more, so that the last transaction's end is visible, and read the topics' ends · 5 one transaction: a completion record
 * for every partition of every topic, and the progress record that says complete.
 *
 * A batch whose outcome is unknown, and a broker that is away, begin again at 1. Throws CONFIG_INVALID where another
 * import, or another file under the same id, has written one of the topics (`lateOk` accepts the former); FENCED where
 * another process took the import over; INTERRUPTED after the signal.
 */
export async function boundedImport(options: ImportOptions): Promise<ImportSummary> {
  const { broker, registry, topics, vault, onWaiting, patienceMs = 120_000, clock = systemClock } = options
  await requireTopics(broker, topics)
  await broker.admin.ensure([progressTopic, completionsTopic])
  await ensureDeadLetters(broker, topics)
  const run: Run = { options, encoding: await openEncoding(topics, registry, vault), clock, lastCommit: clock.now() }
  for (let told = false; ; told = true) {
    try {
      return await attempt(run)
    } catch (thrown) {
      const again = thrown instanceof KappaError && (thrown.retriable || thrown.code === 'ABORTED')
      if (!again || options.signal?.aborted || clock.now() - run.lastCommit > patienceMs) throw thrown
      if (!told) onWaiting?.(`${thrown.message}; trying again`)
      await clock.sleep(PAUSE_MS, options.signal)
    }
  }
}

/** One call of `boundedImport`, over all its attempts. */
interface Run {
  readonly options: ImportOptions
  readonly encoding: Encoding
  readonly clock: Clock
  /** Rows that were committed before the call. */
  resumedAfter?: number
  /** Wall clock of the latest commit, or of the start. */
  lastCommit: number
}

async function attempt(run: Run): Promise<ImportSummary> {
  const { importId, broker, app, name } = run.options
  const id = `${app}-import-${name}`
  let producer = await broker.transactional(id) // 1
  try {
    const earlier = await readProgress(broker) // 2
    refuseOthers(run.options, earlier)
    const known = earlier.get(importId)
    if (known?.complete) return summaryOf(known, run.resumedAfter)
    run.resumedAfter ??= known?.rows ?? 0
    const done = await takeRows(run, producer, known) // 3
    await producer.close()
    producer = await broker.transactional(id) // 4
    return summaryOf(await complete(run, producer, done), run.resumedAfter) // 5
  } finally {
    await producer.close().catch(() => {})
  }
}

/** `resumedAfter` is set by the first attempt that finds something to do: without one, an earlier run had done it all. */
const summaryOf = ({ importId, source, rows, tallies }: ImportProgress, resumedAfter?: number): ImportSummary => ({
  importId,
  source,
  rows,
  tallies,
  resumedAfter: resumedAfter ?? rows,
  alreadyComplete: resumedAfter === undefined,
})

/** Step 3. Returns the progress when every row is committed. */
async function takeRows(run: Run, producer: TransactionalProducer, known?: ImportProgress): Promise<ImportProgress> {
  const { importId, source, topics, rows, signal, onProgress } = run.options
  const tallies = new Map<string, Tally>(topics.map(({ name }) => [name, { ...(known?.tallies[name] ?? NOTHING) }]))
  let progress: ImportProgress = {
    importId,
    source,
    topics: topics.map(({ name }) => name),
    range: null,
    rows: known?.rows ?? 0,
    tallies: Object.fromEntries(tallies),
    complete: false,
  }
  for await (const batch of rows(progress.rows)) {
    if (signal?.aborted) throw interrupted(progress)
    const { records, tallies: own } = await run.encoding.encode(batch)
    for (const [topic, tally] of own) add(tallies, topic, tally)
    const last = progress.rows + batch.length
    progress = { ...progress, range: [progress.rows + 1, last], rows: last, tallies: copyOf(tallies) }
    await commit(run, producer, [...records, progressRecord(progress)])
    onProgress?.(progress)
  }
  if (signal?.aborted) throw interrupted(progress)
  return progress
}

/** Step 5. */
async function complete(run: Run, producer: TransactionalProducer, done: ImportProgress): Promise<ImportProgress> {
  const { importId, topics, broker, onProgress } = run.options
  const records: OutgoingRecord[] = []
  for (const { name: topic } of topics) {
    const throughTime = done.tallies[topic]?.throughTime ?? null
    const ends = await broker.admin.settledEnds(topic)
    for (const [partition, endOffset] of ends.entries()) {
      const completedAt = run.clock.now()
      records.push(completionRecord({ importId, topic, partition, endOffset, throughTime, completedAt }))
    }
  }
  const progress: ImportProgress = { ...done, range: null, complete: true }
  await commit(run, producer, [...records, progressRecord(progress)])
  onProgress?.(progress)
  return progress
}

async function commit(run: Run, producer: TransactionalProducer, records: readonly OutgoingRecord[]): Promise<void> {
  await producer.begin()
  for (const record of records) {
    const full = producer.send(record)
    if (full) await full
  }
  await producer.commit()
  run.lastCommit = run.clock.now()
}

const NOTHING: Tally = { written: 0, deadLettered: 0, throughTime: null }

const copyOf = (tallies: ReadonlyMap<string, Tally>): Record<string, Tally> =>
  Object.fromEntries([...tallies].map(([topic, tally]) => [topic, { ...tally }]))

const interrupted = ({ importId, rows }: ImportProgress): KappaError =>
  new KappaError('INTERRUPTED', `importing ${importId}: stopped after row ${rows}; the same command goes on from there`)

async function requireTopics(broker: Broker, topics: readonly AnyTopic[]): Promise<void> {
  const there = await broker.admin.topics()
  const missing = topics.map(({ name }) => name).filter((name) => !there.has(name))
  if (missing.length > 0)
    throw new KappaError(
      'CONFIG_INVALID',
      `importing into ${missing.join(', ')}: not in Kafka yet (kappa schemas register)`,
    )
}

/** History that arrives behind other history is late by name: its windows are closed. */
function refuseOthers(options: ImportOptions, earlier: ReadonlyMap<string, ImportProgress>): void {
  const { importId, source, topics, lateOk } = options
  const own = earlier.get(importId)
  if (own !== undefined && own.source.sha256 !== source.sha256) {
    const files = `an earlier run took ${own.source.name} (sha256 ${own.source.sha256.slice(0, 12)}), this is ${source.name} (${source.sha256.slice(0, 12)})`
    throw new KappaError(
      'CONFIG_INVALID',
      `importing ${importId}: ${files}; give that file again, or import under another id`,
    )
  }
  if (lateOk) return
  const names = new Set(topics.map(({ name }) => name))
  for (const other of earlier.values()) {
    const shared = other.importId === importId ? undefined : other.topics.find((topic) => names.has(topic))
    if (shared === undefined) continue
    const done = other.complete ? 'completed' : 'begun'
    const wayOut = `say --late-ok to add these rows behind it (rows in both are there twice), or replay ${shared} into a new generation`
    throw new KappaError(
      'CONFIG_INVALID',
      `importing ${importId}: '${other.importId}' was ${done} on ${shared}; ${wayOut}`,
    )
  }
}
