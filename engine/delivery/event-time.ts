import { FRAME_BYTES, type KafkaRecord, RawRecord } from '#engine/broker'
import { type AnyTopic, type Decoder, type Registry, timeReader, WireCursor } from '#engine/schema'
import { learnIds, schemaIdsOf } from './learn.ts'

type ReadTime = (from: WireCursor) => number

/**
 * Reads the event time of records, and nothing else of them. It is taken from the bytes where nothing about them is odd, and
 * by the projected decoder elsewhere, with the same result.
 */
export class EventTimes {
  private readonly decoder: Decoder<Readonly<Record<string, unknown>>>
  private readonly registry: Registry
  private readonly field: string
  /** By schema id; undefined where the decoder has to read. */
  private readonly readers = new Map<number, ReadTime | undefined>()
  private readonly cursor = new WireCursor()
  private readonly raw = new RawRecord()
  private lastId = -1
  private lastReader: ReadTime | undefined

  constructor(topic: AnyTopic, registry: Registry) {
    this.field = topic.contract.topic.time
    this.registry = registry
    this.decoder = registry.decoder(topic, [this.field])
  }

  /** To be awaited before `of`. Throws where the registry is away. */
  async learn(records: readonly KafkaRecord[]): Promise<void> {
    const ids = schemaIdsOf(records)
    await learnIds(this.decoder, ids)
    for (const id of ids) if (!this.readers.has(id)) this.readers.set(id, await this.readerOf(id))
  }

  private async readerOf(schemaId: number): Promise<ReadTime | undefined> {
    const reads = await this.decoder.learn(schemaId).then(
      () => true,
      () => false,
    )
    const writer = reads ? await this.registry.contractOf(schemaId) : undefined
    return writer && timeReader(writer, this.field)
  }

  /** Milliseconds; null where the record has no value or cannot be decoded: the destination will say why. */
  of(record: KafkaRecord): number | null {
    const { raw, cursor } = this
    raw.show(record)
    if (raw.valueLength < 0) return null
    const read = this.readerFor(raw.schemaId)
    if (read !== undefined) {
      cursor.begin(raw.valueBytes, raw.valueAt + FRAME_BYTES, raw.valueAt + raw.valueLength)
      const time = read(cursor)
      if (cursor.isWhole) return time
    }
    return record.value === null ? null : this.decoded(record.value)
  }

  private readerFor(schemaId: number): ReadTime | undefined {
    if (schemaId !== this.lastId) {
      this.lastReader = this.readers.get(schemaId)
      this.lastId = this.readers.has(schemaId) ? schemaId : -1
    }
    return this.lastReader
  }

  private decoded(value: Buffer): number | null {
    try {
      const time = this.decoder.decode(value)[this.field]
      return typeof time === 'number' ? time : null
    } catch {
      return null
    }
  }
}
