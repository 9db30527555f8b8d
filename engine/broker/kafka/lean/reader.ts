import type { KafkaRecord, Position, Reader, TopicPartition } from '../../contract.ts'
import { Cluster } from './cluster.ts'
import { Fetching } from './fetching.ts'
import type { LeanSettings } from './settings.ts'
import { Track } from './track.ts'

/** Records may follow markers at once: a read that only passed markers waits so long for them. */
const AFTER_MARKERS_MS = 20

/**
 * Reads assigned partitions by Kafka's own protocol, read-committed; nothing of a group. Batches are fetched ahead, so many
 * bytes a partition, and decompressed and walked only as they are read. Records are views of their batch (RecordView).
 * While brokers are away reads are empty, and it connects again, later and later, up to a second apart.
 */
export class LeanReader implements Reader {
  readonly #cluster: Cluster
  readonly #fetching: Fetching
  readonly #tracks = new Map<string, Map<number, Track>>()
  /** Every track, the one that was read last at the end. */
  readonly #turns: Track[] = []
  #reading: Promise<unknown> = Promise.resolve()
  #moves = 0
  #closed = false
  #news: (() => void) | undefined

  private constructor(cluster: Cluster) {
    this.#cluster = cluster
    this.#fetching = new Fetching(cluster, () => this.#news?.())
  }

  /** Throws SERVICE_UNAVAILABLE where no broker answers, BROKER where it speaks other versions or refuses the user. */
  static async open(settings: LeanSettings): Promise<LeanReader> {
    const cluster = new Cluster(settings)
    try {
      await cluster.refresh([])
      return new LeanReader(cluster)
    } catch (thrown) {
      await cluster.close()
      throw thrown
    }
  }

  /**
   * Moves happen between reads, never during one; a read that waits for records ends, empty, to let them. So what a read
   * hands over is of the assignment that held when it was called, and of all moves awaited before.
   */
  assign(positions: readonly Position[]): Promise<void> {
    return this.#move(() => {
      for (const at of positions) {
        this.#leave([at])
        const track = new Track(at)
        const ofTopic = this.#tracks.get(at.topic) ?? new Map<number, Track>()
        this.#tracks.set(at.topic, ofTopic.set(at.partition, track))
        this.#turns.push(track)
      }
    })
  }

  unassign(partitions: readonly TopicPartition[]): Promise<void> {
    return this.#move(() => this.#leave(partitions))
  }

  read(max: number, waitMs: number): Promise<KafkaRecord[]> {
    return this.#inTurn(() => this.#read(max, waitMs))
  }

  position(at: TopicPartition): number | undefined {
    return this.#trackOf(at)?.next
  }

  pause(partitions: readonly TopicPartition[]): void {
    this.#setPaused(partitions, true)
  }

  resume(partitions: readonly TopicPartition[]): void {
    this.#setPaused(partitions, false)
    this.#fetching.pump(this.#turns)
  }

  async close(): Promise<void> {
    if (this.#closed) return
    this.#closed = true
    this.#news?.()
    await this.#reading
    this.#fetching.close()
    await this.#cluster.close()
  }

  #trackOf(at: TopicPartition): Track | undefined {
    return this.#tracks.get(at.topic)?.get(at.partition)
  }

  #setPaused(partitions: readonly TopicPartition[], paused: boolean): void {
    for (const at of partitions) {
      const track = this.#trackOf(at)
      if (track) track.paused = paused
    }
  }

  #leave(partitions: readonly TopicPartition[]): void {
    for (const at of partitions) {
      const track = this.#trackOf(at)
      if (!track) continue
      this.#tracks.get(at.topic)?.delete(at.partition)
      this.#turns.splice(this.#turns.indexOf(track), 1)
      track.left = true
    }
  }

  #inTurn<T>(work: () => T | Promise<T>): Promise<T> {
    const turn = this.#reading.then(work)
    this.#reading = turn.catch(() => {})
    return turn
  }

  #move(work: () => void): Promise<void> {
    this.#moves++
    this.#news?.()
    return this.#inTurn(() => {
      this.#moves--
      work()
      this.#fetching.pump(this.#turns)
    })
  }

  async #read(max: number, waitMs: number): Promise<KafkaRecord[]> {
    // Sockets are served between turns of the event loop, so also a read that need not wait gives way.
    await new Promise(setImmediate)
    for (let left = waitMs; !this.#closed; ) {
      const before = this.#standing()
      this.#throwFailure(({ told }) => !told)
      const records = this.#take(max)
      if (records.length > 0 || this.#moves > 0) return records
      if (left <= 0) break
      if (this.#standing() !== before) left = Math.min(left, AFTER_MARKERS_MS)
      left -= await this.#heard(left)
    }
    this.#throwFailure(() => true)
    return []
  }

  #standing(): number {
    let sum = 0
    for (const track of this.#turns) sum += track.next
    return sum
  }

  #take(max: number): KafkaRecord[] {
    const records: KafkaRecord[] = []
    const turns = this.#turns
    for (let asked = turns.length; asked > 0 && records.length < max; asked--) {
      const track = turns.shift() as Track
      turns.push(track)
      if (!track.paused) track.take(records, max)
    }
    this.#fetching.pump(turns)
    return records
  }

  /** At once where it is new, so that busy partitions do not hide it; then whenever a read found nothing else. */
  #throwFailure(due: (track: Track) => boolean): void {
    for (const track of this.#turns) {
      if (!track.failure || !track.drained || track.paused || !due(track)) continue
      track.told = true
      throw track.failure
    }
  }

  /** Resolves at the next news, or after `waitMs`; the milliseconds it took. */
  #heard(waitMs: number): Promise<number> {
    const began = performance.now()
    return new Promise((resolve) => {
      const done = () => {
        clearTimeout(timer)
        this.#news = undefined
        resolve(performance.now() - began)
      }
      const timer = setTimeout(done, waitMs)
      this.#news = done
    })
  }
}
