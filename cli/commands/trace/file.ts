import { type Broker, headerOf, type KafkaRecord } from '#engine/broker'
import { inputDeadLetterTopic, type Tally } from '#engine/ingest'
import { type AnyTopic, tableOf } from '#engine/schema'
import { readArrivals } from '../../../producers/connectors/arrivals.ts'
import { type FileEntry, filesName, unitOf } from '../../../producers/connectors/files/index.ts'
import { routes } from '../../../sinks/index.ts'

/** Events of a file in one partition. */
export interface Offsets {
  readonly partition: number
  first: number
  last: number
  events: number
}

export interface Reject {
  readonly topic: string
  readonly line: number
  /** Where its bytes are in the original: `first+length`; undefined where the format has none. */
  readonly bytes?: string
  readonly reason: string
  readonly offset: number
}

/** Where a line went. */
export interface LinePlace {
  readonly line: number
  readonly topic: string
  readonly partition: number
  readonly offset: number
  /** Asks ClickHouse for the row, where there is a table. */
  readonly query?: string
}

/** What became of a file. */
export interface FileTrace {
  readonly source: string
  readonly file: string
  readonly sha256: string
  readonly bytes: number
  readonly again: number
  /** Lines of an earlier, shorter state, which were there already. */
  readonly passed: number
  readonly lines: number
  readonly complete: boolean
  readonly begunAt: string
  readonly endedAt: string | null
  /** `s3://bucket/key` */
  readonly original: string
  readonly tallies: Readonly<Record<string, Readonly<Tally>>>
  readonly offsets: Readonly<Record<string, readonly Offsets[]>>
  readonly rejects: readonly Reject[]
  readonly line?: readonly LinePlace[]
}

/** Reads the topics of a file from where it began until all its events are found. */
export async function traceFile(
  broker: Broker,
  bucket: string,
  source: string,
  entry: FileEntry,
  line?: number,
): Promise<FileTrace> {
  const mine = (origin: { readonly source: string; readonly unit: string } | undefined): boolean =>
    origin?.source === filesName(source) && origin.unit === unitOf(entry)
  const offsets: Record<string, Offsets[]> = {}
  const rejects: Reject[] = []
  const places: LinePlace[] = []
  for (const [topic, { written, deadLettered }] of Object.entries(entry.tallies)) {
    const own = new Map<number, Offsets>()
    let found = 0
    if (written > 0)
      await readArrivals(broker, topic, entry.since[topic] ?? [], (record, origin) => {
        if (!mine(origin)) return
        add(own, record)
        if (origin?.line === line) places.push(placeOf(topic, record, origin?.line ?? 0))
        return ++found === written ? 'enough' : undefined
      })
    if (own.size > 0) offsets[topic] = [...own.values()].sort((a, b) => a.partition - b.partition)
    if (deadLettered === 0) continue
    const dead = inputDeadLetterTopic(topic)
    let gone = 0
    await readArrivals(broker, dead, [], (record, origin) => {
      if (!mine(origin)) return
      const reject = rejectOf(topic, record)
      rejects.push(reject)
      if (reject.line === line) places.push({ line, topic: dead, partition: record.partition, offset: record.offset })
      return ++gone === deadLettered ? 'enough' : undefined
    })
  }
  const { name: file, sha256, bytes, again, passed, rows: lines, tallies, begunAt, endedAt, original } = entry
  return {
    ...{ source, file, sha256, bytes, again, passed, lines, complete: endedAt !== null },
    begunAt: new Date(begunAt).toISOString(),
    endedAt: endedAt === null ? null : new Date(endedAt).toISOString(),
    original: `s3://${bucket}/${original}`,
    ...{ tallies, offsets },
    rejects: rejects.sort((a, b) => a.line - b.line),
    ...(line === undefined ? {} : { line: places }),
  }
}

function add(own: Map<number, Offsets>, { partition, offset }: KafkaRecord): void {
  const known = own.get(partition)
  if (known === undefined) own.set(partition, { partition, first: offset, last: offset, events: 1 })
  else {
    known.last = offset
    known.events++
  }
}

function rejectOf(topic: string, { headers, offset }: KafkaRecord): Reject {
  const text = (name: string): string | undefined => headerOf(headers, name)?.toString('utf8')
  const bytes = text('kappa.bytes')
  return {
    topic,
    line: Number(text('kappa.line')),
    ...(bytes === undefined ? {} : { bytes }),
    reason: text('kappa.reason') ?? '',
    offset,
  }
}

function placeOf(topic: string, { partition, offset }: KafkaRecord, line: number): LinePlace {
  const route = routes.find((one) => one.topic.name === topic)
  const place = { line, topic, partition, offset }
  return route?.clickhouse === true ? { ...place, query: queryOf(route.topic, partition, offset) } : place
}

function queryOf(topic: AnyTopic, partition: number, offset: number): string {
  const { database, name } = tableOf(topic)
  return `SELECT * FROM ${database}.${name} WHERE _partition = ${partition} AND _offset = ${offset}`
}
