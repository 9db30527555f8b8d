import type { Command } from 'commander'
import { KappaError } from '#engine/errors'
import { purchaseLines } from '#schemas'
import { type ChurnModel, churnModel, churnRows, churnTopics, Visits } from '../../../models/churn/index.ts'
import { openPlatform, type Platform } from '../../platform.ts'
import { progressBar } from '../produce/bar.ts'
import { stopSignal } from '../produce/stop.ts'
import { type RangeFlags, rangeOf, withRange } from './flags.ts'
import { published } from './publish.ts'
import { eventsOf, type Range, stopped } from './purchases.ts'

const help = `
Learns from retail.purchase-lines.v1 which households buy nothing for 28 days, of those that bought within 90: logistic regression
over recency, frequency, spend and trend at instants 28 days apart. Publishes on retail.churn-scores.v1 how likely each is to
stop now, and on retail.churn-models.v1 the model, with how well its like told the two latest periods that it had not seen, beside
a plain RFM rule. A day is New York's midnight. Trained again on the same lines nothing is published twice.

Examples:
  kappa train churn                        as of the latest purchase
  kappa train churn --to 2017-11-01        as it would have been on that day
  kappa train churn --json | jq .heldOut`

export function registerChurn(train: Command): void {
  withRange(train.command('churn').description('which households are about to stop buying'))
    .addHelpText('after', help)
    .action(trainAndPublish)
}

async function trainAndPublish(flags: RangeFlags): Promise<void> {
  const range = rangeOf(flags)
  const quiet = flags.json === true
  const begun = performance.now()
  const platform = openPlatform()
  const stop = stopSignal()
  try {
    const { visits, read } = await readVisits(platform, range, stop.signal, quiet)
    const asOf = range.to ?? (read.latest ?? 0) + 1
    const histories = visits.histories()
    const model = churnModel(histories, asOf)
    if (model === undefined)
      throw new KappaError(
        'CONFIG_INVALID',
        `training on ${read.events} purchase lines: 118 days are needed before the end of the range, in which some stop buying and some do not`,
      )
    if (stop.signal.aborted) throw stopped('training churn')
    const rows = [...churnRows({ model, histories, lines: visits.lines, asOf })]
    const { alreadyComplete } = await published(platform, {
      ...{ name: 'churn', version: model.version, range: { from: range.from, to: asOf }, topics: churnTopics, rows },
      ...{ signal: stop.signal, quiet },
    })
    const { version, logistic: _, ...told } = model
    const summary = {
      ...{ modelVersion: version, asOf: new Date(asOf).toISOString(), lines: visits.lines },
      ...{ undecodable: read.undecodable, scored: rows.length - 1, ...told, heldOut: told.heldOut ?? null },
      ...{ publishedBefore: alreadyComplete, seconds: (performance.now() - begun) / 1_000 },
    }
    console.log(quiet ? JSON.stringify(summary) : text(model, summary.asOf, summary.scored, alreadyComplete))
  } finally {
    stop.release()
    await platform.close()
  }
}

async function readVisits(platform: Platform, range: Range, signal: AbortSignal, quiet: boolean) {
  const visits = new Visits()
  let bar: ReturnType<typeof progressBar> | undefined
  const fields = ['householdId', 'basketId', 'productId', 'salesValue', 'purchasedAt'] as const
  const read = await eventsOf(platform, purchaseLines, fields, range, {
    take: (line) => visits.add(line),
    signal,
    onProgress: (done, total) => {
      bar ??= progressBar('reading', total, 'records', quiet)
      bar.update(done)
    },
  }).finally(() => bar?.stop())
  return { visits, read }
}

function text(model: ChurnModel, asOf: string, scored: number, alreadyComplete: boolean): string {
  const { version, snapshots, rows, churned, heldOut } = model
  const figures = (name: string, quality: { auc: number; lift: number; calibrationError: number }) =>
    `  ${name.padEnd(9)} AUC ${quality.auc.toFixed(3)}, lift of the first tenth ${quality.lift.toFixed(2)}, calibration error ${quality.calibrationError.toFixed(4)}`
  return [
    `${version}: ${churned} of ${rows} households stopped, at ${snapshots} instants before ${asOf}`,
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
