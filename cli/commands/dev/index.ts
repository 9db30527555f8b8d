import type { Command } from 'commander'
import { systemClock } from '#engine/time'
import type { Addresses } from '../../../deploy/addresses.ts'
import { dataFolder, givenServices } from '../../../deploy/config.ts'
import { serviceNames, stopStack } from '../../../deploy/local/index.ts'
import { openPlatform, type Platform, prepareTopics } from '../../platform.ts'
import { bringUp } from '../stack/index.ts'
import { block, liveText } from './block.ts'
import { companyArgs, DEFAULT_EVENTS_PER_MINUTE } from './company.ts'
import { type DomainFigures, figuresPerDomain, LIVE_DOMAINS } from './domains.ts'
import { lagOf } from './lag.ts'
import { rowsPerTable } from './tables.ts'
import { startWorkers, type WorkerSpec } from './workers.ts'

const help = `
Starts the stack, registers schemas and topics, runs processors and sinks in processes of their own, lets a made-up company
live (kappa produce all: shop, CRM, advertising, influencers, warehouse, flights, weather), imports New York's flights and
weather of 2013, and runs checks and upkeep on time (kappa schedule list); then tells where everything is, and what every
domain does: events of the last minute, the last event, rows; on a screen as it changes.

Examples:
  npm start                       the same
  kappa dev --events-per-minute 4000
  kappa dev --no-import           live traffic only`

interface DevOptions {
  readonly eventsPerMinute: string
  readonly import: boolean
}

/** `kappa dev`: everything, running, on this machine. */
export function register(program: Command): void {
  program
    .command('dev')
    .description('run everything on this machine: stack, processors, sinks, live traffic, a year of flights')
    .option(
      '--events-per-minute <n>',
      "live events of the whole company; three of four are the shop's",
      DEFAULT_EVENTS_PER_MINUTE,
    )
    .option('--no-import', 'do not import flights and weather')
    .addHelpText('after', help)
    .action(dev)
}

const workersOf = (options: DevOptions): readonly WorkerSpec[] => [
  { name: 'processors', args: ['run', 'processor', 'all'], bounded: false },
  { name: 'sink-clickhouse', args: ['sink', 'run', 'clickhouse'], bounded: false },
  { name: 'sink-redis', args: ['sink', 'run', 'redis'], bounded: false },
  { name: 'sink-s3', args: ['sink', 'run', 's3', '--age', '10 seconds'], bounded: false },
  { name: 'world', args: companyArgs(options.eventsPerMinute), bounded: false },
  { name: 'schedule', args: ['schedule', 'run'], bounded: false },
  ...(options.import ? [{ name: 'import-flights', args: ['import', 'flights'], bounded: true }] : []),
]

/** How long the block waits for the import and the first rows of every domain. */
const FIRST_ROWS_WITHIN_MS = 45_000
const REFRESH_MS = 15_000
const LAG_WITHIN_MS = 3_000

const figuresOf = async (addresses: Addresses): Promise<readonly DomainFigures[]> =>
  (await figuresPerDomain(addresses, new Set((await rowsPerTable(addresses)).keys()))) ?? []

const allHaveRows = (figures: readonly DomainFigures[]): boolean =>
  Object.keys(LIVE_DOMAINS).every((name) => figures.some(({ domain, rows }) => domain === name && rows > 0))

/** Groups that never reported are asked for a long while: figures do not wait for them. */
const soonOf = async <T>(asked: Promise<T>, signal: AbortSignal): Promise<T | undefined> =>
  await Promise.race([asked.catch(() => undefined), systemClock.sleep(LAG_WITHIN_MS, signal).then(() => undefined)])

/** Lines that were drawn last and nothing was printed behind: what the next figures are drawn over. */
interface Screen {
  lines: number
}

/** Prints the domains, and on a screen again and again in the same place, until the signal. */
async function showLive(platform: Platform, addresses: Addresses, screen: Screen, signal: AbortSignal): Promise<void> {
  while (!signal.aborted) {
    const [figures, lag] = await Promise.all([figuresOf(addresses), soonOf(lagOf(platform), signal)])
    const text = liveText(figures, lag, systemClock.now())
    // up to the line where the last one began, and everything below it away (ECMA-48: CPL, ED)
    if (!signal.aborted) console.log(screen.lines === 0 ? text : `\u001b[${screen.lines}F\u001b[J${text}`)
    screen.lines = text.split('\n').length
    const pause = process.stdout.isTTY ? REFRESH_MS : 2 ** 31 - 1
    await systemClock.sleep(pause, signal)
  }
}

async function dev(options: DevOptions): Promise<void> {
  const stopping = new AbortController()
  const interrupt = () => stopping.abort()
  process.once('SIGINT', interrupt)
  process.once('SIGTERM', interrupt)
  console.log('Starting the stack')
  const addresses = await bringUp()
  const platform = openPlatform()
  console.log('Registering schemas and topics')
  await prepareTopics(platform)
  console.log('Starting processors, sinks, traffic, the schedule and the import')
  const screen: Screen = { lines: 0 }
  const workers = await startWorkers(dataFolder(), workersOf(options), (line) => {
    screen.lines = 0
    console.log(line)
  })
  try {
    const deadline = systemClock.now() + FIRST_ROWS_WITHIN_MS
    const complete = () => !options.import || workers.finished.has('import-flights')
    let figures = await figuresOf(addresses)
    while (!stopping.signal.aborted && systemClock.now() < deadline && !(complete() && allHaveRows(figures))) {
      await systemClock.sleep(500, stopping.signal)
      figures = await figuresOf(addresses)
    }
    if (!stopping.signal.aborted) {
      console.log(block(addresses))
      await showLive(platform, addresses, screen, stopping.signal)
    }
  } finally {
    console.log('\nStopping')
    await workers.stop()
    await platform.close()
    const given = givenServices()
    await stopStack(
      dataFolder(),
      serviceNames.filter((name) => !given.has(name)),
    )
    console.log('Stopped. `npm start` goes on where this ended.')
  }
}
