import type { KafkaRecord } from '#engine/broker'
import type { KeyVault } from '#engine/governance'
import type { Registry } from '#engine/schema'
import type { Row, StateLayout } from '#engine/topology'
import type { Probe } from './probe.ts'
import type { StateView } from './view.ts'

/**
 * The seam between a plan and the loop that runs it. A **stage** is what a processor does on one partition number up to
 * the next re-key, compiled to synchronous code that knows no broker: it takes records, keeps state, and hands over what
 * one transaction has to write. The runtime owns fetching, slices, transactions, changelog, take-over.
 */
export interface StageInput {
  /** The topic as named in contracts, or the repartition topic's stage name. */
  readonly topic: string
  readonly role: 'stream' | 'table' | 'broadcast' | 'repartition'
  /** The partition that is read, where it is not the task's own: an input of role `broadcast` is one per partition of its topic. */
  readonly partition?: number
  /** How long this input may stay empty before wall time moves it on; undefined: never. Milliseconds. */
  readonly idleAfterMs: number | undefined
}

/** What one stage is, before it runs on a partition. */
export interface StageSpec {
  /** Named by its first step, never by position: `revenue-per-minute.source`. */
  readonly name: string
  readonly inputs: readonly StageInput[]
  /** Set where the stage ends in a re-key: the next stage's name, whose repartition topic it writes. */
  readonly next: string | undefined
  /** What stored state has to fit, kept beside it; absent: state is taken as it is. */
  readonly layout?: StateLayout
  /** How its state may be shown; absent: it is not. */
  readonly view?: StateView
  /** Its author wants its state on disk, because it is larger than memory. */
  readonly onDisk?: boolean
  open(task: TaskContext): Stage
}

export interface TaskContext {
  readonly partition: number
  /** Partitions of the stage's inputs: equal for all of them, and of the repartition topic written. */
  readonly partitions: number
  readonly generation: number
  /** Schema ids of the topics written, by contract name. */
  readonly schemaIds: ReadonlyMap<string, number>
  /** Where writer schemas come from; asked in `prepare` alone. */
  readonly registry: Registry
  /** Partitions of the topics that are read whole, by name: one input each, in this order. */
  readonly broadcasts?: ReadonlyMap<string, number>
  /** Needed by a plan that masks; `open` refuses such a plan (CONFIG_INVALID) without it. */
  readonly vault?: KeyVault
  /** Where this task may keep state that its plan wants on disk; it alone. Absent: in memory. */
  readonly stateFolder?: string
  /** `external`: event time moves by advances alone, never by events; for tests that own the clock. */
  readonly clock?: 'events' | 'external'
  /** Told what becomes of each event of a source stage. */
  readonly probe?: Probe
}

export type Channel = 'result' | 'late' | 'dead-letter' | 'repartition'

export interface OutputRecord {
  readonly channel: Channel
  /** Contract name of the result topic; the runtime maps it to the generation's topic. Empty for engine channels. */
  readonly topic: string
  /** Set for repartition watermarks, which go to every partition; else the key decides. */
  readonly partition?: number
  readonly key: Buffer | null
  readonly value: Buffer | null
  readonly headers?: Readonly<Record<string, Buffer>>
}

/** Moves an input's time without a record; recorded on `<processor>.time` and applied again by a replay at the same offset. With several streams it is made only when no other one may still bring something earlier. */
export interface Advance {
  readonly input: number
  /** Applies after every record of the input below this offset. */
  readonly afterOffset: number
  /** `idle`: event time the input has reached by wall clock. `import`: the import's largest event time; its windows close. `row`: nothing. */
  readonly time: number
  /** `row`: time does not move; nothing came for so long that a row of throws is over. Every advance ends such a row. */
  readonly reason: 'idle' | 'import' | 'row'
}

/** State that outlives its process on the machine. The changelog stays the truth: this is a head start for take-over. */
export interface DiskState {
  /** Takes up what is on disk; what was told to the `persist` that wrote it. Undefined where nothing is sure. */
  resume(): Buffer | undefined
  /** After a commit: everything taken so far is on disk, and `mark` with it. FENCED where another task has the folder. */
  persist(mark: Buffer): void
  /** Empties the stage and the disk. */
  forget(): void
  /**
   * The whole state as blocks that `restore` takes, beside the deltas of the commits that they are written with: the next
   * block holds entries as they are when it is asked for, right after `takeDelta`. Unlike a snapshot it resets nothing.
   */
  sweep(): Iterable<Buffer>
  close(): void
}

export interface Stage {
  /**
   * Fetches what deciding these records needs from outside: unknown writer schemas, subjects' secrets. Awaited before
   * `accept` and before a transaction begins. Throws a retriable error where a service is away.
   */
  prepare(slice: readonly (readonly KafkaRecord[])[]): Promise<void>
  /**
   * Several inputs: how many records of each input's buffer the next slice may hold. Heads are taken in (event time,
   * tables first, topic, partition, offset) order and it stops where the buffer of an input that `mayGrow` is empty:
   * that input could still deliver an earlier record. `mayGrow[i]` is false when input i stands at its read-committed end
   * and `idleAfterMs` has passed. Call after `prepare(buffers)`; one input: everything.
   */
  cut(buffers: readonly (readonly KafkaRecord[])[], mayGrow: readonly boolean[]): readonly number[]
  /**
   * Takes one slice: per input its records in offset order. Inputs are merged by (event time, topic, partition, offset);
   * with one input the order is the offset order. Never throws for bad data: that becomes late or dead-letter output.
   * Throws POISONED (twenty failing in a row), after which the task's uncommitted state must be discarded.
   */
  accept(slice: readonly (readonly KafkaRecord[])[]): void
  advance(advance: Advance): void
  /** Largest event time in the order taken (after a re-key: the least of all sources); `-Infinity` before the first. */
  readonly streamTime: number
  /** Largest event time taken of an input, and the record timestamp of that record; undefined before the first. */
  lastEvent(input: number): { readonly eventTime: number; readonly writtenAt: number } | undefined
  /**
   * What must be written since the last drain: results and so on, then (re-key) partial aggregates and one watermark per partition. Empties it. Call
   * it before `takeDelta`, and not while `throwing`.
   */
  drain(): readonly OutputRecord[]
  /**
   * How many in a row have thrown, as long as what comes next decides what becomes of them: one that goes through makes
   * dead letters of them, the twentieth stops the task. Until it is 0 nothing may be committed, so that a task that stops
   * stands before the first of them. Absent where nothing can throw.
   */
  readonly throwing?: number
  /** The row of throws is over, as by a record that goes through. */
  endThrows?(): void
  /** State changed since the last call, as one block for the changelog; undefined when nothing changed. */
  takeDelta(): Buffer | undefined
  /** The whole state as blocks that `restore` takes in order; ends a chain of deltas. */
  snapshot(): Iterable<Buffer>
  /** Applies a block of `takeDelta` or `snapshot`, in order, to an empty or partly restored stage. */
  restore(block: Buffer): void
  /**
   * What the state holds as rows, with field names: open windows, typed state; of one key where its text is given. It may
   * hold more than is committed. Nothing is hidden here: see `view`. Absent where nothing reads as rows.
   */
  inspect?(key?: string): Iterable<Row>
  /** Behind a re-key: the stream time that each source partition has told, `-Infinity` where none yet. */
  readonly sourceTimes?: readonly number[]
  /** Set where a part of the state is kept on this machine's disk. */
  readonly disk?: DiskState | undefined
  /** Entries held, for metrics. */
  readonly stateEntries: number
  readonly counts: {
    readonly taken: number
    readonly late: number
    readonly deadLettered: number
    /** Events that a deduplication let through before; absent where there is none. */
    readonly duplicates?: number
  }
}
