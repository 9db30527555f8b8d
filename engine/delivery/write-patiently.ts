import { KappaError, reasonOf } from '#engine/errors'
import type { RefusedRow } from './contract.ts'
import type { LaneOptions } from './lane-options.ts'

const FIRST_PAUSE_MS = 250
const LONGEST_PAUSE_MS = 15_000

/**
 * Writes until the store takes the cut: while it is away the lane waits, longer each time, and says so once. Throws what
 * trying again cannot help; 'stopped' where the operator stopped the lane meanwhile (the cut stays decided).
 */
export async function writePatiently(
  write: (again: boolean) => Promise<readonly RefusedRow[]>,
  again: boolean,
  { clock, notify, destination, source }: Pick<LaneOptions, 'clock' | 'notify' | 'destination' | 'source'>,
  signal: AbortSignal,
): Promise<readonly RefusedRow[] | 'stopped'> {
  for (let pause = FIRST_PAUSE_MS, tries = 0; ; pause = Math.min(pause * 2, LONGEST_PAUSE_MS), tries++) {
    try {
      const refused = await write(again || tries > 0)
      if (tries > 0) notify?.({ kind: 'resumed' })
      return refused
    } catch (thrown) {
      if (!(thrown instanceof KappaError) || !thrown.retriable || thrown.code === 'FENCED') throw thrown
      if (tries === 0)
        notify?.({ kind: 'waiting', reason: `${destination.name} does not take ${source}: ${reasonOf(thrown)}` })
      await clock.sleep(pause, signal)
      if (signal.aborted) return 'stopped'
    }
  }
}
