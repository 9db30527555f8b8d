// Churn over the retailer's year: a model of the earlier months on months that it has not seen, beside a plain RFM rule.
//   node --import tsx bench/churn/run.ts [--as-of 2018-01-01] [--held-out 3]
// --held-out: how many of the latest periods of 28 days are measured on; the model and the rule are of those before them.
import { parseArgs } from 'node:util'
import { cacheFolder } from '../../deploy/config.ts'
import {
  featureNames,
  fittedTo,
  instantsBefore,
  type Labelled,
  labelledAt,
  probabilityOf,
  type Quality,
  qualityOf,
  rfmProbability,
  rfmRule,
  tenthsOf,
  Visits,
} from '../../models/churn/index.ts'
import { dayOf, startOfDay } from '../../producers/calendar.ts'
import { openDataSet } from '../../producers/connectors/dataset.ts'
import { parquetNumbers } from '../../producers/connectors/parquet.ts'
import { completeJourney } from '../../producers/retail/index.ts'

const { values } = parseArgs({
  options: { 'as-of': { type: 'string', default: '2018-01-01' }, 'held-out': { type: 'string', default: '3' } },
})

const COLUMNS = ['household_id', 'basket_id', 'product_id', 'sales_value', 'transaction_timestamp'] as const
const asOf = startOfDay(dayOf(values['as-of'], '--as-of'), 'America/New_York')
const data = await openDataSet(cacheFolder(), completeJourney)
const { rows: count, columns } = await parquetNumbers(data.path('transactions.parquet'), COLUMNS)
const visits = new Visits()
for (let i = 0; i < count; i++) {
  const at = (name: (typeof COLUMNS)[number]) => columns[name][i] as number
  if (at('transaction_timestamp') < asOf)
    visits.add({
      ...{ householdId: at('household_id'), basketId: at('basket_id'), productId: at('product_id') },
      salesValue: BigInt(Math.round(at('sales_value') * 100)),
      purchasedAt: at('transaction_timestamp'),
    })
}
const histories = visits.histories()
const instants = instantsBefore(asOf, histories)
const heldOut = instants.slice(0, Number(values['held-out']))
const known = labelledAt(histories, instants.slice(heldOut.length))
const [logistic, rule] = [fittedTo(known), rfmRule(known)]
const day = (at: number | undefined) => new Date(at ?? 0).toISOString().slice(0, 10)
const churnedIn = (rows: readonly Labelled[]) => rows.filter(({ churned }) => churned).length
console.log(
  `fitted: ${churnedIn(known)} of ${known.length} households, ${instants.length - heldOut.length} periods from ${day(instants.at(-1))} to before ${day(heldOut.at(-1))}`,
)
console.log(featureNames.map((name, j) => `${name} ${logistic.weights[j + 1]?.toFixed(3)}`).join(' · '))

const figures = (quality: Quality | undefined) =>
  [quality?.auc.toFixed(4), quality?.lift.toFixed(2), quality?.calibrationError.toFixed(4)].join(' | ')
const ways = [
  ['logistic', (row: Labelled) => probabilityOf(logistic, row.features)],
  ['RFM rule', (row: Labelled) => rfmProbability(rule, row)],
] as const
console.log('| period | households | churned | way | AUC | lift of the first tenth | calibration error |')
console.log('|---|---|---|---|---|---|---|')
for (const [name, periods] of [...heldOut.map((at) => [day(at), [at]] as const), ['together', heldOut] as const]) {
  const rows = labelledAt(histories, periods)
  for (const [way, foresee] of ways) {
    const quality = qualityOf(rows.map((row) => ({ probability: foresee(row), came: row.churned })))
    console.log(`| ${name} | ${rows.length} | ${churnedIn(rows)} | ${way} | ${figures(quality)} |`)
  }
}
const all = labelledAt(histories, heldOut).map((row) => ({
  probability: probabilityOf(logistic, row.features),
  came: row.churned,
}))
const tenths = tenthsOf(all.sort((a, b) => b.probability - a.probability))
console.log(
  `tenths, foreseen → real: ${tenths.map(({ foreseen, real }) => `${foreseen.toFixed(3)} → ${real.toFixed(3)}`).join(' · ')}`,
)
