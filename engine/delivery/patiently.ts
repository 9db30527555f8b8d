import { KappaError, reasonOf } from '#engine/errors'
import { type Breaker, jittered } from './breaker.ts'
import type { LaneOptions } from './lane-options.ts'

const FIRST_PAUSE_MS = 250
const LONGEST_PAUSE_MS = 15_000

/**
 * Asks the store until it answers: while it is away the breaker says when to try, and tells of it; a request that fails by
 * itself is tried again after a pause that grows, with one message. Throws what trying again cannot help; 'stopped' where
 * the operator stopped the lane meanwhile (the cut stays decided).
 */
export async function patiently<T>(
  ask: (tries: number) => Promise<T>,
  breaker: Breaker,
  { clock, notify, destination, source }: Pick<LaneOptions, 'clock' | 'notify' | 'destination' | 'source'>,
  signal: AbortSignal,
): Promise<T | 'stopped'> {
  let told = false
  for (let pause = FIRST_PAUSE_MS, tries = 0; ; pause = Math.min(pause * 2, LONGEST_PAUSE_MS), tries++) {
    if (!(await breaker.turn(signal))) return 'stopped'
    try {
      const answer = await ask(tries)
      breaker.succeeded()
      if (told) notify?.({ kind: 'resumed' })
      return answer
    } catch (thrown) {
      if (!mayPass(thrown)) {
        breaker.released()
        throw thrown
      }
      breaker.failed(reasonOf(thrown))
      if (breaker.health.state !== 'closed') continue
      if (!told && tries > 0) {
        told = true
        notify?.({ kind: 'waiting', reason: `${destination.name} does not take ${source}: ${reasonOf(thrown)}` })
      }
      await clock.sleep(jittered(pause, breaker.random), signal)
      if (signal.aborted) return 'stopped'
    }
  }
}

/** What the store said or did; losing the lane or a transaction of it is none of the store's doing. */
const mayPass = (thrown: unknown): boolean =>
  thrown instanceof KappaError && thrown.retriable && thrown.code !== 'FENCED' && thrown.code !== 'ABORTED'
