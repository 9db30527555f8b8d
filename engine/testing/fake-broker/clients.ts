import {
  type KafkaRecord,
  type OutgoingRecord,
  type PlainProducer,
  type Position,
  placeOf,
  type Reader,
  type TopicPartition,
  type TransactionalProducer,
} from '#engine/broker'
import { KappaError } from '#engine/errors'
import type { FakeCluster } from './cluster.ts'

/**
 * How the next commits of a broker's producers end. All throw ABORTED: `aborted` rightly, `unknown` although it committed.
 * `unreachable`: the request never arrives and the transaction stays open. `straggling`: it arrives a second later.
 */
export type CommitFault = 'aborted' | 'unknown' | 'unreachable' | 'straggling'

const STRAGGLES_MS = 1_000

/** A transactional producer in memory, with the contract's state machine. */
export class FakeTransactionalProducer implements TransactionalProducer {
  readonly id: string
  readonly #cluster: FakeCluster
  readonly #epoch: number
  readonly #fault: () => CommitFault | undefined
  readonly #timeoutMs: number | undefined
  #state: 'ready' | 'open' | 'ended' | 'closed' = 'ready'

  constructor(cluster: FakeCluster, id: string, fault: () => CommitFault | undefined, timeoutMs?: number) {
    this.#cluster = cluster
    this.id = id
    this.#fault = fault
    this.#timeoutMs = timeoutMs
    this.#epoch = cluster.initialise(id)
  }

  async begin(): Promise<void> {
    this.#expect('ready')
    this.#guarded(() => this.#cluster.begin(this.id, this.#epoch, this.#timeoutMs))
    this.#state = 'open'
  }

  send(record: OutgoingRecord): void {
    this.#expect('open')
    this.#guarded(() => this.#cluster.write(this.id, this.#epoch, record))
  }

  async commit(): Promise<void> {
    this.#expect('open')
    const fault = this.#fault()
    const end = () => this.#cluster.end(this.id, this.#epoch, fault === 'aborted' ? 'aborted' : 'committed')
    if (fault === 'straggling') setTimeout(() => this.#arriveLate(end), STRAGGLES_MS)
    else if (fault !== 'unreachable') this.#guarded(end)
    this.#state = fault ? 'ended' : 'ready'
    if (fault) throw new KappaError('ABORTED', `committing a transaction of ${this.id} (${fault})`, { retriable: true })
  }

  async abort(): Promise<void> {
    this.#expect('open')
    this.#guarded(() => this.#cluster.end(this.id, this.#epoch, 'aborted'))
    this.#state = 'ready'
  }

  async close(): Promise<void> {
    this.#state = 'closed'
  }

  /** Nobody waits for the answer any more; that it is refused where a newer owner came is what matters. */
  #arriveLate(end: () => void): void {
    try {
      end()
    } catch (thrown) {
      if (!(thrown instanceof KappaError && thrown.code === 'FENCED')) throw thrown
    }
  }

  #expect(state: string): void {
    if (this.#state !== state)
      throw new KappaError('ABORTED', `using a transaction of ${this.id} that is ${this.#state}, not ${state}`)
  }

  #guarded(call: () => void): void {
    try {
      call()
    } catch (thrown) {
      if (thrown instanceof KappaError && thrown.code === 'FENCED') this.#state = 'ended'
      throw thrown
    }
  }
}

export class FakePlainProducer implements PlainProducer {
  readonly #cluster: FakeCluster

  constructor(cluster: FakeCluster) {
    this.#cluster = cluster
  }

  send(record: OutgoingRecord): void {
    this.#cluster.place(record).append(record, this.#cluster.clock.now(), undefined)
    this.#cluster.wake()
  }

  async flush(): Promise<void> {}
  async close(): Promise<void> {}
}

/** Reads in memory. `pick` decides how partitions interleave: it returns a number from 0 to below `count`. */
export class FakeReader implements Reader {
  readonly #cluster: FakeCluster
  readonly #pick: (count: number) => number
  readonly #places = new Map<string, { at: TopicPartition; next: number; paused: boolean }>()
  #closed = false
  #reading: Promise<unknown> = Promise.resolve()
  #moves = 0

  constructor(cluster: FakeCluster, pick: (count: number) => number) {
    this.#cluster = cluster
    this.#pick = pick
  }

  assign(positions: readonly Position[]): Promise<void> {
    return this.#move(() => {
      for (const { topic, partition, offset } of positions)
        this.#places.set(placeOf({ topic, partition }), { at: { topic, partition }, next: offset, paused: false })
    })
  }

  unassign(partitions: readonly TopicPartition[]): Promise<void> {
    return this.#move(() => {
      for (const at of partitions) this.#places.delete(placeOf(at))
    })
  }

  read(max: number, waitMs: number): Promise<KafkaRecord[]> {
    return this.#inTurn(() => this.#read(max, waitMs))
  }

  #inTurn<T>(work: () => T | Promise<T>): Promise<T> {
    const turn = this.#reading.then(work)
    this.#reading = turn.catch(() => {})
    return turn
  }

  /** Between reads; one that waits for records is woken and ends. */
  #move(work: () => void): Promise<void> {
    this.#moves++
    this.#cluster.wake()
    return this.#inTurn(() => {
      this.#moves--
      work()
    })
  }

  async #read(max: number, waitMs: number): Promise<KafkaRecord[]> {
    const before = this.#standing()
    const records = this.#take(max)
    // Passing markers is news too.
    if (records.length > 0 || this.#closed || this.#moves > 0 || this.#standing() !== before) return records
    // Also without a wait a reader gives way, as one that asks a broker does.
    await (waitMs > 0 ? this.#cluster.news(waitMs) : new Promise(setImmediate))
    return this.#closed ? [] : this.#take(max)
  }

  position(at: TopicPartition): number | undefined {
    return this.#places.get(placeOf(at))?.next
  }

  pause(partitions: readonly TopicPartition[]): void {
    this.#setPaused(partitions, true)
  }

  resume(partitions: readonly TopicPartition[]): void {
    this.#setPaused(partitions, false)
  }

  async close(): Promise<void> {
    this.#closed = true
    this.#places.clear()
  }

  #standing(): number {
    return [...this.#places.values()].reduce((sum, place) => sum + place.next, 0)
  }

  #setPaused(partitions: readonly TopicPartition[], paused: boolean): void {
    for (const at of partitions) {
      const place = this.#places.get(placeOf(at))
      if (place) place.paused = paused
    }
  }

  #take(max: number): KafkaRecord[] {
    const places = [...this.#places.values()].filter((place) => !place.paused)
    const records: KafkaRecord[] = []
    while (places.length > 0 && records.length < max) {
      const index = this.#pick(places.length)
      const place = places[index]
      if (!place) throw new RangeError(`picked ${index} of ${places.length}`)
      const log = this.#cluster.logOf(place.at)
      if (place.next < log.beginning || place.next > log.end)
        throw new KappaError(
          'POSITION_LOST',
          `reading ${placeOf(place.at)}@${place.next}: the log holds ${log.beginning} to ${log.end}`,
        )
      const taken = log.read(place.next, 1 + this.#pick(max - records.length))
      if (taken.records.length === 0) places.splice(index, 1)
      place.next = taken.next
      records.push(...taken.records)
    }
    return records
  }
}
