import type { Command } from 'commander'
import { KappaError } from '#engine/errors'
import {
  DEFAULT_CUSTOMERS,
  DEFAULT_EVENTS_PER_DAY,
  DEFAULT_WORLD_START,
  domains,
  FLAW_KINDS,
  type WorldFlags,
  type WorldOptions,
  worldOptionsOf,
} from '../../../../producers/world/index.ts'
import { stopSignal } from '../stop.ts'
import { toFiles } from './files.ts'
import { help } from './help.ts'
import { batchToKafka, streamToKafka } from './kafka.ts'
import { toStdout } from './stdout.ts'

/** `kappa produce web`, `kappa produce crm`, …, `kappa produce all`: views of one made-up world. */
export function registerWorld(produce: Command): void {
  for (const { name, doc } of domains) domainCommand(produce, name, doc)
  domainCommand(produce, 'all', 'every domain of the world at once')
}

const domainCommand = (produce: Command, name: string, doc: string): Command =>
  produce
    .command(name)
    .description(doc)
    .requiredOption('--mode <mode>', 'batch (whole days at once) or stream (live)')
    .option('--start-date <date>', 'batch: first day, e.g. 2025-01-01')
    .option('--end-date <date>', 'batch: last day, included')
    .option(
      '--events-per-day <n>',
      `events of the whole world on an ordinary day, about (default: ${DEFAULT_EVENTS_PER_DAY})`,
    )
    .option('--events-per-minute <n>', 'stream: the same, a minute')
    .option('--duration <seconds>', 'stream: how long (default: until Ctrl-C)')
    .option('--frequency <often>', 'how often reports come: minutely, hourly or daily (default: daily)')
    .option('--initial-customers <n>', `customers when the world begins (default: ${DEFAULT_CUSTOMERS})`)
    .option('--world-start <date>', `the world's first day (default: ${DEFAULT_WORLD_START})`)
    .option('--seed <n>', 'which of all possible worlds (default: 1)')
    .option('--incident <incident>', 'kind@start+duration', (text: string, all: string[] = []) => [...all, text])
    .option('--no-tables', 'do not begin with the rows of tables as they are at the start')
    .option('--to <where>', 'kafka, files (as the old systems wrote them) or stdout (one JSON object a line)', 'kafka')
    .option('--out <folder>', 'files: where')
    .option('--flaws <kinds>', `files: what is wrong with them: all, or of ${FLAW_KINDS.join(',')}`)
    .option('--flaw-ratio <ratio>', 'files: share of rows with a flaw (default: 0.01)')
    .option('--json', 'print the summary as JSON')
    .addHelpText('after', help(name))
    .action(({ json, ...flags }: WorldFlags & { json?: boolean }) =>
      produceWorld(name, worldOptionsOf(flags), json === true),
    )

async function produceWorld(what: string, options: WorldOptions, json: boolean): Promise<void> {
  const stop = stopSignal()
  try {
    if (options.files !== undefined) await toFiles(what, options, options.files, stop.signal, json)
    else if (options.to === 'stdout') await toStdout(what, options, stop.signal)
    else if (options.mode === 'batch') await batchToKafka(what, options, stop.signal, json)
    else await streamToKafka(what, options, stop.signal, json)
  } finally {
    stop.release()
  }
  if (stop.signal.aborted && options.mode === 'batch')
    throw new KappaError('INTERRUPTED', `producing ${what}: stopped before the last day`)
}
