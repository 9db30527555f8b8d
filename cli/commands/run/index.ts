import { join } from 'node:path'
import { type Command, InvalidArgumentError } from 'commander'
import { KappaError } from '#engine/errors'
import { type Deployment, serveWorker, startWorker, type TaskStatus } from '#engine/runtime'
import { blockingThreads, dataFolder, kafkaPatienceMs } from '../../../deploy/config.ts'
import { processorNamed } from '../../deployments.ts'
import { openLog } from '../../log.ts'
import { openPlatform } from '../../platform.ts'
import { processors } from '../../processors.ts'
import { stopSignal } from '../produce/stop.ts'
import { type Running, runInForce } from './in-force.ts'

const help = `
Processors share their partitions with every other process that runs the same ones: start it twice to scale, kill one and
the others take over. State, positions and results are committed in one transaction: nothing is lost or doubled.
Where Kafka is away at the start it is waited for, a minute or KAPPA_KAFKA_PATIENCE_SECONDS.

Processors:
${processors.map(({ plan, doc }) => `  ${plan.name.padEnd(30)} ${doc}`).join('\n')}

Examples:
  kappa run processor all
  kappa run processor revenue-per-minute retail-revenue-per-day
  kappa run processor all --metrics-port 9400       /metrics (Prometheus), /status, /health, /ready, /state/…
  kappa run processor all --standbys 1              a worker that dies is taken over in no time
  kappa run processor all --id one --static         a quick restart of 'one' moves nothing`

interface RunFlags {
  readonly metricsPort?: number
  readonly metricsHost?: string
  readonly advertise?: string
  readonly commitInterval?: number
  readonly standbys?: number
  readonly id?: string
  readonly static?: boolean
}

function whole(text: string): number {
  if (!/^\d+$/.test(text)) throw new InvalidArgumentError('It is not a whole number.')
  return Number(text)
}

/** It becomes a folder's name, and a part of names in Kafka. */
function named(text: string): string {
  if (!/^[A-Za-z0-9][A-Za-z0-9_-]{0,39}$/.test(text))
    throw new InvalidArgumentError('It is not of letters, digits, dashes and underscores, 40 at most.')
  return text
}

/** `kappa run processor NAME…|all`: until Ctrl-C. */
export function register(program: Command): void {
  program
    .command('run')
    .description('run processors until Ctrl-C')
    .command('processor')
    .description('run these processors in this process')
    .argument('<name...>', "names, or 'all'")
    .option('--metrics-port <port>', 'serve metrics, health, readiness and state at this port', whole)
    .option('--metrics-host <host>', 'the address served at (default: 127.0.0.1, this machine alone)')
    .option('--advertise <url>', 'where other workers send questions about state (default: the address served at)')
    .option('--standbys <n>', 'workers that may leave at once and be taken over warm (default: 0)', whole)
    .option(
      '--id <name>',
      'names this worker among the others, and its folder for state on disk (default: made up, none)',
      named,
    )
    .option('--static', 'keep the tasks through a restart within the session time-out; needs --id')
    .option('--commit-interval <milliseconds>', 'longest time from a record to its commit (default: 200)', whole)
    .addHelpText('after', help)
    .action(run)
}

async function run(wanted: readonly string[], flags: RunFlags): Promise<void> {
  if (flags.static && flags.id === undefined)
    throw new KappaError(
      'CONFIG_INVALID',
      'running processors: --static needs --id, by which the group knows the worker',
    )
  const chosen = wanted.includes('all') ? processors : wanted.map(processorNamed)
  const log = openLog('processors')
  const platform = openPlatform((line) => log.warn(line))
  const stop = stopSignal()
  const start = async (deployments: readonly Deployment[]): Promise<Running> => {
    const worker = await startWorker({
      broker: platform.broker,
      deployments,
      settings: {
        brokerPatienceMs: kafkaPatienceMs(),
        ...(flags.commitInterval === undefined ? {} : { commitIntervalMs: flags.commitInterval }),
        ...(flags.standbys === undefined ? {} : { standbys: flags.standbys }),
        // A folder has one worker; one without a name of its own has none.
        ...(flags.id === undefined ? {} : { stateFolder: join(dataFolder(), 'state', flags.id) }),
      },
      ...(flags.id === undefined ? {} : { id: flags.id, isStatic: flags.static === true }),
      signal: stop.signal,
      threads: blockingThreads(),
      onWarning: (text: string) => log.warn(text),
      onChange: ({ processor, stage, partition, state, reason }: TaskStatus) => {
        const level = state === 'stopped' ? 'error' : state === 'retrying' ? 'warn' : 'info'
        log[level]({ processor, stage, partition, state, reason }, `${processor} ${stage}[${partition}] ${state}`)
      },
    })
    const metrics =
      flags.metricsPort === undefined
        ? undefined
        : await serveWorker(worker, {
            port: flags.metricsPort,
            ...(flags.metricsHost === undefined ? {} : { host: flags.metricsHost }),
            ...(flags.advertise === undefined ? {} : { advertise: flags.advertise }),
          }).catch(async (thrown: unknown) => {
            await worker.stop()
            throw new KappaError('CONFIG_INVALID', `serving metrics at --metrics-port ${flags.metricsPort}`, {
              cause: thrown,
            })
          })
    const close = async (): Promise<void> => {
      await metrics?.close()
      await worker.stop()
    }
    return { worker, close }
  }
  try {
    const tell = (level: 'info' | 'warn' | 'error', text: string) => log[level](text)
    await runInForce({
      ...{ platform, processors: chosen, signal: stop.signal, start, tell },
      patienceMs: kafkaPatienceMs(),
    })
  } finally {
    stop.release()
    await platform.close()
  }
}
