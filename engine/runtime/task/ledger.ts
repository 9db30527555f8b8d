import type { OutgoingRecord } from '#engine/broker'
import type { Stage } from '#engine/compile'
import { type ChangelogPlace, ChangelogWriter, type Known, type Progress, withParts } from '../changelog/changelog.ts'
import { LayoutStamps } from '../changelog/layout.ts'
import { diskMark } from '../changelog/restore.ts'
import { Snapshots } from '../changelog/snapshots.ts'
import { Sweep } from '../changelog/sweep.ts'
import { names } from '../deployment.ts'
import type { TakenOver, TakeOverOptions } from './take-over.ts'

/**
 * A task's side of its changelog: writes what each commit changed, and snapshots when they are due; knows the offset and
 * the commit that the state reflects, which is what a later take-over proves itself by; keeps state on disk of one commit.
 */
export class Ledger {
  readonly #stage: Stage
  readonly #changelog: ChangelogWriter
  readonly #snapshots: Snapshots
  readonly #stamps: LayoutStamps
  /** The last commit that succeeded. */
  #progress: Progress | undefined
  #place: ChangelogPlace
  /** A commit is under way, or failed: nobody knows what the changelog holds. */
  #unsure = false
  #snapshotFrom: number | undefined
  /** Under way where the state is on disk: a snapshot that is spread over commits. */
  #sweep: Sweep | undefined
  /** What the commit under way says, and the records that it wrote to the changelog. */
  #writing: { readonly progress: Progress; records: number } | undefined

  constructor(options: TakeOverOptions, { stage, sizes, place, progress }: TakenOver) {
    const { deployment, spec, broker, partition, settings } = options
    const topic = names.changelog(deployment, spec.name)
    this.#stage = stage
    this.#changelog = new ChangelogWriter(topic, partition, settings.maxRecordBytes)
    this.#snapshots = new Snapshots(broker, { topic, partition }, settings, sizes)
    this.#stamps = new LayoutStamps(spec.layout, progress?.layout)
    this.#progress = progress
    this.#place = place
  }

  /** Commits made so far, by every owner of the task. */
  get commits(): number {
    return this.#progress?.commit ?? 0
  }

  /** Bytes of the changelog from the last snapshot on. */
  get bytes(): number {
    const { snapshot, delta } = this.#snapshots.sizes
    return snapshot + delta
  }

  /** The state as of the last commit; undefined where that is not sure, or where the state is on disk: it is known there. */
  get known(): Known<Stage> | undefined {
    if (this.#unsure || !this.#progress || this.#stage.disk) return undefined
    return { stage: this.#stage, progress: this.#progress, sizes: this.#snapshots.sizes, ...this.#place }
  }

  /** Before a commit begins: whether it is to begin a snapshot. */
  async prepare(): Promise<void> {
    this.#snapshotFrom = this.#sweep ? undefined : await this.#snapshots.due()
  }

  /** Step 3 of a commit: what it writes to the changelog. */
  *changes(said: Omit<Progress, 'commit' | 'layout'>): Iterable<OutgoingRecord> {
    this.#unsure = true
    const layout = this.#stamps.next(this.#snapshotFrom !== undefined)
    const writing = { progress: { ...said, commit: this.commits + 1, ...layout }, records: 0 }
    this.#writing = writing
    for (const record of this.#state()) {
      writing.records++
      yield record
    }
    writing.records++
    yield this.#changelog.progress(writing.progress)
  }

  *#state(): Iterable<OutgoingRecord> {
    const delta = this.#stage.takeDelta()
    const { disk } = this.#stage
    const from = this.#snapshotFrom
    if (!disk && from !== undefined) {
      yield* this.#snapshots.replacing(this.#changelog.snapshot(this.#stage.snapshot()))
      return
    }
    if (delta) yield* this.#snapshots.counted(this.#changelog.delta(delta))
    if (disk && from !== undefined) this.#sweep = new Sweep(from, disk.sweep())
    for (const block of this.#sweep?.next() ?? []) yield* this.#snapshots.adding(this.#changelog.part(block))
  }

  /** After the transaction was committed. */
  async committed(): Promise<void> {
    if (!this.#writing) return
    const { progress, records } = this.#writing
    // The transaction's own marker follows its records, and nobody else writes to this partition.
    const last = { offset: this.#place.next + records - 1, commit: progress.commit }
    this.#place = { last, next: last.offset + 2 }
    this.#progress = withParts(progress, this.#progress?.layout)
    this.#writing = undefined
    this.#unsure = false
    const swept = this.#sweep?.done ? this.#sweep.from : undefined
    if (swept !== undefined) this.#sweep = undefined
    await this.#snapshots.committed(this.#stage.disk ? swept : this.#snapshotFrom)
    this.keep()
  }

  /** State on disk reflects the commit that was just made, or restored. */
  keep(): void {
    const { disk } = this.#stage
    if (disk && this.#progress)
      disk.persist(diskMark({ progress: this.#progress, sizes: this.#snapshots.sizes, ...this.#place }))
  }
}
