import type { OutgoingRecord, TopicSpec } from '#engine/broker'
import { type AnyTopic, retentionMs } from '#engine/schema'
import type { RefusedRow } from './contract.ts'

/** Where rows go that a sink's store refuses: one topic per source and sink. */
export const sinkDeadLetterTopic = (source: string, sink: string): string => `${source}.${sink}.dead-letter`

export const deadLetterSpec = ({ contract }: AnyTopic, source: string, sink: string): TopicSpec => ({
  name: sinkDeadLetterTopic(source, sink),
  partitions: 1,
  settings: { 'cleanup.policy': 'delete', 'retention.ms': String(retentionMs(contract.topic.retention)) },
})

/** The record as it was read, with the reason and where it stands in the headers. */
export const deadLetter = ({ record, reason }: RefusedRow, sink: string): OutgoingRecord => ({
  topic: sinkDeadLetterTopic(record.topic, sink),
  partition: 0,
  key: record.key,
  value: record.value,
  headers: {
    ...record.headers,
    'kappa.reason': Buffer.from(reason),
    'kappa.step': Buffer.from(`sink ${sink}`),
    'kappa.topic': Buffer.from(record.topic),
    'kappa.partition': Buffer.from(String(record.partition)),
    'kappa.offset': Buffer.from(String(record.offset)),
  },
})
