import type { Broker } from '#engine/broker'
import type { Clock } from '#engine/time'

/** Read-committed ends of topics, asked at most once in `maxAgeMs`, however many tasks want to know. */
export function cachedEnds(
  broker: Broker,
  clock: Clock,
  maxAgeMs: number,
): (topic: string) => Promise<readonly number[]> {
  const known = new Map<string, { readonly at: number; readonly ends: Promise<readonly number[]> }>()
  return (topic) => {
    const found = known.get(topic)
    if (found && clock.now() - found.at < maxAgeMs) return found.ends
    const ends = broker.admin.committedEnds(topic)
    known.set(topic, { at: clock.now(), ends })
    ends.catch(() => known.delete(topic))
    return ends
  }
}
