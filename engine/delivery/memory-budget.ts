import { bytesOf, type KafkaRecord } from '#engine/broker'

/** What an object in memory costs beside its bytes, about. */
const OVERHEAD_BYTES = 250

/** About what a record takes while it waits, bytes. */
export const footprint = (record: KafkaRecord): number => OVERHEAD_BYTES + bytesOf(record)

/**
 * What all lanes of a process may hold together: read and not yet in the store. Where it is used up lanes stop reading and
 * their batches are due at once, so that memory does not grow with the number of topics while a store is away.
 */
export class MemoryBudget {
  readonly bytes: number
  private held = 0

  constructor(bytes: number) {
    this.bytes = bytes
  }

  get used(): number {
    return this.held
  }

  get isSpent(): boolean {
    return this.held >= this.bytes
  }

  take(bytes: number): void {
    this.held += bytes
  }

  give(bytes: number): void {
    this.held -= bytes
  }
}
