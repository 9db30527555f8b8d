import type { KafkaRecord, OutgoingRecord } from '#engine/broker'
import { KappaError } from '#engine/errors'
import type { StateLayout } from '#engine/topology'

/** Where a task stands on one input, and the last record it took, to notice a topic that was made anew. */
export interface InputProgress {
  readonly topic: string
  /** Set where it is not the task's own number: a partition of a topic that every task reads whole. */
  readonly partition?: number
  readonly position: number
  readonly last: { readonly offset: number; readonly digest: string } | null
  /** The latest advance made on it: event time, and the offset it came after. */
  readonly advance: { readonly time: number; readonly afterOffset: number } | null
}

/** What one commit says beside the state: the truth about where the task stands. */
export interface Progress {
  /** Counts commits from 1. */
  readonly commit: number
  /** Partition count of the inputs: another one would move keys between tasks. */
  readonly partitions: number
  readonly inputs: readonly InputProgress[]
  /** Ids of the import completions applied. */
  readonly imports: readonly number[]
  /** Recorded slices and advances applied by a replay. */
  readonly recorded: number
  /** Of the stage, event time; absent before the first event, and in what was written before it was kept. */
  readonly streamTime?: number
  /** Layout of the state; absent in what was written before layouts were kept. */
  readonly layout?: LayoutStamp
}

/** Every commit says which layout its state has; the first of each owner, and each snapshot, what that is. */
export interface LayoutStamp {
  readonly digest: string
  readonly parts?: StateLayout
}

type Kind = 'delta' | 'snapshot-begin' | 'snapshot' | 'snapshot-end' | 'progress'
/** A block larger than a message is split: every part but the last has this mark behind its kind. */
const MORE = '+'
/** What a record holds that only marks a place: never nothing, which a client may write as null. */
const BRACKET = Buffer.of(1)
const BRACKETS: ReadonlySet<string> = new Set<Kind>(['snapshot-begin', 'snapshot-end'])

/** Turns a task's state into changelog records. `maxBytes` bounds a record's value. */
export class ChangelogWriter {
  readonly #topic: string
  readonly #partition: number
  readonly #maxBytes: number

  constructor(topic: string, partition: number, maxBytes: number) {
    this.#topic = topic
    this.#partition = partition
    this.#maxBytes = maxBytes
  }

  delta(block: Buffer): OutgoingRecord[] {
    return this.#parts('delta', block)
  }

  *snapshot(blocks: Iterable<Buffer>): Iterable<OutgoingRecord> {
    yield this.#record('snapshot-begin', BRACKET)
    for (const block of blocks) yield* this.#parts('snapshot', block)
    yield this.#record('snapshot-end', BRACKET)
  }

  /** One block of a snapshot that is spread over commits. */
  part(block: Buffer): OutgoingRecord[] {
    return this.#parts('snapshot', block)
  }

  progress(progress: Progress): OutgoingRecord {
    return this.#record('progress', Buffer.from(JSON.stringify(progress)))
  }

  #parts(kind: Kind, block: Buffer): OutgoingRecord[] {
    const parts: OutgoingRecord[] = []
    let from = 0
    for (; block.length - from > this.#maxBytes; from += this.#maxBytes)
      parts.push(this.#record(`${kind}${MORE}`, block.subarray(from, from + this.#maxBytes)))
    parts.push(this.#record(kind, block.subarray(from)))
    return parts
  }

  #record(kind: string, value: Buffer): OutgoingRecord {
    return { topic: this.#topic, partition: this.#partition, key: Buffer.from(kind), value }
  }
}

/** What a restored stage must be able to do. */
export interface Restorable {
  restore(block: Buffer): void
  readonly disk?: { close(): void } | undefined
}

/** Where a state stands in its changelog. */
export interface ChangelogPlace {
  /** Every record below is in the state, and none at or after it. */
  readonly next: number
  /** The last commit that is in the state: the offset of its progress record, and its number. */
  readonly last: { readonly offset: number; readonly commit: number } | undefined
}

/** A state that was built elsewhere than by reading the changelog from its beginning. */
export interface Known<S> extends ChangelogPlace {
  readonly stage: S
  readonly progress: Progress
  readonly sizes: { readonly delta: number; readonly commits: number; readonly snapshot: number }
}

/**
 * Rebuilds a stage from changelog records in offset order. A snapshot replaces what was built before; it is written in one
 * transaction, so a begun one is whole in a read-committed log. It may stop anywhere and go on later.
 */
export class Restorer<S extends Restorable> {
  readonly #open: () => S
  #stage: S
  #progress: Progress | undefined
  #parts: Buffer[] = []
  #next = 0
  #last: ChangelogPlace['last']
  #failure: unknown
  /** Bytes of deltas since the last snapshot, and of the snapshot: what decides about the next one. */
  readonly sizes = { delta: 0, commits: 0, snapshot: 0 }

  /** @param known where it goes on; a stage alone has nothing in it */
  constructor(open: () => S, known?: Pick<Known<S>, 'stage'> & Partial<Known<S>>) {
    this.#open = open
    this.#stage = known?.stage ?? open()
    this.#progress = known?.progress
    this.#next = known?.next ?? 0
    this.#last = known?.last
    Object.assign(this.sizes, known?.sizes)
  }

  get place(): ChangelogPlace {
    return { next: this.#next, last: this.#last }
  }

  get stage(): S {
    return this.#stage
  }

  take({ key, value: written, offset }: KafkaRecord): void {
    const kind = key?.toString() ?? ''
    const value = written ?? (BRACKETS.has(kind) ? BRACKET : undefined)
    if (value === undefined) throw unreadable(kind, offset)
    this.#next = offset + 1
    if (kind.endsWith(MORE)) {
      this.#parts.push(value)
      return
    }
    const block = this.#parts.length === 0 ? value : Buffer.concat([...this.#parts, value])
    this.#parts = []
    this.#apply(kind as Kind, block, offset)
  }

  /** What the last commit said; undefined where nothing was ever committed. */
  get progress(): Progress | undefined {
    return this.#progress
  }

  /** The stage as of the last commit. Throws what a block threw that the stage cannot read. */
  result(): S {
    if (this.#failure !== undefined) throw this.#failure
    return this.#stage
  }

  /** Whether a record is the progress record of the last commit taken: then the changelog is the one that is known. */
  isLast({ key, value, offset }: KafkaRecord): boolean {
    if (offset !== this.#last?.offset || key?.toString() !== 'progress' || value === null) return false
    return (JSON.parse(value.toString()) as Progress).commit === this.#last.commit
  }

  #apply(kind: Kind, block: Buffer, offset: number): void {
    switch (kind) {
      case 'snapshot-begin':
        this.#stage.disk?.close()
        this.#stage = this.#open()
        this.#failure = undefined
        Object.assign(this.sizes, { delta: 0, commits: 0, snapshot: 0 })
        return
      case 'snapshot-end':
        return
      case 'snapshot':
        this.sizes.snapshot += block.length
        this.#restore(block)
        return
      case 'delta':
        this.sizes.delta += block.length
        this.#restore(block)
        return
      case 'progress':
        this.sizes.commits++
        this.#progress = withParts(JSON.parse(block.toString()) as Progress, this.#progress?.layout)
        this.#last = { offset, commit: this.#progress.commit }
        return
      default:
        throw unreadable(kind, offset)
    }
  }

  /** A block that cannot be read is told at the end: the commit behind it may say that its state has another layout. */
  #restore(block: Buffer): void {
    if (this.#failure !== undefined) return
    try {
      this.#stage.restore(block)
    } catch (thrown) {
      this.#failure = thrown
    }
  }
}

/** A commit that names its layout by digest alone means the one that was told before. */
export function withParts(progress: Progress, before: LayoutStamp | undefined): Progress {
  const { layout } = progress
  if (layout === undefined || layout.parts !== undefined || before?.parts === undefined) return progress
  return layout.digest === before.digest ? { ...progress, layout: before } : progress
}

const unreadable = (kind: string, offset: number): KappaError =>
  new KappaError(
    'STATE_MISMATCH',
    `restoring a changelog: '${kind}' at offset ${offset} is unknown to this version; start a new generation and replay`,
  )
