import { KappaError } from '#engine/errors'
import { Lane, type LaneStatus } from './lane.ts'
import type { LaneOptions } from './lane-options.ts'

/**
 * Brings a topic up to given end offsets (exclusive, by partition) to the store, and ends: a replay's results, whose
 * `source` carries the generation, into the generation's table. Can be repeated: what is there already stays there once.
 * Throws INTERRUPTED when `signal` aborts first (resumable), or STORE with the reason that the lane gave.
 */
export async function deliverUntil(
  options: LaneOptions & { readonly until: ReadonlyMap<number, number> },
  signal: AbortSignal,
): Promise<LaneStatus> {
  const lane = new Lane(options)
  const ended = await lane.run(signal)
  const doing = `bringing ${options.source} to ${options.destination.name}`
  if (ended === 'stopped') throw new KappaError('INTERRUPTED', `${doing}: stopped before its end`)
  if (ended === 'failed') throw lane.failure ?? new KappaError('STORE', `${doing}: ${lane.status.reason}`)
  return lane.status
}
