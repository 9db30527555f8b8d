/**
 * What authors of processors, producers and sinks import. The rooms behind it (`#engine/broker`, `#engine/runtime`, …)
 * are for those who run them.
 */
export { type ErrorCode, KappaError } from './errors/index.ts'
export type { AnyTopic, Contract, Topic } from './schema/index.ts'
export type { Duration } from './time/index.ts'
export {
  approximateDistinct,
  broadcast,
  calendar,
  collect,
  count,
  countWindow,
  describe,
  distinct,
  first,
  fold,
  hopping,
  last,
  lineageOf,
  max,
  mean,
  min,
  notFollowed,
  type Plan,
  processor,
  quantile,
  quantiles,
  type StatefulContext,
  type StatefulSpec,
  type Stream,
  session,
  sliding,
  standardDeviation,
  sum,
  type Table,
  table,
  topK,
  tumbling,
  variance,
} from './topology/index.ts'
