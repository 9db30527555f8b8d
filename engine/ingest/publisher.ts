import type { Broker } from '#engine/broker'
import { KappaError } from '#engine/errors'
import type { KeyVault } from '#engine/governance'
import type { AnyTopic, Registry } from '#engine/schema'
import { type Clock, systemClock } from '#engine/time'
import { inputDeadLetterSpec } from './dead-letter.ts'
import { openEncoding, type Tally } from './outgoing.ts'
import type { SourceRow } from './row.ts'

export interface PublisherOptions {
  readonly broker: Broker
  readonly registry: Registry
  /** Needed where a topic has sealed fields. */
  readonly vault?: KeyVault
  /** Every topic that will be published to. */
  readonly topics: readonly AnyTopic[]
  /** Told once per wait for a vault that is away. */
  readonly onWaiting?: (message: string) => void
  /** How long a vault that is away is waited for. Default 2 minutes. */
  readonly patienceMs?: number
  readonly clock?: Clock
}

const PAUSE_MS = 500

/**
 * Publishes live events through an idempotent producer: an event is there once, however often the client had to send it,
 * and events of one key keep their order. A process that dies may have published part of a batch; histories that must
 * not suffer that are imported (`boundedImport`).
 */
export interface Publisher {
  /** Resolves when the client took the records; `flush` says that the broker has them. */
  publish(rows: readonly SourceRow[]): Promise<void>
  flush(): Promise<void>
  /** Since the start, by topic name. */
  readonly tallies: ReadonlyMap<string, Readonly<Tally>>
  /** Flushes, then closes the producer; registry, vault and broker stay open. */
  close(): Promise<void>
}

/** Opens a publisher; creates the topics' dead-letter topics where they are missing. STATE_MISMATCH where a topic's schema is not registered. */
export async function publisher(options: PublisherOptions): Promise<Publisher> {
  const { broker, registry, vault, topics } = options
  const encoding = await openEncoding(topics, registry, vault)
  await ensureDeadLetters(broker, topics)
  const producer = await broker.producer()
  const tallies = new Map<string, Tally>()
  return {
    tallies,
    async publish(rows) {
      const outgoing = await patiently(options, () => encoding.encode(rows))
      for (const record of outgoing.records) {
        const full = producer.send(record)
        if (full) await full
      }
      for (const [topic, tally] of outgoing.tallies) add(tallies, topic, tally)
    },
    flush: () => producer.flush(),
    async close() {
      await producer.flush()
      await producer.close()
    },
  }
}

/** Nothing of a batch is sent before all of it is sealed, so that trying again doubles nothing. */
async function patiently<T>(options: PublisherOptions, work: () => Promise<T>): Promise<T> {
  const { onWaiting, patienceMs = 120_000, clock = systemClock } = options
  const deadline = clock.now() + patienceMs
  for (let told = false; ; told = true) {
    try {
      return await work()
    } catch (thrown) {
      if (!(thrown instanceof KappaError) || !thrown.retriable || clock.now() >= deadline) throw thrown
      if (!told) onWaiting?.(`${thrown.message}; waiting`)
      await clock.sleep(PAUSE_MS)
    }
  }
}

/** Creates the dead-letter topics that are missing; those there keep the partitions they have. */
export async function ensureDeadLetters(broker: Broker, topics: readonly AnyTopic[]): Promise<void> {
  const there = await broker.admin.topics()
  const missing = topics.map(inputDeadLetterSpec).filter((spec) => !there.has(spec.name))
  if (missing.length > 0) await broker.admin.ensure(missing)
}

/** Adds a batch's tally of a topic to the sum. */
export function add(tallies: Map<string, Tally>, topic: string, { written, deadLettered, throughTime }: Tally): void {
  const sum = tallies.get(topic)
  if (!sum) {
    tallies.set(topic, { written, deadLettered, throughTime })
    return
  }
  sum.written += written
  sum.deadLettered += deadLettered
  if (throughTime !== null) sum.throughTime = Math.max(sum.throughTime ?? throughTime, throughTime)
}
