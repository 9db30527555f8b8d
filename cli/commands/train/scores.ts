import type { Command } from 'commander'
import { KappaError } from '#engine/errors'
import type { SourceRow } from '#engine/ingest'
import type { AnyTopic } from '#engine/schema'
import {
  churn,
  churnRows,
  churnTopics,
  type Quality,
  type Score,
  type ScoreModel,
  scoreModel,
  type TrainedScore,
  upsell,
  upsellRows,
  upsellTopics,
} from '../../../models/scores/index.ts'
import { openPlatform } from '../../platform.ts'
import { stopSignal } from '../produce/stop.ts'
import { type RangeFlags, rangeOf, withRange } from './flags.ts'
import { published } from './publish.ts'
import { stopped } from './purchases.ts'
import { readVisits } from './visits.ts'

/** A score as the command line tells it. */
interface Told {
  readonly score: Score
  readonly topics: readonly AnyTopic[]
  readonly rows: (trained: TrainedScore) => Iterable<SourceRow>
  readonly about: string
  readonly help: string
  /** What those of which it came true did: also their number's name in the summary. */
  readonly did: string
  /** What the households of a training have to have in them. */
  readonly needed: string
}

const measure = `and on retail.NAME-models.v1 the model, with how
well its like told the two latest periods that it had not seen, beside a plain RFM rule. A day is New York's midnight. Trained again
on the same lines nothing is published twice.`

const examples = `
Examples:
  kappa train NAME                        as of the latest purchase
  kappa train NAME --to 2017-11-01        as it would have been on that day
  kappa train NAME --json | jq .heldOut`

const scores: readonly Told[] = [
  {
    ...{ score: churn, topics: churnTopics, rows: churnRows, did: 'churned' },
    about: 'which households are about to stop buying',
    help: `
Learns from retail.purchase-lines.v1 which households buy nothing for 28 days, of those that bought within 90: logistic regression
over recency, frequency, spend and trend at instants 28 days apart. Publishes on retail.churn-scores.v1 how likely each is to stop
now, ${measure}
${examples}`,
    needed: 'some stop buying and some do not',
  },
  {
    ...{ score: upsell, topics: upsellTopics, rows: upsellRows, did: 'raised' },
    about: 'which households are about to raise the value of their baskets',
    help: `
Learns from retail.purchase-lines.v1 which households pay at least a fifth more a basket in 28 days than in the 90 days before, of
those that bought in these: logistic regression over values of baskets, their trend and spread, and frequency, at instants 28
days apart. Publishes on retail.upsell-scores.v1 how likely each is to do so now, ${measure}
${examples}`,
    needed: 'some raise the value of their baskets and some do not',
  },
]

/** `kappa train churn | upsell`. */
export function registerScores(train: Command): void {
  for (const told of scores)
    withRange(train.command(told.score.name).description(told.about))
      .addHelpText('after', told.help.replaceAll('NAME', told.score.name))
      .action((flags: RangeFlags) => trainAndPublish(told, flags))
}

async function trainAndPublish({ score, topics, rows: rowsOf, did, needed }: Told, flags: RangeFlags): Promise<void> {
  const range = rangeOf(flags)
  const quiet = flags.json === true
  const begun = performance.now()
  const platform = openPlatform()
  const stop = stopSignal()
  try {
    const { visits, read, asOf } = await readVisits(platform, range, stop.signal, quiet)
    const histories = visits.histories()
    const model = scoreModel(score, histories, asOf)
    if (model === undefined)
      throw new KappaError(
        'CONFIG_INVALID',
        `training on ${read.events} purchase lines: 118 days are needed before the end of the range, in which ${needed}`,
      )
    if (stop.signal.aborted) throw stopped(`training ${score.name}`)
    const rows = [...rowsOf({ model, histories, lines: visits.lines, asOf })]
    const { alreadyComplete } = await published(platform, {
      ...{ name: score.name, version: model.version, range: { from: range.from, to: asOf }, topics, rows },
      ...{ signal: stop.signal, quiet },
    })
    const summary = {
      ...{ modelVersion: model.version, asOf: new Date(asOf).toISOString(), lines: visits.lines },
      ...{ undecodable: read.undecodable, scored: rows.length - 1, snapshots: model.snapshots, rows: model.rows },
      ...{ [did]: model.came, heldOut: model.heldOut ?? null },
      ...{ publishedBefore: alreadyComplete, seconds: (performance.now() - begun) / 1_000 },
    }
    console.log(quiet ? JSON.stringify(summary) : text(model, did, summary.asOf, summary.scored, alreadyComplete))
  } finally {
    stop.release()
    await platform.close()
  }
}

function text(model: ScoreModel, did: string, asOf: string, scored: number, alreadyComplete: boolean): string {
  const { version, snapshots, rows, came, heldOut } = model
  const figures = (name: string, quality: Quality) =>
    `  ${name.padEnd(9)} AUC ${quality.auc.toFixed(3)}, lift of the first tenth ${quality.lift.toFixed(2)}, calibration error ${quality.calibrationError.toFixed(4)}`
  return [
    `${version}: ${came} of ${rows} households ${did}, at ${snapshots} instants before ${asOf}`,
    ...(heldOut === undefined
      ? ['too little before the two latest periods to measure it on them']
      : [
          `on the two latest periods (${heldOut.rows} households), of the earlier ones alone:`,
          figures('model', heldOut.model),
          figures('RFM rule', heldOut.rfm),
        ]),
    alreadyComplete ? 'it was published before: nothing changed' : `${scored} households scored`,
  ].join('\n')
}
