import type { Command } from 'commander'
import { KappaError } from '#engine/errors'
import { inputDeadLetterTopic, publisher, type SourceRow, type Tally } from '#engine/ingest'
import { systemClock } from '#engine/time'
import {
  INCIDENT_KINDS,
  lineOf,
  type Sent,
  type ShopFlags,
  type ShopOptions,
  shopOptionsOf,
  shopTopics,
  shopTraffic,
} from '../../../producers/shop/index.ts'
import { openPlatform, prepareTopics } from '../../platform.ts'
import { progressBar } from './bar.ts'
import { stopSignal } from './stop.ts'

const help = `
Batch: every day from --start-date to --end-date, both included, has exactly --events-per-day events (UTC days). The same
options and --seed give the same events, byte for byte, before sealing: sealed fields carry random nonces. Late and broken
events are some of these; duplicates, and what an incident adds or takes away, come on top.

Stream: the current time is the event time, on average --events-per-minute, until --duration seconds are over or Ctrl-C.

Incidents, as kind@start+duration (s, m, h, d), repeatable: ${INCIDENT_KINDS.join(', ')}.

Personal fields (e-mail, name, address, IP) are sealed under the shopper's key on their way to Kafka; on stdout they are
in the clear. Shoppers are made up, their addresses are nobody's.

Examples:
  kappa produce shop --mode batch --start-date 2025-01-01 --end-date 2025-03-28 --events-per-day 5000
      87 days, 435,000 events
  kappa produce shop --mode stream --events-per-minute 600 --duration 60
  kappa produce shop --mode stream --late 0.01 --broken 0.001 --duplicates 0.01
  kappa produce shop --mode batch --start-date 2025-01-06 --end-date 2025-01-06 --events-per-day 100000 \\
      --incident checkout-failure@2025-01-06T18:00Z+20m --seed 7 --to stdout`

/** `kappa produce shop`: believable shop traffic. */
export function registerShop(produce: Command): void {
  produce
    .command('shop')
    .description('shop traffic: sessions with a funnel, busy by the clock of each country')
    .requiredOption('--mode <mode>', 'batch (whole days at once) or stream (live)')
    .option('--start-date <date>', 'batch: first day, e.g. 2025-01-01')
    .option('--end-date <date>', 'batch: last day, included')
    .option('--events-per-day <n>', 'batch: events of each day, exactly (default: 5000)')
    .option('--events-per-minute <n>', 'stream: events a minute, on average (default: 600)')
    .option('--duration <seconds>', 'stream: how long (default: until Ctrl-C)')
    .option('--seed <n>', 'which of all possible shops (default: 1)')
    .option('--late <ratio>', 'share of events sent 2 to 20 minutes late, 0 to 1')
    .option('--broken <ratio>', 'share of events spoilt: they end as dead letters')
    .option('--duplicates <ratio>', 'share of events sent twice')
    .option('--incident <incident>', 'kind@start+duration', (text: string, all: string[] = []) => [...all, text])
    .option('--to <where>', 'kafka or stdout (one JSON object a line)', 'kafka')
    .option('--json', 'print the summary as JSON')
    .addHelpText('after', help)
    .action(({ json, ...flags }: ShopFlags & { json?: boolean }) => produceShop(shopOptionsOf(flags), json === true))
}

async function produceShop(options: ShopOptions, json: boolean): Promise<void> {
  const stop = stopSignal()
  try {
    if (options.to === 'stdout') await toStdout(options, stop.signal)
    else await toKafka(options, stop.signal, json)
  } finally {
    stop.release()
  }
  if (stop.signal.aborted && options.mode === 'batch')
    throw new KappaError('INTERRUPTED', 'producing shop events: stopped before the last day; what was sent stays')
}

async function toStdout(options: ShopOptions, signal: AbortSignal): Promise<void> {
  let readerGone = false
  process.stdout.on('error', () => {
    readerGone = true // `| head` has enough: nothing is left to do
  })
  for await (const batch of shopTraffic(options, { clock: systemClock, signal })) {
    if (readerGone) return
    await new Promise<void>((done) => process.stdout.write(batch.map(lineOf).join(''), () => done()))
  }
}

async function toKafka(options: ShopOptions, signal: AbortSignal, json: boolean): Promise<void> {
  const platform = openPlatform()
  const { broker, registry, vault } = platform
  const begun = performance.now()
  try {
    const there = await broker.admin.topics()
    if (shopTopics.some(({ name }) => !there.has(name))) await prepareTopics(platform)
    const onWaiting = (message: string) => process.stderr.write(`${message}\n`)
    const out = await publisher({ broker, registry, vault, topics: shopTopics, onWaiting })
    const total = options.mode === 'batch' ? options.days * options.eventsPerDay : 0
    const bar = progressBar('shop events', total, 'events', json)
    let sent = 0
    try {
      for await (const batch of shopTraffic(options, { clock: systemClock, signal })) {
        await out.publish(rowsOf(batch, sent, options.seed))
        sent += batch.length
        bar.update(sent)
        if (options.mode === 'stream' && batch.length > 0) await out.flush()
      }
      await out.flush()
    } finally {
      bar.stop()
      await out.close()
    }
    const seconds = (performance.now() - begun) / 1_000
    const summary = { sent, seconds, seed: options.seed, topics: Object.fromEntries(out.tallies) }
    console.log(json ? JSON.stringify(summary) : summaryText(summary))
  } finally {
    await platform.close()
  }
}

function summaryText({
  sent,
  seconds,
  topics,
}: {
  sent: number
  seconds: number
  topics: Record<string, Tally>
}): string {
  const lines = Object.entries(topics).map(([name, { written, deadLettered }]) => {
    const dead = deadLettered === 0 ? '' : `, ${deadLettered} on ${inputDeadLetterTopic(name)}`
    return `  ${name.padEnd(24)} ${written} written${dead}`
  })
  return [...lines, `${sent} events sent in ${seconds.toFixed(1)} s`].join('\n')
}

const rowsOf = (batch: readonly Sent[], before: number, seed: number): SourceRow[] =>
  batch.map(({ topic, value }, i) => ({
    topic,
    value,
    place: { file: `shop generator, seed ${seed}`, line: before + i + 1 },
  }))
