import { KappaError } from '#engine/errors'
import type { AnyTopic } from '#engine/schema'
import { systemClock } from '#engine/time'
import { type Platform, prepareTopics } from '../../platform.ts'

export interface Patience {
  /** How long a Kafka or registry that is away is waited for. Milliseconds. */
  readonly patienceMs: number
  readonly signal: AbortSignal
  /** Told once. */
  readonly told: (text: string) => void
}

const PAUSE_MS = 1_000

/** Sees to it that the topics are there. Returns at the signal, too. Throws where patience ends. */
export async function prepared(platform: Platform, topics: Iterable<AnyTopic>, patience: Patience): Promise<void> {
  const { patienceMs, signal, told } = patience
  const wanted = [...topics]
  const deadline = systemClock.now() + patienceMs
  for (let said = false; !signal.aborted; said = true) {
    try {
      const there = await platform.broker.admin.topics()
      if (wanted.some(({ name }) => !there.has(name))) await prepareTopics(platform)
      return
    } catch (thrown) {
      if (!(thrown instanceof KappaError) || !thrown.retriable || systemClock.now() >= deadline) throw thrown
      if (!said) told(`${thrown.message}; trying again`)
      await systemClock.sleep(PAUSE_MS, signal)
    }
  }
}
