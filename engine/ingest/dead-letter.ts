import type { OutgoingRecord, TopicSpec } from '#engine/broker'
import { sealedFields } from '#engine/governance'
import { type AnyTopic, decimalText, retentionMs } from '#engine/schema'
import { ORIGIN_HEADER, type SourcePlace } from './row.ts'

/** Where rows go that cannot be events of the topic. */
export const inputDeadLetterTopic = (topic: string): string => `${topic}.dead-letter`

export const inputDeadLetterSpec = ({ name, contract }: AnyTopic): TopicSpec => ({
  name: inputDeadLetterTopic(name),
  partitions: 1,
  settings: { 'cleanup.policy': 'delete', 'retention.ms': String(retentionMs(contract.topic.retention)) },
})

/**
 * The row as JSON, with the reason and its place in the headers. Sealed fields must be sealed already: dead letters
 * outlive an erasure as the topic does. Of a topic with sealed fields only the contract's own fields are kept, because
 * nobody knows what a field of another name holds; their names are.
 */
export function inputDeadLetter(topic: AnyTopic, found: unknown, reason: string, place: SourcePlace): OutgoingRecord {
  return {
    topic: inputDeadLetterTopic(topic.name),
    partition: 0,
    key: null,
    value: Buffer.from(jsonOf(topic, withoutUnknown(topic, found))),
    headers: {
      'kappa.reason': Buffer.from(reason),
      'kappa.step': Buffer.from('ingest'),
      'kappa.topic': Buffer.from(topic.name),
      'kappa.file': Buffer.from(place.file),
      'kappa.line': Buffer.from(String(place.line)),
      ...(place.bytes === undefined ? {} : { 'kappa.bytes': Buffer.from(`${place.bytes[0]}+${place.bytes[1]}`) }),
      ...(place.origin === undefined ? {} : { [ORIGIN_HEADER]: Buffer.from(place.origin) }),
    },
  }
}

function withoutUnknown({ contract }: AnyTopic, found: unknown): unknown {
  if (sealedFields(contract).length === 0) return found
  if (typeof found !== 'object' || found === null || Array.isArray(found)) return { withheld: 'the whole row' }
  const known = new Set(contract.fields.map((field) => field.name))
  const kept = Object.entries(found).filter(([name]) => known.has(name))
  const withheld = Object.keys(found).filter((name) => !known.has(name))
  return withheld.length === 0 ? found : { ...Object.fromEntries(kept), withheld }
}

/** JSON with decimals as exact text (`12.34`), other bigints as their digits, and bytes in base64. */
export function jsonOf({ contract }: AnyTopic, value: unknown): string {
  const scales = new Map(contract.fields.map(({ name, type }) => [name, type.kind === 'decimal' ? type.scale : 0]))
  return (
    JSON.stringify(value, (name, part: unknown) =>
      typeof part === 'bigint' ? decimalText(part, scales.get(name) ?? 0) : part,
    ) ?? 'null'
  )
}
