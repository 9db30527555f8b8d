import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { type History, type Line, Visits } from '../scores/index.ts'
import { segmentedAt, segmentModel, segmentNames } from './model.ts'
import { pointsAt } from './points.ts'
import { rfmSegments } from './rfm.ts'

const DAY = 86_400_000
const START = Date.UTC(2017, 0, 1)
const AS_OF = START + 200 * DAY
const historiesOf = (lines: readonly Line[]): readonly History[] => {
  const visits = new Visits()
  for (const one of lines) visits.add(one)
  return visits.histories()
}

/** Four kinds of household in turn: every three days $40, every fortnight $80, every three days $8, once in six weeks $5. */
const kinds = [
  { every: 3, dollars: 40, products: 12 },
  { every: 14, dollars: 80, products: 20 },
  { every: 3, dollars: 8, products: 2 },
  { every: 42, dollars: 5, products: 2 },
] as const
const town: readonly Line[] = Array.from({ length: 60 }, (_, householdId) => {
  const { every, dollars, products } = kinds[(householdId % 4) as 0 | 1 | 2 | 3]
  const days = Array.from({ length: Math.ceil(200 / every) }, (_, n) => n * every + (householdId % 3))
  return days.flatMap((day) =>
    Array.from({ length: products }, (_, n) => ({
      ...{
        householdId,
        basketId: day,
        productId: (day * 7 + n * 3 + householdId) % 50,
        purchasedAt: START + day * DAY,
      },
      salesValue: BigInt(Math.round((dollars * 100) / products) + (householdId % 7)),
    })),
  )
}).flat()

test('a household at an instant: different products of 90 days, and the value of a basket', () => {
  const line = (basketId: number, productId: number, day: number) => ({
    ...{ householdId: 1, basketId, productId, salesValue: 250n, purchasedAt: START + day * DAY },
  })
  // Seen on day 110: 90 days reach back to 20.
  const histories = historiesOf([
    ...[line(1, 1, 19), line(2, 2, 20), line(2, 3, 20)],
    ...[line(3, 3, 60), line(3, 4, 60), line(4, 5, 110)],
  ])
  const [point] = pointsAt(histories, START + 110 * DAY)
  assert.deepEqual([point?.products90, point?.baskets90, point?.spend90], [3, 2, 1_000])
  for (const [n, wanted] of [51, 3, 6, 4].entries())
    assert.ok(Math.abs((point?.features[n] ?? 0) - Math.log(wanted)) < 1e-9)
})

test('kinds of buyers are told apart and called what they are', () => {
  const model = segmentModel(historiesOf(town), AS_OF)
  assert.ok(model)
  assert.match(model.version, /^segments-[0-9a-f]{12}$/)
  assert.deepEqual(model.households, [15, 15, 15, 15])
  const segmented = segmentedAt(model, historiesOf(town), AS_OF)
  assert.ok(segmented.every(({ householdId, segment }) => segment === householdId % 4))
  assert.ok((model.agreement ?? 0) > 0.5, `${model.agreement}`)
  assert.ok((model.silhouette ?? 0) > 0.5, `${model.silhouette}`)
  // Who buys every six weeks buys in 28 days once or not at all; the others as ever.
  const { rows, nextSpend, explained, rfmExplained } = model.heldOut ?? assert.fail('two periods are there')
  assert.equal(rows, 120)
  assert.ok(explained > 0.5 && explained <= 1 && rfmExplained > 0 && rfmExplained <= 1)
  const [core = null, stockUp = null, topUp = null, occasional = null] = nextSpend
  assert.ok(core !== null && stockUp !== null && topUp !== null && occasional !== null)
  assert.ok(core > stockUp && stockUp > topUp && topUp > occasional, `${nextSpend}`)
  assert.equal(segmentNames.length, model.centres.length)
})

test('the same lines in any order, some of them twice, are the same model', () => {
  const version = segmentModel(historiesOf(town), AS_OF)?.version
  assert.ok(version)
  fc.assert(
    fc.property(fc.integer({ min: 1, max: town.length - 1 }), (n) => {
      const turned = [...town.slice(n), ...town.slice(0, n), ...town.slice(0, 3)].toReversed()
      assert.equal(segmentModel(historiesOf(turned), AS_OF)?.version, version)
    }),
    { numRuns: 3 },
  )
})

test('one line more is another model; a single instant is one, too; hardly anybody is none', () => {
  const more: Line = { householdId: 1, basketId: 9_999, productId: 1, salesValue: 1n, purchasedAt: AS_OF - DAY }
  const histories = historiesOf(town)
  assert.notEqual(segmentModel(historiesOf([...town, more]), AS_OF)?.version, segmentModel(histories, AS_OF)?.version)
  const young = segmentModel(histories, START + 45 * DAY)
  assert.deepEqual([young?.snapshots, young?.agreement, young?.heldOut], [1, null, undefined])
  assert.equal(segmentModel(histories.slice(0, 3), START + 45 * DAY), undefined)
  assert.equal(segmentModel([], AS_OF), undefined)
})

test("RFM segments are those of gold's rule: fifths by rank, equals sharing the lower one", () => {
  const rows = Array.from({ length: 10 }, (_, n) => ({
    ...{ householdId: n, recencyDays: 10 * n, baskets90: n < 5 ? 20 - n : 1, baskets28: 0, spend90: 0 },
  }))
  // Recency 5 for the two latest … 1; baskets: the five of one basket share the lowest, the others have ranks 6 to 10.
  assert.deepEqual(rfmSegments(rows), [
    ...['Champions', 'Champions', 'Champions', 'Champions', 'À surveiller'],
    ...['À surveiller', 'En sommeil', 'En sommeil', 'Perdus', 'Perdus'],
  ])
})
