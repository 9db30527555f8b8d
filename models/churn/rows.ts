import { row, type SourceRow } from '#engine/ingest'
import { churnModels, churnScores as scoreTopic } from '#schemas'
import { featureNames } from './features.ts'
import { type ChurnModel, churnScores } from './model.ts'
import type { History } from './visits.ts'

/** What a training publishes on. */
export const churnTopics = [churnModels, scoreTopic]

export interface TrainedChurn {
  readonly model: ChurnModel
  readonly histories: readonly History[]
  /** Purchase lines that were read. */
  readonly lines: number
  readonly asOf: number
}

/** The model's own row, then one for every household that is active; the same rows in the same order for the same model. */
export function* churnRows({ model, histories, lines, asOf }: TrainedChurn): Generator<SourceRow> {
  const { version: modelVersion, logistic, snapshots, rows, churned, heldOut } = model
  const [intercept = 0, ...coefficients] = logistic.weights
  yield row(
    churnModels,
    {
      ...{ modelVersion, lines, snapshots, rows, churned, features: [...featureNames], coefficients, intercept },
      heldOut: heldOut?.rows ?? 0,
      auc: heldOut?.model.auc ?? null,
      lift: heldOut?.model.lift ?? null,
      calibrationError: heldOut?.model.calibrationError ?? null,
      rfmAuc: heldOut?.rfm.auc ?? null,
      rfmLift: heldOut?.rfm.lift ?? null,
      rfmCalibrationError: heldOut?.rfm.calibrationError ?? null,
      asOf,
    },
    { file: modelVersion, line: 1 },
  )
  let line = 1
  for (const { householdId, probability, recencyDays, baskets28, baskets90, spend90 } of churnScores(
    model,
    histories,
    asOf,
  ))
    yield row(
      scoreTopic,
      { householdId, modelVersion, probability, recencyDays, baskets28, baskets90, spend90: BigInt(spend90), asOf },
      { file: modelVersion, line: ++line },
    )
}
