export {
  type CheckpointOptions,
  type Checkpoints,
  checkpointed,
  checkpointsTopic,
  readAllCheckpoints,
  readCheckpoints,
} from './checkpoints.ts'
export { inputDeadLetterSpec, inputDeadLetterTopic, jsonOf } from './dead-letter.ts'
export { boundedImport, type ImportOptions, type ImportSummary } from './import.ts'
export {
  completionsTopic,
  type ImportCompletion,
  type ImportProgress,
  type ImportSource,
  progressTopic,
} from './import-log.ts'
export type { Tally } from './outgoing.ts'
export { type Publisher, type PublisherOptions, publisher } from './publisher.ts'
export {
  type BrokenRow,
  inBatches,
  isBroken,
  ORIGIN_HEADER,
  row,
  type SourcePlace,
  type SourceRow,
  type ValueRow,
} from './row.ts'
