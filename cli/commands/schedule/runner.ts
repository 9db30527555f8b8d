import { readlinkSync } from 'node:fs'
import { hostname } from 'node:os'
import type { Runners } from '#engine/schedule'
import { identityOf } from '../../../deploy/local/index.ts'

/** This process among all that run entries: another one of the same machine is known to be gone as soon as it is. */
export function thisRunner(): Runners {
  const machine = `${hostname()}|${pidNamespace()}`
  return {
    own: `${machine}|${process.pid}|${identityOf(process.pid) ?? ''}`,
    isGone(runner) {
      const [pid = '', identity = ''] = runner.startsWith(`${machine}|`)
        ? runner.slice(machine.length + 1).split('|')
        : []
      return identity !== '' && identityOf(Number(pid)) !== identity
    },
  }
}

/** Process ids say nothing across containers that share a host's name. */
function pidNamespace(): string {
  try {
    return readlinkSync('/proc/self/ns/pid')
  } catch {
    return ''
  }
}
