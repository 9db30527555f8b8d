import { createHash } from 'node:crypto'
import { type KafkaRecord, placeOf, type TopicPartition } from '#engine/broker'
import { KappaError } from '#engine/errors'
import type { InputProgress } from '../changelog/changelog.ts'

/** Identifies a record's content, to notice a topic that was deleted and made anew. */
const digestOf = ({ key, value }: KafkaRecord): string =>
  createHash('sha256')
    .update(key ?? '')
    .update('|')
    .update(value ?? '')
    .digest('base64')
    .slice(0, 16)

/** One input of a task: what was fetched and not yet taken, and where the task stands. */
export class InputBuffer implements TopicPartition {
  readonly topic: string
  readonly partition: number
  /** Where a bounded run ends: no record at or after it is taken. */
  readonly end: number
  /** The next offset to take: every record below it is in the state. */
  position: number
  #records: KafkaRecord[] = []
  #fetched: number
  #last: InputProgress['last']
  #unverified: InputProgress['last']

  constructor(at: TopicPartition, position: number, last: InputProgress['last'], end = Number.POSITIVE_INFINITY) {
    this.topic = at.topic
    this.partition = at.partition
    this.position = position
    this.end = end
    this.#fetched = position
    this.#last = last
    this.#unverified = last
  }

  get length(): number {
    return this.#records.length
  }

  /** When the first record that waits here was written; where none waits, when the last one taken was. */
  get writtenAt(): number | undefined {
    return this.#records[0]?.timestamp ?? this.#takenAt
  }

  /** Every record below is taken or buffered. */
  get fetched(): number {
    return this.#fetched
  }

  /** The last record taken: read again first after a take-over, where the log still has it. */
  get last(): InputProgress['last'] {
    return this.#last
  }

  get ended(): boolean {
    return this.position >= this.end
  }

  /** Adds records in offset order; those taken before are passed over. STATE_MISMATCH where the log is not the one known. */
  offer(records: readonly KafkaRecord[]): void {
    for (const record of records) {
      if (this.#unverified) this.#verify(record, this.#unverified)
      if (record.offset >= this.#fetched && record.offset < this.end) this.#records.push(record)
    }
  }

  /** After `offer`: the reader stands at `position`, and everything below it was offered. */
  fetchedTo(position: number): void {
    this.#fetched = Math.min(this.end, Math.max(this.#fetched, position))
    if (this.#records.length === 0) this.position = Math.max(this.position, this.#fetched)
  }

  /** How many of the first `max` records come before `offset`. */
  countBelow(offset: number, max = Number.POSITIVE_INFINITY): number {
    if (this.#records.length > 0 && (this.#records.at(-1)?.offset ?? 0) < offset)
      return Math.min(max, this.#records.length)
    const index = this.#records.findIndex((record) => record.offset >= offset)
    return Math.min(max, index === -1 ? this.#records.length : index)
  }

  /** The first `count` records, without taking them; all of them by default. A list of its own: more may come meanwhile. */
  peek(count = this.#records.length): readonly KafkaRecord[] {
    return this.#records.slice(0, count)
  }

  take(count: number): void {
    const last = this.#records[count - 1]
    if (last) {
      this.#lastRecord = last
      this.#takenAt = last.timestamp
    }
    this.#records = count === this.#records.length ? [] : this.#records.slice(count)
    const next = this.#records[0]
    if (last) this.position = last.offset + 1
    if (!next) this.position = Math.max(this.position, this.#fetched)
  }

  #lastRecord: KafkaRecord | undefined
  #takenAt: number | undefined

  /** For the changelog. */
  progress(advance: InputProgress['advance']): InputProgress {
    if (this.#lastRecord) this.#last = { offset: this.#lastRecord.offset, digest: digestOf(this.#lastRecord) }
    this.#lastRecord = undefined
    return { topic: this.topic, position: this.position, last: this.#last, advance }
  }

  #verify(record: KafkaRecord, last: NonNullable<InputProgress['last']>): void {
    this.#unverified = null
    if (record.offset !== last.offset || digestOf(record) === last.digest) return
    const wayOut = 'the topic was made anew; start a new generation (kappa replay run)'
    throw new KappaError(
      'STATE_MISMATCH',
      `resuming ${placeOf(this)}@${this.position}: the record at ${last.offset} is not the one taken before: ${wayOut}`,
    )
  }
}
