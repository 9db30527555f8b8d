import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { churn } from './churn.ts'
import { fitted, probabilityOf } from './logistic.ts'
import { qualityOf, tenthsOf } from './measures.ts'
import { scoreModel, scoresOf } from './model.ts'
import { rfmProbability, rfmRule } from './rfm.ts'
import { type Labelled, labelledAt } from './score.ts'
import { instantsBefore } from './snapshot.ts'
import { type Line, Visits } from './visits.ts'

const DAY = 86_400_000
const START = Date.UTC(2017, 0, 1)
const line = (householdId: number, basketId: number, productId: number, day: number, cents = 100): Line => ({
  ...{ householdId, basketId, productId, salesValue: BigInt(cents) },
  purchasedAt: START + day * DAY,
})
const historiesOf = (lines: readonly Line[]) => {
  const visits = new Visits()
  for (const one of lines) visits.add(one)
  return visits.histories()
}
const close = (found: number, wanted: number, within = 1e-9) =>
  assert.ok(Math.abs(found - wanted) < within, `${found} is not ${wanted}`)

test('lines become baskets in the order of time, each line once', () => {
  const lines = [
    line(2, 20, 1, 5, 300),
    line(1, 10, 7, 3, 50),
    line(1, 10, 8, 3, 25),
    line(1, 9, 7, 1),
    line(1, 10, 8, 3, 25),
  ]
  assert.deepEqual(historiesOf(lines), [
    {
      ...{ householdId: 1, at: [START + DAY, START + 3 * DAY], paidBefore: [0, 100, 175] },
      ...{ products: [7, 7, 8], productsBefore: [0, 1, 3] },
    },
    { householdId: 2, at: [START + 5 * DAY], paidBefore: [0, 300], products: [1], productsBefore: [0, 1] },
  ])
})

test('a household at an instant, by hand; what comes after it is not seen', () => {
  // Baskets on days 0, 40, 60, 70; looked at on day 100: 28 days back to 72, 90 back to 10.
  const [history] = historiesOf([
    line(1, 1, 1, 0),
    line(1, 2, 1, 40, 200),
    line(1, 3, 1, 60, 300),
    line(1, 4, 1, 70, 400),
  ])
  assert.ok(history)
  const seenOn = (day: number, one = history) => labelledAt(churn, [one], [START + day * DAY])[0]
  const seen = seenOn(100)
  assert.deepEqual([seen?.recencyDays, seen?.baskets28, seen?.baskets90, seen?.spend90], [30, 0, 3, 900])
  const [recency, usual, , , dollars, trend, tenure] = seen?.features ?? []
  close(recency ?? 0, Math.log(31))
  close(usual ?? 0, Math.log(31) - Math.log(70 / 3 + 1))
  close(dollars ?? 0, Math.log(10))
  close(trend ?? 0, -Math.log(3 * (28 / 62) + 1))
  close(tenure ?? 0, Math.log(101))
  assert.equal(seenOn(200), undefined, 'nobody who has not bought for 90 days')
  assert.deepEqual(seenOn(65, { ...history, at: history.at.slice(0, 3) })?.features, seenOn(65)?.features)
  // From day 41 on 28 days reach to before day 69, which has one on day 60; from day 71 on there is none.
  assert.deepEqual([41, 71, 42].map((day) => churn.cameAfter(history, START + day * DAY)), [false, true, false]) // biome-ignore format: a row
})

test('instants are 28 days apart, their outcomes known, and 90 days of history before the first', () => {
  const histories = historiesOf([line(1, 1, 1, 0), line(2, 2, 1, 30)])
  const days = instantsBefore(START + 180 * DAY, histories).map((at) => (at - START) / DAY)
  assert.deepEqual(days, [152, 124, 96])
})

test('the fit balances: foreseen equals real, and each feature is pulled as hard as the ridge holds it', () => {
  const rows = [[1, 5], [2, 3], [3, 8], [4, 1], [5, 2], [6, 9]] // biome-ignore format: a table
  const outcomes = [false, true, false, true, false, true]
  const model = fitted(rows, outcomes)
  const foreseen = rows.map((row) => probabilityOf(model, row))
  close(
    foreseen.reduce((a, b) => a + b, 0),
    3,
  )
  for (const j of [0, 1]) {
    const standard = rows.map((row) => ((row[j] ?? 0) - (model.means[j] ?? 0)) / (model.deviations[j] ?? 1))
    const pull = standard.reduce((sum, value, n) => sum + value * (Number(outcomes[n]) - (foreseen[n] ?? 0)), 0)
    close(pull, model.weights[j + 1] ?? 0)
  }
})

test('AUC, lift and calibration by hand', () => {
  const rows = [0.9, 0.8, 0.8, 0.3, 0.2].map((probability, n) => ({ probability, came: n === 0 || n === 2 }))
  // Pairs of one that came and one that did not: 3 of 3 for the first; for the other 2 and a half (the equal one).
  const quality = qualityOf(rows)
  close(quality?.auc ?? 0, 5.5 / 6)
  assert.equal(qualityOf(rows.map((row) => ({ ...row, came: true }))), undefined)
  // Twenty rows, two of which came, both among the two highest: lift 10 of the tenth; foreseen 0.1 throughout.
  const twenty = Array.from({ length: 20 }, (_, n) => ({ probability: n < 2 ? 0.5 : 0.1, came: n < 2 }))
  const found = qualityOf(twenty)
  close(found?.lift ?? 0, 10)
  close(found?.calibrationError ?? 0, (2 * 0.5 + 18 * 0.1) / 20)
  assert.deepEqual(tenthsOf(twenty).map(({ rows }) => rows), Array.from({ length: 10 }, () => 2)) // biome-ignore format: a row
})

test('the rule gives the share that churned among those with as many points', () => {
  const row = (n: number, came: boolean): Labelled => ({
    ...{ householdId: n, recencyDays: 10 - n, baskets28: n, baskets90: n, spend90: n * 100, features: [], came },
  })
  const rows = Array.from({ length: 10 }, (_, n) => row(n, n < 3))
  const rule = rfmRule(rows)
  assert.equal(rule.rate, 0.3)
  // Two households to each sum: 0 and 1 have three points, 2 and 3 six.
  assert.deepEqual([...rule.rates.keys()], [3, 6, 9, 12, 15])
  assert.deepEqual([0, 2, 9].map((n) => rfmProbability(rule, row(n, false))), [1, 0.5, 0]) // biome-ignore format: a row
})

/** Odd households buy every week, even ones stop after some time of their own. */
const town = Array.from({ length: 40 }, (_, household) =>
  Array.from({ length: 52 }, (_, week) =>
    line(household, household * 100 + week, 1, week * 7 + (household % 5)),
  ).filter((_, week) => household % 2 === 1 || week < household + 12),
).flat()

test('the same lines in any order are the same model; it tells who stops better than chance', () => {
  const asOf = START + 364 * DAY
  const histories = historiesOf(town)
  const model = scoreModel(churn, histories, asOf)
  assert.ok(model?.heldOut)
  assert.ok(model.heldOut.model.auc > 0.6, `${model.heldOut.model.auc}`)
  const scores = scoresOf(model, histories, asOf)
  assert.ok(
    scores.every(({ probability, householdId }) => probability > 0 && (householdId % 2 === 1) === probability < 0.5),
  )
  fc.assert(
    fc.property(fc.integer({ min: 1, max: town.length - 1 }), (n) => {
      const turned = [...town.slice(n), ...town.slice(0, n), ...town.slice(0, 3)].toReversed()
      assert.equal(scoreModel(churn, historiesOf(turned), asOf)?.version, model.version)
    }),
    { numRuns: 5 },
  )
  assert.equal(scoreModel(churn, histories, START + 60 * DAY), undefined, 'too little')
})
