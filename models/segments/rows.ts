import { row, type SourceRow } from '#engine/ingest'
import { householdSegments, segmentModels } from '#schemas'
import type { History } from '../scores/index.ts'
import { type SegmentModel, segmentedAt, segmentNames } from './model.ts'
import { segmentFeatures } from './points.ts'

/** What a training publishes on: the models' topic, and that of the households. */
export const segmentTopics = [segmentModels, householdSegments]

export interface TrainedSegments {
  readonly model: SegmentModel
  readonly histories: readonly History[]
  /** Purchase lines that were read. */
  readonly lines: number
  readonly asOf: number
}

/** The model's own row, then one for every household that is active; the same rows in the same order for the same model. */
export function* segmentRows({ model, histories, lines, asOf }: TrainedSegments): Generator<SourceRow> {
  const { version: modelVersion, snapshots, rows, scale, centres, inertia, silhouette, agreement, heldOut } = model
  yield row(
    segmentModels,
    {
      ...{ modelVersion, lines, snapshots, rows, features: [...segmentFeatures] },
      ...{ means: [...scale.means], deviations: [...scale.deviations] },
      ...{ segments: [...segmentNames], centres: centres.flat(), inertia, silhouette, agreement },
      households: [...model.households],
      ...{ heldOut: heldOut?.rows ?? 0, explained: heldOut?.explained ?? null },
      rfmExplained: heldOut?.rfmExplained ?? null,
      nextSpend: (heldOut?.nextSpend ?? []).map((dollars) => dollars ?? 0),
      asOf,
    },
    { file: modelVersion, line: 1 },
  )
  let line = 1
  for (const { householdId, segment, distance, rfmSegment, recencyDays, baskets90, spend90, products90 } of segmentedAt(
    model,
    histories,
    asOf,
  ))
    yield row(
      householdSegments,
      {
        ...{ householdId, modelVersion, segment: segmentNames[segment] ?? '', distance, rfmSegment },
        ...{ recencyDays, baskets90, spend90: BigInt(spend90), products90, asOf },
      },
      { file: modelVersion, line: ++line },
    )
}
