export { churn } from './churn.ts'
export { probabilityOf } from './logistic.ts'
export { type Foreseen, type Quality, qualityOf, tenthsOf } from './measures.ts'
export { fittedTo, type HeldOut, measured, type ScoreModel, scoreModel, scoresOf } from './model.ts'
export { rfmProbability, rfmRule } from './rfm.ts'
export { churnRows, churnTopics, type TrainedScore, upsellRows, upsellTopics } from './rows.ts'
export { type Labelled, labelledAt, type Score } from './score.ts'
export {
  ACTIVE_DAYS,
  basketsIn,
  daysBefore,
  instantsBefore,
  OUTCOME_MS,
  type Snapshot,
  snapshotAt,
} from './snapshot.ts'
export { upsell } from './upsell.ts'
export { type History, type Line, Visits } from './visits.ts'
