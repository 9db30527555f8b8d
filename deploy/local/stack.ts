import { join } from 'node:path'
import { KappaError } from '#engine/errors'
import type { Addresses } from '../addresses.ts'
import type { OnStackEvent } from './events.ts'
import { end, signal } from './processes/launch.ts'
import { withLock } from './processes/lock.ts'
import { freePorts } from './processes/ports.ts'
import { livingProcess, recordedNames } from './processes/record.ts'
import { clickhouseIsBuilt, type ServiceName, serviceNames, serviceOf } from './services/index.ts'
import { requireJava } from './services/java.ts'
import { ensureSettings, localAddresses, type Ports } from './settings.ts'
import { type Folders, fetchParts, requirePorts, settingsOf, startService } from './start.ts'

export interface StackOptions extends Folders {
  /** Used where the folder has no config yet. `'free'` finds some that nobody uses, for tests. Default: the usual ones. */
  readonly ports?: 'free' | Ports
  /** Which services; all by default. */
  readonly services?: readonly ServiceName[]
  readonly onProgress?: OnStackEvent
}

/** A stack whose processes live on when this one ends. */
export interface RunningStack {
  readonly addresses: Addresses
  readonly services: readonly ServiceName[]
  /** The process id of a service, or `undefined` while it is down. */
  pid(service: ServiceName): number | undefined
  /** Sends a signal to a service; with SIGKILL, resolves when it is gone. */
  kill(service: ServiceName, signal: NodeJS.Signals): Promise<void>
  /** Starts a service that is down; resolves when it answers. */
  start(service: ServiceName): Promise<void>
  /** Stops all of them, in the reverse order of dependence; resolves when no process is left. */
  stop(): Promise<void>
}

/**
 * Starts what is not running yet, side by side, and resolves when all of it answers. Data, ports and credentials are
 * those of the folder; made at the first start. Where one service fails, those that this call started are stopped again.
 */
export async function startStack(options: StackOptions): Promise<RunningStack> {
  const { dataFolder, cacheFolder, onProgress: on = () => {} } = options
  const names = (options.services ?? serviceNames).filter((name) => name !== 'clickhouse' || clickhouseIsBuilt())
  await withLock(join(dataFolder, 'run', 'stack.lock'), async () => {
    ensureSettings(dataFolder, options.ports === 'free' ? await freePorts() : options.ports)
    const missing = names.filter((name) => livingProcess(dataFolder, name) === undefined)
    if (missing.some((name) => serviceOf(name).java)) await requireJava()
    await requirePorts(missing, dataFolder)
    await fetchParts(names, cacheFolder, on)
    const results = await Promise.allSettled(names.map((name) => startService(name, { dataFolder, cacheFolder }, on)))
    const failures = results.flatMap((result) => (result.status === 'rejected' ? [result.reason as unknown] : []))
    if (failures.length === 0) return
    await stopServices(dataFolder, missing, on)
    throw failures.length === 1 ? failures[0] : several(failures)
  })
  return attachStack({ dataFolder, cacheFolder, services: names, onProgress: on })
}

function several(failures: readonly unknown[]): KappaError {
  const messages = failures.map((failure) => (failure instanceof Error ? failure.message : String(failure)))
  const code = failures.find((failure) => failure instanceof KappaError)?.code ?? 'SERVICE_UNAVAILABLE'
  return new KappaError(code, messages.join('\n'))
}

/** A handle on a stack that was started before, here or by another process. Throws CONFIG_INVALID where there was none. */
export function attachStack(options: Omit<StackOptions, 'ports'>): RunningStack {
  const { dataFolder, cacheFolder, services = serviceNames, onProgress: on = () => {} } = options
  settingsOf(dataFolder)
  const addresses = localAddresses(dataFolder)
  if (addresses === undefined) throw new KappaError('CONFIG_INVALID', `reading the addresses of ${dataFolder}`)
  return {
    addresses,
    services,
    pid: (name) => livingProcess(dataFolder, name)?.pid,
    async kill(name, signalName) {
      const record = livingProcess(dataFolder, name)
      if (record === undefined) return
      signal(record.pid, signalName)
      if (signalName === 'SIGKILL') await end(dataFolder, name, serviceOf(name).stopWithin)
    },
    async start(name) {
      await startService(name, { dataFolder, cacheFolder }, on)
    },
    stop: () => stopStack(dataFolder, services, on),
  }
}

/**
 * Stops what runs of these services, in the reverse of their order, and nothing that this folder did not start. Without a
 * list, all of them, and before them every other process recorded here: they could do nothing without the services.
 */
export function stopStack(
  dataFolder: string,
  services?: readonly ServiceName[],
  on: OnStackEvent = () => {},
): Promise<void> {
  return withLock(join(dataFolder, 'run', 'stack.lock'), async () => {
    if (services === undefined) await stopWorkers(dataFolder, on)
    await stopServices(dataFolder, services ?? serviceNames, on)
  })
}

/** Milliseconds that a worker has for its last commit. */
const lastCommit = 20_000

async function stopWorkers(dataFolder: string, on: OnStackEvent): Promise<void> {
  const services: readonly string[] = serviceNames
  const workers = recordedNames(dataFolder).filter((name) => !services.includes(name))
  await Promise.all(
    workers.map(async (service) => {
      const how = await end(dataFolder, service, lastCommit)
      if (how !== undefined) on({ kind: 'stopped', service, how })
    }),
  )
}

async function stopServices(dataFolder: string, services: readonly ServiceName[], on: OnStackEvent): Promise<void> {
  for (const name of serviceNames.toReversed()) {
    if (!services.includes(name)) continue
    const how = await end(dataFolder, name, serviceOf(name).stopWithin)
    if (how !== undefined) on({ kind: 'stopped', service: name, how })
  }
}
