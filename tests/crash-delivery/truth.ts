import type { KafkaRecord } from '#engine/broker'
import { recordHash } from '#engine/delivery'
import type { AnyTopic } from '#engine/schema'
import { type Sale, type Stock, UNWANTED } from './facts.ts'

/** Lines that stand for rows, by the place where they have to be. */
export type Lines = ReadonlyMap<string, readonly string[]>

/** A record that was written, with the generation of the lane that reads it. */
export interface Fact {
  readonly record: KafkaRecord
  readonly generation: number
}

const YEARS_END_MS = Date.UTC(2300, 0, 1)

type Value = Partial<Sale & Stock>

function decoded(topic: AnyTopic, { value }: KafkaRecord): Value | undefined {
  if (value === null || value.length < 5 || value[0] !== 0) return undefined
  return topic.decode(value.subarray(5)) as Value
}

const place = (generation: number, partition: number, offset: number): string =>
  `g${generation} [${partition}]@${offset}`

/** A row as both sides write it: where it came from, its fields, its hash. */
export const rowLine = (
  at: { readonly generation: number; readonly partition: number; readonly offset: number; readonly hash: string },
  value: Value,
): string => {
  const fields = Object.entries(value)
    .map(([name, field]) => `${name}=${String(field)}`)
    .sort()
  return `${place(at.generation, at.partition, at.offset)} ${fields.join(' ')} hash=${at.hash}`
}

/** A record as it lies in the archive. */
export const recordLine = (generation: number, record: KafkaRecord): string => {
  const { partition, offset, timestamp, key, value } = record
  return `${place(generation, partition, offset)} at ${timestamp} ${key} ${value === null ? 'nothing' : value.toString('hex')}`
}

/** Why a sink has to refuse a record; undefined where it has to take it. */
function refusal(topic: AnyTopic, record: KafkaRecord, sink: 'clickhouse' | 's3'): string | undefined {
  const isFact = topic.contract.topic.kind === 'facts'
  if (record.value === null) return isFact ? 'without a value' : undefined
  const value = decoded(topic, record)
  if (value === undefined) return 'not framed'
  if ((value.at ?? 0) >= YEARS_END_MS) return sink === 's3' ? 'field at' : 'column at'
  return sink === 'clickhouse' && value.amount === UNWANTED ? 'Constraint' : undefined
}

/** A letter as both sides write it: the record, and whether the reason is the right one. */
export const letterLine = (partition: string, offset: string, value: Buffer | null, reason: string): string =>
  `[${partition}]@${offset} ${value === null ? 'nothing' : value.toString('hex')} ${reason}`

/** Every row, object and letter that must be there once all of these facts were brought. */
export function expectedOf(topic: AnyTopic, facts: readonly Fact[]): Lines {
  const { name } = topic
  const table: string[] = []
  const silver: string[] = []
  const latest = new Map<string, string>()
  const letters: Record<'clickhouse' | 's3', string[]> = { clickhouse: [], s3: [] }
  const upserts = topic.contract.topic.kind !== 'facts'
  for (const { record, generation } of facts) {
    const at = { generation, partition: record.partition, offset: record.offset, hash: recordHash(record) }
    const value = record.value === null ? {} : (decoded(topic, record) ?? {})
    const line = rowLine(at, value)
    for (const sink of ['clickhouse', 's3'] as const) {
      const reason = refusal(topic, record, sink)
      if (reason !== undefined)
        letters[sink].push(letterLine(String(record.partition), String(record.offset), record.value, reason))
      else if (sink === 's3') silver.push(line)
      else if (!upserts) table.push(line)
      else if (record.value === null) latest.delete(String(record.key))
      else latest.set(String(record.key), line)
    }
  }
  return new Map([
    [`table of ${name}`, upserts ? [...latest.values()] : table],
    [`silver of ${name}`, silver],
    [`bronze of ${name}`, facts.map(({ record, generation }) => recordLine(generation, record))],
    [`letters of clickhouse of ${name}`, letters.clickhouse],
    [`letters of s3 of ${name}`, letters.s3],
  ])
}

/** The reason that a letter gives, in the words of `expectedOf`. */
export const reasonIn = (text: string): string =>
  ['without a value', 'not framed', 'field at', 'column at', 'Constraint'].find((words) => text.includes(words)) ?? text

/** The first difference in words; undefined where every line is there, and once. */
export function difference(expected: Lines, found: Lines): string | undefined {
  for (const [where, lines] of expected) {
    const wanted = [...lines].sort()
    const got = [...(found.get(where) ?? [])].sort()
    if (wanted.join('\n') === got.join('\n')) continue
    const counts = new Map<string, number>()
    for (const line of wanted) counts.set(line, (counts.get(line) ?? 0) - 1)
    for (const line of got) counts.set(line, (counts.get(line) ?? 0) + 1)
    const wrong = [...counts].filter(([, count]) => count !== 0)
    const [first] = wrong
    const how = (count: number): string => (count < 0 ? 'missing' : `there ${count} times too often`)
    return `${where}: ${got.length} rows instead of ${wanted.length}; ${wrong.length} differ, first: ${first?.[0]} is ${how(first?.[1] ?? 0)}`
  }
  return undefined
}

export const sizeOf = (lines: Lines): number => [...lines.values()].reduce((sum, { length }) => sum + length, 0)

export const merged = (all: readonly Lines[]): Lines => new Map(all.flatMap((lines) => [...lines]))
