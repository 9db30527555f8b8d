import type { Broker, KafkaRecord } from '#engine/broker'
import { type Archive, learnSchemas, recordsBetween } from '#engine/delivery'
import { KappaError } from '#engine/errors'
import { generationTopic } from '#engine/runtime'
import { type AnyTopic, type Decoder, keyText, type Registry } from '#engine/schema'
import type { Clock } from '#engine/time'
import { type Generation, type GenerationLog, type GenerationRecord, lastOf, phaseOf } from './generations.ts'
import { bare } from './hand-over.ts'
import { nameOf } from './lanes.ts'
import type { EventTimeRange } from './verify.ts'

export interface RepublishOptions {
  readonly app: string
  readonly broker: Broker
  readonly registry: Registry
  readonly log: GenerationLog
  /** What Kafka no longer has of the live topic is looked for here; absent: it counts as never published. */
  readonly archive?: Archive
  /** The result topic. */
  readonly topic: AnyTopic
  readonly clock: Clock
}

/** What was appended to the live topic. */
export interface Republished {
  /** Rows as the generation has them, where the topic's latest was another or none. */
  readonly upserts: number
  /** Rows that the generation does not have: records without a value. */
  readonly retractions: number
  /** Rows that the generation does not have and that no record can take away: their identity is not their key. */
  readonly left: number
}

const AT_ONCE = 5_000

type Row = Readonly<Record<string, unknown>>

/** The latest record of an identity: where it is, and what it says. */
interface Latest {
  readonly partition: number
  readonly offset: number
  readonly key: Buffer | null
  /** Null where it is taken away. */
  readonly value: Buffer | null
}

/**
 * Appends rows of a promoted generation to the live topic, where they differ from what stands there: what read the topic
 * before the promotion gets the rows that its table shows now, as upserts. Rows that came to the topic since the switch are
 * left as they are. Interrupted, the same call goes on: what was appended differs no more. One process at a time (BLOCKED).
 */
export async function republish(options: RepublishOptions, generation: Generation): Promise<GenerationRecord> {
  const { app, broker, log, topic } = options
  const { started } = generation
  const promoted = lastOf(generation, 'promoted')
  if (promoted === undefined || phaseOf(generation) !== 'promoted')
    throw new KappaError('BLOCKED', `republishing ${nameOf(started)}: it is ${phaseOf(generation)}, not promoted`)
  expectUpserts(topic)
  const rows = new Rows(options, started)
  const producer = await broker.transactional(`${app}-republish-${topic.name}`)
  try {
    const own = await rows.latest(generationTopic(topic.name, started.generation))
    const live = await rows.latest(topic.name, options.archive)
    const switched: Readonly<Record<number, number>> = Object.assign(
      {},
      ...(promoted.lanes?.held ?? []).map(({ positions }) => positions),
    )
    const isSince = ({ partition, offset }: Latest): boolean => offset >= (switched[partition] ?? 0)
    const differing: Latest[] = []
    for (const [identity, row] of own) {
      const before = live.get(identity)
      if (before !== undefined && (isSince(before) || sameValue(before.value, row.value))) continue
      if (before !== undefined || row.value !== null) differing.push(row)
    }
    const gone = [...live].filter(([identity, row]) => row.value !== null && !isSince(row) && !own.has(identity))
    const retractable = isKeyed(topic) ? gone.map(([, row]) => ({ ...row, value: null })) : []
    const all = [...differing, ...retractable]
    for (let at = 0; at < all.length; at += AT_ONCE) {
      await producer.begin()
      for (const { key, value } of all.slice(at, at + AT_ONCE)) await producer.send({ topic: topic.name, key, value })
      await producer.commit()
    }
    const upserts = differing.filter(({ value }) => value !== null).length
    const report: Republished = {
      upserts,
      retractions: all.length - upserts,
      left: gone.length - retractable.length,
    }
    return await log.decide((_all, at) => ({ ...bare(started), decision: 'republished', at, report: { ...report } }))
  } catch (thrown) {
    if (!(thrown instanceof KappaError) || thrown.code !== 'FENCED') throw thrown
    throw new KappaError('BLOCKED', `republishing ${nameOf(started)}: another process does it`, { cause: thrown })
  } finally {
    await producer.close()
  }
}

/** Throws CONFIG_INVALID where another row of an identity would be one more. */
export function expectUpserts(topic: AnyTopic): void {
  if (topic.contract.topic.kind !== 'facts') return
  throw new KappaError(
    'CONFIG_INVALID',
    `republishing rows of ${topic.name}: they are facts, and one more would replace none; readers have to read ${topic.name} anew (kappa replay run --downstream)`,
  )
}

/** A record without a value says by its key which row it takes away. */
const isKeyed = ({ contract }: AnyTopic): boolean =>
  contract.topic.id.every((name) => contract.topic.key.includes(name))

const sameValue = (a: Buffer | null, b: Buffer | null): boolean => (a === null || b === null ? a === b : a.equals(b))

/** The latest record of every identity, of event time in the replayed range. */
class Rows {
  private readonly broker: Broker
  private readonly topic: AnyTopic
  private readonly range: EventTimeRange
  private readonly decoder: Decoder<Row>

  constructor({ broker, topic, registry }: RepublishOptions, range: EventTimeRange) {
    this.broker = broker
    this.topic = topic
    this.range = range
    const { id, time } = topic.contract.topic
    this.decoder = registry.decoder(topic, [...new Set([...id, time])])
  }

  async latest(name: string, archive?: Archive): Promise<ReadonlyMap<string, Latest>> {
    const numbered = (offsets: readonly number[]) => new Map(offsets.map((offset, partition) => [partition, offset]))
    const from = numbered(await this.broker.admin.beginnings(name))
    const until = numbered(await this.broker.admin.settledEnds(name))
    const latest = new Map<string, Latest>()
    for (const range of (await archive?.ranges(name)) ?? []) {
      const begin = from.get(range.partition) ?? 0
      if (archive === undefined || range.first >= begin) continue
      const records = await archive.read(name, range)
      await this.takeAll(
        records.filter(({ offset }) => offset < begin),
        latest,
      )
    }
    for await (const records of recordsBetween(this.broker, name, from, until)) await this.takeAll(records, latest)
    return latest
  }

  private async takeAll(records: readonly KafkaRecord[], latest: Map<string, Latest>): Promise<void> {
    await learnSchemas(this.decoder, records)
    for (const record of records) this.take(record, latest)
  }

  private take({ partition, offset, key, value }: KafkaRecord, latest: Map<string, Latest>): void {
    const { id, time } = this.topic.contract.topic
    if (value === null) {
      // A retraction has no event time: it counts where it takes away what is in the range.
      const identity = key?.toString('utf8') ?? ''
      if (isKeyed(this.topic) && latest.has(identity)) latest.set(identity, { partition, offset, key, value })
      return
    }
    const row = this.decoder.decode(value)
    const at = row[time]
    const { from, to, key: only } = this.range
    if (typeof at !== 'number' || at < from || at >= to) return
    if (only !== undefined && String(row[only.field]) !== only.value) return
    latest.set(keyText(id.map((field) => row[field])), { partition, offset, key, value })
  }
}
