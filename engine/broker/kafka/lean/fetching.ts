import { KappaError } from '#engine/errors'
import { placeOf } from '../../contract.ts'
import type { Cluster, Leader } from './cluster.ts'
import { codeName, remedyOf } from './error-codes.ts'
import { type FetchedPart, fetchRequest, readFetch } from './fetch.ts'
import { calls, EARLIEST, LATEST, type Node, offsetsRequest, readOffsets } from './protocol.ts'
import { nameOf } from './settings.ts'
import type { Track } from './track.ts'

/** Of one answer; also what a partition is filled to, at most: fewer where many share `BUDGET`. */
const ANSWER_BYTES = 8 * 1024 * 1024
const PARTITION_BYTES = 1024 * 1024
const LEAST_BYTES = 64 * 1024
/**
 * Compressed bytes that wait in memory stay below twice this, and a batch each where batches are larger than a partition's
 * share: a partition below its share is asked for one share more.
 */
const BUDGET = 32 * 1024 * 1024

/** How long a broker holds an empty answer back, milliseconds; */
const LONG_WAIT_MS = 100
/** and where another partition of it is full now and may soon be asked for again. */
const SHORT_WAIT_MS = 10

const METADATA = 'metadata'
const FIRST_PAUSE_MS = 50
const LONGEST_PAUSE_MS = 1_000
/** A topic that was just made is not known to every broker at once; after so many tries it is not coming. */
const UNKNOWN_MOST = 100

/** The failure where no waiting helps: a refusal, or a mistake of ours. An answer that cannot be read (RangeError) may pass. */
function finalOf(thrown: unknown, node: string): KappaError | undefined {
  if (thrown instanceof RangeError) return undefined
  if (!(thrown instanceof KappaError)) return new KappaError('BROKER', `fetching from ${node}`, { cause: thrown })
  return thrown.retriable ? undefined : thrown
}

/** Keeps partitions filled: at most one request under way to each broker, for those of its partitions that have room. */
export class Fetching {
  readonly #cluster: Cluster
  readonly #onNews: () => void
  readonly #busy = new Set<number>()
  readonly #timers = new Set<NodeJS.Timeout>()
  #tracks: readonly Track[] = []
  #refreshing = false
  /** How long brokers that are away are left alone, by their names; metadata has an entry too. */
  readonly #pauses = new Map<string, number>()
  #answers = 0
  #closed = false

  /** @param onNews something came, or failed */
  constructor(cluster: Cluster, onNews: () => void) {
    this.#cluster = cluster
    this.#onNews = onNews
  }

  /** Asks for what there is room for. To be called whenever that may have changed. */
  pump(tracks: readonly Track[] = this.#tracks): void {
    this.#tracks = tracks
    if (this.#closed) return
    const share = this.#share()
    const byNode = new Map<number, { node: Node; wanted: { track: Track; leader: Leader }[]; full: boolean }>()
    let unknown = false
    for (const track of tracks) {
      if (track.paused || track.asked || track.waiting || track.failure) continue
      const leading = this.#cluster.leading(track)
      if (leading === undefined) unknown = true
      else if (typeof leading !== 'object') this.#leaderless(track, leading)
      else {
        const { node } = leading
        const ofNode = byNode.get(node.id) ?? { node, wanted: [], full: false }
        byNode.set(node.id, ofNode)
        if (track.buffered < share) ofNode.wanted.push({ track, leader: leading })
        else ofNode.full = true
      }
    }
    if (unknown) void this.#refresh()
    for (const { node, wanted, full } of byNode.values())
      if (wanted.length > 0 && !this.#busy.has(node.id))
        void this.#fetch(node, wanted, share, full ? SHORT_WAIT_MS : LONG_WAIT_MS)
  }

  close(): void {
    this.#closed = true
    for (const timer of this.#timers) clearTimeout(timer)
  }

  #share(): number {
    const each = Math.floor(BUDGET / Math.max(1, this.#tracks.length))
    return Math.max(LEAST_BYTES, Math.min(PARTITION_BYTES, each))
  }

  async #fetch(node: Node, wanted: { track: Track; leader: Leader }[], share: number, waitMs: number): Promise<void> {
    this.#busy.add(node.id)
    // The broker fills in this order until the answer is full.
    wanted.sort((one, other) => one.track.served - other.track.served)
    const asked = wanted.map(({ track, leader }) => ({ track, leader, offset: track.fetchFrom }))
    for (const { track } of asked) track.asked = true
    try {
      const connection = await this.#cluster.connection(node)
      const parts = asked.map(({ track, leader, offset }) => ({
        topic: track.topic,
        partition: track.partition,
        offset,
        leaderEpoch: leader.epoch,
        maxBytes: Math.max(share, track.largest),
      }))
      const answer = await connection.call(calls.fetch, fetchRequest(parts, { waitMs, maxBytes: ANSWER_BYTES }), waitMs)
      const fetched = readFetch(answer)
      if (fetched.error !== 0)
        throw new KappaError('BROKER', `fetching from ${nameOf(node)}: ${codeName(fetched.error)}`, {
          retriable: remedyOf(fetched.error) !== 'give-up',
        })
      this.#pauses.delete(nameOf(node))
      for (const { track } of asked) track.asked = false
      this.#deal(node, asked, fetched.parts)
    } catch (thrown) {
      for (const { track } of asked) track.asked = false
      const final = finalOf(thrown, nameOf(node))
      if (final) for (const { track } of asked) this.#fail(track, final)
      // The broker is away, or what it said cannot be understood: others may lead by now.
      this.#cluster.forgetNode(node.id)
      await this.#pause(nameOf(node))
    } finally {
      this.#busy.delete(node.id)
      this.pump()
    }
  }

  #deal(node: Node, asked: readonly { track: Track; offset: number }[], parts: readonly FetchedPart[]): void {
    const byPlace = new Map(asked.map((one) => [placeOf(one.track), one]))
    this.#answers++
    let news = false
    for (const part of parts) {
      const one = byPlace.get(placeOf(part))
      // Moved since, or read again from before: the answer is to a question of the past.
      if (!one || one.track.left || one.track.fetchFrom !== one.offset) continue
      const { track } = one
      if (part.error !== 0) void this.#heal(node, track, part.error)
      else if (part.records.length > 0) {
        track.served = this.#answers
        track.unknown = 0
        track.offer(part)
        news = true
      }
    }
    if (news) this.#onNews()
  }

  async #heal(node: Node, track: Track, code: number): Promise<void> {
    switch (remedyOf(code)) {
      case 'check-position':
        return this.#checkPosition(node, track)
      case 'find-leader':
        this.#cluster.forget(track.topic)
        return this.#rest(track)
      case 'find-topic':
        return this.#leaderless(track, code)
      case 'give-up':
        return this.#fail(
          track,
          new KappaError('BROKER', `reading ${placeOf(track)}@${track.fetchFrom}: ${codeName(code)}`),
        )
      default:
        return this.#rest(track)
    }
  }

  /** No leader, or the topic is not known: asked again for a while. */
  #leaderless(track: Track, leading: 'none' | number): void {
    if (leading !== 'none') {
      const remedy = remedyOf(leading)
      if (remedy === 'give-up' || (remedy === 'find-topic' && ++track.unknown >= UNKNOWN_MOST))
        this.#fail(track, new KappaError('BROKER', `reading ${placeOf(track)}: ${codeName(leading)}`))
    }
    this.#cluster.forget(track.topic)
    this.#rest(track)
  }

  /** Outside the log is told with the log's ends; within them it was the broker's moment, and is asked again. */
  async #checkPosition(node: Node, track: Track): Promise<void> {
    track.waiting = true
    const { topic, partition, fetchFrom } = track
    try {
      const connection = await this.#cluster.connection(node)
      const [beginning, end] = await Promise.all(
        ([EARLIEST, LATEST] as const).map(async (which) => {
          const answer = readOffsets(await connection.call(calls.listOffsets, offsetsRequest(topic, partition, which)))
          if (answer.error !== 0) throw new Error(codeName(answer.error))
          return answer.offset
        }),
      )
      if (beginning === undefined || end === undefined) return
      if (fetchFrom >= beginning && fetchFrom <= end) return
      const where = `reading ${placeOf(track)}@${fetchFrom}: the log holds ${beginning} to ${end}`
      this.#fail(track, new KappaError('POSITION_LOST', where))
    } catch {
      this.#cluster.forget(topic)
    } finally {
      this.#rest(track)
    }
  }

  #fail(track: Track, failure: KappaError): void {
    track.failure = failure
    this.#onNews()
  }

  #rest(track: Track): void {
    track.waiting = true
    this.#later(FIRST_PAUSE_MS * 2, () => {
      track.waiting = false
      this.pump()
    })
  }

  async #refresh(): Promise<void> {
    if (this.#refreshing) return
    this.#refreshing = true
    try {
      await this.#cluster.refresh([...new Set(this.#tracks.map(({ topic }) => topic))])
      this.#pauses.delete(METADATA)
    } catch (thrown) {
      const final = finalOf(thrown, METADATA)
      if (final) for (const track of this.#tracks) this.#fail(track, final)
      await this.#pause(METADATA)
    }
    this.#refreshing = false
    this.pump()
  }

  /** Longer each time, until it answers. */
  #pause(whom: string): Promise<void> {
    const pauseMs = this.#pauses.get(whom) ?? FIRST_PAUSE_MS
    this.#pauses.set(whom, Math.min(2 * pauseMs, LONGEST_PAUSE_MS))
    return new Promise((resolve) => this.#later(pauseMs, resolve))
  }

  #later(ms: number, work: () => void): void {
    const timer = setTimeout(() => {
      this.#timers.delete(timer)
      work()
    }, ms)
    this.#timers.add(timer)
  }
}
