import assert from 'node:assert/strict'
import { test } from 'node:test'
import { isBroken, type SourceRow } from '#engine/ingest'
import {
  type ChurnScore,
  type HouseholdSegment,
  type RecommendationModel,
  type Recommendations,
  recommendations,
  type SegmentModel,
  type UpsellModel,
} from '#schemas'
import { Baskets, recommendationRows, recommendationTopics, trained } from './recommendations/index.ts'
import { churn, churnRows, churnTopics, scoreModel, upsell, upsellRows, upsellTopics, Visits } from './scores/index.ts'
import { segmentModel, segmentRows, segmentTopics } from './segments/index.ts'

const DAY = 86_400_000

/** Each row's value, through the bytes of its topic. */
const written = (rows: Iterable<SourceRow>): { readonly topic: string; readonly value: unknown }[] =>
  [...rows].map((one) => {
    assert.ok(!isBroken(one))
    return { topic: one.topic.name, value: one.topic.decode(one.topic.frame(1, one.value).subarray(5)) }
  })

test('a model of tastes is a row, and one for every household that it knows, as their contracts want them', async () => {
  const baskets = new Baskets()
  for (const [householdId, productId] of [[1, 10], [1, 20], [2, 20], [2, 30], [3, 30]] as const) // biome-ignore format: a table
    baskets.add({ householdId, productId, basketId: householdId * 100 + productId })
  const settings = { factors: 2, regularization: 0.1, alpha: 1, iterations: 3, seed: 7 }
  const model = await trained(baskets.bought(), settings)
  const [first, ...lists] = written(recommendationRows({ model, from: null, asOf: 5_000 }))
  const told = first?.value as RecommendationModel
  assert.equal(first?.topic, recommendationTopics[0]?.name)
  assert.deepEqual([told.modelVersion, told.asOf, told.trainedFrom], [model.version, 5_000, null])
  assert.deepEqual([told.households, told.products, told.pairs, told.lines, told.factors], [3, 3, 5, 5, 2])
  assert.deepEqual([told.popular, told.popularHouseholds], [[20, 30, 10], [2, 2, 1]]) // biome-ignore format: a row
  const values = lists.map(({ topic, value }) => {
    assert.equal(topic, recommendations.name)
    return value as Recommendations
  })
  assert.deepEqual(values.map(({ householdId, products }) => [householdId, products.length]), [[1, 1], [2, 1], [3, 2]]) // biome-ignore format: a row
  assert.ok(values.every(({ modelVersion, asOf }) => modelVersion === model.version && asOf === 5_000))
})

/** Household h buys every h days, until day 150 or to the end; dearer every second month. */
const visits = new Visits()
for (let householdId = 1; householdId <= 20; householdId++)
  for (let day = 0; day < (householdId % 3 === 0 ? 150 : 300); day += householdId) {
    const salesValue = householdId % 2 === 0 && day % 60 >= 30 ? 500n : 250n
    visits.add({ householdId, basketId: day, productId: day % 11, salesValue, purchasedAt: day * DAY })
  }
const histories = visits.histories()
const asOf = 300 * DAY
const active = [1, 2, 4, 5, 7, 8, 10, 11, 13, 14, 16, 17, 19, 20]

test('a model of churn is a row, and one for every household that bought within 90 days; of upsell, too', () => {
  for (const [score, rows, topics, came] of [
    [churn, churnRows, churnTopics, 'churned'],
    [upsell, upsellRows, upsellTopics, 'raised'],
  ] as const) {
    const model = scoreModel(score, histories, asOf)
    assert.ok(model)
    const [first, ...scores] = written(rows({ model, histories, lines: visits.lines, asOf }))
    assert.equal(first?.topic, topics[0]?.name)
    const told = first?.value as UpsellModel & Record<string, unknown>
    assert.deepEqual([told.modelVersion, told[came], told.asOf], [model.version, model.came, asOf])
    assert.equal(told.coefficients.length, told.features.length)
    assert.ok(scores.every(({ topic }) => topic === topics[1]?.name))
    const values = scores.map(({ value }) => value as ChurnScore)
    assert.deepEqual(values.map(({ householdId }) => householdId), active) // biome-ignore format: a row
    const second = values[1]
    assert.deepEqual([second?.recencyDays, second?.baskets28, second?.baskets90, second?.spend90], [2, 14, 45, 18_750n])
  }
})

test('a model of segments is a row, and one for every household that bought within 90 days', () => {
  const model = segmentModel(histories, asOf)
  assert.ok(model)
  const [first, ...rows] = written(segmentRows({ model, histories, lines: visits.lines, asOf }))
  assert.equal(first?.topic, segmentTopics[0]?.name)
  const told = first?.value as SegmentModel
  assert.deepEqual([told.modelVersion, told.centres.length, told.asOf], [model.version, 4 * 4, asOf])
  const values = rows.map(({ topic, value }) => {
    assert.equal(topic, segmentTopics[1]?.name)
    return value as HouseholdSegment
  })
  assert.deepEqual(values.map(({ householdId }) => householdId), active) // biome-ignore format: a row
  const counted = told.segments.map((name) => values.filter(({ segment }) => segment === name).length)
  assert.deepEqual(told.households, counted)
  assert.deepEqual([values[1]?.baskets90, values[1]?.spend90, values[1]?.products90], [45, 18_750n, 11])
})
