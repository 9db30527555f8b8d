import { execFile } from 'node:child_process'
import { existsSync, readFileSync, statfsSync } from 'node:fs'
import { freemem, totalmem } from 'node:os'
import { dirname } from 'node:path'
import { promisify } from 'node:util'
import { reasonOf } from '#engine/errors'
import { javaCommand } from '../config.ts'
import { isFetched } from './parts/fetch.ts'
import { isFree, nameOwnerOf, ownerOf } from './processes/ports.ts'
import { livingProcess } from './processes/record.ts'
import { type ServiceName, serviceNames, serviceOf } from './services/index.ts'
import { javaAdvice, javaVersion } from './services/java.ts'
import { defaultPorts, readSettings, settingsFile } from './settings.ts'
import type { Folders } from './start.ts'
import { stackStatus } from './status.ts'

/** One thing that was looked at. `poor` may hurt later, `broken` keeps the stack from working. */
export interface Finding {
  readonly what: string
  readonly state: 'good' | 'poor' | 'broken'
  readonly detail: string
  /** What to do about it, where there is something to do. */
  readonly advice?: string
}

const run = promisify(execFile)

/** Looks at everything that the local stack needs. Never throws; what cannot be looked at is a finding. */
export async function examine(
  folders: Folders,
  given: ReadonlyMap<ServiceName, readonly string[]> = new Map(),
): Promise<Finding[]> {
  const ours = serviceNames.filter((name) => !given.has(name))
  const steps = [
    () => [nodeVersion(process.versions.node)],
    () => javaFindings(),
    () => packageClient(ours, folders.cacheFolder),
    () => [disk(folders.dataFolder, 'data'), disk(folders.cacheFolder, 'cache')],
    () => [memory(availableMemory(), totalmem())],
    () => [openFiles()],
    () => ports(ours, folders.dataFolder),
    () => health(folders.dataFolder, given),
  ]
  const findings: Finding[] = []
  for (const step of steps) {
    try {
      findings.push(...(await step()))
    } catch (error) {
      findings.push({ what: 'doctor', state: 'broken', detail: reasonOf(error) })
    }
  }
  return findings
}

export function nodeVersion(version: string): Finding {
  const [major = 0, minor = 0] = version.split('.').map(Number)
  const enough = major > 20 || (major === 20 && minor >= 19)
  const common = { what: 'node', detail: version }
  return enough ? { ...common, state: 'good' } : { ...common, state: 'broken', advice: 'install Node 20.19 or later' }
}

async function javaFindings(): Promise<Finding[]> {
  const version = await javaVersion()
  const common = { what: 'java', detail: version?.text ?? `${javaCommand()} cannot be run` }
  return [version?.enough === true ? { ...common, state: 'good' } : { ...common, state: 'broken', advice: javaAdvice }]
}

async function packageClient(names: readonly ServiceName[], cacheFolder: string): Promise<Finding[]> {
  const parts = names.flatMap((name) => serviceOf(name).part ?? [])
  const missing = parts.filter((part) => !isFetched(cacheFolder, part)).map((part) => part.name)
  const cached: Finding = {
    what: 'parts',
    state: 'good',
    detail: missing.length === 0 ? `all in ${cacheFolder}` : `fetched on first use: ${missing.join(', ')}`,
  }
  try {
    const { stdout } = await run('mvn', ['-v'])
    return [{ what: 'mvn', state: 'good', detail: /Apache Maven ([\d.]+)/.exec(stdout)?.[1] ?? 'found' }, cached]
  } catch {
    const state = missing.length === 0 ? 'poor' : 'broken'
    const advice = 'install Maven (Debian: apt install maven): it brings the parts on first use'
    return [{ what: 'mvn', state, detail: 'not found', advice }, cached]
  }
}

function disk(folder: string, what: string): Finding {
  let existing = folder
  while (!existsSync(existing)) existing = dirname(existing)
  const { bavail, bsize } = statfsSync(existing)
  const free = bavail * bsize
  const common = { what: `disk (${what})`, detail: `${gigabytes(free)} free at ${folder}` }
  if (free > 5e9) return { ...common, state: 'good' }
  const advice = `free some, or move it with ${what === 'data' ? 'KAPPA_DATA' : 'KAPPA_CACHE'}`
  return { ...common, state: free > 1e9 ? 'poor' : 'broken', advice }
}

/** Memory that a new process could have: caches count as free, unlike in `freemem` on Linux. */
function availableMemory(): number {
  if (process.platform !== 'linux') return freemem()
  const kilobytes = /MemAvailable:\s+(\d+) kB/.exec(readFileSync('/proc/meminfo', 'utf8'))?.[1]
  return kilobytes === undefined ? freemem() : Number(kilobytes) * 1024
}

export function memory(available: number, total: number): Finding {
  const common = { what: 'memory', detail: `${gigabytes(available)} available of ${gigabytes(total)}` }
  if (available > 3e9) return { ...common, state: 'good' }
  const advice = 'the stack takes about 1.5 GB and processors come on top: close something'
  return { ...common, state: available > 1e9 ? 'poor' : 'broken', advice }
}

/** The broker keeps three files open for each log segment. The JVM raises itself to the hard limit. */
function openFiles(): Finding {
  if (process.platform !== 'linux') return { what: 'open files', state: 'good', detail: 'not looked at here' }
  const limits = /Max open files\s+(\S+)\s+(\S+)/.exec(readFileSync('/proc/self/limits', 'utf8'))
  const hard = limits?.[2] === 'unlimited' ? Number.POSITIVE_INFINITY : Number(limits?.[2] ?? 0)
  const common = { what: 'open files', detail: `limit ${limits?.[2] ?? 'unknown'}` }
  return hard >= 4_096
    ? { ...common, state: 'good' }
    : { ...common, state: 'poor', advice: 'raise it: ulimit -Hn 65536' }
}

async function ports(names: readonly ServiceName[], dataFolder: string): Promise<Finding[]> {
  const wanted = readSettings(dataFolder)?.ports ?? defaultPorts
  const findings: Finding[] = []
  for (const name of names) {
    const running = livingProcess(dataFolder, name)
    for (const key of serviceOf(name).ports) {
      const port = wanted[key]
      const what = `port ${port}`
      const free = await isFree(port)
      const owner = free ? undefined : ownerOf(port)
      if (free) {
        findings.push({ what, state: 'good', detail: `free, for ${key}` })
      } else if (owner !== undefined && owner.pid === running?.pid) {
        findings.push({ what, state: 'good', detail: `${key}, process ${owner.pid}` })
      } else {
        const advice = `stop it, or change ports.${key} in ${settingsFile(dataFolder)}`
        findings.push({ what, state: 'broken', detail: `wanted for ${key}, taken by ${nameOwnerOf(port)}`, advice })
      }
    }
  }
  return findings
}

async function health(dataFolder: string, given: ReadonlyMap<ServiceName, readonly string[]>): Promise<Finding[]> {
  const statuses = await stackStatus(dataFolder, given)
  return statuses.map(({ service, health: state, home, reason = '', address = '' }) => {
    if (state === 'healthy') return { what: service, state: 'good', detail: `answers at ${address}` }
    if (home === 'given') {
      const advice = 'check the address in the environment, and the network'
      return { what: service, state: 'broken', detail: reason, advice }
    }
    if (state === 'stopped') return { what: service, state: 'poor', detail: reason, advice: 'kappa up' }
    const advice = `look at logs/${service}.log in the data folder, then: kappa down && kappa up`
    return { what: service, state: 'broken', detail: reason, advice }
  })
}

const gigabytes = (bytes: number): string => `${(bytes / 1e9).toFixed(1)} GB`
