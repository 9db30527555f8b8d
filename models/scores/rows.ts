import { row, type SourceRow } from '#engine/ingest'
import { churnModels, churnScores, upsellModels, upsellScores } from '#schemas'
import { type ScoreModel, scoresOf } from './model.ts'
import type { History } from './visits.ts'

/** What a training publishes on: the models' topic, and that of the scores. */
export const churnTopics = [churnModels, churnScores]
export const upsellTopics = [upsellModels, upsellScores]

export interface TrainedScore {
  readonly model: ScoreModel
  readonly histories: readonly History[]
  /** Purchase lines that were read. */
  readonly lines: number
  readonly asOf: number
}

/** The model's own row, then one for every household that is active; the same rows in the same order for the same model. */
export function* churnRows(trained: TrainedScore): Generator<SourceRow> {
  const { version } = trained.model
  yield row(churnModels, { ...modelOf(trained), churned: trained.model.came }, { file: version, line: 1 })
  let line = 1
  for (const score of valuesOf(trained)) yield row(churnScores, score, { file: version, line: ++line })
}

/** As those of churn. */
export function* upsellRows(trained: TrainedScore): Generator<SourceRow> {
  const { version } = trained.model
  yield row(upsellModels, { ...modelOf(trained), raised: trained.model.came }, { file: version, line: 1 })
  let line = 1
  for (const score of valuesOf(trained)) yield row(upsellScores, score, { file: version, line: ++line })
}

function modelOf({ model, lines, asOf }: TrainedScore) {
  const { score, version: modelVersion, logistic, snapshots, rows, heldOut } = model
  const [intercept = 0, ...coefficients] = logistic.weights
  return {
    ...{ modelVersion, lines, snapshots, rows, features: [...score.features], coefficients, intercept },
    heldOut: heldOut?.rows ?? 0,
    auc: heldOut?.model.auc ?? null,
    lift: heldOut?.model.lift ?? null,
    calibrationError: heldOut?.model.calibrationError ?? null,
    rfmAuc: heldOut?.rfm.auc ?? null,
    rfmLift: heldOut?.rfm.lift ?? null,
    rfmCalibrationError: heldOut?.rfm.calibrationError ?? null,
    asOf,
  }
}

function* valuesOf({ model, histories, asOf }: TrainedScore) {
  for (const one of scoresOf(model, histories, asOf)) {
    const { householdId, probability, recencyDays, baskets28, baskets90, spend90 } = one
    const { version: modelVersion } = model
    yield {
      ...{ householdId, modelVersion, probability, recencyDays, baskets28, baskets90 },
      ...{ spend90: BigInt(spend90), asOf },
    }
  }
}
