export type { RebuiltRows } from './compare.ts'
export { type PlacedTallies, type RebuildDestination, type RebuildOptions, rebuildName } from './options.ts'
export { planRebuild, type RebuildPlan } from './plan.ts'
export { cancelRebuild, type Rebuilt, rebuildTable, rollbackRebuild } from './run.ts'
