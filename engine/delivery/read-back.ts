import type { Broker, KafkaRecord } from '#engine/broker'
import { KappaError } from '#engine/errors'
import { fingerprint, recordHash } from './batch.ts'
import type { Archive, Cut } from './contract.ts'
import type { LaneRecord } from './lane-record.ts'

const READ_ROWS = 5_000
const READ_WAIT_MS = 200

/**
 * Step 2 of the protocol: the records of a decided cut, from Kafka, or from the bronze archive where Kafka no longer has
 * them. Throws CUT_MISMATCH unless count and hash are as decided.
 */
export async function readBack(
  cut: Cut,
  broker: Broker,
  archive: Archive | undefined,
): Promise<readonly KafkaRecord[]> {
  let records: readonly KafkaRecord[]
  try {
    records = await fromKafka(cut, broker)
  } catch (thrown) {
    if (archive === undefined || !(thrown instanceof KappaError) || thrown.code !== 'POSITION_LOST') throw thrown
    records = await fromArchive(cut, archive)
  }
  const found = fingerprint(records)
  if (found.count !== cut.count || found.sha256 !== cut.sha256)
    throw new KappaError(
      'CUT_MISMATCH',
      `reading back cut ${cut.number} of ${cut.topic} lane ${cut.lane}: decided ${cut.count} records with sha256 ${cut.sha256}, found ${found.count} with ${found.sha256}`,
    )
  return records
}

async function fromKafka(cut: Cut, broker: Broker): Promise<readonly KafkaRecord[]> {
  const { topic } = cut
  const lasts = new Map(cut.ranges.map(({ partition, last }) => [partition, last]))
  const ends = await broker.admin.committedEnds(topic)
  const beginnings = await broker.admin.beginnings(topic)
  for (const { partition, first, last } of cut.ranges) {
    if ((ends[partition] ?? 0) <= last)
      throw new KappaError(
        'CUT_MISMATCH',
        `reading back cut ${cut.number} of ${topic}[${partition}]: it ends at offset ${last}, the log at ${ends[partition] ?? 0}`,
      )
    if ((beginnings[partition] ?? 0) > first)
      throw new KappaError(
        'POSITION_LOST',
        `reading back cut ${cut.number} of ${topic}[${partition}]: it begins at offset ${first}, the log at ${beginnings[partition] ?? 0}`,
      )
  }
  const reader = await broker.reader()
  try {
    await reader.assign(cut.ranges.map(({ partition, first }) => ({ topic, partition, offset: first })))
    const records: KafkaRecord[] = []
    const open = new Map(lasts)
    while (open.size > 0) {
      for (const record of await reader.read(READ_ROWS, READ_WAIT_MS))
        if (record.offset <= (lasts.get(record.partition) ?? -1)) records.push(record)
      const whole = [...open].filter(([partition, last]) => (reader.position({ topic, partition }) ?? 0) > last)
      if (whole.length === 0) continue
      for (const [partition] of whole) open.delete(partition)
      await reader.unassign(whole.map(([partition]) => ({ topic, partition })))
    }
    return records
  } finally {
    await reader.close()
  }
}

async function fromArchive(cut: Cut, archive: Archive): Promise<readonly KafkaRecord[]> {
  const records: KafkaRecord[] = []
  const archived = await archive.ranges(cut.topic)
  for (const { partition, first, last } of cut.ranges)
    for (const range of archived) {
      if (range.partition !== partition || range.last < first || range.first > last) continue
      for (const record of await archive.read(cut.topic, range))
        if (record.offset >= first && record.offset <= last) records.push(record)
    }
  return records
}

/**
 * Whether the topic is still the one that the lane read: the last record of its last cut is read again and compared.
 * A topic that was deleted and made again would silently go on at positions that mean other records. Where retention or
 * compaction took the record away there is nothing to compare.
 */
export async function checkWitness(record: LaneRecord, broker: Broker): Promise<void> {
  const { witness, cut } = record
  if (witness === null) return
  const { topic } = cut
  const { partition, offset } = witness
  const way = `the topic was made anew; begin generation ${cut.generation + 1} of the sink's lane for it`
  const [end, begin] = [
    (await broker.admin.committedEnds(topic))[partition] ?? 0,
    (await broker.admin.beginnings(topic))[partition] ?? 0,
  ]
  if (begin > offset) return
  const doing = `comparing ${topic}[${partition}]@${offset} with what the last cut read there`
  if (end <= offset) throw new KappaError('STATE_MISMATCH', `${doing}: the log ends at ${end}; ${way}`)
  const reader = await broker.reader()
  try {
    await reader.assign([{ topic, partition, offset }])
    for (;;) {
      const found = (await reader.read(1, READ_WAIT_MS))[0]
      if (found === undefined && (reader.position({ topic, partition }) ?? 0) <= offset) continue
      const compacted = found === undefined || found.offset !== offset
      if (compacted) return
      if (recordHash(found) !== witness.hash)
        throw new KappaError('STATE_MISMATCH', `${doing}: another record stands there; ${way}`)
      return
    }
  } finally {
    await reader.close()
  }
}
