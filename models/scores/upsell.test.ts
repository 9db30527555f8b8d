import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { scoreModel, scoresOf } from './model.ts'
import { labelledAt } from './score.ts'
import { upsell } from './upsell.ts'
import { type History, type Line, Visits } from './visits.ts'

const DAY = 86_400_000
const START = Date.UTC(2017, 0, 1)
/** Baskets of one line, each on its day. */
const linesOf = (householdId: number, baskets: readonly (readonly [day: number, cents: number])[]): readonly Line[] =>
  baskets.map(([day, cents], n) => ({
    ...{ householdId, basketId: householdId * 1_000 + n, productId: 1, salesValue: BigInt(cents) },
    purchasedAt: START + day * DAY,
  }))
const historiesOf = (lines: readonly Line[]): readonly History[] => {
  const visits = new Visits()
  for (const one of lines) visits.add(one)
  return visits.histories()
}
const close = (found: number | undefined, wanted: number) =>
  assert.ok(Math.abs((found ?? Number.NaN) - wanted) < 1e-9, `${found} is not ${wanted}`)

test('a household at an instant, by hand', () => {
  // Looked at on day 100: 90 days reach back to 10, 28 to 72.
  const histories = historiesOf(linesOf(1, [[0, 900], [20, 1_000], [80, 2_000], [90, 3_000]])) // biome-ignore format: a row
  const [seen] = labelledAt(upsell, histories, [START + 100 * DAY])
  const features = new Map(upsell.features.map((name, n) => [name, seen?.features[n]]))
  assert.equal(features.size, seen?.features.length)
  close(features.get('log dollars a basket of 90 days'), Math.log(21))
  close(features.get('log dollars a basket of 28 days, by those of 90'), Math.log(26 / 21))
  close(features.get('log dollars of the latest basket, by those of 90 days'), Math.log(31 / 21))
  close(features.get('log dollars a basket before 90 days, by those of 90'), Math.log(10 / 21))
  close(features.get('deviation of dollars a basket of 90 days, by their mean'), Math.sqrt(2 / 3) / 2)
  close(features.get('log baskets of 90 days'), Math.log(4))
  close(features.get('log baskets of 28 days, by those of a month before'), Math.log(3) - Math.log(28 / 62 + 1))
  close(features.get('log days since the latest basket'), Math.log(11))
  close(features.get('log days since the first basket'), Math.log(101))
  close(features.get('log baskets of 90 days, squared'), Math.log(4) ** 2)
  close(features.get('log days since the latest basket, squared'), Math.log(11) ** 2)
})

test('what is not there to compare with is as usual', () => {
  const [seen] = labelledAt(upsell, historiesOf(linesOf(1, [[20, 0]])), [START + 100 * DAY]) // biome-ignore format: a row
  assert.deepEqual(seen?.features.slice(0, 5), [0, 0, 0, 0, 0])
  assert.ok(seen?.features.every(Number.isFinite))
})

test('raised is a fifth more a basket, to the cent, in the 28 days that follow', () => {
  const before = [[50, 1_000], [60, 2_000], [70, 3_001]] as const // biome-ignore format: a row
  const raised = (...after: (readonly [number, number])[]) =>
    labelledAt(upsell, historiesOf(linesOf(1, [...before, ...after])), [START + 100 * DAY])[0]?.came
  // 1.2 × 6,001 / 3 = 2,400.4
  assert.deepEqual([raised([100, 2_401]), raised([100, 2_400])], [true, false])
  assert.deepEqual([raised([127, 2_500]), raised([128, 2_500])], [true, false])
  assert.deepEqual([raised([101, 4_801], [120, 0]), raised([101, 4_800], [120, 0])], [true, false])
  assert.equal(raised(), false, 'who buys nothing')
  const nothingBefore = historiesOf(linesOf(1, [[50, 0], [101, 0]])) // biome-ignore format: a row
  assert.equal(labelledAt(upsell, nothingBefore, [START + 100 * DAY])[0]?.came, false, 'from nothing to nothing')
})

test('the same lines in any order are the same model; it tells who raises better than chance', () => {
  // Each household's baskets swing about its own mean, every other household's by more, with a period of eight weeks.
  const town = Array.from({ length: 40 }, (_, household) =>
    linesOf(
      household,
      Array.from({ length: 52 }, (_, week) => {
        const swing = household % 2 === 1 ? 900 * Math.sin(((week + household) * Math.PI) / 4) : 0
        return [week * 7 + (household % 5), Math.round(1_000 + swing)] as const
      }),
    ),
  ).flat()
  const asOf = START + 364 * DAY
  const histories = historiesOf(town)
  const model = scoreModel(upsell, histories, asOf)
  assert.ok(model?.heldOut)
  assert.match(model.version, /^upsell-[0-9a-f]{12}$/)
  assert.ok(model.heldOut.model.auc > 0.6, `${model.heldOut.model.auc}`)
  assert.equal(scoresOf(model, histories, asOf).length, 40)
  fc.assert(
    fc.property(fc.integer({ min: 1, max: town.length - 1 }), (n) => {
      const turned = [...town.slice(n), ...town.slice(0, n), ...town.slice(0, 3)].toReversed()
      assert.equal(scoreModel(upsell, historiesOf(turned), asOf)?.version, model.version)
    }),
    { numRuns: 3 },
  )
})
