import type { Broker, KafkaRecord } from '#engine/broker'
import { type AnyTopic, type Decoder, keyText, type Registry } from '#engine/schema'
import { recordHash } from './batch.ts'
import type { Archive } from './contract.ts'
import type { CutLog } from './cut-log.ts'
import type { LaneRecord } from './lane-record.ts'
import { learnSchemas } from './learn.ts'
import { addHashes, subtractHashes } from './record-hash.ts'
import { recordsBetween } from './records-between.ts'

/** Rows, and the sum of their hashes modulo 2^64 as decimal text. */
export interface RowSum {
  readonly rows: number
  readonly hashSum: string
}

/** What a sink read of a topic and marked done, in the generation that is live: what its store must hold. */
export interface Expectation {
  readonly generation: number
  /** Everything read. */
  readonly read: RowSum
  /** Without the rows that the store refused (they are dead letters). */
  readonly landed: RowSum
  readonly refused: number
  /** Everything below these offsets is done. */
  readonly positions: Readonly<Record<number, number>>
  /** The last done cut, by lane. */
  readonly cuts: Readonly<Record<number, number>>
  /** True where an earlier generation was promoted away: what it brought was replaced in part. */
  readonly promoted: boolean
}

/** What the cut log says of a topic; undefined where the sink never decided a cut of it. */
export async function expectationOf(log: CutLog, topic: string): Promise<Expectation | undefined> {
  const own = (await log.all()).filter(({ cut }) => cut.topic === topic)
  const lanes = own.filter(({ state }) => state !== 'moved')
  if (lanes.length === 0) return undefined
  const generation = Math.max(...lanes.map(({ cut }) => cut.generation))
  const live = lanes.filter(({ cut }) => cut.generation === generation)
  let [count, hashSum, refused, refusedHashSum] = [0, '0', 0, '0']
  for (const { totals } of live) {
    count += totals.count
    refused += totals.refused
    hashSum = addHashes(hashSum, totals.hashSum)
    refusedHashSum = addHashes(refusedHashSum, totals.refusedHashSum)
  }
  return {
    generation,
    read: { rows: count, hashSum },
    landed: { rows: count - refused, hashSum: subtractHashes(hashSum, refusedHashSum) },
    refused,
    positions: Object.assign({}, ...live.map(doneUpTo)),
    cuts: Object.fromEntries(
      live.map(({ cut, state }) => [cut.lane, state === 'decided' ? cut.number - 1 : cut.number]),
    ),
    promoted: own.some(({ state }) => state === 'moved'),
  }
}

/** Behind the last done cut: a decided one may be in the store or not. */
export function doneUpTo({ state, cut, positions }: LaneRecord): Readonly<Record<number, number>> {
  if (state !== 'decided') return positions
  return { ...positions, ...Object.fromEntries(cut.ranges.map(({ partition, first }) => [partition, first])) }
}

/**
 * The latest record of every identity below the positions, deleted ones apart: what a table of upserts must show. Read from
 * Kafka, and from the archive where Kafka's log begins later.
 * @param since leaves out identities whose latest record was written before, milliseconds
 */
export async function latestOf(
  topic: AnyTopic,
  positions: Readonly<Record<number, number>>,
  services: { readonly broker: Broker; readonly registry: Registry; readonly archive: Archive | undefined },
  since = Number.NEGATIVE_INFINITY,
): Promise<RowSum> {
  const { broker, registry, archive } = services
  const { id } = topic.contract.topic
  const decoder: Decoder<Readonly<Record<string, unknown>>> = registry.decoder(topic, [...id])
  const latest = new Map<string, { readonly hash: string; readonly timestamp: number }>()
  const take = async (records: readonly KafkaRecord[]): Promise<void> => {
    await learnSchemas(decoder, records)
    for (const record of records) {
      if (record.value === null) {
        latest.delete(record.key?.toString('utf8') ?? '')
        continue
      }
      try {
        const value = decoder.decode(record.value)
        latest.set(keyText(id.map((field) => value[field])), { hash: recordHash(record), timestamp: record.timestamp })
      } catch {
        // refused by the store as well, with the reason
      }
    }
  }
  const until = new Map(Object.entries(positions).map(([partition, offset]) => [Number(partition), offset]))
  const beginnings = new Map((await broker.admin.beginnings(topic.name)).map((first, partition) => [partition, first]))
  for (const range of (await archive?.ranges(topic.name)) ?? []) {
    const begin = beginnings.get(range.partition) ?? 0
    if (archive === undefined || range.first >= begin) continue
    await take((await archive.read(topic.name, range)).filter(({ offset }) => offset < begin))
  }
  for await (const records of recordsBetween(broker, topic.name, beginnings, until)) await take(records)
  const counted = [...latest.values()].filter(({ timestamp }) => timestamp >= since)
  return { rows: counted.length, hashSum: counted.reduce((sum, { hash }) => addHashes(sum, hash), '0') }
}
