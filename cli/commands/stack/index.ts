import type { Command } from 'commander'
import { registerDoctor } from './doctor.ts'
import { registerDown } from './down.ts'
import { registerPurge } from './purge.ts'
import { registerStatus } from './status.ts'
import { registerUp } from './up.ts'

export { bringUp } from './up.ts'

/** The commands of the local stack: up, down, status, doctor, purge. */
export function register(program: Command): void {
  for (const command of [registerUp, registerDown, registerStatus, registerDoctor, registerPurge]) command(program)
}
