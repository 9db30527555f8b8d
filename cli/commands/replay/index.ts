import type { Command } from 'commander'
import { registerCancel, registerPromote, registerRollback, registerStatus, registerVerify } from './decide.ts'
import { registerDiff } from './diff.ts'
import { registerPlan, registerRun } from './run.ts'

const help = `
A batch is a replay: a processor runs over a range of event time again, from Kafka or from the archive in S3, into a
generation of its own; then it is compared with what is live and, if you say so, takes its place.

  plan → run → verify, diff → promote (→ rollback), or cancel

Exit codes: 0 done · 1 failure · 2 usage · 3 verification mismatch · 4 interrupted, resumable · 5 blocked`

/** `kappa replay …` */
export function register(program: Command): void {
  const replay = program
    .command('replay')
    .description('run a processor over a range of history again')
    .addHelpText('after', help)
  for (const command of [
    registerPlan,
    registerRun,
    registerStatus,
    registerVerify,
    registerDiff,
    registerPromote,
    registerRollback,
    registerCancel,
  ])
    command(replay)
}
