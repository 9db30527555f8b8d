import type { KafkaRecord } from '#engine/broker'
import { learnSchemas, type RefusedRow, recordHash } from '#engine/delivery'
import { reasonOf } from '#engine/errors'
import { type AnyTopic, type Decoder, keyText, keyTexts, type Registry, readable } from '#engine/schema'
import { milliseconds } from '#engine/time'

/** What the view keeps of one identity. */
export interface ViewRow {
  /** `keyText` of the identity's fields. */
  readonly identity: string
  /** Larger is later: generation, then offset, in hexadecimal of one width, so that text compares as numbers do. */
  readonly version: string
  /** The row as JSON; empty where it was retracted. */
  readonly row: string
  /** The record's `_hash`, as in every store. */
  readonly hash: string
  /** When the record was written, milliseconds. */
  readonly at: number
  /** When the row is forgotten, milliseconds; undefined: never. Counted from the record, so the same whenever it is written. */
  readonly expiresAt: number | undefined
}

/** Kappa's rule for upserts (ClickHouse's `_version` is the same number): later generations win, later offsets within one. */
export const versionOf = (generation: number, offset: number): string =>
  generation.toString(16).padStart(4, '0') + offset.toString(16).padStart(12, '0')

/** Records → the latest row of every identity among them. What cannot become a row is refused with the reason. */
export class ViewReader {
  private readonly topic: AnyTopic
  private readonly decoder: Decoder<Readonly<Record<string, unknown>>>
  private readonly toJson: ReturnType<typeof readable>
  private readonly ttl: number | undefined

  constructor(topic: AnyTopic, registry: Registry) {
    this.topic = topic
    this.decoder = registry.decoder(topic)
    this.toJson = readable(topic)
    const { ttl = 'forever' } = topic.contract.topic.serving ?? {}
    this.ttl = ttl === 'forever' ? undefined : milliseconds(ttl)
  }

  async read(
    generation: number,
    records: readonly KafkaRecord[],
  ): Promise<{ readonly rows: readonly ViewRow[]; readonly refused: readonly RefusedRow[] }> {
    await learnSchemas(this.decoder, records)
    const latest = new Map<string, ViewRow>()
    const refused: RefusedRow[] = []
    for (const record of records) {
      try {
        const row = this.row(generation, record)
        const other = latest.get(row.identity)
        if (other === undefined || other.version < row.version) latest.set(row.identity, row)
      } catch (thrown) {
        refused.push({ record, reason: reasonOf(thrown) })
      }
    }
    return { rows: [...latest.values()], refused }
  }

  private row(generation: number, record: KafkaRecord): ViewRow {
    const { id } = this.topic.contract.topic
    const about = {
      version: versionOf(generation, record.offset),
      hash: recordHash(record),
      at: record.timestamp,
      expiresAt: this.ttl === undefined ? undefined : record.timestamp + this.ttl,
    }
    if (record.value === null) return { ...about, identity: this.retracted(record), row: '' }
    const value = this.decoder.decode(record.value)
    return { ...about, identity: keyText(id.map((name) => value[name])), row: JSON.stringify(this.toJson(value)) }
  }

  /** The identity that a record without a value takes away: its key says so where the key holds the whole of it. */
  private retracted(record: KafkaRecord): string {
    const { id, key } = this.topic.contract.topic
    const texts = keyTexts(record.key?.toString('utf8') ?? '', key.length)
    const places = id.map((name) => key.indexOf(name))
    if (texts.length !== key.length || places.includes(-1))
      throw new Error('a record without a value, and its key is not its identity')
    return keyText(places.map((place) => texts[place]))
  }
}
