import { linkSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { dirname } from 'node:path'
import { KappaError } from '#engine/errors'
import { systemClock } from '#engine/time'
import { identityOf } from './identity.ts'

const patience = 10 * 60_000

/**
 * Runs `work` while no other process of this machine runs under the same lock file. Waits for one that does; a lock left
 * by a process that has died is taken over. Throws BLOCKED, naming the holder, after ten minutes.
 */
export async function withLock<T>(file: string, work: () => Promise<T>): Promise<T> {
  mkdirSync(dirname(file), { recursive: true })
  const own = `${process.pid} ${identityOf(process.pid) ?? ''}`
  const deadline = systemClock.now() + patience
  while (!take(file, own)) {
    const holder = read(file)
    if (holder !== undefined && !lives(holder)) {
      if (read(file) === holder) rmSync(file, { force: true })
      continue
    }
    if (systemClock.now() > deadline) {
      throw new KappaError('BLOCKED', `waiting for ${file}, held by process ${holder?.split(' ')[0]}`, {
        retriable: true,
      })
    }
    await systemClock.sleep(100)
  }
  try {
    return await work()
  } finally {
    rmSync(file, { force: true })
  }
}

/** A hard link appears with its content or not at all, and fails where the name is taken. */
function take(file: string, own: string): boolean {
  const temporary = `${file}.${process.pid}`
  writeFileSync(temporary, own)
  try {
    linkSync(temporary, file)
    return true
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false
    throw error
  } finally {
    rmSync(temporary, { force: true })
  }
}

function read(file: string): string | undefined {
  try {
    return readFileSync(file, 'utf8')
  } catch {
    return undefined
  }
}

function lives(holder: string): boolean {
  const space = holder.indexOf(' ')
  return identityOf(Number(holder.slice(0, space))) === holder.slice(space + 1)
}
