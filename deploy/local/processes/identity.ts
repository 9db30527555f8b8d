import { execFileSync } from 'node:child_process'
import { readdirSync, readFileSync } from 'node:fs'

/**
 * Tells one life of a process id from the next: the system reuses ids, and a process that was started later is never ours
 * to end. On Linux the boot id and the start tick of /proc/<pid>/stat (field 22, proc(5)), elsewhere what `ps` calls the
 * start time. `undefined` where no such process lives. A zombie has ended, once its other threads have too: until then
 * they hold its ports and files.
 */
export function identityOf(pid: number): string | undefined {
  if (process.platform !== 'linux') return identityFromPs(pid)
  const fields = statOf(pid)
  if (fields === undefined || ((fields[0] === 'Z' || fields[0] === 'X') && threadsOf(pid) <= 1)) return undefined
  return `${bootId()}:${fields[19]}`
}

/** The fields of /proc/<pid>/stat from the third on: the second, the name, may hold spaces and brackets. */
function statOf(pid: number): string[] | undefined {
  try {
    const text = readFileSync(`/proc/${pid}/stat`, 'utf8')
    return text.slice(text.lastIndexOf(')') + 2).split(' ')
  } catch {
    return undefined
  }
}

function threadsOf(pid: number): number {
  try {
    return readdirSync(`/proc/${pid}/task`).length
  } catch {
    return 0
  }
}

const bootId = (): string => readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim()

function identityFromPs(pid: number): string | undefined {
  try {
    const answer = execFileSync('ps', ['-o', 'stat=,lstart=', '-p', String(pid)], { encoding: 'utf8' }).trim()
    return answer === '' || answer.startsWith('Z') ? undefined : answer.replace(/^\S+\s+/, '')
  } catch {
    return undefined
  }
}

/** The command line of a process, or `undefined` where it cannot be read. */
export function commandOf(pid: number): string | undefined {
  try {
    if (process.platform === 'linux') {
      return readFileSync(`/proc/${pid}/cmdline`, 'utf8').replaceAll('\0', ' ').trim() || undefined
    }
    return execFileSync('ps', ['-o', 'command=', '-p', String(pid)], { encoding: 'utf8' }).trim() || undefined
  } catch {
    return undefined
  }
}
