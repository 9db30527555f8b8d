export { type ChainLink, chainOf, generationsOfChain, inputTopics, linkRequest } from './chain.ts'
export { type Chosen, chooseGeneration } from './choose.ts'
export {
  type DeadEvent,
  type ExplainedEvent,
  type ExplainOptions,
  type Explanation,
  explainRow,
  type LeftOut,
  type RowAsked,
} from './explain/index.ts'
export { planReplay, type ReplayPlan, type ReplaySources } from './facts.ts'
export {
  type Decision,
  FOREVER,
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
  type ReplayKey,
  type ReplayRequest,
  type SwitchPositions,
} from './generations.ts'
export { expectMayRun, FIRST_GENERATION, type Hold, type InForce, inForceOf } from './in-force.ts'
export { type LanesOptions, letGo } from './lanes.ts'
export { type Lag, type LiveGroup, LiveLag } from './live-lag.ts'
export type { PartitionPlan, Segment, SourceChoice } from './plan.ts'
export { boundsUpTo, progressOf, sourcePositions } from './positions.ts'
export {
  cancelRebuild,
  type PlacedTallies,
  planRebuild,
  type RebuildDestination,
  type RebuildOptions,
  type RebuildPlan,
  type Rebuilt,
  type RebuiltRows,
  rebuildName,
  rebuildTable,
  rollbackRebuild,
} from './rebuild/index.ts'
export { expectUpserts, type Republished, type RepublishOptions, republish } from './republish.ts'
export {
  inForceDeployment,
  objectionTo,
  type ReplayRun,
  type RunReport,
  recordEnd,
  runReplay,
  startedRecord,
} from './run.ts'
export {
  type Posted,
  type PostedOptions,
  postedCorrections,
  type Settlement,
  type SettleOptions,
  settle,
  settleable,
} from './settle/index.ts'
export { stitchedReader } from './stitched-reader.ts'
export {
  type Despite,
  promote,
  promoteTogether,
  rollback,
  rollbackTogether,
  type SwitchOptions,
  type SwitchPart,
} from './switch.ts'
export { type EventTimeRange, type SwitchableTables, type Verification, verifyReplay } from './verify.ts'
export { LiveGate, type YieldOptions, yieldingReader } from './yielding.ts'
