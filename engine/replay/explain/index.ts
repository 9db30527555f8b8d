export { type EventPlace, type ExplainedEvent, type LeftOut, placeText, type RowAsked } from './collect.ts'
export { type DeadEvent, type ExplainOptions, type Explanation, explainRow } from './explain.ts'
