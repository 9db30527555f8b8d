import type { Broker, KafkaRecord } from '#engine/broker'
import { type AnyTopic, type Decoder, keyText, keyTexts, type Registry } from '#engine/schema'
import { recordHash } from './batch.ts'
import type { Archive } from './contract.ts'
import type { RowSum } from './expectation.ts'
import { learnSchemas } from './learn.ts'
import { addHashes } from './record-hash.ts'
import { recordsBetween } from './records-between.ts'

export interface LatestOptions {
  /** Leaves out identities whose latest record was written before, milliseconds. */
  readonly since?: number
  /** Leaves out records that the store refused, or whose rows are past their retention: those never change a row. */
  readonly counts?: (record: KafkaRecord) => boolean
}

interface Latest {
  readonly offset: number
  readonly hash: string
  readonly timestamp: number
  readonly retracted: boolean
}

/**
 * The latest record of every identity below the positions, deleted ones apart: what a table of upserts must show. Read from
 * Kafka, and from the archive where Kafka's log begins later. The largest offset is the latest, as in the tables.
 */
export async function latestOf(
  topic: AnyTopic,
  positions: Readonly<Record<number, number>>,
  services: { readonly broker: Broker; readonly registry: Registry; readonly archive: Archive | undefined },
  { since = Number.NEGATIVE_INFINITY, counts = () => true }: LatestOptions = {},
): Promise<RowSum> {
  const { broker, registry, archive } = services
  const identityOf = identities(topic, registry.decoder(topic, [...topic.contract.topic.id]))
  const latest = new Map<string, Latest>()
  const take = async (records: readonly KafkaRecord[]): Promise<void> => {
    await learnSchemas(identityOf.decoder, records)
    for (const record of records) {
      const identity = counts(record) ? identityOf.read(record) : undefined
      if (identity === undefined) continue
      const { offset, timestamp } = record
      const before = latest.get(identity)
      if (before !== undefined && before.offset > offset) continue
      latest.set(identity, { offset, timestamp, hash: recordHash(record), retracted: record.value === null })
    }
  }
  const until = new Map(Object.entries(positions).map(([partition, offset]) => [Number(partition), offset]))
  const beginnings = new Map((await broker.admin.beginnings(topic.name)).map((first, partition) => [partition, first]))
  for (const range of (await archive?.ranges(topic.name)) ?? []) {
    const begin = Math.min(beginnings.get(range.partition) ?? 0, until.get(range.partition) ?? 0)
    if (archive === undefined || range.first >= begin) continue
    await take((await archive.read(topic.name, range)).filter(({ offset }) => offset < begin))
  }
  for await (const records of recordsBetween(broker, topic.name, beginnings, until)) await take(records)
  let [rows, hashSum] = [0, '0']
  for (const { hash, timestamp, retracted } of latest.values()) {
    if (retracted || timestamp < since) continue
    rows++
    hashSum = addHashes(hashSum, hash)
  }
  return { rows, hashSum }
}

type Value = Readonly<Record<string, unknown>>

/** The identity of a record's row as text; undefined where it can be no row, which every store refuses with the reason. */
function identities({ contract }: AnyTopic, decoder: Decoder<Value>) {
  const { id, key } = contract.topic
  const places = id.map((name) => key.indexOf(name))
  const retracted = (record: KafkaRecord): string | undefined => {
    const texts = keyTexts(record.key?.toString('utf8') ?? '', key.length)
    return texts.length !== key.length || places.includes(-1) ? undefined : keyText(places.map((place) => texts[place]))
  }
  return {
    decoder,
    read(record: KafkaRecord): string | undefined {
      if (record.value === null) return retracted(record)
      try {
        const value = decoder.decode(record.value)
        return keyText(id.map((field) => value[field]))
      } catch {
        return undefined
      }
    },
  }
}
