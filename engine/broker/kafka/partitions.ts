import type { OutgoingRecord } from '../contract.ts'
import { partitionOf } from '../murmur2.ts'

/** Chooses partitions by murmur2 of the key; records without a key go round. Partition counts are fetched once per topic. */
export class Partitions {
  readonly #counts = new Map<string, number>()
  readonly #fetch: (topic: string) => Promise<number>
  #next = 0

  /** @param fetch the topic's partition count; throws BROKER where there is no such topic */
  constructor(fetch: (topic: string) => Promise<number>) {
    this.#fetch = fetch
  }

  /** The partition, or a promise of it where the topic is met for the first time. */
  choose(record: OutgoingRecord): number | Promise<number> {
    if (record.partition !== undefined) return record.partition
    const count = this.#counts.get(record.topic)
    return count === undefined ? this.#learn(record) : this.#pick(record, count)
  }

  forget(topic: string): void {
    this.#counts.delete(topic)
  }

  async #learn(record: OutgoingRecord): Promise<number> {
    const count = await this.#fetch(record.topic)
    this.#counts.set(record.topic, count)
    return this.#pick(record, count)
  }

  #pick(record: OutgoingRecord, count: number): number {
    if (record.key !== null) return partitionOf(record.key, count)
    this.#next = (this.#next + 1) % count
    return this.#next
  }
}
