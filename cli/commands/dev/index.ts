import type { Command } from 'commander'
import { systemClock } from '#engine/time'
import { dataFolder, givenServices } from '../../../deploy/config.ts'
import { serviceNames, stopStack } from '../../../deploy/local/index.ts'
import { openPlatform, prepareTopics } from '../../platform.ts'
import { bringUp } from '../stack/index.ts'
import { block } from './block.ts'
import { lagOf } from './lag.ts'
import { rowsPerTable } from './tables.ts'
import { startWorkers, type WorkerSpec } from './workers.ts'

const help = `
Starts the stack, registers schemas and topics, runs processors and sinks in processes of their own, lets a made-up company
live (kappa produce all: shop, CRM, advertising, influencers, warehouse, flights, weather), imports New York's flights and
weather of 2013, and runs checks and upkeep on time (kappa schedule list); then tells where everything is.

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
    .option('--events-per-minute <n>', "live events of the whole company; three of four are the shop's", '800')
    .option('--no-import', 'do not import flights and weather')
    .addHelpText('after', help)
    .action(dev)
}

const workersOf = (options: DevOptions): readonly WorkerSpec[] => [
  { name: 'processors', args: ['run', 'processor', 'all'], bounded: false },
  { name: 'sink-clickhouse', args: ['sink', 'run', 'clickhouse'], bounded: false },
  { name: 'sink-redis', args: ['sink', 'run', 'redis'], bounded: false },
  { name: 'sink-s3', args: ['sink', 'run', 's3', '--age', '10 seconds'], bounded: false },
  {
    name: 'world',
    args: [
      ...['produce', 'all', '--mode', 'stream', '--events-per-minute', options.eventsPerMinute],
      ...['--frequency', 'hourly', '--initial-customers', '2000'],
    ],
    bounded: false,
  },
  { name: 'schedule', args: ['schedule', 'run'], bounded: false },
  ...(options.import ? [{ name: 'import-flights', args: ['import', 'flights'], bounded: true }] : []),
]

/** How long the block waits for the import and the first rows. */
const FIRST_ROWS_WITHIN_MS = 45_000
const SAMPLE_SECONDS = 3

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
  const workers = await startWorkers(dataFolder(), workersOf(options), console.log)
  try {
    const deadline = systemClock.now() + FIRST_ROWS_WITHIN_MS
    const complete = () => !options.import || workers.finished.has('import-flights')
    let before = await rowsPerTable(addresses)
    while (
      !stopping.signal.aborted &&
      systemClock.now() < deadline &&
      !(complete() && before.has('shop.masked_clicks'))
    ) {
      await systemClock.sleep(500, stopping.signal)
      before = await rowsPerTable(addresses)
    }
    await systemClock.sleep(SAMPLE_SECONDS * 1_000, stopping.signal)
    if (!stopping.signal.aborted) {
      const after = await rowsPerTable(addresses)
      console.log(block(addresses, before, after, SAMPLE_SECONDS, await lagOf(platform)))
      await new Promise<void>((resolve) => stopping.signal.addEventListener('abort', () => resolve(), { once: true }))
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
