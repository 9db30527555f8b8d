export { type Chosen, chooseGeneration } from './choose.ts'
export { planReplay, type ReplayPlan, type ReplaySources } from './facts.ts'
export {
  type Decision,
  type Generation,
  GenerationLog,
  type GenerationRecord,
  generationsOf,
  generationsTopic,
  lastOf,
  nextGeneration,
  type Phase,
  phaseOf,
  type ReplayBounds,
  type ReplayRequest,
} from './generations.ts'
export type { PartitionPlan, Segment, SourceChoice } from './plan.ts'
export { objectionTo, type ReplayRun, type RunReport, recordEnd, runReplay, startedRecord } from './run.ts'
export { stitchedReader } from './stitched-reader.ts'
export { letGo, promote, rollback, type SwitchOptions } from './switch.ts'
export { type EventTimeRange, type SwitchableTables, type Verification, verifyReplay } from './verify.ts'
