import { setImmediate } from 'node:timers/promises'
import type { Command } from 'commander'
import { KappaError } from '#engine/errors'
import type { SourceRow } from '#engine/ingest'
import { purchaseLines } from '#schemas'
import {
  type AlsSettings,
  Baskets,
  defaultSettings,
  type Model,
  recommendationRows,
  recommendationTopics,
  type Trained,
  trained,
} from '../../../models/recommendations/index.ts'
import { openPlatform, type Platform } from '../../platform.ts'
import { progressBar } from '../produce/bar.ts'
import { stopSignal } from '../produce/stop.ts'
import { positive, type RangeFlags, rangeOf, whole, withRange } from './flags.ts'
import { published } from './publish.ts'
import { eventsOf, type Range, type Read, stopped } from './purchases.ts'

const help = `
Learns from retail.purchase-lines.v1 which products the households that buy them have in common (implicit ALS), and publishes on
retail.recommendations.v1 up to 50 products for each household that it has not bought, and on retail.recommendation-models.v1
what the model was made of. Lines without a quantity above zero are left out. A day is New York's midnight. Trained again on the same
lines it is the same model, and nothing is published twice.

Examples:
  kappa train recommendations                                    everything that is there
  kappa train recommendations --to 2017-11-01                    as it would have been on that day
  kappa train recommendations --from 2017-06-01 --to 2017-11-01 --json
  kappa train recommendations --factors 32 --iterations 8        smaller, faster`

interface Flags extends RangeFlags {
  readonly factors: number
  readonly regularization: number
  readonly alpha: number
  readonly iterations: number
  readonly seed: number
}

const ROWS_A_TURN = 32

export function registerRecommendations(train: Command): void {
  withRange(train.command('recommendations').description('what each household may like that it has not bought'))
    .option('--factors <n>', 'numbers that stand for a household or a product', whole, defaultSettings.factors)
    .option('--iterations <n>', 'passes over households and products', whole, defaultSettings.iterations)
    .option('--regularization <x>', 'weight of their squares', positive, defaultSettings.regularization)
    .option('--alpha <x>', 'how much more baskets add to the confidence', positive, defaultSettings.alpha)
    .option('--seed <n>', 'of the numbers it begins with', whole, defaultSettings.seed)
    .addHelpText('after', help)
    .action(trainAndPublish)
}

async function trainAndPublish(flags: Flags): Promise<void> {
  const range = rangeOf(flags)
  const { factors, regularization, alpha, iterations, seed } = flags
  const settings: AlsSettings = { factors, regularization, alpha, iterations, seed }
  const quiet = flags.json === true
  const begun = performance.now()
  const platform = openPlatform()
  const stop = stopSignal()
  try {
    const { baskets, read } = await readBaskets(platform, range, stop.signal, quiet)
    if (read.latest === undefined)
      throw new KappaError(
        'CONFIG_INVALID',
        `reading ${purchaseLines.name}: no purchase in the range (kappa import retail)`,
      )
    const model = await trainedOn(baskets, settings, stop.signal, quiet)
    const asOf = range.to ?? read.latest + 1
    const { alreadyComplete } = await published(platform, {
      ...{ name: 'recommendations', version: model.version, range: { from: range.from, to: asOf } },
      topics: recommendationTopics,
      rows: await rowsOf({ model, from: range.from, asOf }, stop.signal, quiet),
      ...{ signal: stop.signal, quiet },
    })
    const summary = summaryOf(model, read, asOf, alreadyComplete, (performance.now() - begun) / 1_000)
    console.log(quiet ? JSON.stringify(summary) : text(summary))
  } finally {
    stop.release()
    await platform.close()
  }
}

async function readBaskets(platform: Platform, range: Range, signal: AbortSignal, quiet: boolean) {
  const baskets = new Baskets()
  let bar: ReturnType<typeof progressBar> | undefined
  const fields = ['householdId', 'productId', 'basketId', 'quantity'] as const
  const read = await eventsOf(platform, purchaseLines, fields, range, {
    take: (line) => {
      if (line.quantity > 0) baskets.add(line)
    },
    signal,
    onProgress: (done, total) => {
      bar ??= progressBar('reading', total, 'records', quiet)
      bar.update(done)
    },
  }).finally(() => bar?.stop())
  return { baskets, read }
}

async function trainedOn(baskets: Baskets, settings: AlsSettings, signal: AbortSignal, quiet: boolean): Promise<Model> {
  let bar: ReturnType<typeof progressBar> | undefined
  return await trained(baskets.bought(), settings, async (done, total) => {
    bar ??= progressBar('training', total, 'rows', quiet)
    bar.update(done)
    // A signal is heard in between.
    await setImmediate()
    if (signal.aborted) throw stopped('training recommendations')
  }).finally(() => bar?.stop())
}

/** Every product is scored for every household: some seconds, in which a signal is heard. */
async function rowsOf(made: Trained, signal: AbortSignal, quiet: boolean): Promise<readonly SourceRow[]> {
  const rows: SourceRow[] = []
  const bar = progressBar('recommending', made.model.bought.households.length + 1, 'rows', quiet)
  try {
    for (const one of recommendationRows(made)) {
      if (rows.push(one) % ROWS_A_TURN > 0) continue
      bar.update(rows.length)
      await setImmediate()
      if (signal.aborted) throw stopped('recommending')
    }
  } finally {
    bar.stop()
  }
  return rows
}

function summaryOf(
  { version, bought, factors, settings }: Model,
  read: Read,
  asOf: number,
  alreadyComplete: boolean,
  seconds: number,
) {
  return {
    ...{
      modelVersion: version,
      asOf: new Date(asOf).toISOString(),
      lines: bought.lines,
      undecodable: read.undecodable,
    },
    ...{ households: bought.households.length, products: bought.products.length, pairs: bought.matrix.at.length },
    ...{ settings, loss: factors.loss, publishedBefore: alreadyComplete, seconds },
  }
}

function text(summary: ReturnType<typeof summaryOf>): string {
  const { modelVersion, asOf, lines, households, products, undecodable, publishedBefore, seconds } = summary
  return [
    `${modelVersion}: ${households} households, ${products} products, from ${lines} purchase lines before ${asOf}`,
    ...(undecodable === 0 ? [] : [`${undecodable} records are no purchase lines and were left out`]),
    publishedBefore
      ? 'it was published before: nothing changed'
      : `published on ${recommendationTopics.map(({ name }) => name).join(' and ')}`,
    `${seconds.toFixed(1)} s`,
  ].join('\n')
}
