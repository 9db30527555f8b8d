import type { KafkaRecord } from '#engine/broker'
import type { AnyTopic, Decoder, Registry } from '#engine/schema'
import { learnSchemas } from './learn.ts'

/** Reads the event time of records, and nothing else of them: the projected decoder skips the other fields. */
export class EventTimes {
  private readonly decoder: Decoder<Readonly<Record<string, unknown>>>
  private readonly field: string

  constructor(topic: AnyTopic, registry: Registry) {
    this.field = topic.contract.topic.time
    this.decoder = registry.decoder(topic, [this.field])
  }

  /** To be awaited before `of`. Throws where the registry is away. */
  learn(records: readonly KafkaRecord[]): Promise<void> {
    return learnSchemas(this.decoder, records)
  }

  /** Milliseconds; null where the record has no value or cannot be decoded: the destination will say why. */
  of({ value }: KafkaRecord): number | null {
    if (value === null) return null
    try {
      const time = this.decoder.decode(value)[this.field]
      return typeof time === 'number' ? time : null
    } catch {
      return null
    }
  }
}
