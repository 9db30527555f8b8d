/** How tasks run; every duration in milliseconds. */
export interface TaskSettings {
  /** Longest time between taking a record and committing what it changed. */
  readonly commitIntervalMs: number
  /** Records per input that are fetched ahead of a task. */
  readonly bufferLimit: number
  /** Records that a slice of one input takes at most. */
  readonly sliceLimit: number
  /** Largest value of a changelog record. */
  readonly maxRecordBytes: number
  /** A snapshot is written when the deltas since the last one exceed this and four times its size… */
  readonly snapshotBytes: number
  /** …or after so many commits. */
  readonly snapshotCommits: number
  /** Behind a re-key: records that stay in Kafka although they were taken, about. */
  readonly repartitionRecords: number
  /**
   * A row of records that throw is over when nothing was taken for so long: what threw goes to the dead letters, and with it
   * everything that was held up meanwhile. Until then twenty in a row stop the task.
   */
  readonly throwsPatienceMs: number
  /**
   * Ahead of a re-key: how far a task's stream time may be ahead of the slowest source that has something to take. Event
   * time; what is ahead has to be held behind the re-key. Infinity: as far as it likes.
   */
  readonly maxSkewMs: number
  /** Least time between two looks at the ends of silent inputs. */
  readonly lookIntervalMs: number
  /** For how long a worker that starts waits for a Kafka that is away. */
  readonly brokerPatienceMs: number
  /** A task's transaction is aborted by the broker after so long without its owner. */
  readonly transactionTimeoutMs: number
  /**
   * How many workers may leave at once without their tasks being restored from the beginning: so many standbys follow the
   * changelog of each task. 0: only what a task left behind in this process is reused.
   */
  readonly standbys: number
  /** Where state that its author wants on disk is kept; this worker alone may write there. Absent: such state is in memory. */
  readonly stateFolder?: string
  /** State entries held for tasks that this process does not run, at most. */
  readonly standbyEntries: number
}

export const defaultSettings: TaskSettings = {
  commitIntervalMs: 200,
  bufferLimit: 20_000,
  sliceLimit: 5_000,
  maxRecordBytes: 900_000,
  snapshotBytes: 4_000_000,
  snapshotCommits: 5_000,
  repartitionRecords: 100_000,
  throwsPatienceMs: 5_000,
  maxSkewMs: 86_400_000,
  lookIntervalMs: 250,
  brokerPatienceMs: 60_000,
  transactionTimeoutMs: 10_000,
  standbys: 0,
  standbyEntries: 2_000_000,
}
