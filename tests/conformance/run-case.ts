import { type Case, Unsupported } from './cases.ts'
import { isJoinCase, runJoinCase } from './joins.ts'
import { runOrderCase } from './order.ts'
import { runWatermarkCase } from './watermarks.ts'
import { runWindowCase } from './windows/run.ts'

/** Runs one case through the engine's own code; throws Unsupported, or Mismatch with what differs. */
export async function runCase(test: Case): Promise<void> {
  if (isJoinCase(test)) return await runJoinCase(test)
  if (test.kind === 'partition-merge') return await runOrderCase(test)
  if (test.kind === 'watermark-merge') return runWatermarkCase(test)
  if (test.kind !== undefined) throw new Unsupported(`cases of kind ${test.kind} are not built`)
  await runWindowCase(test)
}
