import { join } from 'node:path'
import { KappaError, reasonOf } from '#engine/errors'
import { systemClock } from '#engine/time'
import type { OnStackEvent } from './events.ts'
import { fetchPart } from './parts/fetch.ts'
import { launch, logFile, logTail } from './processes/launch.ts'
import { isFree, nameOwnerOf } from './processes/ports.ts'
import { livingProcess, type ProcessRecord } from './processes/record.ts'
import { type LocalService, type ServiceName, serviceOf } from './services/index.ts'
import { readSettings, type Settings, settingsFile } from './settings.ts'

export interface Folders {
  readonly dataFolder: string
  readonly cacheFolder: string
}

/** Milliseconds after which a service that does not answer is given up. */
const patience = 90_000
/** Milliseconds between two messages about a service that is slow to come. */
const silence = 5_000

export function settingsOf(dataFolder: string): Settings {
  const settings = readSettings(dataFolder)
  if (settings !== undefined) return settings
  throw new KappaError('CONFIG_INVALID', `looking for a local stack in ${dataFolder}: none was ever started there`)
}

/** Brings the parts of these services into the cache, one after the other. */
export async function fetchParts(names: readonly ServiceName[], cacheFolder: string, on: OnStackEvent): Promise<void> {
  for (const name of names) {
    const { part } = serviceOf(name)
    if (part === undefined) continue
    let seen = false
    await fetchPart(cacheFolder, part, (received) => {
      seen = true
      on({ kind: 'fetching', part: part.name, received: Math.min(received, part.bytes), expected: part.bytes })
    })
    if (seen) on({ kind: 'fetched', part: part.name })
  }
}

/**
 * Starts one service unless it runs already, and resolves when it answers. Throws CONFIG_INVALID where another process
 * holds its port, SERVICE_UNAVAILABLE with the end of its log where it ends or stays silent.
 */
export async function startService(name: ServiceName, folders: Folders, on: OnStackEvent): Promise<ProcessRecord> {
  const service = serviceOf(name)
  const settings = settingsOf(folders.dataFolder)
  const running = livingProcess(folders.dataFolder, name)
  if (running !== undefined) {
    await untilReady(service, settings, folders.dataFolder, on, running)
    on({ kind: 'running', service: name, pid: running.pid })
    return running
  }
  await requirePorts([name], folders.dataFolder)
  const place = {
    settings,
    folder: join(folders.dataFolder, name),
    part: service.part === undefined ? '' : await fetchPart(folders.cacheFolder, service.part),
  }
  await service.prepare(place)
  const { file, args } = service.launch(place)
  const since = systemClock.now()
  const record = await launch(folders.dataFolder, name, file, args)
  on({ kind: 'starting', service: name, pid: record.pid })
  await untilReady(service, settings, folders.dataFolder, on, record)
  on({ kind: 'ready', service: name, pid: record.pid, elapsed: systemClock.now() - since })
  return record
}

/** Throws CONFIG_INVALID naming every port of these services that somebody else holds, with the owner. */
export async function requirePorts(names: readonly ServiceName[], dataFolder: string): Promise<void> {
  const settings = settingsOf(dataFolder)
  const clashes: string[] = []
  for (const name of names) {
    if (livingProcess(dataFolder, name) !== undefined) continue
    for (const key of serviceOf(name).ports) {
      const port = settings.ports[key]
      if (await isFree(port)) continue
      const advice = `stop it, or change ports.${key} in ${settingsFile(dataFolder)}`
      clashes.push(`starting ${name}: port ${port} is taken by ${nameOwnerOf(port)}; ${advice}`)
    }
  }
  if (clashes.length > 0) throw new KappaError('CONFIG_INVALID', clashes.join('\n'))
}

async function untilReady(
  service: LocalService,
  settings: Settings,
  dataFolder: string,
  on: OnStackEvent,
  { pid }: ProcessRecord,
): Promise<void> {
  const since = systemClock.now()
  let nextMessage = since + silence
  for (;;) {
    const reason = await service.probe(settings).then(() => undefined, reasonOf)
    if (reason === undefined) return
    const elapsed = systemClock.now() - since
    const fail = (what: string) => {
      const tail = logTail(dataFolder, service.name)
      const log = `its log, ${logFile(dataFolder, service.name)}, ${tail === '' ? 'is empty' : `ends:\n${tail}`}`
      return new KappaError('SERVICE_UNAVAILABLE', `starting ${service.name}: ${what}; ${log}`)
    }
    if (livingProcess(dataFolder, service.name)?.pid !== pid) throw fail(`process ${pid} has ended`)
    if (elapsed > patience) throw fail(`no answer after ${patience / 1000} s (${reason})`)
    if (systemClock.now() > nextMessage) {
      on({ kind: 'waiting', service: service.name, elapsed, reason })
      nextMessage += silence
    }
    await systemClock.sleep(100)
  }
}
