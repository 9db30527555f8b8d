import { row, type SourceRow } from '#engine/ingest'
import { recommendationModels, recommendations } from '#schemas'
import { type Model, recommendationsOf } from './model.ts'

/** What a training publishes on. */
export const recommendationTopics = [recommendationModels, recommendations]

export interface Trained {
  readonly model: Model
  /** Purchases from this instant on, milliseconds; null: from the first. */
  readonly from: number | null
  /** Purchases before this instant. */
  readonly asOf: number
}

/** The model's own row, then one for every household that it knows: the same rows in the same order for the same model. */
export function* recommendationRows({ model, from, asOf }: Trained): Generator<SourceRow> {
  const { version: modelVersion, settings, bought, factors, popular } = model
  const placed = (line: number) => ({ file: modelVersion, line })
  yield row(
    recommendationModels,
    {
      ...{ modelVersion, trainedFrom: from, asOf, lines: bought.lines },
      ...{ households: bought.households.length, products: bought.products.length, pairs: bought.matrix.at.length },
      ...settings,
      loss: factors.loss,
      popular: popular.map(({ productId }) => productId),
      popularHouseholds: popular.map(({ households }) => households),
    },
    placed(1),
  )
  let line = 1
  for (const { householdId, products, scores } of recommendationsOf(model))
    yield row(
      recommendations,
      { householdId, modelVersion, products: [...products], scores: [...scores], asOf },
      placed(++line),
    )
}
