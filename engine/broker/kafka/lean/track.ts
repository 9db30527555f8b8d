import { KappaError, reasonOf } from '#engine/errors'
import { type KafkaRecord, type Position, placeOf } from '../../contract.ts'
import { AbortedFilter } from './aborted.ts'
import { type Batch, BrokenBatch, batchesOf } from './batch.ts'
import type { FetchedPart } from './fetch.ts'
import { own } from './own.ts'
import { BatchWalk } from './records.ts'

/** So often the same batch is fetched again when it came broken. */
const BROKEN_MOST = 3

interface Pending {
  readonly batch: Batch
  readonly filter: AbortedFilter
}

/**
 * One assigned partition: batches fetched and not yet handed over, and where it stands. A move makes a new track, so that
 * what was asked for the old one is nobody's when it comes.
 */
export class Track {
  readonly topic: string
  readonly partition: number
  paused = false
  /** No longer assigned. */
  left = false
  /** Asked for, and not answered yet. */
  asked = false
  /** Waits before it is asked for again. */
  waiting = false
  /** Number of the answer that last brought something: who waited longest is asked for first. */
  served = 0
  /** How often in a row the broker did not know the topic. */
  unknown = 0
  /** Bytes of the batches that wait, as they came. */
  buffered = 0
  /** Told to whoever reads, once what came before it is handed over; the partition is not fetched any more. */
  failure: KappaError | undefined
  /** The failure was thrown once. */
  told = false
  /** A batch larger than one fetch takes from a partition. */
  largest = 0
  #pending: Pending[] = []
  #next: number
  #fetchFrom: number
  #walk: BatchWalk | undefined
  #broken = { at: -1, times: 0 }

  constructor({ topic, partition, offset }: Position) {
    this.topic = topic
    this.partition = partition
    this.#next = offset
    this.#fetchFrom = offset
  }

  /** The next offset to hand over. */
  get next(): number {
    return this.#next
  }

  /** The next offset to ask for. */
  get fetchFrom(): number {
    return this.#fetchFrom
  }

  /** Nothing is left to hand over. */
  get drained(): boolean {
    return this.#walk === undefined && this.#pending.length === 0
  }

  /** Takes up what was fetched from `fetchFrom`; a copy, so that a partition that waits does not hold whole answers in memory. */
  offer(part: FetchedPart): void {
    try {
      const { batches, cutOff } = batchesOf(own(part.records))
      this.largest = batches.length === 0 ? cutOff : 0
      const filter = new AbortedFilter(part.aborted)
      for (const batch of batches) {
        // Before what was asked for: handed over already, or not wanted.
        if (batch.lastOffset < this.#fetchFrom) continue
        this.#pending.push({ batch, filter })
        this.buffered += batch.end - batch.recordsAt
        this.#fetchFrom = batch.lastOffset + 1
      }
    } catch (thrown) {
      this.#drop(this.#fetchFrom, thrown)
    }
  }

  /** Adds records to `into` until it has `max`; passes markers, aborted records and gaps as far as it gets. */
  take(into: KafkaRecord[], max: number): void {
    try {
      while (this.#walk || this.#open()) {
        if (into.length >= max) return
        this.#step(into, max, this.#walk as BatchWalk)
      }
    } catch (thrown) {
      this.#drop(this.#next, thrown)
    }
  }

  #step(into: KafkaRecord[], max: number, walk: BatchWalk): void {
    const before = into.length
    try {
      walk.take(into, max, this.#next)
    } finally {
      const last = into.length > before ? into[into.length - 1] : undefined
      if (last) this.#next = last.offset + 1
    }
    if (!walk.ended) return
    this.#walk = undefined
    this.#next = Math.max(this.#next, walk.lastOffset + 1)
  }

  /** Opens the next batch that has committed records; false where none is left. */
  #open(): boolean {
    let passed = 0
    try {
      for (const { batch, filter } of this.#pending) {
        passed++
        this.buffered -= batch.end - batch.recordsAt
        if (filter.admits(batch)) {
          this.#walk = new BatchWalk(this.topic, this.partition, batch)
          return true
        }
        this.#next = Math.max(this.#next, batch.lastOffset + 1)
      }
      return false
    } finally {
      this.#pending.splice(0, passed)
    }
  }

  /** Lets go of what is broken and what follows it, to fetch it again from where all is well; or gives up. */
  #drop(from: number, thrown: unknown): void {
    if (!(thrown instanceof BrokenBatch)) throw thrown
    const cause = thrown.cause === undefined ? '' : ` (${reasonOf(thrown.cause)})`
    this.#broken = { at: from, times: this.#broken.at === from ? this.#broken.times + 1 : 1 }
    if (this.#broken.times >= BROKEN_MOST)
      this.failure = new KappaError('BROKER', `reading ${placeOf(this)}@${from}: ${thrown.message}${cause}`)
    this.#fetchFrom = from
    // What came whole before it, and waits, stays.
    if (from > this.#next) return
    this.#walk = undefined
    this.#pending = []
    this.buffered = 0
  }
}
