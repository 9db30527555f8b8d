import type { Command } from 'commander'
import { KappaError } from '#engine/errors'
import {
  type SegmentModel,
  segmentModel,
  segmentNames,
  segmentRows,
  segmentTopics,
} from '../../../models/segments/index.ts'
import { openPlatform } from '../../platform.ts'
import { stopSignal } from '../produce/stop.ts'
import { type RangeFlags, rangeOf, withRange } from './flags.ts'
import { published } from './publish.ts'
import { stopped } from './purchases.ts'
import { readVisits } from './visits.ts'

const help = `
Groups the households of retail.purchase-lines.v1 that bought within 90 days by recency, baskets, value of a basket and number of
different products (k-means over logarithms, at instants 28 days apart): core, stock-up, top-up and occasional. Publishes on
retail.household-segments.v1 the segment of each, beside that by RFM, and on retail.segment-models.v1 the model, with how much
segments of earlier months told of what was paid in the two latest periods that they had not seen. A day is New York's midnight.
Trained again on the same lines nothing is published twice.

Examples:
  kappa train segments                        as of the latest purchase
  kappa train segments --to 2017-11-01        as it would have been on that day
  kappa train segments --json | jq .households`

/** `kappa train segments`. */
export function registerSegments(train: Command): void {
  withRange(train.command('segments').description('which kind of buyer each household is'))
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
    const { visits, read, asOf } = await readVisits(platform, range, stop.signal, quiet)
    const histories = visits.histories()
    const model = segmentModel(histories, asOf)
    if (model === undefined)
      throw new KappaError(
        'CONFIG_INVALID',
        `training on ${read.events} purchase lines: at least ${segmentNames.length} households that buy differently are needed`,
      )
    if (stop.signal.aborted) throw stopped('training segments')
    const rows = [...segmentRows({ model, histories, lines: visits.lines, asOf })]
    const { version } = model
    const { alreadyComplete } = await published(platform, {
      ...{ name: 'segments', version, range: { from: range.from, to: asOf }, topics: segmentTopics, rows },
      ...{ signal: stop.signal, quiet },
    })
    const { snapshots, silhouette, agreement, households } = model
    const summary = {
      ...{
        modelVersion: version,
        asOf: new Date(asOf).toISOString(),
        lines: visits.lines,
        undecodable: read.undecodable,
      },
      households: Object.fromEntries(segmentNames.map((name, n) => [name, households[n] ?? 0])),
      ...{ snapshots, rows: model.rows, silhouette, agreement, heldOut: model.heldOut ?? null },
      ...{ publishedBefore: alreadyComplete, seconds: (performance.now() - begun) / 1_000 },
    }
    console.log(quiet ? JSON.stringify(summary) : text(model, summary.asOf, alreadyComplete))
  } finally {
    stop.release()
    await platform.close()
  }
}

function text(
  { version, households, silhouette, agreement, heldOut }: SegmentModel,
  asOf: string,
  alreadyComplete: boolean,
): string {
  const total = households.reduce((sum, count) => sum + count, 0)
  const next = (segment: number): string => {
    const dollars = heldOut?.nextSpend[segment]
    return typeof dollars === 'number' ? `, $${dollars.toFixed(2)} in 28 days` : ''
  }
  return [
    `${version}: ${total} households as of ${asOf}, silhouette ${silhouette?.toFixed(3) ?? 'none'}`,
    ...segmentNames.map((name, n) => `  ${name.padEnd(10)} ${String(households[n]).padStart(6)} households${next(n)}`),
    agreement === null
      ? 'there is no model of 28 days before to compare with'
      : `a model of 28 days before parts them alike to ${agreement.toFixed(3)} (adjusted Rand index)`,
    heldOut === undefined
      ? 'too little before the two latest periods to measure on them'
      : `of the variance of what was paid in the two latest periods (${heldOut.rows} households) they explain ${heldOut.explained.toFixed(3)}, RFM segments ${heldOut.rfmExplained.toFixed(3)}`,
    ...(alreadyComplete ? ['it was published before: nothing changed'] : []),
  ].join('\n')
}
