import { type Broker, headerOf, type KafkaRecord, type OutgoingRecord, type TopicSpec } from '#engine/broker'
import { type AnyTopic, retentionMs } from '#engine/schema'
import type { RefusedRow } from './contract.ts'
import { recordsBetween } from './records-between.ts'

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

/**
 * Tells records of a source that the sink's store refused from others, by its dead letters: their place, and their value too,
 * since a topic that was made anew counts its offsets from 0 again.
 */
export async function refusedBy(
  broker: Broker,
  source: string,
  sink: string,
): Promise<(record: KafkaRecord) => boolean> {
  const name = sinkDeadLetterTopic(source, sink)
  if (!(await broker.admin.topics()).has(name)) return () => false
  const numbered = (offsets: readonly number[]) => new Map(offsets.map((offset, partition) => [partition, offset]))
  const from = numbered(await broker.admin.beginnings(name))
  const until = numbered(await broker.admin.settledEnds(name))
  const refused = new Map<string, (Buffer | null)[]>()
  for await (const records of recordsBetween(broker, name, from, until))
    for (const { headers, value } of records) {
      const place = `${headerOf(headers, 'kappa.partition')}@${headerOf(headers, 'kappa.offset')}`
      refused.set(place, [...(refused.get(place) ?? []), value])
    }
  return ({ partition, offset, value }) =>
    refused.get(`${partition}@${offset}`)?.some((one) => one === value || (value !== null && one?.equals(value))) ===
    true
}
