import type { Broker, KafkaRecord, Reader } from '#engine/broker'
import { type Archive, type ArchivedRange, type Cut, fingerprint, inOrder, type OffsetRange } from '#engine/delivery'
import { KappaError } from '#engine/errors'
import type { SourceChoice } from '../plan.ts'

const READ_ROWS = 5_000
const READ_WAIT_MS = 200

/** Where offsets of a topic are to be had. */
export interface Whereabouts {
  readonly topic: string
  /** First offset still in Kafka, by partition. */
  readonly beginnings: readonly number[]
  readonly committedEnds: readonly number[]
  /** By partition and first offset. */
  readonly archived: readonly ArchivedRange[]
}

export async function whereaboutsOf(topic: string, broker: Broker, archive: Archive | undefined): Promise<Whereabouts> {
  const [beginnings, committedEnds] = [await broker.admin.beginnings(topic), await broker.admin.committedEnds(topic)]
  return { topic, beginnings, committedEnds, archived: (await archive?.ranges(topic)) ?? [] }
}

/** A range as it is read: below `split` from the archive, from there on from Kafka. */
export function splitOf(
  { partition, first, last }: OffsetRange,
  { topic, beginnings, committedEnds, archived }: Whereabouts,
  choice: SourceChoice,
): number {
  const begin = beginnings[partition] ?? 0
  const own = archived.filter((range) => range.partition === partition)
  const holds = (offset: number): boolean => own.some((range) => range.first <= offset && offset <= range.last)
  // The archive alone is read where it has the range to its end; a part of a cut is never half an object's.
  const wanted = choice === 's3' && holds(first) && holds(last) ? last + 1 : begin
  const split = Math.min(Math.max(wanted, first), last + 1)
  const lacks = (split > first && !holds(first)) || (split > last && !holds(last))
  if (lacks || (choice === 'kafka' && split > first))
    throw new KappaError(
      'CONFIG_INVALID',
      `rebuilding the table of ${topic}: offsets ${first} to ${Math.max(first, split - 1)} of [${partition}] are neither in Kafka (which begins at ${begin}) nor ${choice === 'kafka' ? 'looked for elsewhere: choose --source auto' : 'in the archive; rows of them are in the table alone, and rebuilding would lose them'}`,
    )
  if (split <= last && (committedEnds[partition] ?? 0) <= last)
    throw new KappaError(
      'STATE_MISMATCH',
      `rebuilding the table of ${topic}: [${partition}] was read up to offset ${last}, the log ends at ${committedEnds[partition] ?? 0}; was the topic made anew? (kappa sink begin-again)`,
    )
  return split
}

/** Reads stretches again, from Kafka and the archive, and lets nothing pass that is not what the sink read. */
export class StretchSource {
  private readonly broker: Broker
  private readonly archive: Archive | undefined
  private readonly where: Whereabouts
  private readonly choice: SourceChoice
  private reader: Reader | undefined
  /** The object that was opened last, by partition: it goes on into the next stretch. */
  private readonly opened = new Map<number, { readonly object: string; readonly records: readonly KafkaRecord[] }>()

  constructor(options: {
    readonly broker: Broker
    readonly archive: Archive | undefined
    readonly where: Whereabouts
    readonly choice: SourceChoice
  }) {
    this.broker = options.broker
    this.archive = options.archive
    this.where = options.where
    this.choice = options.choice
  }

  /** The records by partition and offset. Throws CUT_MISMATCH naming the cut whose count or hash is not what was read. */
  async read(stretch: Cut): Promise<readonly KafkaRecord[]> {
    const records: KafkaRecord[] = []
    const live: OffsetRange[] = []
    for (const range of stretch.ranges) {
      const split = splitOf(range, this.where, this.choice)
      if (split > range.first) records.push(...(await this.fromArchive(range, split)))
      if (split <= range.last) live.push({ ...range, first: split })
    }
    records.push(...(await this.fromKafka(live)))
    const ordered = inOrder(records)
    const found = fingerprint(ordered)
    if (found.count !== stretch.count || found.hashSum !== stretch.hashSum) throw mismatch(stretch, ordered)
    return ordered
  }

  async close(): Promise<void> {
    await this.reader?.close()
  }

  private async fromArchive({ partition, first }: OffsetRange, end: number): Promise<readonly KafkaRecord[]> {
    const { archive, where } = this
    const records: KafkaRecord[] = []
    for (const range of where.archived) {
      if (archive === undefined || range.partition !== partition || range.last < first || range.first >= end) continue
      const before = this.opened.get(partition)
      const all = before?.object === range.object ? before.records : await archive.read(where.topic, range)
      this.opened.set(partition, { object: range.object, records: all })
      for (const record of all) if (record.offset >= first && record.offset < end) records.push(record)
    }
    return records
  }

  private async fromKafka(ranges: readonly OffsetRange[]): Promise<readonly KafkaRecord[]> {
    if (ranges.length === 0) return []
    const { topic } = this.where
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
        for (const [partition] of whole) open.delete(partition)
        if (whole.length > 0) await reader.unassign(whole.map(([partition]) => ({ topic, partition })))
      }
      return records
    } finally {
      if (open.size > 0) await reader.unassign([...open.keys()].map((partition) => ({ topic, partition })))
    }
  }
}

/** The first cut of a stretch that is not what was read. */
function mismatch(stretch: Cut, records: readonly KafkaRecord[]): KappaError {
  for (const cut of stretch.parts ?? [stretch]) {
    const own = records.filter(({ partition, offset }) =>
      cut.ranges.some((range) => range.partition === partition && range.first <= offset && offset <= range.last),
    )
    const { count, hashSum } = fingerprint(own)
    if (count === cut.count && hashSum === cut.hashSum) continue
    const places = cut.ranges.map(({ partition, first, last }) => `[${partition}]@${first}–${last}`).join(', ')
    return new KappaError(
      'CUT_MISMATCH',
      `reading cut ${cut.number} of ${cut.topic} (${places}) again: the sink read ${cut.count} records with hash sum ${cut.hashSum}, now there are ${count} with ${hashSum}`,
    )
  }
  const { topic, number } = stretch
  return new KappaError(
    'CUT_MISMATCH',
    `reading the cuts of ${topic} from ${number} on again: others than the sink read`,
  )
}
