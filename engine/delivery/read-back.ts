import type { Broker, KafkaRecord, Reader } from '#engine/broker'
import { KappaError } from '#engine/errors'
import { fingerprint, recordHash } from './batch.ts'
import type { Archive, Cut, OffsetRange } from './contract.ts'
import { inOrder } from './in-order.ts'
import type { LaneRecord } from './lane-record.ts'

const READ_ROWS = 5_000
const READ_WAIT_MS = 200

/** Step 2 of the protocol, once. */
export async function readBack(
  cut: Cut,
  broker: Broker,
  archive: Archive | undefined,
): Promise<readonly KafkaRecord[]> {
  const reader = new CutReader(broker, archive)
  try {
    return inOrder(await reader.read(cut))
  } finally {
    await reader.close()
  }
}

/** Reads decided cuts back; one reader for however many. */
export class CutReader {
  private readonly broker: Broker
  private readonly archive: Archive | undefined
  private reader: Reader | undefined
  private readonly bounds = new Map<
    string,
    { readonly beginnings: readonly number[]; readonly ends: readonly number[] }
  >()

  constructor(broker: Broker, archive?: Archive) {
    this.broker = broker
    this.archive = archive
  }

  /**
   * The records of a cut, from Kafka, or from the bronze archive where Kafka no longer has them (POSITION_LOST where there
   * is none). Throws CUT_MISMATCH unless count and hash are as decided.
   */
  async read(cut: Cut): Promise<readonly KafkaRecord[]> {
    let records: readonly KafkaRecord[]
    try {
      records = await this.fromKafka(cut)
    } catch (thrown) {
      if (this.archive === undefined || !(thrown instanceof KappaError) || thrown.code !== 'POSITION_LOST') throw thrown
      records = await fromArchive(cut, this.archive)
    }
    const found = fingerprint(records)
    if (found.count !== cut.count || found.sha256 !== cut.sha256)
      throw new KappaError(
        'CUT_MISMATCH',
        `${doing(cut)}: decided ${cut.count} records with sha256 ${cut.sha256}, found ${found.count} with ${found.sha256}`,
      )
    return records
  }

  async close(): Promise<void> {
    await this.reader?.close()
  }

  private async fromKafka(cut: Cut): Promise<readonly KafkaRecord[]> {
    const { topic, ranges } = cut
    const { beginnings, ends } = await this.boundsOf(topic, ranges)
    for (const { partition, first, last } of ranges) {
      const [begin, end] = [beginnings[partition] ?? 0, ends[partition] ?? 0]
      if (end <= last)
        throw new KappaError('CUT_MISMATCH', `${doing(cut)}: [${partition}] ends at offset ${last}, the log at ${end}`)
      if (begin > first)
        throw new KappaError(
          'POSITION_LOST',
          `${doing(cut)}: [${partition}] begins at offset ${first}, the log at ${begin}`,
        )
    }
    this.reader ??= await this.broker.reader()
    const { reader } = this
    const lasts = new Map(ranges.map(({ partition, last }) => [partition, last]))
    const open = new Map(lasts)
    const records: KafkaRecord[] = []
    try {
      await reader.assign(ranges.map(({ partition, first }) => ({ topic, partition, offset: first })))
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
      await reader.unassign([...open.keys()].map((partition) => ({ topic, partition })))
    }
  }

  /** Asked once per topic, and again where the log may have grown since. */
  private async boundsOf(topic: string, ranges: readonly OffsetRange[]) {
    const known = this.bounds.get(topic)
    if (known !== undefined && ranges.every(({ partition, last }) => last < (known.ends[partition] ?? 0))) return known
    const { admin } = this.broker
    const bounds = { beginnings: await admin.beginnings(topic), ends: await admin.committedEnds(topic) }
    this.bounds.set(topic, bounds)
    return bounds
  }
}

const doing = ({ number, topic, lane }: Cut): string => `reading back cut ${number} of ${topic} lane ${lane}`

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
  const way = `the topic was made anew; begin generation ${cut.generation + 1} for it (kappa sink begin-again)`
  const [end, begin] = [
    (await broker.admin.committedEnds(topic))[partition] ?? 0,
    (await broker.admin.beginnings(topic))[partition] ?? 0,
  ]
  if (begin > offset) return
  const comparing = `comparing ${topic}[${partition}]@${offset} with what the last cut read there`
  if (end <= offset) throw new KappaError('STATE_MISMATCH', `${comparing}: the log ends at ${end}; ${way}`)
  const reader = await broker.reader()
  try {
    await reader.assign([{ topic, partition, offset }])
    for (;;) {
      const found = (await reader.read(1, READ_WAIT_MS))[0]
      if (found === undefined && (reader.position({ topic, partition }) ?? 0) <= offset) continue
      const compacted = found === undefined || found.offset !== offset
      if (compacted) return
      if (recordHash(found) !== witness.hash)
        throw new KappaError('STATE_MISMATCH', `${comparing}: another record stands there; ${way}`)
      return
    }
  } finally {
    await reader.close()
  }
}
