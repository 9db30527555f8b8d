import { createTable } from '#engine/schema'
import {
  type ChurnScore,
  churnModels,
  churnScores,
  type HouseholdSegment,
  householdSegments,
  type PurchaseLine,
  type Recommendations,
  type RelatedProducts,
  recommendationModels,
  recommendations,
  relatedProducts,
  segmentModels,
  type UpsellScore,
  upsellModels,
  upsellScores,
} from '#schemas'
import { Baskets, defaultSettings, recommendationsOf, trained } from '../../models/recommendations/index.ts'
import { count, mostFrequent, noCounters } from '../../processors/recommendations/neighbours.ts'
import { insert } from './insert.ts'

/** What the processor and the training publish of these lines, by the code that they run. */
export interface Recommended {
  readonly related: readonly RelatedProducts[]
  readonly recommended: readonly Recommendations[]
  readonly churn: readonly ChurnScore[]
  readonly upsell: readonly UpsellScore[]
  readonly segments: readonly HouseholdSegment[]
}

const AS_OF = Date.parse('2017-02-01T00:00:00Z')

export async function recommendedOf(lines: readonly PurchaseLine[]): Promise<Recommended> {
  const bought = lines.filter(({ quantity }) => quantity > 0)
  return { related: relatedOf(bought), recommended: await listsOf(bought), churn, upsell, segments }
}

/** Of household 2 an earlier model's score, too. */
const churn: readonly ChurnScore[] = [3, 2, 1, 2].map((householdId, n) => ({
  ...{
    householdId,
    modelVersion: n < 3 ? 'churn-b' : 'churn-a',
    probability: n === 3 ? 0.9 : 0.25 * n,
    recencyDays: n / 8,
  },
  ...{ baskets28: n, baskets90: 2 * n, spend90: BigInt(n * 1_050), asOf: n < 3 ? AS_OF : AS_OF - 1 },
}))

/** As churn; the latest score of household 2 is equal to that of household 4. */
const upsell: readonly UpsellScore[] = [4, 3, 1, 2, 2].map((householdId, n) => ({
  ...{
    householdId,
    modelVersion: n < 4 ? 'upsell-b' : 'upsell-a',
    probability: n === 4 ? 0.9 : ([0.5, 0.25, 0.75][n % 3] ?? 0),
  },
  ...{ recencyDays: n / 8, baskets28: n, baskets90: n + 3, spend90: BigInt((n + 1) * 1_050) },
  asOf: n < 4 ? AS_OF : AS_OF - 1,
}))

/** Of household 2 an earlier model's segment, too. */
const segments: readonly HouseholdSegment[] = (['core', 'stock-up', 'top-up', 'occasional', 'core'] as const).map(
  (segment, n) => ({
    ...{
      householdId: n === 4 ? 2 : n + 1,
      modelVersion: n < 4 ? 'segments-b' : 'segments-a',
      segment,
      distance: n / 4,
    },
    ...{
      rfmSegment: n % 2 === 0 ? 'Fidèles' : 'À risque',
      recencyDays: n / 8,
      baskets90: n + 1,
      products90: 2 * n + 1,
    },
    ...{ spend90: BigInt(n * 1_050), asOf: n < 4 ? AS_OF : AS_OF - 1 },
  }),
)

function relatedOf(lines: readonly PurchaseLine[]): readonly RelatedProducts[] {
  const baskets = new Map<number, Set<number>>()
  for (const { basketId, productId } of lines) {
    const basket = baskets.get(basketId) ?? new Set()
    baskets.set(basketId, basket.add(productId))
  }
  return [...new Set(lines.map(({ productId }) => productId))].flatMap((productId) => {
    const own = [...baskets.values()].filter((basket) => basket.has(productId))
    const counters = noCounters()
    for (const basket of own) for (const other of basket) if (other !== productId) count(counters, other, 256)
    const found = mostFrequent(counters, 20, 2)
    if (found.length === 0) return []
    const [others, together] = [found.map(({ id }) => id), found.map(({ times }) => times)]
    return [{ productId, baskets: own.length, others, together, asOf: AS_OF }]
  })
}

async function listsOf(lines: readonly PurchaseLine[]): Promise<readonly Recommendations[]> {
  const baskets = new Baskets()
  for (const line of lines) baskets.add(line)
  const model = await trained(baskets.bought(), { ...defaultSettings, factors: 2 })
  const all = [...recommendationsOf(model)].map((one) => ({
    ...{ householdId: one.householdId, modelVersion: model.version, asOf: AS_OF },
    ...{ products: [...one.products], scores: [...one.scores] },
  }))
  // An earlier model, which must not show; of one household it is the only one.
  const earlier = { modelVersion: 'earlier', asOf: AS_OF - 1, products: [99], scores: [0.5] }
  return [...all, ...all.slice(0, 1).map((one) => ({ ...one, ...earlier })), { ...earlier, householdId: 77 }]
}

export function* recommendedStatements({
  related,
  recommended,
  churn,
  upsell,
  segments,
}: Recommended): Generator<string> {
  for (const topic of [
    ...[relatedProducts, recommendations, recommendationModels, churnScores, churnModels],
    ...[upsellScores, upsellModels, householdSegments, segmentModels],
  ])
    yield* createTable(topic)
  yield insert(relatedProducts, related)
  yield insert(recommendations, recommended)
  yield insert(churnScores, churn)
  yield insert(upsellScores, upsell)
  yield insert(householdSegments, segments)
}
