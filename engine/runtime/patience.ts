import { KappaError, reasonOf } from '#engine/errors'
import type { Clock } from '#engine/time'

export interface Patience {
  readonly clock: Clock
  /** For how long a broker that is away is waited for. Milliseconds. */
  readonly patienceMs: number
  /** Told at once that something waits, and every ten seconds again. */
  readonly onWaiting?: ((text: string) => void) | undefined
  readonly signal?: AbortSignal | undefined
}

const FIRST_PAUSE_MS = 100
const LONGEST_PAUSE_MS = 2_000
const TELL_EVERY_MS = 10_000

/**
 * What the call gives, asked again while Kafka is away: an upgrade or a restart of brokers is no reason to give up. Throws
 * SERVICE_UNAVAILABLE, still retriable, when that lasts too long, INTERRUPTED after the signal, and any other error at once.
 */
export async function patiently<T>(call: () => Promise<T>, patience: Patience): Promise<T> {
  const { clock, patienceMs, onWaiting, signal } = patience
  const began = clock.now()
  let told = Number.NEGATIVE_INFINITY
  for (let pause = FIRST_PAUSE_MS; ; pause = Math.min(2 * pause, LONGEST_PAUSE_MS)) {
    if (signal?.aborted) throw new KappaError('INTERRUPTED', 'waiting for Kafka')
    try {
      return await call()
    } catch (thrown) {
      if (!(thrown instanceof KappaError && thrown.retriable)) throw thrown
      const waited = clock.now() - began
      if (waited >= patienceMs) {
        const text = `waiting for Kafka, ${Math.round(waited / 1_000)} s in vain`
        throw new KappaError('SERVICE_UNAVAILABLE', text, { cause: thrown, retriable: true })
      }
      if (clock.now() - told >= TELL_EVERY_MS) {
        told = clock.now()
        onWaiting?.(`waiting for Kafka: ${reasonOf(thrown)}`)
      }
      await clock.sleep(Math.min(pause, patienceMs - waited), signal)
    }
  }
}
