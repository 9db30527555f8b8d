import { type Broker, type KafkaRecord, placeOf, type Reader, type TopicPartition } from '#engine/broker'
import type { Stage } from '#engine/compile'
import { KappaError } from '#engine/errors'
import type { Clock } from '#engine/time'
import { type Known, Restorer } from './changelog.ts'

const READ_MAX = 2_000
const READ_WAIT_MS = 100
/** Bytes after which the tasks of the process get their turn. */
const TURN_BYTES = 256_000

export interface ShadowOptions {
  readonly broker: Broker
  readonly clock: Clock
  /** State entries that all shadows together hold at most; what would exceed it is not held. */
  readonly maxEntries: number
}

/** A changelog that is followed, and how to open the stage whose state it is. */
export interface Followed extends TopicPartition {
  open(): Stage
}

interface Shadow {
  readonly at: TopicPartition
  readonly open: () => Stage
  restorer: Restorer<Stage>
  following: boolean
}

/** A shadow as it is told: how far it has read, and what it holds. */
export interface ShadowStatus extends TopicPartition {
  readonly next: number
  readonly entries: number
  readonly following: boolean
}

/**
 * States of tasks that this process does not run: left behind by tasks that it gave up, or built by following the
 * changelogs of tasks that others run. Whoever takes such a task over begins with its shadow and reads the rest. A shadow
 * is only ever a head start: take-over proves it against the changelog, and losing one costs time alone.
 */
export class Shadows {
  readonly #options: ShadowOptions
  readonly #shadows = new Map<string, Shadow>()
  #reader: Reader | undefined
  #reading: Promise<void> | undefined
  #closed = false
  /** Calls change what is followed one after the other. */
  #last: Promise<void> = Promise.resolve()

  constructor(options: ShadowOptions) {
    this.#options = options
  }

  /** Keeps what a task left behind. */
  keep(at: TopicPartition, open: () => Stage, known: Known<Stage>): void {
    if (this.#closed || this.#entries() + known.stage.stateEntries > this.#options.maxEntries) return
    this.#shadows.set(placeOf(at), { at, open, restorer: new Restorer(open, known), following: false })
  }

  /** Hands a shadow out; it is not followed any more. */
  take(at: TopicPartition): Restorer<Stage> | undefined {
    const shadow = this.#shadows.get(placeOf(at))
    if (!shadow) return undefined
    this.#shadows.delete(placeOf(at))
    if (shadow.following) this.#queue(async () => this.#reader?.unassign([at]))
    return shadow.restorer
  }

  /** Follows these changelogs and no others; what is merely kept stays. */
  follow(wanted: readonly Followed[]): void {
    const places = new Set(wanted.map(placeOf))
    for (const [place, shadow] of this.#shadows) {
      if (!shadow.following || places.has(place)) continue
      shadow.following = false
      this.#queue(async () => this.#reader?.unassign([shadow.at]))
    }
    for (const one of wanted) this.#begin(one)
  }

  status(): ShadowStatus[] {
    return [...this.#shadows.values()].map(({ at, restorer, following }) => ({
      topic: at.topic,
      partition: at.partition,
      next: restorer.place.next,
      entries: restorer.stage.stateEntries,
      following,
    }))
  }

  async close(): Promise<void> {
    this.#closed = true
    await this.#last
    await this.#reading
    await this.#reader?.close()
    this.#shadows.clear()
  }

  #entries(): number {
    let entries = 0
    for (const { restorer } of this.#shadows.values()) entries += restorer.stage.stateEntries
    return entries
  }

  #begin({ topic, partition, open }: Followed): void {
    const at = { topic, partition }
    const place = placeOf(at)
    const known = this.#shadows.get(place)
    if (known?.following || this.#closed || this.#entries() >= this.#options.maxEntries) return
    const shadow = known ?? { at, open, restorer: new Restorer<Stage>(open), following: false }
    shadow.following = true
    this.#shadows.set(place, shadow)
    this.#queueAssign(shadow)
  }

  /** Where the log no longer has what comes next, the shadow begins anew. */
  async #assign(shadow: Shadow): Promise<void> {
    const { at } = shadow
    const beginning = (await this.#options.broker.admin.beginnings(at.topic))[at.partition] ?? 0
    if (this.#shadows.get(placeOf(at)) !== shadow || !shadow.following) return
    const { next, last } = shadow.restorer.place
    if (next < beginning || !last) shadow.restorer = new Restorer<Stage>(shadow.open)
    this.#reader ??= await this.#options.broker.reader()
    await this.#reader.assign([{ ...at, offset: Math.max(beginning, shadow.restorer.place.next) }])
    this.#reading ??= this.#read(this.#reader)
  }

  /** What fails here is tried again by the next round of `follow`; a task that needs it meanwhile restores without it. */
  #queue(change: () => Promise<void> | undefined, failed: () => void = () => {}): void {
    this.#last = this.#last.then(change).catch(failed)
  }

  #queueAssign(shadow: Shadow): void {
    const failed = () => {
      shadow.following = false
    }
    this.#queue(() => this.#assign(shadow), failed)
  }

  async #read(reader: Reader): Promise<void> {
    while (!this.#closed) {
      try {
        await this.#deal(await reader.read(READ_MAX, READ_WAIT_MS))
      } catch (thrown) {
        if (thrown instanceof KappaError && !thrown.retriable) await this.#startAnew(reader)
        await this.#options.clock.sleep(250)
      }
    }
  }

  async #deal(records: readonly KafkaRecord[]): Promise<void> {
    let bytes = 0
    for (const record of records) {
      const shadow = this.#shadows.get(placeOf(record))
      // A shadow that was handed out, or begun anew, while its records were on their way.
      if (!shadow?.following || record.offset < shadow.restorer.place.next) continue
      shadow.restorer.take(record)
      bytes += record.value?.length ?? 0
      if (bytes < TURN_BYTES) continue
      bytes = 0
      await new Promise(setImmediate)
    }
    if (records.length > 0 && this.#entries() > this.#options.maxEntries) this.#dropLargest()
  }

  #dropLargest(): void {
    const [largest] = [...this.#shadows.values()].sort(
      (a, b) => b.restorer.stage.stateEntries - a.restorer.stage.stateEntries,
    )
    if (largest) this.take(largest.at)
  }

  /** A log that was truncated past a shadow, or holds what cannot be read: nothing that is followed is sure any more. */
  async #startAnew(reader: Reader): Promise<void> {
    const followed = [...this.#shadows.values()].filter(({ following }) => following)
    await reader.unassign(followed.map(({ at }) => at)).catch(() => {})
    for (const shadow of followed) {
      shadow.restorer = new Restorer<Stage>(shadow.open)
      this.#queueAssign(shadow)
    }
  }
}
