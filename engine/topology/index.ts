export {
  type Aggregate,
  type AggregateColumn,
  type AggregateKind,
  approximateDistinct,
  type CollectColumn,
  collect,
  count,
  distinct,
  fieldsOf,
  first,
  last,
  max,
  mean,
  min,
  type QuantilesColumn,
  quantile,
  quantiles,
  type SpreadColumn,
  standardDeviation,
  sum,
  type TopKColumn,
  topK,
  variance,
} from './aggregates.ts'
export { broadcast, processor, table } from './builder.ts'
export { dealtBy, needsRekey } from './check.ts'
export { orderGrace } from './check-order.ts'
export { columnType } from './column-type.ts'
export { columnsWanted, duplicatesOf, fieldsRead, holdsAt, joinsOf, wantedBehind, withinOf } from './demand.ts'
export { describe, type OwnTopics, type PlanDescription, type StageTopics, type Topology } from './describe.ts'
export type { Field, Flat, Numeric } from './fields.ts'
export { type Fold, type FoldColumn, type FoldSpec, fold, type Plain } from './fold.ts'
export { layoutDifferences, layoutDigest, layoutOf, type StateLayout } from './layout.ts'
export {
  type ColumnLineage,
  columnLineage,
  lineageOf,
  type Origin,
  originsOf,
  typeBehind,
  unchanged,
} from './lineage.ts'
export { type NotFollowedSpec, notFollowed, type Unfollowed } from './not-followed.ts'
export * from './plan.ts'
export { settlingMs } from './settling.ts'
export type {
  Aggregated,
  Destination,
  Emitted,
  InputOptions,
  Keyed,
  Sources,
  StatefulSpec,
  Stream,
  Table,
  Windowed,
} from './stream.ts'
export {
  type CalendarUnit,
  type CalendarWindow,
  type CountWindow,
  calendar,
  countWindow,
  type FixedWindow,
  type FramedWindow,
  hopping,
  type SessionWindow,
  type SlidingWindow,
  session,
  sliding,
  type TimeWindow,
  tumbling,
  type Window,
} from './windows.ts'
