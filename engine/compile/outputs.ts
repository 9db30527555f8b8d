import type { KafkaRecord } from '#engine/broker'
import { KappaError, reasonOf } from '#engine/errors'
import type { Channel, OutputRecord } from './contract.ts'

const LONGEST_STACK = 4_000

/** Where a record stood, as headers of what became of it; the record's own key and value stay as they were written. */
const positionHeaders = (record: KafkaRecord): Record<string, Buffer> => ({
  topic: Buffer.from(record.topic),
  partition: Buffer.from(String(record.partition)),
  offset: Buffer.from(String(record.offset)),
  timestamp: Buffer.from(String(record.timestamp)),
})

const aside = (
  channel: Channel,
  record: KafkaRecord,
  facts: Readonly<Record<string, string | number>>,
): OutputRecord => {
  const headers = positionHeaders(record)
  for (const [name, fact] of Object.entries(facts)) headers[name] = Buffer.from(String(fact))
  return { channel, topic: '', key: record.key, value: record.value, headers }
}

/** Why an event came too late, or too early, to count. All times in milliseconds. */
export interface Lateness {
  /** `late`: every window it belongs to is closed; `partly-late`: some are; `history`: older than a table's history; `horizon`: older than what duplicates are told by; `future`: too far ahead of its writing. */
  readonly reason: 'late' | 'partly-late' | 'history' | 'horizon' | 'future'
  readonly eventTime: number
  /** How far behind stream time, or (future) ahead of the record's timestamp. */
  readonly lateness: number
  readonly streamTime: number
  /** The windows it missed, as `start/end`, joined by commas. */
  readonly windows?: string
}

/** A record for `<processor>.late`: original key and bytes; headers say where it stood and by how much it missed. */
export const lateRecord = (record: KafkaRecord, lateness: Lateness): OutputRecord =>
  aside('late', record, { ...lateness })

/** A record for `<processor>.dead-letter`: original key and bytes; headers say where it stood, in which step, why, and what was being called when it threw. */
export const deadLetter = (record: KafkaRecord, step: string, thrown: unknown): OutputRecord =>
  aside('dead-letter', record, { step, error: reasonOf(thrown), ...stackOf(thrown) })

/** Where it threw, down to the call that took the slice: what stands below it is not the same in every run. An error of our own says it in words. */
function stackOf(thrown: unknown): { readonly stack?: string } {
  const stack = thrown instanceof Error && !(thrown instanceof KappaError) ? thrown.stack : undefined
  return stack === undefined ? {} : { stack: (stack.split(/\n +at async /)[0] ?? '').slice(0, LONGEST_STACK) }
}

/** A dead letter of a row that no single record is to blame for: it could not be written. The row as JSON. */
export const deadRow = (row: object, step: string, thrown: unknown): OutputRecord => ({
  channel: 'dead-letter',
  topic: '',
  key: null,
  value: Buffer.from(JSON.stringify(row, (_name, part: unknown) => (typeof part === 'bigint' ? String(part) : part))),
  headers: Object.fromEntries(
    Object.entries({ step, error: reasonOf(thrown), ...stackOf(thrown) }).map(([name, fact]) => [
      name,
      Buffer.from(fact),
    ]),
  ),
})
