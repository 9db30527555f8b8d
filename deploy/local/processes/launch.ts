import { spawn } from 'node:child_process'
import { closeSync, existsSync, mkdirSync, openSync, readFileSync, renameSync, statSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { KappaError } from '#engine/errors'
import { systemClock } from '#engine/time'
import { repositoryRoot } from '../../config.ts'
import { identityOf } from './identity.ts'
import { livingProcess, type ProcessRecord, removeRecord, writeRecord } from './record.ts'

const largestLog = 10 * 1024 * 1024

export const logFile = (dataFolder: string, name: string): string => join(dataFolder, 'logs', `${name}.log`)

/**
 * Starts a process of its own session, that outlives this one, and records it. Its output goes to its log, of which one
 * older piece is kept once it has grown past 10 MB. `onExit` is told of its end while this process lives.
 */
export async function launch(
  dataFolder: string,
  name: string,
  file: string,
  args: readonly string[],
  onExit?: (code: number | null, signal: NodeJS.Signals | null) => void,
): Promise<ProcessRecord> {
  const log = logFile(dataFolder, name)
  mkdirSync(dirname(log), { recursive: true })
  if (existsSync(log) && statSync(log).size > largestLog) renameSync(log, `${log}.1`)
  const output = openSync(log, 'a', 0o600)
  try {
    const child = spawn(file, [...args], { cwd: repositoryRoot, detached: true, stdio: ['ignore', output, output] })
    const failed = new Promise<never>((_, reject) => child.once('error', reject))
    const started = new Promise<void>((resolve) => child.once('spawn', resolve))
    if (child.pid !== undefined) {
      const identity = identityOf(child.pid) ?? 'ended at once'
      const record = { pid: child.pid, identity, startedAt: new Date(systemClock.now()).toISOString() }
      writeRecord(dataFolder, name, record)
    }
    await Promise.race([started, failed])
    if (onExit !== undefined) child.once('exit', onExit)
    child.unref()
    return { pid: child.pid ?? 0, identity: '', startedAt: '', ...livingProcess(dataFolder, name) }
  } catch (cause) {
    throw new KappaError('SERVICE_UNAVAILABLE', `starting ${name}`, { cause })
  } finally {
    closeSync(output)
  }
}

/**
 * Ends the process recorded under this name, and no other: SIGTERM, then SIGKILL when `within` milliseconds have passed.
 * Resolves when it is gone, with how it went; `undefined` where none was running.
 */
export async function end(dataFolder: string, name: string, within: number): Promise<'stopped' | 'killed' | undefined> {
  const alive = () => livingProcess(dataFolder, name)
  const record = alive()
  if (record === undefined) {
    removeRecord(dataFolder, name)
    return undefined
  }
  const deadline = systemClock.now() + within
  let outcome: 'stopped' | 'killed' = 'stopped'
  signal(record.pid, 'SIGTERM')
  while (alive() !== undefined) {
    if (systemClock.now() > deadline && outcome === 'stopped') {
      outcome = 'killed'
      signal(record.pid, 'SIGKILL')
    }
    await systemClock.sleep(25)
  }
  removeRecord(dataFolder, name)
  return outcome
}

/** Sends a signal; a process that has gone meanwhile is no error. */
export function signal(pid: number, name: NodeJS.Signals): void {
  try {
    process.kill(pid, name)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error
  }
}

/** The last lines of a service's log, for a message. */
export function logTail(dataFolder: string, name: string, lines = 15): string {
  const file = logFile(dataFolder, name)
  if (!existsSync(file)) return ''
  return readFileSync(file, 'utf8').trimEnd().split('\n').slice(-lines).join('\n')
}
