import {
  fittedTo,
  type History,
  instantsBefore,
  type Labelled,
  labelledAt,
  probabilityOf,
  type Quality,
  qualityOf,
  rfmProbability,
  rfmRule,
  type Score,
  tenthsOf,
} from '../../models/scores/index.ts'

export const day = (at: number | undefined): string => new Date(at ?? 0).toISOString().slice(0, 10)
const cameIn = (rows: readonly Labelled[]) => rows.filter(({ came }) => came).length
const figures = (quality: Quality | undefined) =>
  [quality?.auc.toFixed(4), quality?.lift.toFixed(2), quality?.calibrationError.toFixed(4)].join(' | ')

/** One score on the latest periods, by a model and a rule of those before them. */
export function tellScore(score: Score, histories: readonly History[], asOf: number, periods: number): void {
  const instants = instantsBefore(asOf, histories)
  const heldOut = instants.slice(0, periods)
  const known = labelledAt(score, histories, instants.slice(periods))
  const [logistic, rule] = [fittedTo(known), rfmRule(known)]
  console.log(
    `\n${score.name}: fitted to ${cameIn(known)} of ${known.length} households, ${instants.length - periods} periods from ${day(instants.at(-1))} to before ${day(heldOut.at(-1))}`,
  )
  console.log(score.features.map((name, j) => `${name} ${logistic.weights[j + 1]?.toFixed(3)}`).join(' · '))
  const ways = [
    ['logistic', (row: Labelled) => probabilityOf(logistic, row.features)],
    ['RFM rule', (row: Labelled) => rfmProbability(rule, row)],
  ] as const
  console.log('| period | households | came true | way | AUC | lift of the first tenth | calibration error |')
  console.log('|---|---|---|---|---|---|---|')
  for (const [name, at] of [...heldOut.map((at) => [day(at), [at]] as const), ['together', heldOut] as const]) {
    const rows = labelledAt(score, histories, at)
    for (const [way, foresee] of ways) {
      const quality = qualityOf(rows.map((row) => ({ probability: foresee(row), came: row.came })))
      console.log(`| ${name} | ${rows.length} | ${cameIn(rows)} | ${way} | ${figures(quality)} |`)
    }
  }
  const all = labelledAt(score, histories, heldOut).map(({ features, came }) => ({
    probability: probabilityOf(logistic, features),
    came,
  }))
  const tenths = tenthsOf(all.sort((a, b) => b.probability - a.probability))
  console.log(
    `tenths, foreseen → real: ${tenths.map(({ foreseen, real }) => `${foreseen.toFixed(3)} → ${real.toFixed(3)}`).join(' · ')}`,
  )
}
