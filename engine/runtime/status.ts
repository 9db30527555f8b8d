import type { RestoreProgress } from './restore.ts'

/** What a task is doing. `stopped` needs a person: the reason says what for. */
export type TaskState = 'taking-over' | 'running' | 'parked' | 'retrying' | 'done' | 'stopped' | 'closed'

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
  readonly inputs: readonly { readonly topic: string; readonly position: number; readonly lag: number | undefined }[]
  /** Milliseconds; undefined before the first event. */
  readonly streamTime: number | undefined
  /** Topics of the inputs that hold this task up. */
  readonly waitingFor: readonly string[]
  readonly taken: number
  readonly late: number
  readonly deadLettered: number
  readonly stateEntries: number
  readonly commits: number
  readonly lastCommitMs: number
  readonly takeOvers: number
  readonly failures: number
  /** How far its state is restored, or how its last take-over went; undefined before the first. */
  readonly restore?: RestoreProgress | undefined
}
