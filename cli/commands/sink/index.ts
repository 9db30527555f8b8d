import type { Command } from 'commander'
import { registerBeginAgain } from './begin-again.ts'
import { registerCompact } from './compact.ts'
import { registerErase } from './erase.ts'
import { registerExpire } from './expire.ts'
import { registerIceberg } from './iceberg.ts'
import { registerRebuild } from './rebuild.ts'
import { registerRun } from './run.ts'
import { registerStatus } from './status.ts'

/** `kappa sink …`: bring topics to ClickHouse, S3 and Redis. */
export function register(program: Command): void {
  const sink = program.command('sink').description('bring topics to ClickHouse, S3 and Redis, every record once')
  registerRun(sink)
  registerBeginAgain(sink)
  registerStatus(sink)
  registerCompact(sink)
  registerExpire(sink)
  registerErase(sink)
  registerIceberg(sink)
  registerRebuild(sink)
}
