import { createTable } from '#engine/schema'
import {
  type ChurnScore,
  churnModels,
  churnScores,
  type PurchaseLine,
  type Recommendations,
  type RelatedProducts,
  recommendationModels,
  recommendations,
  relatedProducts,
} from '#schemas'
import { Baskets, defaultSettings, recommendationsOf, trained } from '../../models/recommendations/index.ts'
import { count, mostFrequent, noCounters } from '../../processors/recommendations/neighbours.ts'
import { insert } from './insert.ts'

/** What the processor and the training publish of these lines, by the code that they run. */
export interface Recommended {
  readonly related: readonly RelatedProducts[]
  readonly recommended: readonly Recommendations[]
  readonly churn: readonly ChurnScore[]
}

const AS_OF = Date.parse('2017-02-01T00:00:00Z')

export async function recommendedOf(lines: readonly PurchaseLine[]): Promise<Recommended> {
  const bought = lines.filter(({ quantity }) => quantity > 0)
  return { related: relatedOf(bought), recommended: await listsOf(bought), churn }
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

export function* recommendedStatements({ related, recommended, churn }: Recommended): Generator<string> {
  for (const topic of [relatedProducts, recommendations, recommendationModels, churnScores, churnModels])
    yield* createTable(topic)
  yield insert(relatedProducts, related)
  yield insert(recommendations, recommended)
  yield insert(churnScores, churn)
}
