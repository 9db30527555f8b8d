import { milliseconds } from '#engine/time'
import type { AnyTopic } from './contract.ts'

/** A topic as it has to be in Kafka (the shape of `TopicSpec` in engine/broker). */
export interface TopicSettings {
  readonly name: string
  readonly partitions: number
  readonly settings: Readonly<Record<string, string>>
}

export interface TopicOptions {
  /** Instead of the contract's, which are meant for production: the local stack gives every topic 4. */
  readonly partitions?: number
  /** A replay's generation: the topic's name carries it, `….g2`. */
  readonly generation?: number
}

/** Partitions and settings of a topic from its contract. Record timestamps are the time of writing, so retention never meets the event times of imported history. */
export function kafkaTopicOf(
  { name, contract }: AnyTopic,
  { partitions, generation }: TopicOptions = {},
): TopicSettings {
  return {
    name: generation === undefined ? name : `${name}.g${generation}`,
    partitions: partitions ?? contract.topic.partitions,
    settings: {
      'cleanup.policy': 'delete',
      'retention.ms': String(retentionMs(contract.topic.retention)),
      'retention.bytes': '-1',
      'message.timestamp.type': 'CreateTime',
    },
  }
}

/** Milliseconds of a contract's retention, counted from writing; -1 for 'forever'. */
export const retentionMs = (retention: string): number => (retention === 'forever' ? -1 : milliseconds(retention))
