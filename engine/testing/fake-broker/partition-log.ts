import type { KafkaRecord, OutgoingRecord } from '#engine/broker'

/** A transaction as the log sees it. */
export interface FakeTransaction {
  state: 'open' | 'committed' | 'aborted'
}

interface Entry {
  /** Null for a transaction marker. */
  readonly record: KafkaRecord | null
  readonly transaction: FakeTransaction | undefined
}

/** One partition in memory: records, markers, gaps by aborted transactions, and what a read-committed reader may see. */
export class PartitionLog {
  readonly topic: string
  readonly partition: number
  #entries: Entry[] = []
  #beginning = 0

  constructor(topic: string, partition: number) {
    this.topic = topic
    this.partition = partition
  }

  get beginning(): number {
    return this.#beginning
  }

  get end(): number {
    return this.#beginning + this.#entries.length
  }

  /** The last stable offset: before the first record of a transaction that is still open. */
  get committedEnd(): number {
    const first = this.#entries.findIndex((entry) => entry.transaction?.state === 'open')
    return first === -1 ? this.end : this.#beginning + first
  }

  append(outgoing: OutgoingRecord, timestamp: number, transaction: FakeTransaction | undefined): void {
    const record: KafkaRecord = {
      topic: this.topic,
      partition: this.partition,
      offset: this.end,
      timestamp,
      key: outgoing.key,
      value: outgoing.value,
      headers: outgoing.headers,
    }
    this.#entries.push({ record, transaction })
  }

  appendMarker(): void {
    this.#entries.push({ record: null, transaction: undefined })
  }

  truncate(before: number): void {
    const count = Math.min(before, this.end) - this.#beginning
    if (count <= 0) return
    this.#entries = this.#entries.slice(count)
    this.#beginning += count
  }

  /** Committed records from `offset`, and where the next read goes on. */
  read(offset: number, max: number): { records: KafkaRecord[]; next: number } {
    const end = this.committedEnd
    const records: KafkaRecord[] = []
    let next = offset
    for (; next < end && records.length < max; next++) {
      const entry = this.#entries[next - this.#beginning]
      if (entry?.record && entry.transaction?.state !== 'aborted') records.push(entry.record)
    }
    // Markers and aborted records after the last one are passed at once, as a client does at the end of a partition.
    for (; next < end; next++) {
      const entry = this.#entries[next - this.#beginning]
      if (entry?.record && entry.transaction?.state !== 'aborted') break
    }
    return { records, next }
  }
}
