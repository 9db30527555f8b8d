import type { KafkaRecord } from '#engine/broker'
import { KappaError } from '#engine/errors'
import type { AnyTopic, Decoder, Registry } from '#engine/schema'

/** Reads the event time of records, and nothing else of them: the projected decoder skips the other fields. */
export class EventTimes {
  private readonly decoder: Decoder<Readonly<Record<string, unknown>>>
  private readonly field: string
  /** Schema ids that the registry knows, but not as a version of this topic's schema. */
  private readonly foreign = new Set<number>()

  constructor(topic: AnyTopic, registry: Registry) {
    this.field = topic.contract.topic.time
    this.decoder = registry.decoder(topic, [this.field])
  }

  /** Schema id of a framed value; undefined where there is none. */
  schemaIdOf(record: KafkaRecord): number | undefined {
    if (record.value === null || record.value.length < 5 || record.value[0] !== 0) return undefined
    return this.decoder.idOf(record.value)
  }

  /** Learns the writer schemas of records that are new here. Throws where the registry is away. */
  async learn(records: readonly KafkaRecord[]): Promise<void> {
    for (const record of records) {
      const id = this.schemaIdOf(record)
      if (id === undefined || this.decoder.knows(id) || this.foreign.has(id)) continue
      try {
        await this.decoder.learn(id)
      } catch (thrown) {
        if (!(thrown instanceof KappaError) || thrown.retriable) throw thrown
        this.foreign.add(id)
      }
    }
  }

  /** Milliseconds; null where the record has no value or cannot be decoded: the destination will say why. */
  of(record: KafkaRecord, schemaId: number | undefined): number | null {
    if (record.value === null || schemaId === undefined || !this.decoder.knows(schemaId)) return null
    try {
      const time = this.decoder.decode(record.value)[this.field]
      return typeof time === 'number' ? time : null
    } catch {
      return null
    }
  }
}
