import type { KafkaRecord } from '#engine/broker'
import { type Cut, type Destination, type RefusedRow, type RowSum, replayOf } from '#engine/delivery'
import { type AnyTopic, keyText, type Registry } from '#engine/schema'
import { connect, type RedisConnection, type RedisOptions } from '../connection.ts'
import { ViewReader } from './rows.ts'
import { clear, rowsOf, tally, upsert } from './store.ts'

const placeOf = (topic: AnyTopic, replay: number | undefined): string =>
  replay === undefined ? topic.name : `${topic.name}__v${replay}`

/**
 * The serving view: the latest row of every identity, for questions of one row at a time. Exactly once in effect, because
 * a row is written only over an older one of its identity, whatever is sent how often and in which order. Nothing in it is
 * the only copy: emptied, it is filled again from the topic (`kappa sink rebuild redis`).
 */
export class RedisDestination implements Destination {
  readonly name = 'redis'
  private readonly redis: RedisConnection
  private readonly registry: Registry
  private readonly readers = new Map<string, ViewReader>()

  constructor({ registry, ...options }: RedisOptions & { readonly registry: Registry }) {
    this.redis = connect(options)
    this.registry = registry
  }

  async prepare(): Promise<void> {
    await this.redis.pipeline((commands) => commands.ping())
  }

  write(topic: AnyTopic, cut: Cut, records: readonly KafkaRecord[]): Promise<readonly RefusedRow[]> {
    return this.apply(topic, cut.generation, records, replayOf(topic, cut.topic, cut.generation))
  }

  /** Takes records outside of any cut, as a rebuild does: what is older than the view changes nothing. */
  async apply(
    topic: AnyTopic,
    generation: number,
    records: readonly KafkaRecord[],
    replay?: number,
  ): Promise<readonly RefusedRow[]> {
    const { rows, refused } = await this.readerOf(topic).read(generation, records)
    await upsert(this.redis, placeOf(topic, replay), rows)
    return refused
  }

  /** The live rows written at `since` (milliseconds) or later, and the sum of their hashes. */
  tally(topic: AnyTopic, since: number): Promise<RowSum> {
    return tally(this.redis, placeOf(topic, undefined), since)
  }

  /** Removes the view of a topic, or of a replay's generation of it. The rows that went. */
  clear(topic: AnyTopic, replay?: number): Promise<number> {
    return clear(this.redis, placeOf(topic, replay))
  }

  close(): Promise<void> {
    return this.redis.close()
  }

  private readerOf(topic: AnyTopic): ViewReader {
    const known = this.readers.get(topic.name) ?? new ViewReader(topic, this.registry)
    this.readers.set(topic.name, known)
    return known
  }
}

/** Reads the serving view: for the API. */
export interface ServingView {
  /**
   * The latest rows of identities (values of the topic's `id` fields, in its order, as their record has them), as plain
   * JSON values: decimals as text, instants as ISO 8601. Undefined where there is none. SERVICE_UNAVAILABLE while Redis is away.
   */
  latest(
    topic: AnyTopic,
    identities: readonly (readonly unknown[])[],
  ): Promise<readonly (Readonly<Record<string, unknown>> | undefined)[]>
  close(): Promise<void>
}

export function servingView(options: RedisOptions): ServingView {
  const redis = connect(options)
  return {
    async latest(topic, identities) {
      const rows = await rowsOf(redis, placeOf(topic, undefined), identities.map(keyText))
      return rows.map((row) => (row === undefined ? undefined : (JSON.parse(row) as Record<string, unknown>)))
    },
    close: () => redis.close(),
  }
}
