import type { KafkaRecord, Position } from '#engine/broker'
import type { Clock } from '#engine/time'
import type { Completions } from './imports.ts'
import type { Skew } from './skew.ts'
import type { TakeOverOptions } from './take-over.ts'
import type { Task } from './task.ts'
import type { Recorded } from './time-records.ts'

export interface TaskOptions extends TakeOverOptions {
  readonly clock: Clock
  /** The read-committed ends of a topic; may be a little old. */
  ends(topic: string): Promise<readonly number[]>
  report(positions: readonly Position[]): Promise<void>
  /** Absent in a bounded run, which applies what was recorded instead. */
  readonly completions: Completions | undefined
  readonly recorded: readonly Recorded[]
  /** Set ahead of a re-key: how far the task may go before others. */
  readonly skew?: Skew | undefined
  /** Told of the task before its inputs are assigned: what comes from then on must reach it. */
  onReady?(task: Task): void
  /** Told of the records of each slice and input, to count them. */
  onTake?(records: readonly KafkaRecord[]): void
}
