import type { Broker, TopicPartition } from '#engine/broker'
import type { TaskSettings } from '../settings.ts'

/** What lies in a changelog: bytes of the last snapshot, and bytes and commits since. */
export interface ChangelogSizes {
  readonly delta: number
  readonly commits: number
  readonly snapshot: number
}

/**
 * Keeps a changelog bounded: says when a snapshot is due, and truncates what it replaces. The log never holds much more
 * than five times the state, or `snapshotBytes`.
 */
export class Snapshots {
  readonly #broker: Broker
  readonly #changelog: TopicPartition
  readonly #settings: TaskSettings
  #delta: number
  #commits: number
  #snapshot: number
  /** Bytes of the snapshot being written. */
  #written = 0

  constructor(broker: Broker, changelog: TopicPartition, settings: TaskSettings, sizes: ChangelogSizes) {
    this.#broker = broker
    this.#changelog = changelog
    this.#settings = settings
    this.#delta = sizes.delta
    this.#commits = sizes.commits
    this.#snapshot = sizes.snapshot
  }

  get sizes(): ChangelogSizes {
    return { delta: this.#delta, commits: this.#commits, snapshot: this.#snapshot }
  }

  /** The changelog's end before a snapshot that is due, to be noted before the transaction begins; undefined where none is. */
  async due(): Promise<number | undefined> {
    const large = this.#delta > Math.max(this.#settings.snapshotBytes, 4 * this.#snapshot)
    if (!large && this.#commits < this.#settings.snapshotCommits) return undefined
    return (await this.#broker.admin.committedEnds(this.#changelog.topic))[this.#changelog.partition] ?? 0
  }

  /** Passes records on, counting their bytes. */
  *counted<R extends { readonly value: Buffer | null }>(records: Iterable<R>): Iterable<R> {
    for (const record of records) {
      this.#delta += record.value?.length ?? 0
      yield record
    }
  }

  /** After a commit; `from` is what `due` said of it. Truncates only now, when the snapshot's end is committed. */
  async committed(from: number | undefined): Promise<void> {
    this.#commits++
    if (from === undefined) return
    this.#snapshot = this.#written
    this.#written = 0
    this.#delta = 0
    this.#commits = 0
    // Left undone it is done by the next snapshot; the log only stays longer meanwhile.
    await this.#broker.admin.truncate([{ ...this.#changelog, offset: from }]).catch(() => {})
  }

  /** Passes a snapshot's records on. */
  *replacing<R extends { readonly value: Buffer | null }>(records: Iterable<R>): Iterable<R> {
    this.#written = 0
    yield* this.adding(records)
  }

  /** Passes on records of a snapshot that is spread over commits. */
  *adding<R extends { readonly value: Buffer | null }>(records: Iterable<R>): Iterable<R> {
    for (const record of records) {
      this.#written += record.value?.length ?? 0
      yield record
    }
  }
}
