/**
 * What authors of processors, producers and sinks import. The rooms behind it (`#engine/broker`, `#engine/runtime`, …)
 * are for those who run them.
 */
export { type ErrorCode, KappaError } from './errors/index.ts'
export type { AnyTopic, Contract, Topic } from './schema/index.ts'
export type { Duration } from './time/index.ts'
export {
  calendar,
  collect,
  count,
  describe,
  first,
  hopping,
  last,
  lineageOf,
  max,
  mean,
  min,
  type Plan,
  processor,
  type StatefulContext,
  type StatefulSpec,
  type Stream,
  sum,
  type Table,
  table,
  tumbling,
} from './topology/index.ts'
