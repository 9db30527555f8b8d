import type { RestoreProgress } from '../changelog/restore.ts'
import type { HistogramView } from './histogram.ts'
import type { HotKey } from './hot-keys.ts'

/** What a task is doing. `stopped` needs a person: the reason says what for. */
export type TaskState = 'taking-over' | 'running' | 'parked' | 'retrying' | 'done' | 'stopped' | 'closed'

export interface InputStatus {
  readonly topic: string
  /** Set where every task reads the topic whole: which of its partitions this is. */
  readonly partition?: number
  /** The next offset to take. */
  readonly position: number
  /** Records fetched and not taken yet. No more are fetched where there are many. */
  readonly buffered?: number
  /** Read-committed offsets not taken yet, transaction markers among them; undefined where not asked. */
  readonly lag: number | undefined
  /**
   * For how long the oldest record that is not taken has been waiting since it was written; 0 where nothing waits; while it
   * is not fetched yet, since the last one taken was written. Milliseconds; undefined where not asked or not known.
   */
  readonly lagMs?: number | undefined
}

/** One task as `kappa status` and metrics tell it. */
export interface TaskStatus {
  readonly processor: string
  readonly generation: number
  readonly stage: string
  readonly partition: number
  readonly state: TaskState
  /** Why it is stopped or retrying. */
  readonly reason: string | undefined
  /** Per input: the next offset to take, and how many committed records lie behind it (undefined where not asked). */
  readonly inputs: readonly InputStatus[]
  /** Milliseconds; undefined before the first event. */
  readonly streamTime: number | undefined
  /** Held, because its stream time is more than `maxSkewMs` ahead of the slowest source. */
  readonly ahead?: boolean
  /** Topics of the inputs that hold this task up. */
  readonly waitingFor: readonly string[]
  readonly taken: number
  readonly late: number
  readonly deadLettered: number
  /** Events that a deduplication let through before. */
  readonly duplicates?: number
  /** How many records in a row have thrown, while it is open what becomes of them: nothing is committed meanwhile. */
  readonly throwing?: number
  readonly stateEntries: number
  readonly commits: number
  readonly lastCommitMs: number
  readonly takeOvers: number
  readonly failures: number
  /** Durations of its commits in this process. */
  readonly commitTimes?: HistogramView
  /** Bytes of its changelog from the last snapshot on. */
  readonly changelogBytes?: number
  /** Set where one key takes more than a fifth of its records. */
  readonly hotKey?: HotKey | undefined
  /** How far its state is restored, or how its last take-over went; undefined before the first. */
  readonly restore?: RestoreProgress | undefined
}
