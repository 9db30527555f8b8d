import type { Broker, OutgoingRecord, TopicSpec, TransactionalProducer } from '#engine/broker'
import { KappaError } from '#engine/errors'
import type { KeyVault } from '#engine/governance'
import type { AnyTopic, Registry } from '#engine/schema'
import { type Clock, systemClock } from '#engine/time'
import { type Encoding, openEncoding, type Tally } from './outgoing.ts'
import { ensureDeadLetters } from './publisher.ts'
import type { SourceRow } from './row.ts'

/** How far sources without an end have come: written in the transactions that hold their events. Compacted by `<name>|<key>`. */
export const checkpointsTopic: TopicSpec = {
  name: 'kappa.checkpoints.v1',
  partitions: 1,
  settings: { 'cleanup.policy': 'compact', 'retention.ms': '-1' },
}

export interface CheckpointOptions {
  /** The source, e.g. `http-current-weather`: whoever opens it later fences whoever had it. Has no `|`. */
  readonly name: string
  readonly app: string
  readonly broker: Broker
  readonly registry: Registry
  /** Needed where a topic has sealed fields. */
  readonly vault?: KeyVault
  /** Every topic that is written to; they must be there. */
  readonly topics: readonly AnyTopic[]
  readonly signal?: AbortSignal
  /** Told once whenever a service goes away. */
  readonly onWaiting?: (message: string) => void
  /** How long without a commit until a service that is away ends the work. Default 2 minutes. */
  readonly patienceMs?: number
  readonly clock?: Clock
}

/** What a source has while it holds its name. */
export interface Checkpoints {
  /** The latest committed value under each key, JSON. */
  readonly known: ReadonlyMap<string, unknown>
  /**
   * One transaction: the rows' events and dead letters, and the checkpoints that say so; null forgets a key. Once it
   * throws, this object is of no use any more: the work begins again with what is known then.
   * @param changes may follow from what became of the rows
   */
  commit(rows: readonly SourceRow[], changes: Changes | ((tallies: Tallies) => Changes)): Promise<Tallies>
}

/** New values of checkpoints by key. */
type Changes = ReadonlyMap<string, unknown>
/** What became of a transaction's rows, by topic name. */
type Tallies = ReadonlyMap<string, Tally>

const PAUSE_MS = 500

/**
 * Runs a source that publishes exactly once, however often it is killed.
 *
 * 1 initialise the producer (an earlier owner is fenced, its transaction completed) · 2 read the checkpoints · 3 `work`
 * goes on from them, and commits events and new checkpoints in one transaction each.
 *
 * What is retriable, and a transaction of unknown outcome, begins again at 1, so `work` takes everything from
 * `checkpoints.known`. Throws FENCED where another process took the source over.
 */
export async function checkpointed<T>(
  options: CheckpointOptions,
  work: (checkpoints: Checkpoints) => Promise<T>,
): Promise<T> {
  const { broker, registry, topics, vault, onWaiting, patienceMs = 120_000, clock = systemClock, signal } = options
  let encoding: Encoding | undefined
  let lastGood = clock.now()
  for (let told = false; ; ) {
    try {
      if (encoding === undefined) {
        await requireTopics(broker, topics, options.name)
        await broker.admin.ensure([checkpointsTopic])
        await ensureDeadLetters(broker, topics)
        encoding = await openEncoding(topics, registry, vault)
      }
      return await attempt(options, encoding, work, () => {
        lastGood = clock.now()
        told = false
      })
    } catch (thrown) {
      const again = thrown instanceof KappaError && (thrown.retriable || thrown.code === 'ABORTED')
      if (!again || signal?.aborted || clock.now() - lastGood > patienceMs) throw thrown
      if (!told) onWaiting?.(`${thrown.message}; trying again`)
      told = true
      await clock.sleep(PAUSE_MS, signal)
    }
  }
}

async function attempt<T>(
  { broker, app, name }: CheckpointOptions,
  encoding: Encoding,
  work: (checkpoints: Checkpoints) => Promise<T>,
  onCommit: () => void,
): Promise<T> {
  const producer = await broker.transactional(`${app}-ingest-${name}`) // 1
  try {
    const known = await readCheckpoints(broker, name) // 2
    return await work({
      known,
      async commit(rows, changesOf) {
        const { records, tallies } = await encoding.encode(rows)
        const changes = typeof changesOf === 'function' ? changesOf(tallies) : changesOf
        const notes = [...changes].map(([key, value]) => checkpointRecord(name, key, value))
        await transaction(producer, [...records, ...notes])
        for (const [key, value] of changes) {
          if (value === null) known.delete(key)
          else known.set(key, value)
        }
        onCommit()
        return tallies
      },
    })
  } finally {
    await producer.close().catch(() => {})
  }
}

async function transaction(producer: TransactionalProducer, records: readonly OutgoingRecord[]): Promise<void> {
  await producer.begin()
  for (const record of records) {
    const full = producer.send(record)
    if (full) await full
  }
  await producer.commit()
}

const checkpointRecord = (name: string, key: string, value: unknown): OutgoingRecord => ({
  topic: checkpointsTopic.name,
  partition: 0,
  key: Buffer.from(`${name}|${key}`),
  value: value === null ? null : Buffer.from(JSON.stringify(value)),
})

const READ_MS = 200
/** Reads without a record after which a log that should have one is given up: 30 seconds. */
const PATIENCE = 150

/**
 * The latest checkpoints of one source. Ask after its producer is initialised. Throws retriable SERVICE_UNAVAILABLE where
 * the log does not come.
 */
export async function readCheckpoints(broker: Broker, name: string): Promise<Map<string, unknown>> {
  return (await readAllCheckpoints(broker, `${name}|`)).get(name) ?? new Map()
}

/** The latest checkpoints of every source whose name begins so, by name. Throws as `readCheckpoints`. */
export async function readAllCheckpoints(
  broker: Broker,
  beginning: string,
): Promise<ReadonlyMap<string, Map<string, unknown>>> {
  const at = { topic: checkpointsTopic.name, partition: 0 }
  const latest = new Map<string, Buffer>()
  const own = Buffer.from(beginning)
  if (!(await broker.admin.topics()).has(at.topic)) return new Map()
  const [first = 0] = await broker.admin.beginnings(at.topic)
  const [end = 0] = await broker.admin.settledEnds(at.topic)
  if (first < end) {
    const reader = await broker.reader()
    try {
      await reader.assign([{ ...at, offset: first }])
      for (let silent = 0; (reader.position(at) ?? first) < end; ) {
        const records = await reader.read(5_000, READ_MS)
        silent = records.length === 0 ? silent + 1 : 0
        if (silent > PATIENCE)
          throw new KappaError('SERVICE_UNAVAILABLE', `reading ${at.topic} to offset ${end}`, { retriable: true })
        for (const { key, value } of records) {
          if (key === null || !key.subarray(0, own.length).equals(own)) continue
          const text = key.toString()
          if (value === null) latest.delete(text)
          else latest.set(text, value)
        }
      }
    } finally {
      await reader.close()
    }
  }
  const sources = new Map<string, Map<string, unknown>>()
  for (const [text, value] of latest) {
    const bar = text.indexOf('|')
    const name = text.slice(0, bar)
    const known = sources.get(name) ?? new Map<string, unknown>()
    sources.set(name, known.set(text.slice(bar + 1), JSON.parse(value.toString())))
  }
  return sources
}

async function requireTopics(broker: Broker, topics: readonly AnyTopic[], name: string): Promise<void> {
  const there = await broker.admin.topics()
  const missing = topics.map((topic) => topic.name).filter((topic) => !there.has(topic))
  if (missing.length > 0)
    throw new KappaError(
      'CONFIG_INVALID',
      `taking in ${name}: ${missing.join(', ')}: not in Kafka yet (kappa schemas register)`,
    )
}
