export type { AnswerCache, HttpSource, KeptAnswer, Place, Target } from './contract.ts'
export { type PollOptions, type PollSummary, pollHttp, type Round } from './poll.ts'
export { httpSource, httpSources } from './sources/index.ts'
export { sourceName } from './walk.ts'
